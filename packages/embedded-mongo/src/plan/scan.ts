/**
 * Reads documents as a plan says, in small chunks. Every reader is a generator that yields PAUSE when its turn is over: a caller
 * that may let others run waits there, a caller inside a write group passes over it.
 */
import { engine } from '../engine.js';
import { docPrefix, prefixEnd, toKey, type Key } from '../store/layout.js';
import type { KeyRange, View } from '../store/view.js';
import { PAUSE, type CompiledFilter, type Doc, type Paused } from '../types.js';
import type { Plan } from './planner.js';
import { isTurnOver } from './turn.js';

export { PAUSE, type Paused };

export interface Row {
  key: Key;
  bytes: Uint8Array;
  /** Absent while nobody needed it decoded. */
  doc?: Doc;
}

export interface ScanStats {
  keysExamined: number;
  docsExamined: number;
}

const FIRST_CHUNK = 32;
const LARGEST_CHUNK = 512;

/** Every entry of the range, chunk by chunk; between chunks the view may have gained entries, never lost its snapshot. */
function* entries(view: View, range: KeyRange, reverse: boolean): Paused<readonly [Key, Uint8Array]> {
  let { start, end } = range;
  for (let size = FIRST_CHUNK; ; size = Math.min(size * 4, LARGEST_CHUNK)) {
    const chunk = view.read({ start, end }, size, reverse);
    yield* chunk;
    if (isTurnOver()) yield PAUSE;
    const last = chunk.at(-1);
    if (last === undefined || chunk.length < size) return;
    if (reverse) end = last[0];
    else start = last[0] + '\0';
  }
}

/** What lies under one key of the ids, or of a unique index when `documents` is the prefix of the documents it points to. */
function* single(
  view: View,
  entry: Key,
  documents: Key | undefined,
  stats: ScanStats,
  seen: Set<Key> | undefined,
): Generator<Row, void, void> {
  const value = view.get(entry);
  if (value === undefined) return;
  stats.keysExamined += 1;
  const key = documents === undefined ? entry : documents + toKey(value);
  if (seen?.has(key)) return;
  seen?.add(key);
  const bytes = documents === undefined ? value : view.get(key);
  if (bytes === undefined) return;
  stats.docsExamined += 1;
  yield { key, bytes };
}

export function* scan(view: View, plan: Plan, stats: ScanStats): Paused<Row> {
  if (plan.kind === 'COLLSCAN') {
    const prefix = docPrefix(plan.collection.id);
    for (const entry of entries(view, { start: prefix, end: prefixEnd(prefix) }, false)) {
      if (entry === PAUSE) yield PAUSE;
      else {
        stats.docsExamined += 1;
        yield { key: entry[0], bytes: entry[1] };
      }
    }
    return;
  }
  const seen = plan.kind === 'OR' || plan.multikey ? new Set<Key>() : undefined;
  const scans = plan.kind === 'OR' ? plan.branches : [plan];
  const prefix = docPrefix(plan.collection.id);
  for (const { ranges, reverse, isId, exact } of scans) {
    if (exact !== undefined) {
      for (const key of reverse ? [...exact].reverse() : exact) {
        yield* single(view, key, isId ? undefined : prefix, stats, seen);
        if (isTurnOver()) yield PAUSE;
      }
      continue;
    }
    for (const range of reverse ? [...ranges].reverse() : ranges) {
      for (const entry of entries(view, range, reverse)) {
        if (entry === PAUSE) {
          yield PAUSE;
          continue;
        }
        stats.keysExamined += 1;
        const key = isId ? entry[0] : prefix + toKey(entry[1]);
        if (seen?.has(key)) continue;
        seen?.add(key);
        const bytes = isId ? entry[1] : view.get(key);
        if (bytes === undefined) continue;
        stats.docsExamined += 1;
        yield { key, bytes };
      }
    }
  }
}

/** The rows that match. Only what the filter asks for is decoded; a row carries its document when that was all of it. */
export function* matching(view: View, plan: Plan, filter: CompiledFilter, stats: ScanStats): Paused<Row> {
  for (const row of scan(view, plan, stats)) {
    if (row === PAUSE) {
      yield PAUSE;
      continue;
    }
    const doc = filter.fields ? engine.decodeFields(row.bytes, filter.fields) : engine.decode(row.bytes);
    if (filter.matches(doc)) yield filter.fields ? row : { ...row, doc };
    if (isTurnOver()) yield PAUSE;
  }
}

/** The rows that match, decoded whole: for readers that need each document anyway. */
export function* matchingDocs(view: View, plan: Plan, filter: CompiledFilter, stats: ScanStats): Paused<Required<Row>> {
  for (const row of scan(view, plan, stats)) {
    if (row === PAUSE) {
      yield PAUSE;
      continue;
    }
    const doc = engine.decode(row.bytes);
    if (filter.matches(doc)) yield { ...row, doc };
    if (isTurnOver()) yield PAUSE;
  }
}

/** Runs a reader to its end without pausing. */
export function* unpaused<T>(reader: Paused<T>): Generator<T, void, void> {
  for (const row of reader) if (row !== PAUSE) yield row;
}
