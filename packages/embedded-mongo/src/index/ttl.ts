/** The sweep that removes expired documents of TTL indexes. MongoDB's runs once a minute; so does this one. */
import { MustWait } from '../session/failure.js';
import { PlainScope, type LockTable } from '../session/transaction.js';
import { choosePlan } from '../plan/planner.js';
import { matchingDocs, unpaused } from '../plan/scan.js';
import { engine } from '../engine.js';
import { isWhole, type Catalog, type Collection, type IndexDef } from '../store/catalog.js';
import type { Store } from '../store/store.js';
import { removeDoc } from './mutate.js';

export const SWEEP_INTERVAL_MS = 60_000;
const BATCH = 200;

/** Removes what had expired at `now`; a document that an open transaction holds is left for the next sweep. */
export async function sweepExpired(store: Store, catalog: Catalog, locks: LockTable, now: Date): Promise<number> {
  let removed = 0;
  for (const collection of catalog.all()) {
    for (const index of collection.indexes) {
      if (index.expireAfterSeconds === undefined || !isWhole(index)) continue;
      for (let batch = BATCH; batch === BATCH;) {
        batch = await store.write((view) =>
          sweepOne(store, new PlainScope(view, catalog, locks), collection, index, now),
        );
        removed += batch;
      }
    }
  }
  return removed;
}

function sweepOne(store: Store, scope: PlainScope, collection: Collection, index: IndexDef, now: Date): number {
  if (scope.catalog.get(collection.db, collection.name) !== collection) return 0;
  const path = (index.key[0] as IndexDef['key'][number])[0];
  const limit = new Date(now.getTime() - (index.expireAfterSeconds ?? 0) * 1000);
  const expired = { [path]: { $lte: limit } };
  const filter = engine.compileFilter(index.partial ? { $and: [expired, index.partial.source] } : expired);
  const plan = choosePlan(scope.view, { collection, filter, snapshotSeq: Infinity, limited: true, hint: index.name });
  let removed = 0;
  for (const row of unpaused(matchingDocs(scope.view, plan, filter, { keysExamined: 0, docsExamined: 0 }))) {
    if (removed === BATCH) break;
    if (tryRemove(scope, collection, row.doc)) removed += 1;
  }
  if (removed > 0) store.apply(scope.overlay);
  return removed;
}

/** The claims come before the writes, so a refused removal has left nothing behind. */
function tryRemove(scope: PlainScope, collection: Collection, doc: Parameters<typeof removeDoc>[2]): boolean {
  try {
    removeDoc(scope, collection, doc);
    return true;
  } catch (error) {
    if (error instanceof MustWait) return false;
    throw error;
  }
}
