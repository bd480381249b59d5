/** Finding and changing the documents of one update, delete or findAndModify statement. */
import { ObjectId, Timestamp } from 'bson';
import { engine } from '../engine.js';
import { encodeStored, insertDoc, removeDoc, replaceDoc, type WriteScope } from '../index/mutate.js';
import { choosePlan } from '../plan/planner.js';
import { findRows } from '../plan/find.js';
import { unpaused, type Row } from '../plan/scan.js';
import type { Collection } from '../store/catalog.js';
import { docPrefix, type Key } from '../store/layout.js';
import type { CompiledFilter, CompiledSort, CompiledUpdate, Doc, UpdateContext } from '../types.js';
import { checkId } from './insert.js';

export interface Target {
  filter: CompiledFilter;
  /** The filter names `_id` by a value or a list of values: the id parts of those documents' keys, ascending. */
  ids?: readonly Key[];
  multi: boolean;
  hint?: string | Doc;
  sort?: CompiledSort;
  /** A collation other than the simple one: indexes are not in its order. */
  collated: boolean;
}

/** All documents are found before the first is changed, so that a moved document is not met twice. */
export function findTargets(scope: WriteScope, collection: Collection, target: Target): Row[] {
  if (target.ids && !target.sort) return rowsAt(scope, docPrefix(collection.id), target.ids, target);
  const snapshotSeq = 'snapshotSeq' in scope ? (scope.snapshotSeq as number) : Infinity;
  const limit = target.multi ? Infinity : 1;
  const hint = target.collated ? { $natural: 1 } : target.hint;
  const plan = choosePlan(scope.view, {
    collection,
    filter: target.filter,
    snapshotSeq,
    limited: !target.multi,
    ...(hint === undefined ? {} : { hint }),
    ...(target.sort ? { sort: target.sort.pattern } : {}),
  });
  const stats = { keysExamined: 0, docsExamined: 0 };
  const spec = {
    plan,
    filter: target.filter,
    covered: false,
    whole: true,
    skip: 0,
    limit,
    ...(target.sort ? { sort: target.sort } : {}),
  };
  return [...unpaused(findRows(scope.view, spec, stats))];
}

/** Without a plan. The filter is asked: it may say more, and a key that was cut short may be another document's. */
function rowsAt({ view }: WriteScope, prefix: Key, ids: readonly Key[], { filter, multi }: Target): Row[] {
  const rows: Row[] = [];
  for (const id of ids) {
    const key = prefix + id;
    const bytes = view.get(key);
    if (bytes === undefined) continue;
    const doc = engine.decode(bytes);
    if (filter.matches(doc)) rows.push({ key, bytes, doc });
    if (rows.length > 0 && !multi) break;
  }
  return rows;
}

export interface Updated {
  matched: number;
  modified: number;
  before?: Doc;
  after?: Doc;
  /** Set when the upsert inserted. */
  upsertedId?: unknown;
}

export function updateTargets(
  scope: WriteScope,
  collection: Collection,
  target: Target,
  update: CompiledUpdate,
  upsert: boolean,
): Updated {
  const rows = findTargets(scope, collection, target);
  if (rows.length === 0 && upsert) return insertUpsert(scope, collection, target.filter, update);
  const result: Updated = { matched: rows.length, modified: 0 };
  for (const row of rows) {
    const before = row.doc as Doc;
    const { doc: after, modified } = update.apply(before, context(target.filter, before));
    result.before = before;
    result.after = after;
    // An unchanged document is still claimed: a transaction that "touched" it must conflict with another that changes it.
    if (modified) {
      replaceDoc(scope, collection, before, after, encodeStored(after));
      result.modified += 1;
    } else scope.claim(row.key);
  }
  return result;
}

function context(filter: CompiledFilter, doc: Doc): UpdateContext {
  const { position } = filter.matchPosition(doc);
  return { ...times(), inserting: false, ...(position === undefined ? {} : { position }) };
}

function times(): { now: Date; timestamp: Timestamp } {
  const now = new Date();
  return {
    now,
    timestamp: new Timestamp({ t: Math.floor(now.getTime() / 1000), i: (counter = (counter + 1) & 0x7fffffff) }),
  };
}

let counter = 0;

function insertUpsert(
  scope: WriteScope,
  collection: Collection,
  filter: CompiledFilter,
  update: CompiledUpdate,
): Updated {
  const seed = engine.upsertSeed(filter);
  const start: Doc = update.kind === 'replace' ? ('_id' in seed ? { _id: seed['_id'] as unknown } : {}) : seed;
  const { doc } = update.apply(start, { ...times(), inserting: true });
  const after: Doc = '_id' in doc ? doc : { _id: new ObjectId(), ...doc };
  checkId(after['_id']);
  insertDoc(scope, collection, after, encodeStored(after));
  return { matched: 0, modified: 0, after, upsertedId: after['_id'] as unknown };
}

export function deleteTargets(scope: WriteScope, collection: Collection, target: Target): Doc[] {
  const rows = findTargets(scope, collection, target);
  for (const row of rows) removeDoc(scope, collection, row.doc as Doc);
  return rows.map((row) => row.doc as Doc);
}

/** `{locale: 'simple'}` is no collation at all. */
export function collationOf(source: Doc | undefined): Doc | undefined {
  return source === undefined || source['locale'] === 'simple' ? undefined : source;
}
