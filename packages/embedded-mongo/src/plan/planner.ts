/** Chooses how a query reads: which index, which ranges, which direction. Reads at most a few entries to compare. */
import { engine } from '../engine.js';
import { failure } from '../session/failure.js';
import { isWhole, type Collection, type IndexDef } from '../store/catalog.js';
import {
  MAX_FIELD_BYTES,
  MAX_ID_BYTES,
  docPrefix,
  indexPrefix,
  isWholeBound,
  prefixEnd,
  type Key,
} from '../store/layout.js';
import type { KeyRange, View } from '../store/view.js';
import type { CompiledFilter, Doc, KeyPattern, PathConstraint } from '../types.js';
import { boundsOf, type Bounds, type IndexShape } from './bounds.js';

export interface IndexScan {
  kind: 'IXSCAN';
  collection: Collection;
  name: string;
  pattern: KeyPattern;
  isId: boolean;
  multikey: boolean;
  /** Some entries are shortened, so keys alone do not tell values apart. */
  cut: boolean;
  ranges: KeyRange[];
  reverse: boolean;
  /** The scan delivers the asked order. */
  sorted: boolean;
  bounds: Bounds;
  /** The only keys that can match, ascending, when every field of a unique index is bound to values: read without a range scan. */
  exact?: Key[];
}

export interface CollectionScan {
  kind: 'COLLSCAN';
  collection: Collection;
  sorted: false;
}

export interface OrScan {
  kind: 'OR';
  collection: Collection;
  branches: IndexScan[];
  sorted: false;
}

export type Plan = IndexScan | CollectionScan | OrScan;

export interface Query {
  collection: Collection;
  filter: CompiledFilter;
  sort?: KeyPattern;
  /** An index name, a key pattern, or `{$natural: 1}`. */
  hint?: string | Doc;
  /** Indexes built after this commit are not in the snapshot. */
  snapshotSeq: number;
  limited: boolean;
}

export interface Candidate {
  scan: IndexScan;
  score: number;
  certain: boolean;
}

/** How many entries are read to tell candidates apart. */
const SAMPLE = 100;
/** Most often this many are enough. */
const FIRST_SAMPLE = 8;

export function choosePlan(view: View, query: Query): Plan {
  const { collection } = query;
  if (query.hint !== undefined) return hinted(query, query.hint);
  const candidates: Candidate[] = [];
  for (const { index, shape } of shapesOf(query)) {
    const found = candidate(query, query.filter.constraints, index, shape);
    if (found?.certain) return found.scan;
    if (found) candidates.push(found);
  }
  const best = pick(view, candidates, query);
  if (best && best.scan.bounds.bound > 0) return best.scan;
  const either = orPlan(view, query);
  if (either) return either;
  return best?.scan ?? { kind: 'COLLSCAN', collection, sorted: false };
}

export function shapesOf(query: Query): Array<{ index?: IndexDef; shape: IndexShape & { name: string } }> {
  const { collection } = query;
  const id = {
    name: '_id_',
    key: [['_id', 1]] as const,
    multikey: false,
    cut: collection.idCut,
    sparse: false,
    unique: true,
    prefix: docPrefix(collection.id),
    isId: true,
  };
  const rest = collection.indexes
    .filter((index) => !index.hidden && isWhole(index) && index.seq <= query.snapshotSeq)
    .map((index) => ({ index, shape: shapeOf(index) }));
  return [{ shape: id }, ...rest];
}

function shapeOf(index: IndexDef): IndexShape & { name: string } {
  const { name, key, multikey, cut, sparse, unique } = index;
  return { name, key, multikey, cut, sparse, unique, prefix: indexPrefix(index.id), isId: false };
}

/** How the filter reads this index; undefined when it must not, or when nothing narrows the reading and `unbounded` is not set. */
export function candidate(
  query: Query,
  constraints: readonly PathConstraint[],
  index: IndexDef | undefined,
  shape: IndexShape & { name: string },
  { forced = false, unbounded = false } = {},
): Candidate | undefined {
  if (index?.partial && !query.filter.implies(index.partial.filter) && !forced) return undefined;
  if (shape.sparse && !excludesMissing(shape, constraints) && !forced) return undefined;
  const bounds = boundsOf(shape, constraints);
  const order = sortDirection(shape, bounds, query.sort);
  if (bounds.bound === 0 && order === undefined && !forced && !unbounded) return undefined;
  const scan: IndexScan = {
    kind: 'IXSCAN',
    collection: query.collection,
    name: shape.name,
    pattern: shape.key,
    isId: shape.isId,
    multikey: shape.multikey,
    cut: shape.cut,
    ranges: bounds.bound === 0 ? [{ start: shape.prefix, end: prefixEnd(shape.prefix) }] : bounds.ranges,
    reverse: order === -1,
    sorted: order !== undefined,
    bounds,
  };
  const certain = shape.unique && bounds.constants === shape.key.length;
  const exact = exactKeys(shape, bounds);
  if (exact !== undefined) scan.exact = exact;
  const score = bounds.bound * 10 + (bounds.ranged ? -4 : 0) + (order === undefined || !query.sort ? 0 : 8);
  return { scan, score, certain };
}

/** Keys of a unique index end where its fields end, so a range of one whole value holds one key at most. */
function exactKeys(shape: IndexShape, { bound, ranged, ranges }: Bounds): Key[] | undefined {
  if (!shape.unique || ranged || bound !== shape.key.length || ranges.length === 0) return undefined;
  const maxBytes = shape.isId ? MAX_ID_BYTES : MAX_FIELD_BYTES;
  const whole = ranges.every(({ start }) => isWholeBound(start.slice(shape.prefix.length), maxBytes));
  return whole ? ranges.map(({ start }) => start) : undefined;
}

/** A sparse index lacks documents without the field, so some condition must rule those out. */
function excludesMissing(shape: IndexShape, constraints: readonly PathConstraint[]): boolean {
  return shape.key.some(([path]) =>
    constraints.some((c) => c.path === path && c.intervals.every((i) => engine.compare(i.low, null) > 0)),
  );
}

/** 1 or -1 when scanning in that direction delivers the sort; undefined when it cannot. Without a sort any order will do. */
function sortDirection(shape: IndexShape, bounds: Bounds, sort: KeyPattern | undefined): 1 | -1 | undefined {
  if (!sort || sort.length === 0) return bounds.bound > 0 ? 1 : undefined;
  if (shape.multikey || shape.cut) return undefined;
  const constant = new Set(shape.key.slice(0, bounds.constants).map(([path]) => path));
  // Entries of a non-unique index end in the id, so equal fields lie in the order of ids.
  const delivered: KeyPattern = shape.isId || shape.unique ? shape.key : [...shape.key, ['_id', 1]];
  let turned: boolean | undefined;
  let at = 0;
  for (const [path, direction] of sort) {
    if (constant.has(path)) continue;
    while (at < delivered.length && constant.has((delivered[at] as KeyPattern[number])[0])) at += 1;
    const field = delivered[at];
    if (field === undefined || field[0] !== path) return undefined;
    const flip = field[1] !== direction;
    if (turned !== undefined && turned !== flip) return undefined;
    turned = flip;
    at += 1;
  }
  return turned ? -1 : 1;
}

function pick(view: View, candidates: Candidate[], query: Query): Candidate | undefined {
  const certain = candidates.find((c) => c.certain);
  if (certain) return certain;
  candidates.sort((a, b) => b.score - a.score);
  const bounded = candidates.filter((c) => c.scan.bounds.bound > 0);
  if (bounded.length < 2) return preferSorted(candidates, bounded, query);
  return (
    fewestEntries(view, bounded, FIRST_SAMPLE) ??
    fewestEntries(view, bounded, SAMPLE) ??
    preferSorted(candidates, bounded, query)
  );
}

/** The first candidate with the fewest entries, when one has fewer than `most`; no more is read than tells them apart. */
function fewestEntries(view: View, candidates: readonly Candidate[], most: number): Candidate | undefined {
  let fewest = most;
  let best: Candidate | undefined;
  for (const found of candidates) {
    if (fewest === 0) break;
    const entries = sample(view, found.scan.ranges, fewest);
    if (entries >= fewest) continue;
    fewest = entries;
    best = found;
  }
  return best;
}

function preferSorted(candidates: Candidate[], bounded: Candidate[], query: Query): Candidate | undefined {
  const best = bounded[0] ?? candidates[0];
  if (!query.limited || !query.sort) return best;
  return bounded.find((c) => c.scan.sorted) ?? best;
}

function sample(view: View, ranges: readonly KeyRange[], most: number): number {
  let entries = 0;
  for (const range of ranges) {
    entries += view.read(range, most - entries, false).length;
    if (entries >= most) break;
  }
  return entries;
}

function orPlan(view: View, query: Query): OrScan | undefined {
  const { branches } = query.filter;
  if (!branches || branches.length === 0) return undefined;
  const scans: IndexScan[] = [];
  for (const constraints of branches) {
    const unsorted: Query = { ...query };
    delete unsorted.sort;
    const found = shapesOf(query)
      .map(({ index, shape }) => candidate(unsorted, constraints, index, shape))
      .filter((c) => c !== undefined && c.scan.bounds.bound > 0) as Candidate[];
    const best = pick(view, found, unsorted);
    if (!best) return undefined;
    scans.push(best.scan);
  }
  return { kind: 'OR', collection: query.collection, branches: scans, sorted: false };
}

function hinted(query: Query, hint: string | Doc): Plan {
  if (typeof hint === 'object' && '$natural' in hint)
    return { kind: 'COLLSCAN', collection: query.collection, sorted: false };
  const wanted = typeof hint === 'string' ? hint : patternText(hint);
  const found = shapesOf({ ...query, snapshotSeq: Infinity }).find(({ shape }) =>
    typeof hint === 'string' ? shape.name === wanted : patternText(Object.fromEntries(shape.key)) === wanted,
  );
  if (!found)
    throw failure(
      2,
      'error processing query: planner returned error: hint provided does not correspond to an existing index',
    );
  if (found.index && found.index.seq > query.snapshotSeq)
    return { kind: 'COLLSCAN', collection: query.collection, sorted: false };
  return (candidate(query, query.filter.constraints, found.index, found.shape, { forced: true }) as Candidate).scan;
}

export function patternText(pattern: Doc): string {
  return JSON.stringify(Object.entries(pattern).map(([path, direction]) => [path, Number(direction)]));
}
