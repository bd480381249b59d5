/** When index keys alone answer exactly, so that no document needs decoding. Deliberately narrow: unsure means no. */
import { Double, Int32, Long, ObjectId } from 'bson';
import type { View } from '../store/view.js';
import { docPrefix, prefixEnd } from '../store/layout.js';
import type { Doc } from '../types.js';
import type { Plan } from './planner.js';

const COMPARISONS = new Set(['$eq', '$gt', '$gte', '$lt', '$lte']);

/** Values whose index order and matching are the same thing: no null, array, document, regular expression or NaN. */
function isPlain(value: unknown): boolean {
  if (value instanceof Int32 || value instanceof Long) return true;
  if (value instanceof Double) return !Number.isNaN(value.valueOf());
  return typeof value === 'string' || typeof value === 'boolean' || value instanceof Date || value instanceof ObjectId;
}

/** `{_id: value}` read through the ids: what the range finds is what matches. */
export function idPoint(plan: Plan, source: Doc): boolean {
  if (plan.kind !== 'IXSCAN' || !plan.isId || plan.collection.idCut) return false;
  const names = Object.keys(source);
  return names.length === 1 && names[0] === '_id' && isPlain(source['_id']);
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
