/** How a figure is written and compared, and where its rows are. Pure. */
import { count, yuan } from '../../format/money.js';

export function figureText(value: number, unit: string): string {
  return unit === 'fen' ? yuan(value, { short: true }) : count(value);
}

/** Against the same stretch of yesterday; null where there is nothing to compare. */
export function change(value: number, before: number | null): { percent: number | null; up: boolean } | null {
  if (before === null || value === before) return null;
  return { percent: before === 0 ? null : Math.round(((value - before) / before) * 100), up: value > before };
}

/** Rows of a figure, or of one outcome of messages. */
export interface Opened {
  title: string;
  sum: string;
  unit: string;
  rows: string;
}

/** Of these less is better: more of them is the warning. */
const unwelcome: readonly string[] = ['waiting', 'optOuts', 'unfollows'];
export const isWorse = (code: string, { up }: { up: boolean }): boolean => up === unwelcome.includes(code);
