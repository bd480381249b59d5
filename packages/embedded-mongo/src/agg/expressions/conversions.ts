/** Owns conversion between types: `$toInt` and its like, `$convert`, `$type`. Failures are error 241. */
import { Decimal128, Double, Int32, Long, ObjectId } from 'bson';
import { MongoError, conversionFailure } from '../../errors.js';
import { asInteger, fitsLong, integer, kindOf, toDecimal128, toDouble } from '../../bson/number.js';
import { TYPE_NUMBERS, isNullish, isNumber, tagOf, TAG, typeName } from '../../bson/types.js';
import type { Builder, OperatorTable } from '../compiler.js';
import { eager, namedOperand, unary } from '../builders.js';
import { parseDate } from '../dates/parse.js';
import { toText } from './strings.js';

type Convert = (value: unknown) => unknown;

const unsupported = (value: unknown, to: string): MongoError =>
  conversionFailure(`Unsupported conversion from ${typeName(value)} to ${to} in $convert with no onError value`);
const failed = (value: unknown, to: string, why: string): MongoError =>
  conversionFailure(
    `Failed to parse ${typeName(value)} '${String(value)}' as ${to} in $convert with no onError value: ${why}`,
  );

const bigOf = (value: unknown): bigint => {
  if (value instanceof Long) return value.toBigInt();
  if (kindOf(value) === 'decimal') return BigInt(decimalInteger(String(value)));
  return BigInt(Math.trunc(toDouble(value)));
};

const decimalInteger = (text: string): string => {
  const whole = Number(text);
  if (Math.abs(whole) < 2 ** 53) return String(Math.trunc(whole));
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:E\+?(-?\d+))?$/.exec(text)!;
  const shift = Number(match[4] ?? 0);
  const digits = match[2]! + (match[3] ?? '');
  const point = match[2]!.length + shift;
  return match[1]! + (point >= digits.length ? digits.padEnd(point, '0') : digits.slice(0, Math.max(point, 1)));
};

function toWhole(kind: 'int' | 'long'): Convert {
  return (value) => {
    if (typeof value === 'boolean') return kind === 'int' ? new Int32(Number(value)) : Long.fromNumber(Number(value));
    if (value instanceof Date && kind === 'long') return Long.fromNumber(value.getTime());
    if (typeof value === 'string') return wholeFromText(value, kind);
    if (!isNumber(value)) throw unsupported(value, kind);
    const double = toDouble(value);
    if (!Number.isFinite(double))
      throw conversionFailure(`Attempt to convert ${double} value to integer type in $convert with no onError value`);
    if (Math.abs(double) > 2 ** 63) throw overflow(value);
    return sized(bigOf(value), kind, value);
  };
}

const overflow = (value: unknown): MongoError =>
  conversionFailure(`Conversion would overflow target type in $convert with no onError value: ${String(value)}`);

function sized(value: bigint, kind: 'int' | 'long', from: unknown): unknown {
  const result = integer(value, kind);
  if (result === undefined || (kind === 'int' && !(result instanceof Int32))) throw overflow(from);
  return result;
}

function wholeFromText(text: string, kind: 'int' | 'long'): unknown {
  if (!/^[+-]?\d+$/.test(text)) throw failed(text, kind, 'Bad digit or empty string');
  const value = BigInt(text.replace('+', ''));
  if (!fitsLong(value)) throw failed(text, kind, 'Overflow');
  return sized(value, kind, text);
}

const NUMBER_TEXT = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

const toDoubleValue: Convert = (value) => {
  if (typeof value === 'boolean') return new Double(Number(value));
  if (value instanceof Date) return new Double(value.getTime());
  if (typeof value === 'string') {
    if (!NUMBER_TEXT.test(value) && !/^[+-]?(NaN|Infinity|inf)$/i.test(value))
      throw failed(value, 'double', 'Did not consume whole string.');
    return new Double(Number(value.replace(/inf(inity)?/i, 'Infinity').replace(/[+-]?nan/i, 'NaN')));
  }
  if (!isNumber(value)) throw unsupported(value, 'double');
  const double = toDouble(value);
  if (!Number.isFinite(double) && /\d/.test(String(value))) throw overflow(value);
  return new Double(double);
};

const toDecimal: Convert = (value) => {
  if (typeof value === 'boolean') return Decimal128.fromString(value ? '1' : '0');
  if (value instanceof Date) return Decimal128.fromString(String(value.getTime()));
  if (typeof value === 'string') {
    if (!NUMBER_TEXT.test(value) && !/^[+-]?(NaN|Infinity|inf)$/i.test(value))
      throw failed(value, 'decimal', 'Failed to parse string to decimal');
    return Decimal128.fromStringWithRounding(value);
  }
  if (!isNumber(value)) throw unsupported(value, 'decimal');
  return toDecimal128(value);
};

const toBool: Convert = (value) =>
  isNumber(value) ? toDouble(value) !== 0 : typeof value === 'boolean' ? value : true;

const toStringValue: Convert = (value) => {
  const text = toText(value);
  if (text === undefined) throw unsupported(value, 'string');
  return text;
};

const toObjectId: Convert = (value) => {
  if (value instanceof ObjectId) return value;
  if (typeof value !== 'string') throw unsupported(value, 'objectId');
  if (!/^[0-9a-fA-F]{24}$/.test(value))
    throw failed(value, 'objectId', 'Invalid string length or hex digit for parsing to OID');
  return new ObjectId(value);
};

/** A value as a date, as date operators and `$toDate` convert it. */
const toDate: Convert = (value) => {
  if (value instanceof Date) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (tagOf(value) === TAG.timestamp) return new Date(((value as unknown as { high: number }).high >>> 0) * 1000);
  if (typeof value === 'string') return parseDate(value, undefined);
  if (!isNumber(value) || kindOf(value) === 'int') throw unsupported(value, 'date');
  const millis = toDouble(value);
  if (!Number.isFinite(millis) || Math.abs(millis) > 8.64e15) throw overflow(value);
  return new Date(Math.trunc(millis));
};

const CONVERTERS: Readonly<Record<string, Convert>> = {
  int: toWhole('int'),
  long: toWhole('long'),
  double: toDoubleValue,
  decimal: toDecimal,
  bool: toBool,
  string: toStringValue,
  objectId: toObjectId,
  date: toDate,
};
const NAME_BY_NUMBER = new Map(Object.entries(TYPE_NUMBERS).map(([name, number]) => [number, name]));

function converterFor(target: unknown): Convert {
  const name = typeof target === 'string' ? target : NAME_BY_NUMBER.get(asInteger(target) ?? NaN);
  if (name === undefined || !(name in TYPE_NUMBERS))
    throw new MongoError(2, `Unknown type name in $convert: ${String(target)}`);
  const convert = Object.hasOwn(CONVERTERS, name) ? CONVERTERS[name] : undefined;
  if (!convert) throw conversionFailure(`Unsupported conversion to ${name} in $convert with no onError value`);
  return convert;
}

const convert: Builder = (operand, compiler, op) => {
  const spec = namedOperand(op, operand, ['input', 'to'], ['onError', 'onNull']);
  const [input, to] = [compiler.compile(spec.input), compiler.compile(spec.to)];
  const onError = 'onError' in spec ? compiler.compile(spec.onError) : undefined;
  const onNull = 'onNull' in spec ? compiler.compile(spec.onNull) : undefined;
  return (env) => {
    const value = input(env);
    if (isNullish(value)) return onNull ? onNull(env) : null;
    const target = to(env);
    if (isNullish(target)) return null;
    try {
      return converterFor(target)(value);
    } catch (error) {
      if (onError && error instanceof MongoError && error.code === 241) return onError(env);
      throw error;
    }
  };
};

export const CONVERSIONS: OperatorTable = {
  $toInt: unary(CONVERTERS.int!),
  $toLong: unary(CONVERTERS.long!),
  $toDouble: unary(toDoubleValue),
  $toDecimal: unary(toDecimal),
  $toBool: unary(toBool),
  $toString: unary(toStringValue),
  $toObjectId: unary(toObjectId),
  $toDate: unary(toDate),
  $convert: convert,
  $type: eager(1, 1, ([value]) => typeName(value)),
};
