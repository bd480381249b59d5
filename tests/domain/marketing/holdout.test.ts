/** The hold-out: as large as asked for, the same every time, another one for each campaign. */
import { describe, expect, it } from '@jest/globals';
import { inHoldout } from '../../../src/domain/marketing/index.js';

const PEOPLE = 20_000;
const people = Array.from({ length: PEOPLE }, (_, i) => i.toString(16).padStart(24, '0'));
const heldOut = (campaign: string, percent: number) => people.filter((id) => inHoldout(campaign, id, percent));
/** Worked out by another program: changing the hash would move people of campaigns that run. */
const KNOWN = [4];
/** So many standard deviations of a share: a false alarm once in a million years of runs. */
const FIVE = 5;
const near = (count: number, of: number, share: number): boolean =>
  Math.abs(count - of * share) <= FIVE * Math.sqrt(of * share * (1 - share));

describe('the hold-out', () => {
  it.each([1, 5, 10, 33, 50])('of %i per cent is so large', (percent) => {
    expect(near(heldOut('birthday', percent).length, PEOPLE, percent / 100)).toBe(true);
  });

  it('of none is nobody, of a hundred everybody', () => {
    expect(heldOut('birthday', 0)).toEqual([]);
    expect(heldOut('birthday', 100)).toHaveLength(PEOPLE);
  });

  it('is the same every time, by what is written down', () => {
    expect(heldOut('birthday', 10)).toEqual(heldOut('birthday', 10));
    const known = people.slice(0, 40).filter((id) => inHoldout('birthday', id, 10));
    expect(known.map((id) => Number.parseInt(id, 16))).toEqual(KNOWN);
  });

  it('of a larger share holds that of a smaller one', () => {
    const ten = new Set(heldOut('birthday', 10));
    expect(heldOut('birthday', 5).every((id) => ten.has(id))).toBe(true);
  });

  it('of one campaign says nothing of another', () => {
    const other = new Set(heldOut('dormant', 20));
    const both = heldOut('birthday', 20).filter((id) => other.has(id));
    expect(near(both.length, PEOPLE, 0.04)).toBe(true);
  });
});
