/** Owns string expressions. Positions are code points, or UTF-8 bytes where the name says so. */
import { Int32, ObjectId } from 'bson';
import { MongoError, typeMismatch } from '../../errors.js';
import { regexParts } from '../../bson/compare.js';
import { asInteger, kindOf, toDouble } from '../../bson/number.js';
import { isNullish, isNumber, typeName } from '../../bson/types.js';
import { compileRegex, isRegex } from '../../query/regex.js';
import type { OperatorTable } from '../compiler.js';
import { eager, named, strict } from '../builders.js';

/** A value as text where MongoDB takes numbers and dates for strings; null gives the empty string. */
export function coerceToString(op: string, value: unknown): string {
  if (isNullish(value)) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (isNumber(value)) return numberText(value);
  throw new MongoError(16007, `can't convert from BSON type ${typeName(value)} to String (${op})`);
}

/** A number's text: `NaN`, `Infinity`, and no `.0` for whole doubles. */
export function numberText(value: unknown): string {
  if (kindOf(value) !== 'double') return String(value);
  const double = toDouble(value);
  if (Object.is(double, -0)) return '-0';
  return String(double).replace(/e\+/, 'e+');
}

function text(op: string, value: unknown): string {
  if (typeof value !== 'string')
    throw typeMismatch(`${op} requires that its argument be a string, found: ${typeName(value)}`);
  return value;
}

function concat(values: unknown[], op: string): string {
  return values
    .map((value) => {
      if (typeof value !== 'string') throw new MongoError(16702, `${op} only supports strings, not ${typeName(value)}`);
      return value;
    })
    .join('');
}

function index(op: string, name: string, value: unknown): number {
  const number = asInteger(value);
  if (number === undefined)
    throw new MongoError(34450, `${op}: ${name} must be a whole number, found: ${typeName(value)}`);
  return number;
}

function substrCP([source, start, count]: unknown[], _env: unknown, op: string): string {
  const from = index(op, 'starting index', start);
  const length = index(op, 'length', count);
  if (from < 0) throw new MongoError(34455, `${op}: the starting index must be nonnegative integer.`);
  if (length < 0) throw new MongoError(34454, `${op}: length must be a nonnegative integer.`);
  return [...coerceToString(op, source)].slice(from, from + length).join('');
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

function substrBytes([source, start, count]: unknown[], _env: unknown, op: string): string {
  const bytes = Buffer.from(coerceToString(op, source));
  const from = index(op, 'starting index', start);
  const length = index(op, 'length', count);
  if (from < 0) throw new MongoError(50752, `${op}: starting index must be non-negative (got: ${from})`);
  if (isContinuation(bytes[from]))
    throw new MongoError(28656, `${op}: Invalid range, starting index is a UTF-8 continuation byte.`);
  const end = length < 0 ? bytes.length : Math.min(bytes.length, from + length);
  if (isContinuation(bytes[end]))
    throw new MongoError(28657, `${op}: Invalid range, ending index is in the middle of a UTF-8 character.`);
  return bytes.subarray(from, end).toString();
}

function split([source, separator]: unknown[], op: string): string[] {
  if (typeof source !== 'string')
    throw new MongoError(
      40085,
      `${op} requires an expression that evaluates to a string as a first argument, found: ${typeName(source)}`,
    );
  if (typeof separator !== 'string')
    throw new MongoError(
      40086,
      `${op} requires an expression that evaluates to a string as a second argument, found: ${typeName(separator)}`,
    );
  if (separator === '') throw new MongoError(40087, `${op} requires a non-empty separator`);
  return source.split(separator);
}

/** What `$trim` removes without `chars`. */
const WHITESPACE = new Set([
  ...'\0\t\n\v\f\r \u00a0\u1680',
  ...'\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a',
]);

function trim({ input, chars }: Record<string, unknown>): string | null {
  if (isNullish(input) || chars === null) return null;
  if (typeof input !== 'string')
    throw new MongoError(50699, `$trim requires its input to be a string, got ${typeName(input)} instead.`);
  if (chars !== undefined && typeof chars !== 'string')
    throw new MongoError(50700, `$trim requires 'chars' to be a string, got ${typeName(chars)} instead.`);
  const set = chars === undefined ? WHITESPACE : new Set(chars);
  const points = [...input];
  let [from, to] = [0, points.length];
  while (from < to && set.has(points[from]!)) from++;
  while (to > from && set.has(points[to - 1]!)) to--;
  return points.slice(from, to).join('');
}

function indexOfCP([source, token, start, end]: unknown[], _env: unknown, op: string): unknown {
  if (isNullish(source)) return null;
  if (typeof source !== 'string')
    throw new MongoError(40093, `${op} requires a string as the first argument, found: ${typeName(source)}`);
  if (typeof token !== 'string')
    throw new MongoError(40094, `${op} requires a string as the second argument, found: ${typeName(token)}`);
  const points = [...source];
  const wanted = [...token];
  const from = start === undefined ? 0 : index(op, 'starting index', start);
  const to = Math.min(points.length, end === undefined ? points.length : index(op, 'ending index', end));
  if (from < 0) throw new MongoError(40097, `${op} requires a nonnegative start index, found: ${from}`);
  for (let at = from; at + wanted.length <= to; at++) {
    if (wanted.every((character, offset) => points[at + offset] === character)) return new Int32(at);
  }
  return new Int32(-1);
}

const compiled = new Map<string, RegExp>();
const CACHE_LIMIT = 200;

function regexOf(pattern: string, options: string): RegExp {
  const key = `${options}/${pattern}`;
  const found = compiled.get(key);
  if (found) return found;
  if (compiled.size >= CACHE_LIMIT) compiled.clear();
  const regex = compileRegex(pattern, options);
  compiled.set(key, regex);
  return regex;
}

function regexMatch({ input, regex, options }: Record<string, unknown>, _env: unknown, op: string): boolean {
  if (isNullish(input) || isNullish(regex)) return false;
  if (typeof input !== 'string') throw new MongoError(51104, `${op} needs 'input' to be of type string`);
  if (options !== undefined && options !== null && typeof options !== 'string')
    throw new MongoError(51106, `${op} needs 'options' to be of type string`);
  if (typeof regex === 'string') return regexOf(regex, options ?? '').test(input);
  if (!isRegex(regex)) throw new MongoError(51105, `${op} needs 'regex' to be of type string or regex`);
  const parts = regexParts(regex);
  if (options && parts.options)
    throw new MongoError(51107, `${op}: found regex option(s) specified in both 'regex' and 'option' fields`);
  return regexOf(parts.pattern, options ?? parts.options).test(input);
}

/** ASCII only, as MongoDB has it. */
const lower = (value: string): string => value.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const upper = (value: string): string => value.replace(/[a-z]/g, (letter) => letter.toUpperCase());

/** The text of an ObjectId, boolean, number, date or string. */
export function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value instanceof ObjectId) return value.toHexString();
  if (value instanceof Date) return value.toISOString();
  return isNumber(value) ? numberText(value) : undefined;
}

export const STRINGS: OperatorTable = {
  $concat: strict(0, Infinity, concat),
  $toLower: eager(1, 1, ([value], _env, op) => lower(coerceToString(op, value))),
  $toUpper: eager(1, 1, ([value], _env, op) => upper(coerceToString(op, value))),
  $substrCP: eager(3, 3, substrCP),
  $substrBytes: eager(3, 3, substrBytes),
  $strLenCP: eager(1, 1, ([value], _env, op) => new Int32([...text(op, value)].length)),
  $split: strict(2, 2, split),
  $trim: named(['input'], ['chars'], trim),
  $indexOfCP: eager(2, 4, indexOfCP),
  $regexMatch: named(['input', 'regex'], ['options'], regexMatch),
};
