/** The level at a moment: reached at once, kept for its validity, judged again by the window when that ends. */
import { describe, expect, it } from '@jest/globals';
import { levelAt } from '../../../src/domain/membership/levels.js';
import type { GrowthEntry, ProgrammeVersion } from '../../../src/domain/membership/levels.js';
import { noon, rulesWith } from './shop.js';

const versions: ProgrammeVersion[] = [{ version: 0, from: new Date(0), rules: rulesWith() }];
const grown = (day: string, amount: number, from = day): GrowthEntry => ({ amount, at: noon(day), from: noon(from) });
const history = [
  grown('2024-03-01', 450),
  grown('2024-05-20', 200),
  grown('2024-11-11', 1500),
  grown('2025-08-01', 300),
  grown('2025-10-15', 400),
];
const at = (day: string, entries = history) => {
  const { level, growth, since, validUntil } = levelAt(entries, versions, noon(day));
  const date = (moment?: Date) => moment?.toISOString().slice(0, 10);
  return [level.code, growth, date(since), date(validUntil)];
};

describe('a customer of two years', () => {
  it.each([
    ['2024-03-01', ['member', 450, undefined, undefined]],
    ['2024-05-19', ['member', 450, undefined, undefined]],
    ['2024-05-20', ['silver', 650, '2024-05-20', '2025-05-20']],
    ['2024-11-11', ['gold', 2150, '2024-11-11', '2025-11-11']],
    ['2025-02-28', ['gold', 2150, '2024-11-11', '2025-11-11']],
    ['2025-03-01', ['gold', 1700, '2024-11-11', '2025-11-11']],
    ['2025-11-10', ['gold', 2200, '2024-11-11', '2025-11-11']],
    ['2025-11-11', ['silver', 700, '2025-11-11', '2026-11-11']],
    ['2026-11-11', ['member', 0, '2026-11-11', undefined]],
  ])('on %s', (day, expected) => {
    expect(at(day)).toEqual(expected);
  });

  it('a refund takes growth value off and the level falls only when its validity ends', () => {
    const refunded = [...history, grown('2025-10-15', -400, '2025-10-20')];
    expect(at('2025-10-20', refunded)).toEqual(['gold', 1800, '2024-11-11', '2025-11-11']);
    expect(at('2025-11-11', refunded)).toEqual(['member', 300, '2025-11-11', undefined]);
  });

  it('a refund leaves the window with the entry it takes from', () => {
    const refunded = [grown('2024-05-20', 700), grown('2024-05-20', -300, '2025-05-01')];
    expect(at('2025-05-19', refunded)).toEqual(['silver', 400, '2024-05-20', '2025-05-20']);
    expect(at('2025-05-20', refunded)).toEqual(['member', 0, '2025-05-20', undefined]);
  });

  it('does not depend on the order of the entries', () => {
    for (const day of ['2024-11-11', '2025-03-01', '2025-11-11'])
      expect(at(day, [...history].reverse())).toEqual(at(day));
  });
});

it('new rules hold from their moment on, and a level that was reached stays until its end', () => {
  const harder = rulesWith();
  const levels = harder.levels.map((level) => ({ ...level, growth: level.growth * 2 }));
  const both = [...versions, { version: 1, from: noon('2024-06-01'), rules: { ...harder, levels } }];
  const entries = [grown('2024-05-20', 650), grown('2024-07-01', 100)];
  expect(levelAt(entries, both, noon('2024-07-01')).level.code).toBe('silver');
  expect(levelAt(entries, both, noon('2025-05-20')).level.code).toBe('member');
  expect(levelAt([grown('2024-06-02', 650)], both, noon('2024-06-02')).level.code).toBe('member');
});
