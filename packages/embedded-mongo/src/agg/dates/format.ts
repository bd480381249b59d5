/** Owns writing dates by a format (https://www.mongodb.com/docs/manual/reference/operator/aggregation/dateToString/). */
import { MongoError } from '../../errors.js';
import type { Parts } from './calendar.js';
import { partsOf } from './calendar.js';
import type { Zone } from './timezone.js';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
export const MONTH_NAMES: readonly string[] = MONTHS;
const pad = (value: number, width: number): string => String(value).padStart(width, '0');

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60), 2)}${pad(size % 60, 2)}`;
}

type Write = (parts: Parts, offsetMinutes: number) => string;
const FORMATS: Readonly<Record<string, Write>> = {
  d: (parts) => pad(parts.day, 2),
  G: (parts) => pad(parts.isoWeekYear, 4),
  H: (parts) => pad(parts.hour, 2),
  j: (parts) => pad(parts.dayOfYear, 3),
  L: (parts) => pad(parts.millisecond, 3),
  m: (parts) => pad(parts.month, 2),
  M: (parts) => pad(parts.minute, 2),
  S: (parts) => pad(parts.second, 2),
  u: (parts) => String(parts.isoDayOfWeek),
  U: (parts) => pad(parts.week, 2),
  V: (parts) => pad(parts.isoWeek, 2),
  w: (parts) => String(parts.dayOfWeek),
  Y: (parts) => pad(parts.year, 4),
  z: (_parts, offset) => offsetText(offset),
  Z: (_parts, offset) => `${offset < 0 ? '-' : '+'}${pad(Math.abs(offset), 3)}`,
  b: (parts) => MONTHS[parts.month - 1]!.slice(0, 3),
  B: (parts) => MONTHS[parts.month - 1]!,
  '%': () => '%',
};

type Piece = string | Write;
const compiled = new Map<string, Piece[]>();
const CACHE_LIMIT = 200;

function compileFormat(format: string): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < format.length; at++) {
    if (format[at] !== '%') {
      pieces.push(format[at]!);
      continue;
    }
    const letter = format[++at];
    if (letter === undefined) throw new MongoError(18535, `Unmatched '%' at end of format string`);
    const write = Object.hasOwn(FORMATS, letter) ? FORMATS[letter] : undefined;
    if (!write) throw new MongoError(18536, `Invalid format character '%${letter}' in format string`);
    pieces.push(write);
  }
  return pieces;
}

function piecesOf(format: string): Piece[] {
  const known = compiled.get(format);
  if (known) return known;
  if (compiled.size >= CACHE_LIMIT) compiled.clear();
  const pieces = compileFormat(format);
  compiled.set(format, pieces);
  return pieces;
}

/** The instant as text. Errors 18535, 18536 for a wrong format, 18537 for years that have no four digits. */
export function formatDate(utc: number, format: string, zone: Zone): string {
  const parts = partsOf(utc, zone);
  if (parts.year < 0 || parts.year > 9999)
    throw new MongoError(
      18537,
      `Could not convert date to string: date component was outside the supported range of 0-9999: ${parts.year}`,
    );
  const offset = Math.trunc(zone.offsetAt(utc) / 60_000);
  let text = '';
  for (const piece of piecesOf(format)) text += typeof piece === 'string' ? piece : piece(parts, offset);
  return text;
}
