/**
 * Owns the value tests of the query operators: one function from operand to test each. Operands are checked here, once,
 * before any document is read.
 */
import { BSONRegExp } from 'bson';
import { MongoError, badValue, failedToParse } from '../errors.js';
import { compare, equals, regexParts } from '../bson/compare.js';
import { isNumber, tagOf, TAG, TYPE_NUMBERS, typeName } from '../bson/types.js';
import { asInteger, toDouble } from '../bson/number.js';
import { hashKey } from '../keys/encode.js';
import { compileRegex, isRegex } from './regex.js';
import type { Test } from './walk.js';

const isNaNNumber = (value: unknown): boolean => tagOf(value) === TAG.number && Number.isNaN(toDouble(value));

/** `$eq`; a null operand also finds missing fields. */
export function equalTest(operand: unknown): Test {
  if (typeof operand === 'string' || typeof operand === 'boolean') return (value) => value === operand;
  return (value) => compare(value, operand) === 0;
}

type Holds = (order: number) => boolean;
const HOLDS: Readonly<Record<string, Holds>> = {
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
};

/** `$gt $gte $lt $lte`: only values of the operand's own type can satisfy them, but for MinKey and MaxKey. */
export function rangeTest(op: string, operand: unknown): Test {
  const holds = HOLDS[op]!;
  const tag = tagOf(operand);
  if (isRegex(operand)) throw badValue(`Can't have RegEx as arg to predicate over field`);
  if (tag === TAG.minKey || tag === TAG.maxKey) return (value) => value !== undefined && holds(compare(value, operand));
  if (isNaNNumber(operand)) return holds(0) ? isNaNNumber : () => false;
  if (tag === TAG.number)
    return (value) => tagOf(value) === tag && !isNaNNumber(value) && holds(compare(value, operand));
  return (value) => tagOf(value) === tag && holds(compare(value, operand));
}

/** `$regex` with its options: strings that match, and the same pattern stored as a value. */
export function regexTest(pattern: string, options: string): Test {
  const regex = compileRegex(pattern, options);
  const self = new BSONRegExp(pattern, options);
  return (value) => (typeof value === 'string' ? regex.test(value) : isRegex(value) && equals(value, self));
}

const LINEAR_LIMIT = 8;

/** `$in`: equal to one of the values, or matching one of the patterns. */
export function inTest(operands: readonly unknown[]): Test {
  const patterns = operands
    .filter(isRegex)
    .map((regex) => regexTest(regexParts(regex).pattern, regexParts(regex).options));
  const values = operands.filter((value) => !isRegex(value));
  const plain = values.length <= LINEAR_LIMIT ? values.map(equalTest) : undefined;
  const set = plain ? undefined : new Set(values.map(hashKey));
  const among: Test = plain ? (value) => plain.some((test) => test(value)) : (value) => set!.has(hashKey(value));
  return patterns.length === 0 ? among : (value) => among(value) || patterns.some((test) => test(value));
}

const truthy = (value: unknown): boolean =>
  isNumber(value) ? toDouble(value) !== 0 : value !== null && value !== undefined && value !== false;

export const existsTest = (operand: unknown): { test: Test; negate: boolean } => ({
  test: (value) => value !== undefined,
  negate: !truthy(operand),
});

const KNOWN_NUMBERS = new Set(Object.values(TYPE_NUMBERS));

function typeMatcher(operand: unknown): Test {
  if (operand === 'number') return isNumber;
  const number = typeof operand === 'string' ? TYPE_NUMBERS[operand] : asInteger(operand);
  if (number === undefined && typeof operand === 'string') throw badValue(`Unknown type name alias: ${operand}`);
  if (number === undefined) throw new MongoError(14, 'type must be represented as a number or a string');
  if (!KNOWN_NUMBERS.has(number)) throw badValue(`Invalid numerical type code: ${number}`);
  return (value) => value !== undefined && TYPE_NUMBERS[typeName(value)] === number;
}

/** `$type` by number, alias or a list of both. */
export function typeTest(operand: unknown): Test {
  const list = Array.isArray(operand) ? operand : [operand];
  if (list.length === 0) throw failedToParse('a must match at least one type');
  const tests = list.map(typeMatcher);
  return (value) => tests.some((test) => test(value));
}

/** `$size`: a whole, non-negative number. */
export function sizeTest(operand: unknown): Test {
  const size = asInteger(operand);
  if (!isNumber(operand)) throw badValue(`Failed to parse $size. Expected a number in: $size: ${typeName(operand)}`);
  if (size === undefined) throw badValue('Failed to parse $size. Expected an integer');
  if (size < 0) throw badValue(`Failed to parse $size. Expected a non-negative number in: $size: ${size}`);
  return (value) => Array.isArray(value) && value.length === size;
}

/** `$mod: [divisor, remainder]`, both cut to whole numbers. */
export function modTest(operand: unknown): Test {
  if (!Array.isArray(operand)) throw badValue('malformed mod, needs to be an array');
  if (operand.length < 2) throw badValue('malformed mod, not enough elements');
  if (operand.length > 2) throw badValue('malformed mod, too many elements');
  const [divisor, remainder] = operand.map((value: unknown, index) => {
    if (!isNumber(value)) throw badValue(`malformed mod, ${index === 0 ? 'divisor' : 'remainder'} not a number`);
    const double = toDouble(value);
    if (!Number.isFinite(double))
      throw badValue(
        'malformed mod, divisor value is invalid :: caused by :: Unable to coerce NaN/Inf to integral type',
      );
    return Math.trunc(double);
  });
  if (divisor === 0) throw badValue('divisor cannot be 0');
  return (value) => {
    if (!isNumber(value)) return false;
    const double = toDouble(value);
    return Number.isFinite(double) && Math.trunc(double) % divisor! === remainder;
  };
}
