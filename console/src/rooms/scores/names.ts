/** The names that scores give, and the rule that finds the people behind each. Names are texts `scores.*`. */
import type { SegmentRule } from '../../api/types.js';
import { textIfAny } from '../../i18n.js';

export const elevenCodes = [
  'champions',
  'loyal',
  'potential-loyalist',
  'new',
  'promising',
  'need-attention',
  'about-to-sleep',
  'at-risk',
  'cannot-lose',
  'hibernating',
  'lost',
] as const;
export const eightCodes = [
  'key-value',
  'key-develop',
  'key-keep',
  'key-retain',
  'general-value',
  'general-develop',
  'general-keep',
  'general-retain',
] as const;
export const groupCodes = ['A', 'B', 'C', 'D', 'E'] as const;

/** Best first, as the lists above name them; with nobody where none were counted. What they do not name comes last. */
export function inOrder(
  rows: ReadonlyArray<{ code: string; people: number }>,
  codes: readonly string[],
): Array<{ code: string; people: number }> {
  const counted = codes.map((code) => rows.find((one) => one.code === code) ?? { code, people: 0 });
  return [...counted, ...rows.filter((one) => !codes.includes(one.code))];
}

export const rfmName = (code: string): string => textIfAny(`scores.eleven.${code}`) ?? code;
export const eightName = (code: string): string => textIfAny(`scores.eight.${code}`) ?? code;
export const groupName = (code: string): string => textIfAny(`scores.group.${code}`) ?? code;

const is = (field: string, value: string | number): SegmentRule => ({ field, op: 'is', value: [value] });
export const ruleOfSegment = (code: string): SegmentRule => ({ all: [is('rfmSegment', code)] });
export const ruleOfEight = (code: string): SegmentRule => ({ all: [is('rfmEight', code)] });
export const ruleOfGroup = (code: string): SegmentRule => ({ all: [is('group', code)] });

/** Which of the eleven lies where: by R (1 to 5, first) and by the joint score of F and M (1 to 5). */
const grid: ReadonlyArray<readonly string[]> = [
  ['lost', 'lost', 'at-risk', 'at-risk', 'cannot-lose'],
  ['hibernating', 'hibernating', 'at-risk', 'at-risk', 'cannot-lose'],
  ['about-to-sleep', 'about-to-sleep', 'need-attention', 'loyal', 'loyal'],
  ['promising', 'potential-loyalist', 'potential-loyalist', 'loyal', 'loyal'],
  ['new', 'potential-loyalist', 'potential-loyalist', 'champions', 'champions'],
];
export interface Cell {
  r: number;
  fm: number;
  code: string;
}
export const cells: readonly Cell[] = grid.flatMap((row, r) => row.map((code, fm) => ({ r: r + 1, fm: fm + 1, code })));

/**
 * The people of one cell. Together F and M score (F + M) / 2 with the half rounded up; `frequencyAlone`: the shop chose F by itself. The segment
 * comes first: an index answers it.
 */
export function ruleOfCell({ r, fm, code }: Cell, { frequencyAlone = false } = {}): SegmentRule {
  const place: SegmentRule[] = frequencyAlone ? [is('rfm.f', fm)] : [{ any: pairs(fm) }];
  return { all: [is('rfmSegment', code), is('rfm.r', r), ...place] };
}

function pairs(fm: number): SegmentRule[] {
  const five = [1, 2, 3, 4, 5];
  return five.flatMap((f): SegmentRule[] => {
    const fitting = five.filter((m) => Math.floor((f + m) / 2 + 0.5) === fm);
    return fitting.length ? [{ all: [is('rfm.f', f), { field: 'rfm.m', op: 'is', value: fitting }] }] : [];
  });
}
