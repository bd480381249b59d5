/** When nobody is to be wooed: quiet hours, and days without promotion. Answers and what is owed are not concerned. Pure. */
import type { LocalTime, Purpose } from '../../contracts/index.js';

/** Times of day HH:mm in the shop's zone; `to` before `from` runs over midnight, equal ones mean none. */
export interface QuietHours {
  from: string;
  to: string;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/** The moment until which this purpose waits, or undefined. `localTime` is HH:mm of `now` in the shop's zone. */
export function quietUntil(purpose: Purpose, now: Date, localTime: string, hours: QuietHours): Date | undefined {
  return purpose === 'promotion' ? endOfQuiet(now, localTime, hours) : undefined;
}

/** The end of the quiet hours in which `now` lies, or undefined outside them. */
export function endOfQuiet(now: Date, localTime: string, hours: QuietHours): Date | undefined {
  const [at, from, to] = [minutesOf(localTime), minutesOf(hours.from), minutesOf(hours.to)];
  const quiet = from <= to ? at >= from && at < to : at >= from || at < to;
  if (!quiet) return undefined;
  const wait = (to - at + DAY_MINUTES) % DAY_MINUTES;
  return new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS + wait * MINUTE_MS);
}

/**
 * The midnight after the days without promotion in which `now` lies, or undefined on other days. Where clocks change that night it is an hour
 * off; whoever waited is asked again then, so nothing leaves too early.
 */
export function endOfHoliday(
  now: Date,
  local: Pick<LocalTime, 'date' | 'time'>,
  holidays: readonly string[],
): Date | undefined {
  let days = 0;
  while (holidays.includes(dateAfter(local.date, days))) days += 1;
  if (days === 0) return undefined;
  const midnight = days * DAY_MINUTES - minutesOf(local.time);
  return new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS + midnight * MINUTE_MS);
}

function dateAfter(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MINUTES * MINUTE_MS).toISOString().slice(0, 10);
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}
