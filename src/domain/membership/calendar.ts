/** Days and months of the shop's zone as moments. Pure. */
import { localTime } from '../../infra/clock.js';

export const DAY_MS = 86_400_000;

export const addDays = (at: Date, days: number): Date => new Date(at.getTime() + days * DAY_MS);

/** YYYY-MM-DD in the zone. */
export const localDate = (at: Date, timeZone: string): string => localTime(at, timeZone).date;

/** The last millisecond of the so-manieth month after this one, as the zone counts them. */
export function endOfMonthAfter(at: Date, months: number, timeZone: string): Date {
  const [year = 0, month = 1] = localDate(at, timeZone).split('-').map(Number);
  return new Date(startOfDay(new Date(Date.UTC(year, month - 1 + months + 1, 1)), timeZone) - 1);
}

/** The last millisecond of the day so many days after this one. */
export function endOfDayAfter(at: Date, days: number, timeZone: string): Date {
  const [year = 0, month = 1, day = 1] = localDate(at, timeZone).split('-').map(Number);
  return new Date(startOfDay(new Date(Date.UTC(year, month - 1, day + days + 1)), timeZone) - 1);
}

/** The day before, YYYY-MM-DD. */
export const dayBefore = (date: string): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10);

/** The moment the day begins in the zone; `day` is its midnight in UTC. Asked twice, since the offset may change in between. */
function startOfDay(day: Date, timeZone: string): number {
  const first = day.getTime() - offsetAt(day.getTime(), timeZone);
  return day.getTime() - offsetAt(first, timeZone);
}

/** How far the zone's wall clock is ahead of UTC. */
function offsetAt(moment: number, timeZone: string): number {
  const { date, time } = localTime(new Date(moment), timeZone);
  const minute = Math.floor(moment / 60_000) * 60_000;
  return Date.parse(`${date}T${time}:00Z`) - minute;
}
