/** Owns arithmetic expressions. Types widen Int32 -> Long -> Double -> Decimal128; an int64 that overflows goes on as a double. */
import { Decimal128, Double, Int32, Long } from 'bson';
import { MongoError, badValue, typeMismatch } from '../../errors.js';
import {
  Dec,
  arithmetic,
  asInteger,
  calculate,
  fromDecimal,
  integer,
  kindOf,
  toDecimal128,
  toDouble,
  wider,
} from '../../bson/number.js';
import { isNullish, isNumber, typeName } from '../../bson/types.js';
import type { OperatorTable } from '../compiler.js';
import { eager, strict, unary } from '../builders.js';

function numeric(op: string, value: unknown): void {
  if (!isNumber(value)) throw typeMismatch(`${op} only supports numeric types, not ${typeName(value)}`);
}

function addDate(date: Date, millis: number): Date {
  return new Date(date.getTime() + Math.round(millis));
}

function add(values: unknown[]): unknown {
  let date: Date | undefined;
  let total: unknown = new Int32(0);
  for (const value of values) {
    if (isNullish(value)) return null;
    if (value instanceof Date) {
      if (date) throw typeMismatch('only one date allowed in an $add expression');
      date = value;
    } else if (isNumber(value)) total = calculate('add', total, value);
    else throw typeMismatch(`$add only supports numeric or date types, not ${typeName(value)}`);
  }
  return date ? addDate(date, toDouble(total)) : total;
}

function subtract([a, b]: unknown[]): unknown {
  if (a instanceof Date && b instanceof Date) return Long.fromNumber(a.getTime() - b.getTime());
  if (a instanceof Date && isNumber(b)) return addDate(a, -toDouble(b));
  if (!isNumber(a) || !isNumber(b)) throw typeMismatch(`can't $subtract ${typeName(b)} from ${typeName(a)}`);
  return calculate('subtract', a, b);
}

function multiply(values: unknown[], op: string): unknown {
  return values.reduce((total, value) => {
    numeric(op, value);
    return calculate('multiply', total, value);
  }, new Int32(1));
}

const dec = (value: unknown): InstanceType<typeof Dec> => new Dec(toDecimal128(value).toString());

function divide([a, b]: unknown[]): unknown {
  if (!isNumber(a) || !isNumber(b))
    throw typeMismatch(`$divide only supports numeric types, not ${typeName(a)} and ${typeName(b)}`);
  if (toDouble(b) === 0) throw badValue("can't $divide by zero");
  if (wider(kindOf(a), kindOf(b)) === 'decimal') return fromDecimal(dec(a).div(dec(b)));
  return new Double(toDouble(a) / toDouble(b));
}

function mod([a, b]: unknown[]): unknown {
  if (!isNumber(a) || !isNumber(b))
    throw new MongoError(16611, `$mod only supports numeric types, not ${typeName(a)} and ${typeName(b)}`);
  if (toDouble(b) === 0) throw new MongoError(16610, "can't $mod by zero");
  const kind = wider(kindOf(a), kindOf(b));
  if (kind === 'decimal') return fromDecimal(dec(a).mod(dec(b)));
  if (kind === 'double') return new Double(toDouble(a) % toDouble(b));
  const result = Long.fromValue(String(a)).toBigInt() % Long.fromValue(String(b)).toBigInt();
  return integer(result, kind) ?? null;
}

function abs(value: unknown, op: string): unknown {
  numeric(op, value);
  if (toDouble(value) >= 0) return value;
  if (kindOf(value) === 'decimal') return Decimal128.fromString(String(value).replace('-', ''));
  if (kindOf(value) === 'double') return new Double(Math.abs(toDouble(value)));
  const result = arithmetic('subtract', new Int32(0), value);
  if (result === undefined) throw new MongoError(28680, `can't take $abs of long long min`);
  return result;
}

type Rounding = 0 | 1 | 2 | 3 | 6;
const UP_TO_POSITIVE: Rounding = 2;
const DOWN_TO_NEGATIVE: Rounding = 3;
const TOWARD_ZERO: Rounding = 1;
const HALF_EVEN: Rounding = 6;

/** Rounds the shortest decimal text of the number, at any place; the type is kept. */
function roundTo(value: unknown, place: number, mode: Rounding): unknown {
  const kind = kindOf(value);
  if (!Number.isFinite(toDouble(value)) || (place >= 0 && kind !== 'double' && kind !== 'decimal')) return value;
  const exact = new Dec(kind === 'double' ? toDouble(value) : String(value));
  const rounded =
    place >= 0
      ? exact.toDecimalPlaces(place, mode)
      : exact.div(Dec.pow(10, -place)).toDecimalPlaces(0, mode).times(Dec.pow(10, -place));
  if (kind === 'decimal') return fromDecimal(rounded);
  if (kind === 'double') return new Double(rounded.toNumber());
  const result = integer(BigInt(rounded.toFixed(0)), kind);
  if (result === undefined) throw new MongoError(51080, 'invalid conversion from Decimal128 result while rounding');
  return result;
}

const whole = (mode: Rounding): OperatorTable[string] =>
  unary((value, op) => {
    numeric(op, value);
    return roundTo(value, 0, mode);
  });

const placed = (mode: Rounding): OperatorTable[string] =>
  eager(1, 2, ([value, place = new Int32(0)], _env, op) => {
    if (isNullish(value) || isNullish(place)) return null;
    numeric(op, value);
    const at = asInteger(place);
    if (at === undefined) throw new MongoError(51082, `precision argument to ${op} must be a integral value`);
    if (at < -20 || at > 100)
      throw new MongoError(51083, `cannot apply ${op} with precision value ${at} value must be in [-20, 100]`);
    return roundTo(value, at, mode);
  });

function sqrt(value: unknown, op: string): unknown {
  numeric(op, value);
  if (toDouble(value) < 0) throw new MongoError(28714, "$sqrt's argument must be greater than or equal to 0");
  return kindOf(value) === 'decimal' ? fromDecimal(dec(value).sqrt()) : new Double(Math.sqrt(toDouble(value)));
}

function pow([base, exponent]: unknown[]): unknown {
  if (!isNumber(base)) throw new MongoError(28762, `$pow's base must be numeric, not ${typeName(base)}`);
  if (!isNumber(exponent)) throw new MongoError(28763, `$pow's exponent must be numeric, not ${typeName(exponent)}`);
  if (toDouble(base) === 0 && toDouble(exponent) < 0)
    throw new MongoError(28764, '$pow cannot take a base of 0 and a negative exponent');
  const kind = wider(kindOf(base), kindOf(exponent));
  if (kind === 'decimal') return fromDecimal(dec(base).pow(dec(exponent)));
  const double = toDouble(base) ** toDouble(exponent);
  if (kind === 'double' || toDouble(exponent) < 0 || Math.abs(double) > 2 ** 64) return new Double(double);
  const exact = Long.fromValue(String(base)).toBigInt() ** BigInt(toDouble(exponent));
  return integer(exact, kind) ?? new Double(double);
}

export const ARITHMETIC: OperatorTable = {
  $add: eager(0, Infinity, add),
  $subtract: strict(2, 2, subtract),
  $multiply: strict(0, Infinity, multiply),
  $divide: strict(2, 2, divide),
  $mod: strict(2, 2, mod),
  $abs: unary(abs),
  $ceil: whole(UP_TO_POSITIVE),
  $floor: whole(DOWN_TO_NEGATIVE),
  $round: placed(HALF_EVEN),
  $trunc: placed(TOWARD_ZERO),
  $sqrt: unary(sqrt),
  $pow: strict(2, 2, pow),
};
