/** createIndexes, dropIndexes, listIndexes */
import { failure } from '../session/failure.js';
import { MustWait } from '../session/failure.js';
import { buildIndex } from '../index/build.js';
import { compareWithExisting, indexDoc, parseIndex, type IndexSpec } from '../index/definition.js';
import { PlainScope } from '../session/transaction.js';
import type { Collection, IndexDef } from '../store/catalog.js';
import { Overlay } from '../store/view.js';
import { patternText } from '../plan/planner.js';
import type { Doc } from '../types.js';
import { collectionName, namespaceName, type Call, type Command } from './context.js';
import { allInOneBatch } from './lists.js';
import { docsField, isDoc } from './values.js';
import { ensureCollection, untilFree } from './write.js';

/** Waits until no open transaction has written to the collection: its overlay would not know the change. */
export function refuseTouched(call: Call, collection: Collection): void {
  for (const transaction of call.server.sessions.open)
    if (transaction.touches(collection)) throw new MustWait(transaction.ended);
}

export const createIndexes: Command = {
  fields: ['indexes', 'commitQuorum'],
  async run(call) {
    const name = collectionName(call);
    const specs = (docsField(call.body, 'indexes') ?? []).map(parseIndex);
    if (specs.length === 0) throw failure(2, 'Must specify at least one index to create');
    const existed = call.server.catalog.get(call.db, name) !== undefined;
    const collection = await ensureCollection(call, name);
    const before = collection.indexes.length + 1;
    for (const spec of specs) await untilFree(() => createOne(call, collection, spec));
    const after = collection.indexes.length + 1;
    return {
      numIndexesBefore: before,
      numIndexesAfter: after,
      createdCollectionAutomatically: !existed,
      ...(before === after ? { note: 'all indexes already exist' } : {}),
      ok: 1,
    };
  },
};

async function createOne(call: Call, collection: Collection, spec: IndexSpec): Promise<void> {
  const { store, catalog, sessions } = call.server;
  await store.write((view) => {
    // It may have been dropped, or lost with a group that could not be committed, while this waited.
    if (catalog.get(collection.db, collection.name) !== collection)
      throw failure(26, `ns does not exist: ${namespaceName(call)}`);
    if (compareWithExisting(collection, spec) === 'same') return;
    refuseTouched(call, collection);
    const scope = new PlainScope(view, catalog, sessions.locks);
    const index: IndexDef = { ...spec, id: catalog.takeNumber(), multikey: false, cut: false, seq: store.seq + 1 };
    buildIndex(scope, collection, index);
    collection.indexes.push(index);
    catalog.save(collection, scope.overlay);
    store.apply(scope.overlay);
  });
}

export const dropIndexes: Command = {
  fields: ['index'],
  run(call) {
    const { store, catalog } = call.server;
    const name = collectionName(call);
    return untilFree(() =>
      store.write(() => {
        const collection = catalog.get(call.db, name);
        if (!collection) throw failure(26, `ns not found ${namespaceName(call)}`);
        refuseTouched(call, collection);
        const before = collection.indexes.length + 1;
        const dropped = chosen(collection, call.body['index']);
        const overlay = new Overlay();
        for (const index of dropped) catalog.dropIndex(collection, index, overlay);
        if (dropped.length > 0) store.apply(overlay);
        return { nIndexesWas: before, ok: 1 };
      }),
    );
  },
};

function chosen(collection: Collection, which: unknown): IndexDef[] {
  if (which === '*') return [...collection.indexes];
  if (Array.isArray(which)) return which.flatMap((one) => chosen(collection, one));
  if (which === '_id_' || (isDoc(which) && patternText(which) === '[["_id",1]]'))
    throw failure(72, 'cannot drop _id index');
  const found = collection.indexes.filter((index) =>
    isDoc(which) ? patternText(Object.fromEntries(index.key)) === patternText(which) : index.name === which,
  );
  if (found.length === 0)
    throw failure(27, `index not found with name [${isDoc(which) ? JSON.stringify(which) : String(which)}]`);
  return found;
}

export const listIndexes: Command = {
  fields: ['cursor'],
  run(call) {
    const collection = call.server.catalog.get(call.db, collectionName(call));
    if (!collection) throw failure(26, `ns does not exist: ${namespaceName(call)}`);
    const id: Doc = { v: 2, key: { _id: 1 }, name: '_id_' };
    return allInOneBatch(namespaceName(call), [id, ...collection.indexes.map(indexDoc)]);
  },
};
