/**
 * Chooses how to count: from index keys alone, from the ids of several indexes cut and joined as sets, documents being read only for what no
 * key tells. Costs are compared by how many entries each way would read; the store counts those quickly.
 */
import { MAX_FIELD_BYTES, MAX_ID_BYTES, PREFIX_BYTES, isWholeBound } from '../store/layout.js';
import type { IndexDef } from '../store/catalog.js';
import type { View } from '../store/view.js';
import type { CompiledFilter, KeyPattern, KeyTest } from '../types.js';
import { candidate, shapesOf, type IndexScan, type Query } from './planner.js';

/** Entries of one index that belong to matching documents. */
export interface KeysPlan {
  kind: 'keys';
  scan: IndexScan;
  /** What an entry's parts stand for. */
  pattern: KeyPattern;
  /** Absent: every entry of the ranges passes. */
  test?: KeyTest;
  /** Asked of the document where an entry's parts cannot be told apart. */
  filter: CompiledFilter;
  /** Each entry is another document. */
  distinct: boolean;
  entries: number;
}

/** Documents in `first` and each of `also`, and in none of `without`, for which `rest` holds. */
export interface AndPlan {
  kind: 'and';
  first: KeysPlan;
  also: KeysPlan[];
  without: KeysPlan[];
  rest?: CompiledFilter;
}

export interface OrPlan {
  kind: 'or';
  branches: Array<KeysPlan | AndPlan>;
}

export type CountPlan = KeysPlan | AndPlan | OrPlan;

/** Reading and matching a document costs about as much as so many entries. */
const DOCUMENT_COST = 12;
/** More ids than this are not held in memory. */
const MOST_IDS = 2_000_000;

type Asked = Pick<Query, 'collection' | 'snapshotSeq'>;

/** Undefined when reading documents by an ordinary plan is as good. */
export function planCount(view: View, asked: Asked, filter: CompiledFilter): CountPlan | undefined {
  const ways = [together(view, asked, filter), eitherWay(view, asked, filter)].filter((way) => way !== undefined);
  return ways.sort((a, b) => costOf(a) - costOf(b))[0];
}

function costOf(plan: CountPlan): number {
  if (plan.kind === 'or') return plan.branches.reduce((cost, branch) => cost + costOf(branch), 0) * 1.5;
  if (plan.kind === 'keys') return plan.test || !plan.distinct ? plan.entries : plan.entries / 100;
  const read = [plan.first, ...plan.also, ...plan.without].reduce((cost, { entries }) => cost + entries, 0);
  return read + plan.first.entries * (plan.rest ? DOCUMENT_COST : 1);
}

/** By one index that tells everything, or by several. */
function together(view: View, asked: Asked, filter: CompiledFilter): KeysPlan | AndPlan | undefined {
  const alone = fewest(keysPlans(view, asked, filter, { unbounded: true }));
  const several = intersection(view, asked, filter.conjuncts());
  return several && (!alone || costOf(several) < costOf(alone)) ? several : alone;
}

const fewest = (plans: readonly KeysPlan[]): KeysPlan | undefined => plans.toSorted((a, b) => costOf(a) - costOf(b))[0];

/** Indexes whose entries tell all that the filter asks. */
function keysPlans(view: View, asked: Asked, filter: CompiledFilter, options: { unbounded: boolean }): KeysPlan[] {
  return shapesOf({ ...asked, filter, limited: false }).flatMap(({ index, shape }) => {
    if (shape.cut) return [];
    const found = candidate({ ...asked, filter, limited: false }, filter.constraints, index, shape, options);
    if (!found) return [];
    const plan = keysPlan(view, found.scan, filter, index);
    return plan ? [plan] : [];
  });
}

function keysPlan(
  view: View,
  scan: IndexScan,
  filter: CompiledFilter,
  index: IndexDef | undefined,
): KeysPlan | undefined {
  const { multikey } = scan;
  // What a partial index asks of its documents holds for each of its entries.
  const asked = filter.conjuncts().filter((part) => !index?.partial?.filter.implies(part));
  const pattern = partsOf(scan, index);
  const [one, ...more] = asked;
  const test = one?.and(more).onKeys(pattern, { multikey });
  if (one && !test) return undefined;
  const entries = entriesIn(view, scan);
  const isRange = !multikey && asked.every((part) => isInRanges(scan, part)) && isWhole(scan);
  const distinct = !multikey;
  return { kind: 'keys', scan, pattern, filter, distinct, entries, ...(test && !isRange ? { test } : {}) };
}

/** Entries of an index that is not unique end in the id. */
function partsOf({ pattern, isId, collection }: IndexScan, index: IndexDef | undefined): KeyPattern {
  const endsInId = !isId && index?.unique !== true && !collection.idCut && !pattern.some(([path]) => path === '_id');
  return endsInId ? [...pattern, ['_id', 1]] : pattern;
}

const entriesIn = (view: View, { ranges }: IndexScan): number =>
  ranges.reduce((total, range) => total + view.count(range), 0);

/** A condition on a field that the ranges bound: what lies in them satisfies it. */
function isInRanges({ pattern, bounds }: IndexScan, part: CompiledFilter): boolean {
  const [only, ...more] = part.constraints;
  if (!only || more.length > 0) return false;
  const isBound = pattern.slice(0, bounds.bound).some(([path]) => path === only.path);
  return isBound && part.onKeys([[only.path, 1]], { multikey: false }) !== undefined;
}

/** No bound was cut short. */
function isWhole({ isId, ranges }: IndexScan): boolean {
  const most = isId ? MAX_ID_BYTES : MAX_FIELD_BYTES;
  return ranges.every(({ start, end }) => [start, end].every((key) => isWholeBound(key.slice(PREFIX_BYTES), most)));
}

interface Part {
  plan: KeysPlan;
  tells: ReadonlySet<CompiledFilter>;
}

/** The index with the fewest entries first; of the other conditions those that further indexes tell at less cost than the documents. */
function intersection(view: View, asked: Asked, parts: readonly CompiledFilter[]): AndPlan | undefined {
  if (parts.length < 2) return undefined;
  const found = shapesOf({ ...asked, filter: parts[0] as CompiledFilter, limited: false }).flatMap(
    ({ index, shape }) => {
      const part = shape.cut ? undefined : partOf(view, asked, parts, index, shape);
      return part ? [part] : [];
    },
  );
  const [first, ...others] = found.sort((a, b) => a.plan.entries - b.plan.entries);
  if (!first || first.plan.entries > MOST_IDS) return undefined;
  const plan: AndPlan = { kind: 'and', first: first.plan, also: [], without: [] };
  const most = first.plan.entries * DOCUMENT_COST;
  const left: CompiledFilter[] = [];
  const told = new Set(first.tells);
  for (const part of parts) {
    if (told.has(part)) continue;
    const more = others.find(({ tells }) => tells.has(part));
    const none = more ? undefined : excludedBy(view, asked, part);
    if (more && more.plan.entries <= most) {
      plan.also.push(more.plan);
      for (const one of more.tells) told.add(one);
    } else if (none && none.entries <= most) plan.without.push(none);
    else left.push(part);
  }
  const [one, ...more] = left;
  return one ? { ...plan, rest: one.and(more) } : plan;
}

/** All that this index tells of the conditions, when one of them bounds it. */
function partOf(
  view: View,
  asked: Asked,
  parts: readonly CompiledFilter[],
  index: IndexDef | undefined,
  shape: Parameters<typeof candidate>[3],
): Part | undefined {
  const [head] = shape.key;
  const bounding = parts.find((part) => part.constraints.some(({ path }) => path === head?.[0]));
  if (!bounding) return undefined;
  const told = [bounding];
  let best: KeysPlan | undefined;
  for (const part of [bounding, ...parts.filter((other) => other !== bounding)]) {
    const tried = part === bounding ? told : [...told, part];
    const filter = bounding.and(tried.slice(1));
    // The conditions together decide whether a partial or sparse index may be used.
    const all = bounding.and(parts.filter((other) => other !== bounding));
    const found = candidate({ ...asked, filter: all, limited: false }, filter.constraints, index, shape);
    const plan = found && found.scan.bounds.bound > 0 ? keysPlan(view, found.scan, filter, index) : undefined;
    if (!plan) {
      if (part === bounding) return undefined;
      continue;
    }
    best = plan;
    if (part !== bounding) told.push(part);
  }
  return best && { plan: best, tells: new Set(told) };
}

function excludedBy(view: View, asked: Asked, part: CompiledFilter): KeysPlan | undefined {
  const excluded = part.excluded();
  return excluded && fewest(keysPlans(view, asked, excluded, { unbounded: false }));
}

/** For an `$or`: each branch by itself, together with all else that is asked. */
function eitherWay(view: View, asked: Asked, filter: CompiledFilter): OrPlan | undefined {
  const parts = filter.conjuncts();
  for (const part of parts) {
    const branches = part.either();
    if (!branches) continue;
    const others = parts.filter((other) => other !== part);
    const plans = branches.map((branch) => together(view, asked, branch.and(others)));
    const bounded = plans.filter((plan) => plan !== undefined && entriesOf(plan) <= MOST_IDS);
    if (bounded.length === branches.length) return { kind: 'or', branches: bounded as OrPlan['branches'] };
  }
  return undefined;
}

const entriesOf = (plan: KeysPlan | AndPlan): number => (plan.kind === 'keys' ? plan.entries : plan.first.entries);
