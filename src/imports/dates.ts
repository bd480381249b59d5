/** Dates and times as files write them -> moments. Pure. Knows time zones by the machine's tables, and no locale's day-first guessing. */
import { good, toHalfWidth, wrong } from './tidy.js';
import type { Tidied } from './tidy.js';

export interface DateRules {
  zone: string;
  formats?: readonly string[] | undefined;
  /** Business time; later moments are refused. */
  now: Date;
}

interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/** 2026-01-31, 2026/1/31 8:30, 2026年1月31日 8时30分, 2026.1.31, with an offset or Z, and 20260131 with or without 083000. */
const USUAL =
  /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]*(\d{1,2})[:时点](\d{1,2})(?:[:分](\d{1,2})?(?:[.,]\d+)?秒?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?:\s?(\d{2}):?(\d{2}):?(\d{2})?)?()$/;
const EARLIEST = Date.UTC(1990, 0, 1);
/** Clocks of two systems differ a little. */
const AHEAD_MS = 10 * 60_000;

export function tidyMoment(text: string, rules: DateRules): Tidied<Date> {
  const read = readMoment(toHalfWidth(text).trim(), rules);
  if (!read.ok) return read;
  const time = read.value.getTime();
  return time < EARLIEST || time > rules.now.getTime() + AHEAD_MS ? wrong('date.implausible') : read;
}

/** Only a day, as YYYY-MM-DD or MM-DD: birthdays have no zone. */
export function tidyBirthday(text: string): Tidied<string> {
  const plain = toHalfWidth(text).trim();
  const short = /^(\d{1,2})[-/.月](\d{1,2})日?$/.exec(plain);
  if (short) {
    const [, month = '', day = ''] = short;
    return isDay(2000, Number(month), Number(day)) ? good(`${two(month)}-${two(day)}`) : wrong('date.noSuchDay');
  }
  const match = USUAL.exec(plain) ?? COMPACT.exec(plain);
  if (!match) return wrong('date.invalid');
  const [, year = '', month = '', day = ''] = match;
  if (!isDay(Number(year), Number(month), Number(day))) return wrong('date.noSuchDay');
  return good(`${year}-${two(month)}-${two(day)}`);
}

function readMoment(text: string, { zone, formats }: DateRules): Tidied<Date> {
  if (!formats) return readUsual(text, zone);
  let last: Tidied<Date> = wrong('date.invalid');
  for (const format of formats) {
    const read = readAs(text, format, zone);
    if (read.ok) return read;
    if (read.reason === 'date.noSuchDay') last = read;
  }
  return last;
}

function readUsual(text: string, zone: string): Tidied<Date> {
  const match = USUAL.exec(text) ?? COMPACT.exec(text);
  if (!match) return readSerial(text, zone);
  const [, year, month, day, hour, minute, second, offset] = match;
  return momentOf(wallOf({ year, month, day, hour, minute, second }), offset ? offset : zone);
}

/** Days since 30 December 1899, as spreadsheets count them. 20,000 is 1954 and 80,000 is 2119; other numbers are no dates. */
function readSerial(text: string, zone: string): Tidied<Date> {
  if (!/^\d{5}(\.\d+)?$/.test(text) || Number(text) < 20_000 || Number(text) > 80_000) return wrong('date.invalid');
  const wall = new Date(Date.UTC(1899, 11, 30) + Math.round(Number(text) * 86_400) * 1000);
  return momentOf(wallAt(wall), zone);
}

function readAs(text: string, format: string, zone: string): Tidied<Date> {
  if (format === 'unix' || format === 'unix-ms') {
    return /^\d{9,13}$/.test(text)
      ? good(new Date(Number(text) * (format === 'unix' ? 1000 : 1)))
      : wrong('date.invalid');
  }
  if (format === 'excel') return readSerial(text, zone);
  const { pattern, fields } = compiled(format);
  const match = pattern.exec(text);
  if (!match) return wrong('date.invalid');
  return momentOf(wallOf(Object.fromEntries(fields.map((field, i) => [field, match[i + 1]]))), zone);
}

const tokens = { YYYY: 'year', MM: 'month', DD: 'day', HH: 'hour', mm: 'minute', ss: 'second' } as const;
const patterns = new Map<string, { pattern: RegExp; fields: string[] }>();

/** `DD/MM/YYYY HH:mm` -> a pattern and the order of its fields. One digit is enough where two are named, between signs. */
function compiled(format: string): { pattern: RegExp; fields: string[] } {
  const known = patterns.get(format);
  if (known) return known;
  const fields: string[] = [];
  const tight = !/[^A-Za-z]/.test(format);
  const source = format.replace(/YYYY|MM|DD|HH|mm|ss|[^A-Za-z0-9\s]|\s+/g, (token) => {
    if (token in tokens) {
      fields.push(tokens[token as keyof typeof tokens]);
      return token === 'YYYY' ? '(\\d{4})' : tight ? '(\\d{2})' : '(\\d{1,2})';
    }
    return /\s/.test(token) ? '\\s+' : `\\${token}`;
  });
  const made = { pattern: new RegExp(`^${source}$`), fields };
  patterns.set(format, made);
  return made;
}

function wallOf(parts: Record<string, string | undefined>): Wall {
  const number = (name: keyof Wall): number => Number(parts[name] ?? 0);
  return {
    year: number('year'),
    month: number('month'),
    day: number('day'),
    hour: number('hour'),
    minute: number('minute'),
    second: number('second'),
  };
}

const wallAt = (utc: Date): Wall => ({
  year: utc.getUTCFullYear(),
  month: utc.getUTCMonth() + 1,
  day: utc.getUTCDate(),
  hour: utc.getUTCHours(),
  minute: utc.getUTCMinutes(),
  second: utc.getUTCSeconds(),
});

function momentOf(wall: Wall, zone: string): Tidied<Date> {
  if (!isDay(wall.year, wall.month, wall.day)) return wrong('date.noSuchDay');
  if (wall.hour > 23 || wall.minute > 59 || wall.second > 59) return wrong('date.invalid');
  const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second);
  return good(new Date(asUtc - offsetMs(asUtc, zone)));
}

/** How far the zone's clocks are ahead of UTC when they show `asUtc`. Where clocks jump, the moment after the jump. */
function offsetMs(asUtc: number, zone: string): number {
  if (/^z$/i.test(zone)) return 0;
  const fixed = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (fixed) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000;
  const guess = zoneOffset(asUtc, zone);
  return zoneOffset(asUtc - guess, zone);
}

const formatters = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** Asking the zone table costs tens of microseconds and its answer holds for the hour, so answers are kept. */
function zoneOffset(at: number, zone: string): number {
  const hour = Math.floor(at / 3600_000);
  const key = `${zone} ${hour}`;
  const kept = offsets.get(key);
  if (kept !== undefined) return kept;
  let formatter = formatters.get(zone);
  if (!formatter) {
    const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    formatter = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...fields });
    formatters.set(zone, formatter);
  }
  const parts = Object.fromEntries(formatter.formatToParts(hour * 3600_000).map(({ type, value }) => [type, value]));
  const wall = wallOf(parts);
  const offset = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute) - hour * 3600_000;
  if (offsets.size > 50_000) offsets.clear();
  offsets.set(key, offset);
  return offset;
}

const two = (digits: string): string => digits.padStart(2, '0');

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
