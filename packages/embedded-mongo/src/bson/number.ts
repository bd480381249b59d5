/**
 * Owns the numeric tower Int32 -> Long -> Double -> Decimal128: exact comparison and type-keeping arithmetic.
 */
import { Decimal128, Double, Int32, Long } from 'bson';
import { Decimal } from 'decimal.js';

/** 34 digits, half even: the arithmetic of decimal128. */
export const Dec = Decimal.clone({
  precision: 34,
  rounding: Decimal.ROUND_HALF_EVEN,
  maxE: 6144,
  minE: -6176,
  toExpNeg: -7,
  toExpPos: 34,
});
/** Wide enough to hold any double or decimal128 exactly. */
const Exact = Decimal.clone({ precision: 1200, maxE: 9e15, minE: -9e15 });

export type NumberKind = 'int' | 'long' | 'double' | 'decimal';
const RANK: Record<NumberKind, number> = { int: 0, long: 1, double: 2, decimal: 3 };

const isInt32 = (value: number): boolean => (value | 0) === value && !Object.is(value, -0);

export function kindOf(value: unknown): NumberKind {
  if (value instanceof Int32) return 'int';
  if (value instanceof Double) return 'double';
  if (value instanceof Long || typeof value === 'bigint') return 'long';
  if (typeof value === 'number') return isInt32(value) ? 'int' : 'double';
  return 'decimal';
}

/** The wider of two kinds. */
export const wider = (a: NumberKind, b: NumberKind): NumberKind => (RANK[a] >= RANK[b] ? a : b);

/** The nearest double. Monotonic, so it may decide an order whenever the doubles differ. */
export function toDouble(value: unknown): number {
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (typeof value === 'number') return value;
  if (value instanceof Long) return value.toNumber();
  if (typeof value === 'bigint') return Number(value);
  return Number((value as Decimal128).toString());
}

const MAX_SAFE = Number.MAX_SAFE_INTEGER;

/** True when `toDouble` loses nothing. */
export function isExactDouble(value: unknown): boolean {
  if (value instanceof Int32 || value instanceof Double || typeof value === 'number') return true;
  if (value instanceof Long || typeof value === 'bigint') return Math.abs(toDouble(value)) <= MAX_SAFE;
  const approx = toDouble(value);
  return !Number.isFinite(approx) ? !isFiniteDecimal(value) : exactDecimal(value).cmp(exactDouble(approx)) === 0;
}

const isFiniteDecimal = (value: unknown): boolean => !/[IN]/.test(String(value));

/** A double as the decimal it exactly is (0.1 is not one tenth). */
export function exactDouble(value: number): Decimal {
  if (Number.isInteger(value)) return new Exact(BigInt(value).toString());
  const buffer = new DataView(new ArrayBuffer(8));
  buffer.setFloat64(0, value);
  const bits = buffer.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  const shift = 1075 - Math.max(exponent, 1);
  const digits = mantissa * 5n ** BigInt(shift);
  return new Exact(`${value < 0 ? '-' : ''}${digits}e-${shift}`);
}

/** Any finite number as an exact decimal. */
export function exactDecimal(value: unknown): Decimal {
  if (value instanceof Decimal128 || value instanceof Long) return new Exact(value.toString());
  if (typeof value === 'bigint') return new Exact(value.toString());
  return exactDouble(toDouble(value));
}

/** Exact order of two numbers of any kinds; NaN is below every number and equal to NaN. */
export function compareNumbers(a: unknown, b: unknown): number {
  const x = toDouble(a);
  const y = toDouble(b);
  if (x < y) return -1;
  if (x > y) return 1;
  if (x !== x || y !== y) return x === x ? 1 : y === y ? -1 : 0;
  return slowerCompare(a, b, x);
}

function slowerCompare(a: unknown, b: unknown, approx: number): number {
  const exactA = a instanceof Int32 || a instanceof Double || typeof a === 'number';
  const exactB = b instanceof Int32 || b instanceof Double || typeof b === 'number';
  if (exactA && exactB) return 0;
  if (a instanceof Long && b instanceof Long) return a.compare(b);
  if (Math.abs(approx) <= MAX_SAFE && !(a instanceof Decimal128) && !(b instanceof Decimal128)) return 0;
  if (!Number.isFinite(approx)) {
    const order = infiniteRank(a, approx) - infiniteRank(b, approx);
    if (order !== 0 || infiniteRank(a, approx) !== 0) return order;
  }
  return exactDecimal(a).cmp(exactDecimal(b));
}

/** Finite decimals beyond the range of doubles stand just inside the infinity they round to. */
function infiniteRank(value: unknown, approx: number): number {
  if (!(value instanceof Decimal128) || !isFiniteDecimal(value)) return approx > 0 ? 1 : -1;
  return 0;
}

const MAX_DIGITS = 34;

interface Scaled {
  digits: bigint;
  exponent: number;
}

/** A finite Decimal128 (or integer) as digits x 10^exponent, trailing zeros kept. */
export function scaled(text: string): Scaled | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return undefined;
  const fraction = match[3] ?? '';
  const digits = BigInt((match[2] ?? '') + fraction || '0');
  return { digits: match[1] === '-' ? -digits : digits, exponent: Number(match[4] ?? 0) - fraction.length };
}

/** Drops digits beyond 34, rounding half to even. */
function rounded({ digits, exponent }: Scaled): Scaled {
  const size = digits < 0n ? -digits : digits;
  const drop = size.toString().length - MAX_DIGITS;
  if (drop <= 0) return { digits, exponent };
  const unit = 10n ** BigInt(drop);
  const [kept, rest] = [size / unit, (size % unit) * 2n];
  const up = rest > unit || (rest === unit && kept % 2n === 1n) ? kept + 1n : kept;
  return rounded({ digits: digits < 0n ? -up : up, exponent: exponent + drop });
}

/** Back to Decimal128, rounded half even to 34 digits, keeping the exponent when it fits. */
export function fromScaled(value: Scaled): Decimal128 {
  const { digits, exponent } = rounded(value);
  return Decimal128.fromString(`${digits}E${exponent}`);
}

export function fromDecimal(value: Decimal): Decimal128 {
  if (value.isNaN()) return Decimal128.fromString('NaN');
  if (!value.isFinite()) return Decimal128.fromString(value.isNegative() ? '-Infinity' : 'Infinity');
  return Decimal128.fromString(value.toSignificantDigits(MAX_DIGITS, Decimal.ROUND_HALF_EVEN).toString());
}

/** Any number as Decimal128; a double keeps 15 significant digits, as MongoDB converts it. */
export function toDecimal128(value: unknown): Decimal128 {
  if (value instanceof Decimal128) return value;
  if (kindOf(value) !== 'double') return Decimal128.fromString(String(value instanceof Int32 ? value.value : value));
  const double = toDouble(value);
  if (!Number.isFinite(double)) return Decimal128.fromString(String(double));
  return Decimal128.fromString(double.toPrecision(15));
}

const toBig = (value: unknown): bigint => (value instanceof Long ? value.toBigInt() : BigInt(toDouble(value)));
const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;

/** True when the bigint fits an int64. */
export const fitsLong = (value: bigint): boolean => value >= LONG_MIN && value <= LONG_MAX;

/** An integer as Int32 when it fits and the kind allows, else Long; undefined when it fits neither. */
export function integer(value: bigint, kind: NumberKind): Int32 | Long | undefined {
  if (kind === 'int' && value >= -0x80000000n && value <= 0x7fffffffn) return new Int32(Number(value));
  return fitsLong(value) ? Long.fromBigInt(value) : undefined;
}

export type ArithmeticOp = 'add' | 'subtract' | 'multiply';

function onDoubles(op: ArithmeticOp, x: number, y: number): number {
  if (op === 'add') return x + y;
  return op === 'subtract' ? x - y : x * y;
}

function onBigs(op: ArithmeticOp, x: bigint, y: bigint): bigint {
  if (op === 'add') return x + y;
  return op === 'subtract' ? x - y : x * y;
}

function onDecimals(op: ArithmeticOp, a: unknown, b: unknown): Decimal128 {
  const [x, y] = [toDecimal128(a).toString(), toDecimal128(b).toString()];
  const [s, t] = [scaled(x), scaled(y)];
  if (!s || !t || Math.abs(s.exponent - t.exponent) > 100) {
    const [p, q] = [new Dec(x), new Dec(y)];
    return fromDecimal(op === 'add' ? p.plus(q) : op === 'subtract' ? p.minus(q) : p.times(q));
  }
  if (op === 'multiply') return fromScaled({ digits: s.digits * t.digits, exponent: s.exponent + t.exponent });
  const exponent = Math.min(s.exponent, t.exponent);
  const left = s.digits * 10n ** BigInt(s.exponent - exponent);
  const right = t.digits * 10n ** BigInt(t.exponent - exponent);
  return fromScaled({ digits: onBigs(op, left, right), exponent });
}

/**
 * Adds, subtracts or multiplies keeping the wider type; Int32 grows to Long. When a Long would overflow the result is
 * `undefined`: an update then fails, an expression goes on with doubles.
 */
export function arithmetic(op: ArithmeticOp, a: unknown, b: unknown): Int32 | Long | Double | Decimal128 | undefined {
  const kind = wider(kindOf(a), kindOf(b));
  if (kind === 'decimal') return onDecimals(op, a, b);
  if (kind === 'double') return new Double(onDoubles(op, toDouble(a), toDouble(b)));
  const approx = onDoubles(op, toDouble(a), toDouble(b));
  if (kind === 'int' && isInt32(approx)) return new Int32(approx);
  return integer(onBigs(op, toBig(a), toBig(b)), kind);
}

/** As `arithmetic`, going on with doubles when an int64 overflows (the rule of `$add`, `$multiply`, `$sum`). */
export function calculate(op: ArithmeticOp, a: unknown, b: unknown): Int32 | Long | Double | Decimal128 {
  return arithmetic(op, a, b) ?? new Double(onDoubles(op, toDouble(a), toDouble(b)));
}

/** A count as MongoDB returns it: Int32 while it fits. */
export const countValue = (count: number): Int32 | Long => (isInt32(count) ? new Int32(count) : Long.fromNumber(count));

/** An integral number as a JavaScript integer, or undefined when it is no number or has a fraction. */
export function asInteger(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'bigint' && !(value instanceof Int32 || value instanceof Double)) {
    if (!(value instanceof Long || value instanceof Decimal128)) return undefined;
  }
  const double = toDouble(value);
  return Number.isInteger(double) ? double : undefined;
}
