/** create, drop, dropDatabase, listCollections, listDatabases */
import { engine } from '../engine.js';
import { failure, notImplemented } from '../session/failure.js';
import type { Collection } from '../store/catalog.js';
import { docPrefix, prefixEnd } from '../store/layout.js';
import { Overlay, type KeyRange } from '../store/view.js';
import type { Doc } from '../types.js';
import { collectionName, namespaceName, type Call, type Command } from './context.js';
import { refuseTouched } from './indexes.js';
import { allInOneBatch } from './lists.js';
import { collationOf } from './modify.js';
import { docField, flag } from './values.js';
import { ensureCollection, untilFree } from './write.js';

export const create: Command = {
  fields: ['autoIndexId', 'collation', 'capped', 'idIndex'],
  async run(call) {
    const name = collectionName(call);
    if (flag(call.body, 'capped')) throw notImplemented('a capped collection');
    if (collationOf(docField(call.body, 'collation'))) throw notImplemented("option 'collation' of create");
    if (call.server.catalog.get(call.db, name)) throw failure(48, `Collection ${namespaceName(call)} already exists.`);
    await ensureCollection(call, name);
    return { ok: 1 };
  },
};

export const drop: Command = {
  fields: [],
  run(call) {
    const name = collectionName(call);
    return untilFree(() =>
      call.server.store.write(() => {
        const collection = call.server.catalog.get(call.db, name);
        if (!collection) return { ok: 1 };
        const nIndexesWas = collection.indexes.length + 1;
        dropAll(call, [collection]);
        return { nIndexesWas, ns: namespaceName(call), ok: 1 };
      }),
    );
  },
};

export const dropDatabase: Command = {
  fields: [],
  run(call) {
    return untilFree(() =>
      call.server.store.write(() => {
        const collections = call.server.catalog.in(call.db);
        if (collections.length > 0) dropAll(call, collections);
        return { ...(collections.length > 0 ? { dropped: call.db } : {}), ok: 1 };
      }),
    );
  },
};

function dropAll(call: Call, collections: readonly Collection[]): void {
  const { store, catalog } = call.server;
  for (const collection of collections) refuseTouched(call, collection);
  const overlay = new Overlay();
  for (const collection of collections) catalog.drop(collection, overlay);
  store.apply(overlay);
}

export const listCollections: Command = {
  fields: ['filter', 'nameOnly', 'cursor', 'authorizedCollections'],
  run(call) {
    const filter = engine.compileFilter(docField(call.body, 'filter') ?? {});
    const nameOnly = flag(call.body, 'nameOnly');
    const docs = call.server.catalog.in(call.db).map((collection): Doc => ({
      name: collection.name,
      type: 'collection',
      ...(nameOnly
        ? {}
        : {
            options: {},
            info: { readOnly: false, uuid: collection.uuid },
            idIndex: { v: 2, key: { _id: 1 }, name: '_id_' },
          }),
    }));
    return allInOneBatch(
      `${call.db}.$cmd.listCollections`,
      docs.filter((doc) => filter.matches(doc)),
    );
  },
};

export const listDatabases: Command = {
  fields: ['filter', 'nameOnly', 'authorizedDatabases'],
  run(call) {
    const { catalog, store } = call.server;
    const filter = engine.compileFilter(docField(call.body, 'filter') ?? {});
    const names = [...new Set(catalog.all().map((collection) => collection.db))].sort();
    const snapshot = store.snapshot();
    try {
      const databases = names
        .map((name): Doc => {
          const range = (c: Collection): KeyRange => ({ start: docPrefix(c.id), end: prefixEnd(docPrefix(c.id)) });
          const empty = catalog.in(name).every((c) => snapshot.view.read(range(c), 1, false).length === 0);
          return flag(call.body, 'nameOnly') ? { name } : { name, empty };
        })
        .filter((doc) => filter.matches(doc));
      return { databases, ok: 1 };
    } finally {
      snapshot.release();
    }
  },
};
