/**
 * Owns time zones: the offset at an instant, and the instant of a wall-clock time. Offsets come from Intl, which is slow,
 * so they are kept per zone and day; a day in which the offset changes is kept per quarter of an hour.
 */
import { MongoError } from '../../errors.js';

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
export const DAY = 86_400_000;

export interface Zone {
  name: string;
  /** Milliseconds to add to UTC. */
  offsetAt(utc: number): number;
}

export const UTC: Zone = { name: 'UTC', offsetAt: () => 0 };

const FIXED = /^([+-])(\d{2})(?::?(\d{2}))?$/;
const zones = new Map<string, Zone>([
  ['UTC', UTC],
  ['GMT', UTC],
  ['Z', UTC],
]);

class NamedZone implements Zone {
  readonly #format: Intl.DateTimeFormat;
  readonly #days = new Map<number, number>();
  readonly #quarters = new Map<number, number>();

  constructor(readonly name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: name, hourCycle: 'h23', era: 'short', year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    } as Intl.DateTimeFormatOptions);
  }

  offsetAt(utc: number): number {
    const day = Math.floor(utc / DAY);
    let offset = this.#days.get(day);
    if (offset === undefined) {
      const start = this.#measure(day * DAY);
      offset = start === this.#measure((day + 1) * DAY) ? start : NaN;
      this.#days.set(day, offset);
    }
    return offset === offset ? offset : this.#onChangingDay(utc);
  }

  #onChangingDay(utc: number): number {
    const quarter = Math.floor(utc / QUARTER);
    let offset = this.#quarters.get(quarter);
    if (offset === undefined) this.#quarters.set(quarter, (offset = this.#measure(quarter * QUARTER)));
    return offset;
  }

  #measure(utc: number): number {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(utc)) parts[type] = value;
    const year = parts.era === 'BC' ? 1 - Number(parts.year) : Number(parts.year);
    const wall = utcOf(
      year,
      Number(parts.month),
      Number(parts.day),
      Number(parts.hour),
      Number(parts.minute),
      Number(parts.second),
    );
    return wall - Math.floor(utc / 1000) * 1000;
  }
}

/** Date.UTC without its special treatment of years below 100; months and days may overflow. */
export function utcOf(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
  millisecond = 0,
): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(0, 0, 0, 0) + hour * 3_600_000 + minute * MINUTE + second * 1000 + millisecond;
}

function makeZone(name: string): Zone {
  const fixed = FIXED.exec(name);
  if (fixed) {
    const offset = (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3] ?? 0)) * MINUTE;
    return { name, offsetAt: () => offset };
  }
  try {
    return new NamedZone(name);
  } catch {
    throw new MongoError(40485, `unrecognized time zone identifier: "${name}"`);
  }
}

/** A zone by Olson name (`Asia/Shanghai`) or offset (`+08:00`, `+0800`, `+08`). Error 40485. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known) return known;
  const zone = makeZone(name);
  zones.set(name, zone);
  return zone;
}

/** The wall clock at an instant, as milliseconds that read right with the UTC methods of Date. */
export const toWall = (utc: number, zone: Zone): number => utc + zone.offsetAt(utc);

/**
 * The instant of a wall-clock time. A time that occurs twice is the first; one that is skipped moves forward by the gap.
 */
export function fromWall(wall: number, zone: Zone): number {
  const before = wall - zone.offsetAt(wall - DAY);
  if (toWall(before, zone) === wall) return before;
  const after = wall - zone.offsetAt(wall + DAY);
  return toWall(after, zone) === wall ? after : before;
}
