/** What the shop can choose about scores, and what holds where it chose nothing. */
import type { Combining } from './names.js';

export interface InsightRules {
  /** `rank`: against everybody else; `fixed`: by the cuts below, the same in every run. */
  scoring: 'rank' | 'fixed';
  /** Frequency and money count orders of so many days, at most 730. */
  windowDays: number;
  /** From this share of equal frequencies on, frequency is scored by its cuts, whatever `scoring` says: ranks of mostly equal values say nothing. */
  tieShare: number;
  combining: Combining;
  /** Days without an order, occasions, and multiples of the average order: four rising cuts each. */
  cuts: { recency: readonly number[]; frequency: readonly number[]; timesAverage: readonly number[] };
  /** What is high for the eight. `score`: above the mean score; `fixed`: as in `eightFixed` (days, occasions, fen). */
  eightCut: 'mean' | 'median' | 'score' | 'fixed';
  eightFixed: { recency: number; frequency: number; monetary: number };
  /** Absent: worked out of the shop's own orders by every run. */
  groups: { frequency?: number | undefined; perOrder?: number | undefined };
}

export const defaultInsightRules: InsightRules = {
  scoring: 'rank',
  windowDays: 365,
  tieShare: 0.4,
  combining: 'RFM',
  cuts: { recency: [30, 90, 180, 365], frequency: [2, 3, 5, 10], timesAverage: [0.5, 1, 2, 5] },
  eightCut: 'mean',
  eightFixed: { recency: 10, frequency: 3, monetary: 200_00 },
  groups: {},
};

/** Below it scores say more about chance than about people. */
export const LEAST_PEOPLE = 25;
