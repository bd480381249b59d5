/** createIndexes, dropIndexes, listIndexes */
import { failure } from '../session/failure.js';
import { MustWait } from '../session/failure.js';
import { buildAtOnce, buildInSteps, isSmall } from '../index/build.js';
import { compareWithExisting, indexDoc, parseIndex, type IndexSpec } from '../index/definition.js';
import { isWhole, type Collection, type IndexDef } from '../store/catalog.js';
import { Overlay, type View } from '../store/view.js';
import { patternText } from '../plan/planner.js';
import type { Doc } from '../types.js';
import { collectionName, namespaceName, type Call, type Command } from './context.js';
import { allInOneBatch } from './lists.js';
import { breathe } from './turns.js';
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
    for (const spec of specs) await createOne(call, collection, spec);
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
  const { store, catalog } = call.server;
  let ended: () => void = () => undefined;
  const building = new Promise<void>((resolve) => (ended = resolve));
  const begun = await untilFree(() => store.write((view) => beginIndex(call, collection, { spec, building }, view)));
  if (begun === 'same') {
    // Another connection may be at it: this one waits, and makes it itself when that fails.
    const other = collection.indexes.find(({ name }) => name === spec.name);
    await other?.building;
    if (other && !collection.indexes.includes(other)) await createOne(call, collection, spec);
    return;
  }
  if (begun === 'done') return;
  // Taken after the beginning is on disk: whoever writes from now on is told apart by this snapshot.
  const snapshot = store.snapshot(true);
  try {
    await buildInSteps(store, snapshot, { collection, index: begun, pause: () => breathe({}) });
    await store.write(() => finishIndex(call, collection, begun));
  } catch (error) {
    catalog.giveUp(collection, begun);
    throw error;
  } finally {
    snapshot.release();
    ended();
  }
}

/** It may have been dropped, or lost with a group that could not be committed, while this waited. */
function refuseGone(call: Call, collection: Collection): void {
  if (call.server.catalog.get(collection.db, collection.name) !== collection)
    throw failure(26, `ns does not exist: ${namespaceName(call)}`);
}

/** A small index is made at once; of a larger one the definition that is to be filled. Transactions that have written would not know it. */
function beginIndex(
  call: Call,
  collection: Collection,
  { spec, building }: { spec: IndexSpec; building: Promise<void> },
  view: View,
): IndexDef | 'same' | 'done' {
  const { store, catalog } = call.server;
  refuseGone(call, collection);
  if (compareWithExisting(collection, spec) === 'same') return 'same';
  refuseTouched(call, collection);
  const id = catalog.takeNumber();
  const index: IndexDef = { ...spec, id, multikey: false, cut: false, seq: store.seq + 1 };
  const overlay = new Overlay();
  const isDone = isSmall(view, collection);
  if (isDone) {
    buildAtOnce(view, collection, index, overlay);
    collection.indexes.push(index);
    catalog.save(collection, overlay);
  } else {
    index.building = building;
    catalog.addUnfinished(collection, index, overlay);
  }
  store.apply(overlay);
  return isDone ? 'done' : index;
}

function finishIndex(call: Call, collection: Collection, index: IndexDef): void {
  const { store, catalog } = call.server;
  refuseGone(call, collection);
  if (!collection.indexes.includes(index)) throw failure(276, `the build of index ${index.name} was ended`);
  const overlay = new Overlay();
  index.seq = store.seq + 1;
  catalog.finish(collection, index, overlay);
  store.apply(overlay);
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
    return allInOneBatch(namespaceName(call), [id, ...collection.indexes.filter(isWhole).map(indexDoc)]);
  },
};
