/** Days of the shop's zone: what rules count in. Pure. */
import { localTime } from '../../infra/clock.js';

const DAY_MS = 86_400_000;
/** No zone's midnight lies further from the midnight of UTC. */
const FURTHEST_MS = 26 * 3_600_000;

/** YYYY-MM-DD in the zone. */
export const dayOf = (at: Date, timeZone: string): string => localTime(at, timeZone).date;

/** The day so many days later. */
export const shiftDay = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** How many days lie between: 0 on the same day, 1 from yesterday to today. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);

const starts = new Map<string, Date>();
const MOST_KEPT = 5000;

/** The first moment of the day. Searched, since in some zones a day does not begin at midnight when the clocks change. */
export function startOfDay(day: string, timeZone: string): Date {
  const key = `${timeZone} ${day}`;
  let start = starts.get(key);
  if (!start) {
    if (starts.size >= MOST_KEPT) starts.clear();
    start = searchStart(day, timeZone);
    starts.set(key, start);
  }
  return start;
}

function searchStart(day: string, timeZone: string): Date {
  const middle = Date.parse(`${day}T00:00:00Z`);
  let before = middle - FURTHEST_MS;
  let reached = middle + FURTHEST_MS;
  while (reached - before > 1) {
    const between = Math.floor((before + reached) / 2);
    if (dayOf(new Date(between), timeZone) >= day) reached = between;
    else before = between;
  }
  return new Date(reached);
}

/** The moments of the days from `first` to `last`, both included. */
export const momentsOf = (first: string, last: string, timeZone: string): { $gte: Date; $lt: Date } => ({
  $gte: startOfDay(first, timeZone),
  $lt: startOfDay(shiftDay(last, 1), timeZone),
});
