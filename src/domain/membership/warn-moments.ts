/** When members are warned that points expire or a level ends: at an hour of the day, so many days before. Pure. */
import { DAY_MS, endOfDayAfter } from './calendar.js';

export interface WarnOptions {
  /** Days before points expire. */
  pointsDays: readonly number[];
  /** Days before a level's validity ends that the growth value does not keep. */
  levelDays: readonly number[];
  /** Hour of the day in the shop's zone, 0 to 23. */
  hour: number;
}

/** As the trade warns; at ten, when a notice disturbs nobody. */
export const usualWarnings: WarnOptions = { pointsDays: [60, 30, 7, 1], levelDays: [30, 7], hour: 10 };

/** One of the warnings of an end: how many days before, and when. */
export interface Warning {
  days: number;
  at: Date;
}

/** Warnings of points: their last moment is the last of a day, so the days before begin whole days earlier (an hour off over a clock change). */
export const pointsWarnings = (expiresAt: Date, { pointsDays, hour }: WarnOptions): Warning[] =>
  pointsDays.map((days) => ({ days, at: hoursAfter(expiresAt.getTime() + 1 - (days + 1) * DAY_MS, hour) }));

export const levelWarnings = (until: Date, { levelDays, hour }: WarnOptions, timeZone: string): Warning[] =>
  levelDays.map((days) => ({
    days,
    at: hoursAfter(endOfDayAfter(until, -days - 1, timeZone).getTime() + 1, hour),
  }));

const hoursAfter = (time: number, hours: number): Date => new Date(time + hours * 3_600_000);

/** The first moment after this one at which a warning is due. */
export function nextWarning(warnings: readonly Warning[], after: Date): Date | undefined {
  const times = warnings.map(({ at }) => at.getTime()).filter((time) => time > after.getTime());
  return times.length ? new Date(Math.min(...times)) : undefined;
}

/** Of the warnings that became due from one moment to another the last: who was late says how things stand now. */
export function lastWarning(warnings: readonly Warning[], from: Date, to: Date): Warning | undefined {
  return warnings.filter(({ at }) => at >= from && at <= to).toSorted((a, b) => a.days - b.days)[0];
}
