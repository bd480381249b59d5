/** A month as whole weeks from Monday, and the pressure of each day. Days are YYYY-MM-DD in the shop's zone; no zone enters here. Pure. */
import type { CalendarDay } from '../../api/types.js';

const two = (n: number): string => String(n).padStart(2, '0');
const dateOf = (at: Date): string => `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
const DAY_MS = 86_400_000;

/** `month`: YYYY-MM. */
export const monthOf = (date: string): string => date.slice(0, 7);

/** `by` months later, or earlier. */
export function monthAfter(month: string, by: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const at = new Date(Date.UTC(year, number - 1 + by, 1));
  return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}`;
}

/** Four to six weeks of seven days; days of the months around it fill the first and the last. */
export function weeksOf(month: string): string[][] {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const first = new Date(Date.UTC(year, number - 1, 1));
  const last = new Date(Date.UTC(year, number, 0));
  const start = first.getTime() - ((first.getUTCDay() + 6) % 7) * DAY_MS;
  const weeks = Math.ceil((last.getTime() + DAY_MS - start) / (7 * DAY_MS));
  return Array.from({ length: weeks }, (_week, week) =>
    Array.from({ length: 7 }, (_day, day) => dateOf(new Date(start + (week * 7 + day) * DAY_MS))),
  );
}

export const pressureOf = (day: Pick<CalendarDay, 'sent' | 'expected'> | undefined): number =>
  (day?.sent ?? 0) + (day?.expected ?? 0);

/** The fullest day, for the height of the bars; at least 1. */
export const fullest = (days: ReadonlyArray<Pick<CalendarDay, 'sent' | 'expected'>>): number =>
  Math.max(1, ...days.map(pressureOf));

/** Whole per cent of the fullest day; what is there at all shows. */
export const heightOf = (messages: number, most: number): number =>
  messages > 0 ? Math.max(4, Math.round((messages / most) * 100)) : 0;
