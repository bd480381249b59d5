/**
 * What scores and cuts are called: the eleven by recency and the rest, the eight by high and low, the groups by frequency and value of
 * orders. Pure. The eleven are a partition: every code of 111 to 555 is of exactly one.
 */

/** By recency (first index, 1 to 5) and by the combined score of frequency and money (second index, 1 to 5). */
const ELEVEN: ReadonlyArray<readonly string[]> = [
  ['lost', 'lost', 'at-risk', 'at-risk', 'cannot-lose'],
  ['hibernating', 'hibernating', 'at-risk', 'at-risk', 'cannot-lose'],
  ['about-to-sleep', 'about-to-sleep', 'need-attention', 'loyal', 'loyal'],
  ['promising', 'potential-loyalist', 'potential-loyalist', 'loyal', 'loyal'],
  ['new', 'potential-loyalist', 'potential-loyalist', 'champions', 'champions'],
];

/** `RFM`: frequency and money together, the half rounded up; `RF`: frequency alone. */
export type Combining = 'RFM' | 'RF';

export function segmentOf(r: number, f: number, m: number, combining: Combining = 'RFM'): string {
  const combined = combining === 'RF' ? f : Math.floor((f + m) / 2 + 0.5);
  const name = ELEVEN[r - 1]?.[combined - 1];
  if (!name) throw new Error(`scores of 1 to 5 are expected, not ${r}, ${f}, ${m}`);
  return name;
}

/** Money decides whether somebody is key; recency and frequency how to treat them. */
export function eightOf(recent: boolean, frequent: boolean, rich: boolean): string {
  const how = recent ? (frequent ? 'value' : 'develop') : frequent ? 'keep' : 'retain';
  return `${rich ? 'key' : 'general'}-${how}`;
}

export interface GroupCuts {
  /** Occasions from which somebody buys often. */
  frequency: number;
  /** Fen an occasion from which somebody buys dear. */
  perOrder: number;
}

/** A is whoever has no order; it is never asked here. */
export function groupOf(frequency: number, monetary: number, cuts: GroupCuts): 'B' | 'C' | 'D' | 'E' {
  const dear = frequency > 0 && monetary / frequency >= cuts.perOrder;
  if (frequency >= cuts.frequency) return dear ? 'E' : 'D';
  return dear ? 'C' : 'B';
}
