/** The day of very many moments: every zone's offset changes on a quarter of an hour, so each quarter is worked out once. Pure but for its memory. */
import { dayOf } from './days.js';

const QUARTER_MS = 15 * 60_000;
/** Two years of quarters, a little of each beside. */
const MOST_KEPT = 100_000;

export function createDays(timeZone: string): (at: Date) => string {
  const known = new Map<number, string>();
  return (at) => {
    const quarter = Math.floor(at.getTime() / QUARTER_MS);
    let day = known.get(quarter);
    if (day === undefined) {
      if (known.size >= MOST_KEPT) known.clear();
      day = dayOf(at, timeZone);
      known.set(quarter, day);
    }
    return day;
  };
}
