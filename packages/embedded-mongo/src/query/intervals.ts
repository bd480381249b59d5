/** Owns the index bounds of single predicates, in values. The matcher always re-checks, so wide is safe and narrow is not. */
import { BSONRegExp, Binary, Decimal128, Double, Long, ObjectId, Timestamp } from 'bson';
import type { Interval, Value } from '../types.js';
import { compare } from '../bson/compare.js';
import { TAG, tagOf } from '../bson/types.js';

export const point = (value: Value): Interval => ({ low: value, lowInclusive: true, high: value, highInclusive: true });

const ZERO_ID = new ObjectId('000000000000000000000000');

interface Bracket {
  low: Value;
  high: Value;
  highInclusive: boolean;
}

/** The whole of a type: comparison operators never leave the type of their operand. */
function bracketOf(value: Value): Bracket | undefined {
  switch (tagOf(value)) {
    case TAG.number:
      return { low: new Double(-Infinity), high: new Double(Infinity), highInclusive: true };
    case TAG.string:
      return { low: '', high: {}, highInclusive: false };
    case TAG.object:
      return { low: {}, high: [], highInclusive: false };
    case TAG.binary:
      return { low: new Binary(), high: ZERO_ID, highInclusive: false };
    case TAG.objectId:
      return { low: ZERO_ID, high: false, highInclusive: false };
    case TAG.bool:
      return { low: false, high: true, highInclusive: true };
    case TAG.date:
      return { low: new Date(-8.64e15), high: new Timestamp({ t: 0, i: 0 }), highInclusive: false };
    case TAG.timestamp:
      return { low: new Timestamp({ t: 0, i: 0 }), high: new BSONRegExp('', ''), highInclusive: false };
    default:
      return undefined;
  }
}

const isNaNValue = (value: Value): boolean =>
  tagOf(value) === TAG.number &&
  !(value instanceof Long) &&
  (value instanceof Decimal128 ? value.toString() === 'NaN' : Number.isNaN(Number(value)));

/** Bounds for `$eq $gt $gte $lt $lte`; undefined when an index cannot help. */
export function intervalsFor(op: string, value: Value): Interval[] | undefined {
  const tag = tagOf(value);
  if (tag === TAG.array) return undefined;
  if (op === '$eq') return [point(value)];
  if (tag === TAG.null || isNaNValue(value)) return op === '$gte' || op === '$lte' ? [point(value)] : [];
  const bracket = bracketOf(value);
  if (!bracket) return undefined;
  if (op === '$gt' || op === '$gte') {
    const interval = {
      low: value,
      lowInclusive: op === '$gte',
      high: bracket.high,
      highInclusive: bracket.highInclusive,
    };
    return isEmpty(interval) ? [] : [interval];
  }
  const interval = { low: bracket.low, lowInclusive: true, high: value, highInclusive: op === '$lte' };
  return isEmpty(interval) ? [] : [interval];
}

/** Points for `$in`, ascending and without repeats. */
export function pointsFor(values: readonly Value[]): Interval[] | undefined {
  if (values.some((value) => tagOf(value) === TAG.array)) return undefined;
  const sorted = [...values].sort(compare);
  return sorted.filter((value, index) => index === 0 || compare(sorted[index - 1], value) !== 0).map(point);
}

/** Strings that begin with the prefix, and the pattern itself stored as a value. */
export function prefixIntervals(prefix: string, pattern: BSONRegExp): Interval[] {
  return [{ low: prefix, lowInclusive: true, high: successor(prefix), highInclusive: false }, point(pattern)];
}

/** The least string above every string with this prefix; the next type when there is none. */
function successor(prefix: string): Value {
  const points = [...prefix];
  while (points.length > 0) {
    const last = points.pop()!.codePointAt(0)!;
    if (last < 0x10ffff) return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
  }
  return {};
}

function isEmpty(interval: Interval): boolean {
  const order = compare(interval.low, interval.high);
  return order > 0 || (order === 0 && !(interval.lowInclusive && interval.highInclusive));
}

function both(a: Interval, b: Interval): Interval {
  const byLow = compare(a.low, b.low);
  const byHigh = compare(a.high, b.high);
  return {
    low: byLow >= 0 ? a.low : b.low,
    lowInclusive: byLow === 0 ? a.lowInclusive && b.lowInclusive : byLow > 0 ? a.lowInclusive : b.lowInclusive,
    high: byHigh <= 0 ? a.high : b.high,
    highInclusive: byHigh === 0 ? a.highInclusive && b.highInclusive : byHigh < 0 ? a.highInclusive : b.highInclusive,
  };
}

/** The values in both lists of disjoint ascending intervals. */
export function intersect(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  return a.flatMap((left) => b.map((right) => both(left, right))).filter((interval) => !isEmpty(interval));
}

/** Whether every value in `a` lies in `b`. */
export function within(a: readonly Interval[], b: readonly Interval[]): boolean {
  return a.every((left) => b.some((right) => covers(right, left)));
}

function covers(outer: Interval, inner: Interval): boolean {
  const low = compare(outer.low, inner.low);
  const high = compare(outer.high, inner.high);
  const lowFits = low < 0 || (low === 0 && (outer.lowInclusive || !inner.lowInclusive));
  const highFits = high > 0 || (high === 0 && (outer.highInclusive || !inner.highInclusive));
  return lowFits && highFits;
}
