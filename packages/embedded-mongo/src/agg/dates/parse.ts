/** Owns reading dates: ISO 8601 text, or text by a format. Failures are error 241. */
import { MongoError, conversionFailure } from '../../errors.js';
import { fromIso } from './calendar.js';
import { MONTH_NAMES } from './format.js';
import type { Zone } from './timezone.js';
import { DAY, UTC, fromWall, utcOf, zoneOf } from './timezone.js';

const ISO =
  /^(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[Tt ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$/;

const failure = (text: string, why: string): MongoError =>
  conversionFailure(`Error parsing date string '${text}'; ${why}`);

interface Fields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
}

function wallOf(text: string, fields: Fields): number {
  const { year, month, day, hour, minute, second, millisecond } = fields;
  const wall = utcOf(year, month, day, hour, minute, second, millisecond);
  const valid =
    month >= 1 &&
    month <= 12 &&
    new Date(utcOf(year, month, day)).getUTCDate() === day &&
    hour <= 24 &&
    minute <= 59 &&
    second <= 60;
  if (!valid) throw failure(text, 'a part is out of its range');
  return wall;
}

const asZone = (offset: string): Zone => zoneOf(/^[zZ]$/.test(offset) ? 'UTC' : offset);

/** ISO 8601 text. A zone in the text and a zone given are too many. */
export function parseDate(text: string, zone: Zone | undefined): Date {
  const match = ISO.exec(text.trim());
  if (!match) throw failure(text, 'the text is no ISO 8601 date');
  const [, year, month, day = '1', hour = '0', minute = '0', second = '0', fraction = '', offset] = match;
  const numbers = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
  };
  const wall = wallOf(text, { ...numbers, millisecond: Number(fraction.slice(0, 3).padEnd(3, '0')) });
  if (offset !== undefined && zone !== undefined && zone !== UTC)
    throw failure(text, 'passed a time zone identifier as part of the string and as an argument');
  return new Date(fromWall(wall, offset === undefined ? (zone ?? UTC) : asZone(offset)));
}

const PATTERNS: Readonly<Record<string, string>> = {
  d: '(?<day>\\d{1,2})',
  G: '(?<isoYear>\\d{4})',
  H: '(?<hour>\\d{1,2})',
  j: '(?<dayOfYear>\\d{1,3})',
  L: '(?<millisecond>\\d{1,3})',
  m: '(?<month>\\d{1,2})',
  M: '(?<minute>\\d{1,2})',
  S: '(?<second>\\d{1,2})',
  u: '(?<isoDay>[1-7])',
  V: '(?<isoWeek>\\d{1,2})',
  Y: '(?<year>\\d{4})',
  z: '(?<offset>Z|[+-]\\d{2}:?\\d{2})',
  Z: '(?<offsetMinutes>[+-]\\d{1,3})',
  b: '(?<monthName>[A-Za-z]{3})',
  B: '(?<monthName>[A-Za-z]{3,9})',
  '%': '%',
};

function patternOf(format: string): RegExp {
  const source = format.replace(/%(.?)|[.*+?^${}()|[\]\\]/gs, (part: string, letter: string | undefined) => {
    if (!part.startsWith('%')) return `\\${part}`;
    const pattern = Object.hasOwn(PATTERNS, letter ?? '') ? PATTERNS[letter!] : undefined;
    if (pattern === undefined) throw new MongoError(18536, `Invalid format character '${part}' in format string`);
    return pattern;
  });
  try {
    return new RegExp(`^${source}$`);
  } catch {
    throw new MongoError(241, `the format '${format}' names a part of the date twice`);
  }
}

function monthOf(text: string, name: string): number {
  const index = MONTH_NAMES.findIndex(
    (month) => month.toLowerCase() === name.toLowerCase() || month.slice(0, 3).toLowerCase() === name.toLowerCase(),
  );
  if (index < 0) throw failure(text, `${name} is no month`);
  return index + 1;
}

/** Text by a format of `%` letters. */
export function parseByFormat(text: string, format: string, zone: Zone | undefined): Date {
  const groups = patternOf(format).exec(text)?.groups;
  if (!groups) throw failure(text, `the text does not follow the format '${format}'`);
  const number = (name: string, otherwise: number): number =>
    groups[name] === undefined ? otherwise : Number(groups[name]);
  const offset =
    groups.offset ?? (groups.offsetMinutes === undefined ? undefined : minutesZone(Number(groups.offsetMinutes)));
  if (offset !== undefined && zone !== undefined && zone !== UTC)
    throw failure(text, 'passed a time zone identifier as part of the string and as an argument');
  const where = offset === undefined ? (zone ?? UTC) : asZone(offset);
  const time = {
    hour: number('hour', 0),
    minute: number('minute', 0),
    second: number('second', 0),
    millisecond: Number((groups.millisecond ?? '0').padEnd(3, '0')),
  };
  if (groups.isoYear !== undefined) {
    const ofDay = utcOf(1970, 1, 1, time.hour, time.minute, time.second, time.millisecond);
    return new Date(fromIso(number('isoYear', 1970), number('isoWeek', 1), number('isoDay', 1), ofDay, where));
  }
  if (groups.year === undefined) throw failure(text, 'an incomplete date has been found: no year');
  const month = groups.monthName === undefined ? number('month', 1) : monthOf(text, groups.monthName);
  const wall = wallOf(text, { year: Number(groups.year), month, day: number('day', 1), ...time });
  return new Date(fromWall(wall + (number('dayOfYear', 1) - 1) * DAY, where));
}

function minutesZone(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
}
