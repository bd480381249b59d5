/** The scores room: every cell of the grid opens the people it stands for, nobody twice and nobody left out. */
import { describe, expect, it } from '@jest/globals';
import { changesOf } from '../../console/src/rooms/customers/fields/field-values.js';
import { fieldProblem } from '../../console/src/rooms/customers/fields/field-draft.js';
import { change } from '../../console/src/rooms/dashboard/figures.js';
import { hoursSoFar } from '../../console/src/rooms/dashboard/hours.js';
import { cutRows, groupCuts, usesFrequencyAlone } from '../../console/src/rooms/scores/cut-rows.js';
import {
  cells,
  eightCodes,
  eightName,
  elevenCodes,
  groupCodes,
  groupName,
  inOrder,
  rfmName,
  ruleOfCell,
} from '../../console/src/rooms/scores/names.js';
import type { SegmentCondition, SegmentRule } from '../../src/contracts/segment.js';
import { segmentOf } from '../../src/domain/insight/names.js';
import { rfmEights, rfmSegments, valueGroups } from '../../src/domain/segments/score-codes.js';

interface Scored {
  r: number;
  f: number;
  m: number;
  segment: string;
}
const everybody = (combining: 'RFM' | 'RF'): Scored[] => {
  const five = [1, 2, 3, 4, 5];
  return five.flatMap((r) =>
    five.flatMap((f) => five.map((m) => ({ r, f, m, segment: segmentOf(r, f, m, combining) }))),
  );
};
function holds(rule: SegmentRule, one: Scored): boolean {
  if ('all' in rule) return rule.all.every((child) => holds(child, one));
  if ('any' in rule) return rule.any.some((child) => holds(child, one));
  if ('not' in rule) return !holds(rule.not, one);
  const { field, value } = rule as SegmentCondition;
  const seen = field === 'rfmSegment' ? one.segment : one[field.slice('rfm.'.length) as 'r' | 'f' | 'm'];
  return [value].flat().includes(seen);
}

describe('the grid', () => {
  it.each([
    ['F and M together', 'RFM', false],
    ['F alone', 'RF', true],
  ] as const)('%s: everybody lies in exactly one cell', (_name, combining, frequencyAlone) => {
    for (const one of everybody(combining)) {
      const found = cells.filter((cell) => holds(ruleOfCell(cell, { frequencyAlone }), one));
      expect([one, found.length]).toEqual([one, 1]);
    }
  });

  it('leaves people out when it is drawn for the other way of combining', () => {
    const found = everybody('RF').map((one) => cells.filter((cell) => holds(ruleOfCell(cell), one)).length);
    expect(found).toContain(0);
  });

  it('lists codes best first, with nobody where none were counted, and loses none it does not know', () => {
    const rows = [
      { code: 'E', people: 2 },
      { code: 'Z', people: 1 },
      { code: 'A', people: 3 },
    ];
    expect(inOrder(rows, groupCodes).map(({ code, people }) => `${code}${people}`)).toEqual([
      ...['A3', 'B0', 'C0', 'D0', 'E2', 'Z1'],
    ]);
    expect([...eightCodes].sort()).toEqual(rfmEights.map(({ value }) => value).sort());
  });

  it('has a name for everything the server may answer', () => {
    expect([...elevenCodes].sort()).toEqual(rfmSegments.map(({ value }) => value).sort());
    for (const { value, title } of rfmSegments) expect(rfmName(value)).toBe(title['zh-CN']);
    for (const { value, title } of rfmEights) expect(eightName(value)).toBe(title['zh-CN']);
    for (const { value, title } of valueGroups) expect(groupName(value)).toBe(title['zh-CN']);
  });
});

describe('cuts', () => {
  const cuts = {
    rules: { combining: 'RF' },
    methods: { recency: 'rank', frequency: 'fixed', monetary: 'rank' },
    lowest: { recency: [90, 30, 10, 3], frequency: [2, null, 5, 10], monetary: [1, 2, 3, 4] },
    means: { recency: 40.5, frequency: 2, monetary: 100 },
    groups: { frequency: 3, perOrder: 120_00 },
  };

  it('reads what a run says of itself', () => {
    expect(cutRows(cuts).map(({ figure, method }) => [figure, method])).toEqual([
      ['recency', 'rank'],
      ['frequency', 'fixed'],
      ['monetary', 'rank'],
    ]);
    expect(cutRows(cuts)[1]?.lowest).toEqual([2, null, 5, 10]);
    expect(groupCuts(cuts)).toEqual({ frequency: 3, perOrder: 120_00 });
    expect(usesFrequencyAlone(cuts)).toBe(true);
  });

  it('shows nothing of a run that scored nobody', () => {
    expect(cutRows({ rules: {} })).toEqual([]);
    expect(groupCuts({ rules: {} })).toBeUndefined();
    expect(usesFrequencyAlone({ rules: {} })).toBe(false);
  });
});

describe('figures of today', () => {
  it('compares with yesterday', () => {
    expect(change(12, 10)).toEqual({ percent: 20, up: true });
    expect(change(5, 10)).toEqual({ percent: -50, up: false });
    expect(change(5, 0)).toEqual({ percent: null, up: true });
    expect(change(5, 5)).toBeNull();
    expect(change(5, null)).toBeNull();
  });

  it('ends a curve at the present hour', () => {
    expect(hoursSoFar([1, 0, 0, 0], 1)).toEqual([1, 0, null, null]);
    expect(hoursSoFar([1, 0, 2, 0], 1)).toEqual([1, 0, 2, null]);
  });
});

describe('own fields', () => {
  it('sends what changed, and nothing for what was emptied', () => {
    const fields = ['a', 'b', 'c', 'd'].map((key) => ({ key }));
    expect(changesOf(fields, { a: 'x', b: 1, c: true }, { a: '', b: 2, c: true, d: 'new' })).toEqual({
      a: null,
      b: 2,
      d: 'new',
    });
  });

  it.each([
    ['name', { zh: ' ' }],
    ['key', { key: 'Skin' }],
    ['taken', { key: 'taken' }],
    ['options', { type: 'choice' as const }],
    [undefined, {}],
    [undefined, { type: 'choice' as const, options: ['干性'] }],
  ])('a draft may have the problem %s', (problem, more) => {
    const draft = { key: 'skin', zh: '肤质', type: 'text' as const, options: [], ...more };
    expect(fieldProblem(draft, ['taken'])).toBe(problem);
  });
});
