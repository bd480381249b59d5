/** Runs a plan of counting.ts: entries tested by their key parts, ids of several indexes cut and joined. Pauses like every reader. */
import { engine } from '../engine.js';
import { PREFIX_BYTES, docPrefix, toKey, type Key } from '../store/layout.js';
import type { View } from '../store/view.js';
import { PAUSE, type CompiledFilter, type Direction, type Paused } from '../types.js';
import type { AndPlan, CountPlan, KeysPlan, OrPlan } from './counting.js';
import type { ScanStats } from './scan.js';
import { isTurnOver } from './turn.js';

const CHUNK = 1024;

/** One yield for each document that the plan finds. */
export function* countedRows(view: View, plan: CountPlan, stats: ScanStats): Paused<undefined> {
  if (plan.kind === 'keys' && plan.distinct) {
    for (const id of idsByKeys(view, plan, stats, false)) yield id === PAUSE ? PAUSE : undefined;
    return;
  }
  const ids = yield* idSet(view, plan, stats);
  for (let n = ids.size; n > 0; n -= 1) yield undefined;
}

/** How many there are when nothing but ranges of keys has to be counted. */
export function countRanges(view: View, plan: KeysPlan): number | undefined {
  if (plan.test || !plan.distinct) return undefined;
  return plan.scan.ranges.reduce((total, range) => total + view.count(range), 0);
}

type Filling = Generator<typeof PAUSE, Set<Key>, void>;

/** The id parts of the keys of the documents that the plan finds. */
export function* idSet(view: View, plan: CountPlan, stats: ScanStats): Filling {
  if (plan.kind === 'keys') return yield* collected(idsByKeys(view, plan, stats, true));
  if (plan.kind === 'and') return yield* collected(idsOfAll(view, plan, stats));
  return yield* idsOfAny(view, plan, stats);
}

function* collected(source: Paused<Key>): Filling {
  const ids = new Set<Key>();
  for (const id of source) {
    if (id === PAUSE) yield PAUSE;
    else ids.add(id);
  }
  return ids;
}

function* idsOfAny(view: View, { branches }: OrPlan, stats: ScanStats): Filling {
  const ids = new Set<Key>();
  for (const branch of branches) {
    const found = branch.kind === 'keys' ? idsByKeys(view, branch, stats, true) : idsOfAll(view, branch, stats);
    for (const id of found) {
      if (id === PAUSE) yield PAUSE;
      else ids.add(id);
    }
  }
  return ids;
}

function* idsOfAll(view: View, { first, also, without, rest }: AndPlan, stats: ScanStats): Paused<Key> {
  let ids = yield* collected(idsByKeys(view, first, stats, true));
  for (const plan of also) {
    const kept = new Set<Key>();
    for (const id of idsByKeys(view, plan, stats, true)) {
      if (id === PAUSE) yield PAUSE;
      else if (ids.has(id)) kept.add(id);
    }
    ids = kept;
  }
  for (const plan of without) {
    for (const id of idsByKeys(view, plan, stats, true)) {
      if (id === PAUSE) yield PAUSE;
      else ids.delete(id);
    }
  }
  const prefix = docPrefix(first.scan.collection.id);
  for (const id of ids) {
    if (!rest || matchesAt(view, prefix + id, rest, stats)) yield id;
    if (rest && isTurnOver()) yield PAUSE;
  }
}

function matchesAt(view: View, key: Key, filter: CompiledFilter, stats: ScanStats): boolean {
  const bytes = view.get(key);
  if (bytes === undefined) return false;
  stats.docsExamined += 1;
  return filter.matches(filter.fields ? engine.decodeFields(bytes, filter.fields) : engine.decode(bytes));
}

/** The id of each entry that passes; of a document with several entries as often. Without `named` the ids are empty. */
function* idsByKeys(view: View, plan: KeysPlan, stats: ScanStats, named: boolean): Paused<Key> {
  for (const range of plan.scan.ranges) {
    let { start } = range;
    for (;;) {
      const keys = view.keys({ start, end: range.end }, CHUNK);
      for (const key of keys) {
        const id = idIf(view, plan, key, stats, named);
        if (id !== undefined) yield id;
      }
      stats.keysExamined += keys.length;
      if (isTurnOver()) yield PAUSE;
      const last = keys.at(-1);
      if (last === undefined || keys.length < CHUNK) break;
      start = last + '\0';
    }
  }
}

/** The entry's id when it passes. */
function idIf(view: View, plan: KeysPlan, key: Key, stats: ScanStats, named: boolean): Key | undefined {
  const { scan, pattern, test, filter } = plan;
  const last = pattern.length - 1;
  const endsInId = last === scan.pattern.length;
  if (!test && !(named && endsInId)) return named ? storedId(view, scan.isId, key) : '';
  const parts = engine.splitKeyText(key, PREFIX_BYTES, directionsOf(plan));
  if (!parts) {
    const id = storedId(view, scan.isId, key);
    return !test || matchesAt(view, docPrefix(scan.collection.id) + id, filter, stats) ? id : undefined;
  }
  if (test && !test(parts)) return undefined;
  if (!named) return '';
  return endsInId ? parts[last] : storedId(view, scan.isId, key);
}

function storedId(view: View, isId: boolean, key: Key): Key {
  if (isId) return key.slice(PREFIX_BYTES);
  const value = view.get(key);
  return value === undefined ? '' : toKey(value);
}

const directions = new WeakMap<KeysPlan, Direction[]>();

function directionsOf(plan: KeysPlan): Direction[] {
  const known = directions.get(plan) ?? plan.pattern.map(([, direction]) => direction);
  directions.set(plan, known);
  return known;
}
