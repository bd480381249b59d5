/** When index keys alone answer exactly, so that no document needs decoding. Deliberately narrow: unsure means no. */
import { Double, Int32, Long, ObjectId } from 'bson';
import type { View } from '../store/view.js';
import {
  MAX_FIELD_BYTES,
  MAX_ID_BYTES,
  PREFIX_BYTES,
  docPrefix,
  isWholeBound,
  prefixEnd,
  type Key,
} from '../store/layout.js';
import type { Doc } from '../types.js';
import type { IndexScan, Plan } from './planner.js';

const COMPARISONS = new Set(['$eq', '$gt', '$gte', '$lt', '$lte']);

/** Values whose index order and matching are the same thing: no null, array, document, regular expression or NaN. */
function isPlain(value: unknown): boolean {
  if (value instanceof Int32 || value instanceof Long) return true;
  if (value instanceof Double) return !Number.isNaN(value.valueOf());
  return typeof value === 'string' || typeof value === 'boolean' || value instanceof Date || value instanceof ObjectId;
}

/** `{path: value}` or `{path: {$in: values}}` read through an index that begins with the path: what its ranges find is what matches. */
export function isPoints(plan: Plan, source: Doc): boolean {
  if (plan.kind !== 'IXSCAN' || plan.multikey || plan.cut || plan.bounds.bound !== 1 || plan.bounds.ranged)
    return false;
  const [name, ...more] = Object.keys(source);
  if (name === undefined || more.length > 0 || plan.pattern[0]?.[0] !== name) return false;
  const condition = source[name] as unknown;
  return (isPlain(condition) || isPlainList(condition)) && plan.ranges.every(({ start }) => isWhole(plan, start));
}

function isPlainList(condition: unknown): boolean {
  if (typeof condition !== 'object' || condition === null || Object.keys(condition).join() !== '$in') return false;
  const values = (condition as Doc)['$in'] as unknown;
  return Array.isArray(values) && values.every(isPlain);
}

/** A long value is looked for by its beginning, which other values may share. */
function isWhole({ isId }: IndexScan, start: Key): boolean {
  return isWholeBound(start.slice(PREFIX_BYTES), isId ? MAX_ID_BYTES : MAX_FIELD_BYTES);
}

/** The ids of `{_id: value, …}` or `{_id: {$in: values}, …}`: no other document can match. */
export function namedIds(source: Doc): unknown[] | undefined {
  const condition = source['_id'] as unknown;
  if (isPlain(condition)) return [condition];
  return isPlainList(condition) ? ((condition as Doc)['$in'] as unknown[]) : undefined;
}

/** The number of matching documents from keys alone, or undefined when only documents can tell. */
export function countCovered(view: View, plan: Plan, source: Doc): number | undefined {
  const names = Object.keys(source);
  if (names.length === 0 && plan.kind === 'COLLSCAN') {
    const prefix = docPrefix(plan.collection.id);
    return view.count({ start: prefix, end: prefixEnd(prefix) });
  }
  if (plan.kind !== 'IXSCAN' || plan.multikey || plan.cut || plan.bounds.bound !== names.length) return undefined;
  const bound = new Set(plan.pattern.slice(0, plan.bounds.bound).map(([path]) => path));
  if (!names.every((name) => bound.has(name) && isExact(source[name]))) return undefined;
  return plan.ranges.reduce((total, range) => total + view.count(range), 0);
}

function isExact(condition: unknown): boolean {
  if (isPlain(condition)) return true;
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition) || '_bsontype' in condition)
    return false;
  const operators = Object.entries(condition);
  return operators.length > 0 && operators.every(([name, value]) => COMPARISONS.has(name) && isPlain(value));
}
