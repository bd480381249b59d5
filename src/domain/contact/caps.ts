/**
 * How much promotion one person may get: so many messages in the last so many days, several limits at once. Windows roll: a day is the last
 * 24 hours, so that 20:00 and 09:00 of the next day are not two days. Pure.
 */

/** At most `most` in the last `days` × 24 hours. */
export interface Cap {
  days: number;
  most: number;
}

const DAY_MS = 86_400_000;

/** Whether one more at `now` would be one too many. A send exactly `days` × 24 hours ago has left the window. */
export function isCapped(sends: readonly Date[], now: Date, caps: readonly Cap[]): boolean {
  return caps.some(({ days, most }) => sends.filter((at) => isWithin(at, now, days)).length >= most);
}

/** Another process's clock may be a little ahead: what lies after `now` counts too. */
export const isWithin = (at: Date, now: Date, days: number): boolean => at.getTime() > now.getTime() - days * DAY_MS;

/** How many days back a cap can ask. */
export const longestOf = (caps: readonly Cap[]): number => Math.max(0, ...caps.map(({ days }) => days));
