/** Turns what a filter says about paths into ranges of index keys. Pure. */
import { engine } from '../engine.js';
import type { IndexDef } from '../store/catalog.js';
import { AFTER, MAX_FIELD_BYTES, MAX_ID_BYTES, boundPrefix, type Key } from '../store/layout.js';
import type { KeyRange } from '../store/view.js';
import type { Direction, Interval, PathConstraint } from '../types.js';

/** More ranges than this cost more than they save. */
const MAX_RANGES = 1000;

export interface Bounds {
  /** Disjoint, ascending in key bytes. */
  ranges: KeyRange[];
  /** Leading fields bound to exactly one value: they do not count for a sort. */
  constants: number;
  /** Fields that narrow the scan at all. */
  bound: number;
  /** The last bound field is a true range. */
  ranged: boolean;
}

export interface IndexShape extends Pick<IndexDef, 'key' | 'multikey' | 'cut' | 'sparse' | 'unique'> {
  prefix: Key;
  isId: boolean;
}

export function boundsOf(shape: IndexShape, constraints: readonly PathConstraint[]): Bounds {
  const maxBytes = shape.isId ? MAX_ID_BYTES : MAX_FIELD_BYTES;
  let parts: Key[] = [''];
  let constants = 0;
  let bound = 0;
  const heads = new Set<string>();
  for (const [path, direction] of shape.key) {
    const intervals = usable(shape, path, constraints, heads);
    if (intervals === undefined) break;
    heads.add(head(path));
    bound += 1;
    const points = intervals.every(isPoint);
    if (points && parts.length * intervals.length <= MAX_RANGES) {
      parts = parts.flatMap((part) => encodePoints(intervals, direction).map((point) => part + point));
      if (intervals.length === 1 && constants === bound - 1) constants = bound;
      continue;
    }
    if (parts.length * intervals.length > MAX_RANGES) {
      bound -= 1;
      break;
    }
    const ranges = parts.flatMap((part) => intervals.map((i) => rangeOf(shape.prefix, part, i, direction, maxBytes)));
    return { ranges: tidy(ranges), constants, bound, ranged: true };
  }
  const ranges = parts.map((part) => pointRange(shape.prefix, part, maxBytes));
  return { ranges: tidy(ranges), constants, bound, ranged: false };
}

/**
 * The intervals one field may be narrowed by. On a multikey index different elements may satisfy different conditions, so
 * only one exact constraint counts, and a second path inside the same array none.
 */
function usable(
  shape: IndexShape,
  path: string,
  constraints: readonly PathConstraint[],
  heads: ReadonlySet<string>,
): Interval[] | undefined {
  const own = constraints.filter((constraint) => constraint.path === path);
  if (!shape.multikey) {
    return own.length === 0 ? undefined : own.map((constraint) => constraint.intervals).reduce(intersect);
  }
  if (heads.has(head(path))) return undefined;
  const exact = own.filter((constraint) => constraint.exact);
  return (exact.find((constraint) => constraint.intervals.every(isPoint)) ?? exact[0])?.intervals;
}

function head(path: string): string {
  const dot = path.indexOf('.');
  return dot < 0 ? path : path.slice(0, dot);
}

export function isPoint(interval: Interval): boolean {
  return interval.lowInclusive && interval.highInclusive && engine.compare(interval.low, interval.high) === 0;
}

function intersect(a: Interval[], b: Interval[]): Interval[] {
  const both: Interval[] = [];
  for (const x of a) {
    for (const y of b) {
      const lows = engine.compare(x.low, y.low);
      const highs = engine.compare(x.high, y.high);
      const low = lows >= 0 ? x : y;
      const high = highs <= 0 ? x : y;
      const lowInclusive = lows === 0 ? x.lowInclusive && y.lowInclusive : low.lowInclusive;
      const highInclusive = highs === 0 ? x.highInclusive && y.highInclusive : high.highInclusive;
      const order = engine.compare(low.low, high.high);
      if (order > 0 || (order === 0 && !(lowInclusive && highInclusive))) continue;
      both.push({ low: low.low, lowInclusive, high: high.high, highInclusive });
    }
  }
  return both;
}

function encode(value: unknown, direction: Direction): Key {
  return engine.encodeKeyText([value], [direction]);
}

function encodePoints(intervals: readonly Interval[], direction: Direction): Key[] {
  return [...new Set(intervals.map((interval) => encode(interval.low, direction)))];
}

function pointRange(prefix: Key, part: Key, maxBytes: number): KeyRange {
  const { key } = cutBound(part, maxBytes);
  return { start: prefix + key, end: prefix + key + AFTER };
}

function rangeOf(prefix: Key, part: Key, interval: Interval, direction: Direction, maxBytes: number): KeyRange {
  const turned = direction === -1;
  const first = {
    value: turned ? interval.high : interval.low,
    in: turned ? interval.highInclusive : interval.lowInclusive,
  };
  const last = {
    value: turned ? interval.low : interval.high,
    in: turned ? interval.lowInclusive : interval.highInclusive,
  };
  const start = cutBound(part + encode(first.value, direction), maxBytes);
  const end = cutBound(part + encode(last.value, direction), maxBytes);
  return {
    start: prefix + start.key + (first.in || start.cut ? '' : AFTER),
    end: prefix + end.key + (last.in || end.cut ? AFTER : ''),
  };
}

/** A shortened entry is only comparable by its kept prefix, so a bound longer than that prefix is cut to it too. */
function cutBound(part: Key, maxBytes: number): { key: Key; cut: boolean } {
  const kept = boundPrefix(part, maxBytes);
  if (kept.cut) return kept;
  const comparable = maxBytes - 32;
  return part.length <= comparable ? kept : { key: part.slice(0, comparable), cut: true };
}

function tidy(ranges: KeyRange[]): KeyRange[] {
  const sorted = ranges
    .filter((r) => r.start < r.end)
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  const merged: KeyRange[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (last && range.start < last.end) last.end = last.end > range.end ? last.end : range.end;
    else merged.push({ ...range });
  }
  return merged;
}
