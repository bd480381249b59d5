/** Owns calendar arithmetic in a time zone: parts of a date, adding, truncating, counting boundaries. */
import { MongoError } from '../../errors.js';
import type { Zone } from './timezone.js';
import { DAY, fromWall, toWall, utcOf } from './timezone.js';

export type Unit = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';

const MILLIS: Readonly<Partial<Record<Unit, number>>> = {
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
};
const MONTHS: Readonly<Partial<Record<Unit, number>>> = { year: 12, quarter: 3, month: 1 };
const DAYS: Readonly<Partial<Record<Unit, number>>> = { week: 7, day: 1 };
const UNITS = new Set([...Object.keys(MONTHS), ...Object.keys(DAYS), ...Object.keys(MILLIS)]);

export function unitOf(value: unknown): Unit {
  if (typeof value === 'string' && UNITS.has(value)) return value as Unit;
  throw new MongoError(9, `unknown time unit value: ${String(value)}`);
}

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** 0 for Monday to 6 for Sunday, from a name or its first three letters. */
export function weekdayOf(value: unknown): number {
  const name = typeof value === 'string' ? value.toLowerCase() : '';
  const index = WEEKDAYS.findIndex((day) => day === name || day.slice(0, 3) === name);
  if (index < 0) throw new MongoError(9, `unknown day of week value: ${String(value)}`);
  return index;
}
export const SUNDAY = 6;

const dayNumber = (wall: number): number => Math.floor(wall / DAY);
/** Monday 0 to Sunday 6; 1970-01-01 was a Thursday. */
const weekday = (day: number): number => (((day + 3) % 7) + 7) % 7;

export interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
  dayOfYear: number;
  /** Sunday 1 to Saturday 7. */
  dayOfWeek: number;
  /** Monday 1 to Sunday 7. */
  isoDayOfWeek: number;
  /** 0 to 53, weeks beginning on Sunday. */
  week: number;
  isoWeek: number;
  isoWeekYear: number;
}

/** The Monday that begins ISO week 1 of a year, as a day number. */
function isoYearStart(year: number): number {
  const january4 = dayNumber(utcOf(year, 1, 4));
  return january4 - weekday(january4);
}

function isoOf(day: number, year: number): { isoWeek: number; isoWeekYear: number } {
  const isoWeekYear = day >= isoYearStart(year + 1) ? year + 1 : day < isoYearStart(year) ? year - 1 : year;
  return { isoWeek: Math.floor((day - isoYearStart(isoWeekYear)) / 7) + 1, isoWeekYear };
}

/** The parts of an instant in a zone. */
export function partsOf(utc: number, zone: Zone): Parts {
  const wall = toWall(utc, zone);
  const date = new Date(wall);
  const day = dayNumber(wall);
  const year = date.getUTCFullYear();
  const dayOfYear = day - dayNumber(utcOf(year, 1, 1)) + 1;
  const iso = weekday(day) + 1;
  return {
    ...{
      year,
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
    },
    ...{
      second: date.getUTCSeconds(),
      millisecond: date.getUTCMilliseconds(),
      dayOfYear,
      dayOfWeek: (iso % 7) + 1,
      isoDayOfWeek: iso,
    },
    week: Math.floor((dayOfYear - 1 + 7 - (iso % 7)) / 7),
    ...isoOf(day, year),
  };
}

/** The instant of an ISO week date. */
export function fromIso(year: number, week: number, dayOfWeek: number, timeOfDay: number, zone: Zone): number {
  return fromWall((isoYearStart(year) + (week - 1) * 7 + dayOfWeek - 1) * DAY + timeOfDay, zone);
}

const lastDay = (year: number, month: number): number => new Date(utcOf(year, month + 1, 0)).getUTCDate();

function addMonths(wall: number, months: number): number {
  const date = new Date(wall);
  const index = date.getUTCFullYear() * 12 + date.getUTCMonth() + months;
  const [year, month] = [Math.floor(index / 12), (((index % 12) + 12) % 12) + 1];
  const day = Math.min(date.getUTCDate(), lastDay(year, month));
  return utcOf(year, month, day) + (wall - dayNumber(wall) * DAY);
}

/** Months and days are added on the wall clock (the 31st becomes the last of a shorter month), hours and less to the instant. */
export function addUnits(utc: number, unit: Unit, amount: number, zone: Zone): number {
  const millis = MILLIS[unit];
  if (millis !== undefined) return utc + amount * millis;
  const wall = toWall(utc, zone);
  const months = MONTHS[unit];
  return fromWall(months === undefined ? wall + amount * DAYS[unit]! * DAY : addMonths(wall, amount * months), zone);
}

const REFERENCE_YEAR = 2000;
/** 2000-01-01 as a day number; a Saturday. */
const REFERENCE_DAY = utcOf(REFERENCE_YEAR, 1, 1) / DAY;

const floorTo = (value: number, size: number): number => Math.floor(value / size) * size;

/** The start of the bin that holds the instant; bins are counted from 2000-01-01 in the zone. */
export function truncate(utc: number, unit: Unit, size: number, zone: Zone, startOfWeek: number): number {
  const millis = MILLIS[unit];
  if (millis !== undefined) {
    const reference = REFERENCE_DAY * DAY - zone.offsetAt(utc);
    return reference + floorTo(utc - reference, millis * size);
  }
  const wall = toWall(utc, zone);
  const months = MONTHS[unit];
  if (months !== undefined) return truncateMonths(wall, months * size, zone);
  const origin = unit === 'week' ? REFERENCE_DAY + ((startOfWeek - weekday(REFERENCE_DAY) + 7) % 7) : REFERENCE_DAY;
  return fromWall((origin + floorTo(dayNumber(wall) - origin, DAYS[unit]! * size)) * DAY, zone);
}

function truncateMonths(wall: number, size: number, zone: Zone): number {
  const date = new Date(wall);
  const index = (date.getUTCFullYear() - REFERENCE_YEAR) * 12 + date.getUTCMonth();
  const start = floorTo(index, size);
  return fromWall(utcOf(REFERENCE_YEAR, 1 + start, 1), zone);
}

/** How many unit boundaries lie between two instants. */
export function difference(start: number, end: number, unit: Unit, zone: Zone, startOfWeek: number): number {
  const millis = MILLIS[unit];
  if (millis !== undefined) {
    const shift = zone.offsetAt(start) % millis;
    return Math.floor((end + shift) / millis) - Math.floor((start + shift) / millis);
  }
  const count = (utc: number): number => {
    const wall = toWall(utc, zone);
    const date = new Date(wall);
    const months = MONTHS[unit];
    if (months !== undefined) return Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / months);
    return unit === 'day' ? dayNumber(wall) : Math.floor((dayNumber(wall) + 3 - startOfWeek) / 7);
  };
  return count(end) - count(start);
}
