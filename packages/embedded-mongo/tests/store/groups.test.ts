/** Groups whose flush takes its time: what others see meanwhile, what they may do, and what a failure leaves. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Document } from 'mongodb';
import { Store, type Snapshot } from '../../src/store/store.js';
import { Overlay } from '../../src/store/view.js';
import { codeOf, openEmbedded, type TestDatabase } from '../contract/database.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'embedded-groups-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Table {
  childTransaction(work: () => void): Promise<unknown>;
}

function tableOf(store: Store): Table {
  return (store as unknown as { table: Table }).table;
}

/**
 * Holds the answers of the next group until released. `inside` runs after its jobs and before LMDB commits them; 'fail' has
 * the commit refused.
 */
function holdNext(store: Store, inside?: (() => void) | 'fail'): { ran: Promise<void>; release(): void } {
  const table = tableOf(store);
  const original = table.childTransaction.bind(table);
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  let signal: () => void = () => undefined;
  const ran = new Promise<void>((resolve) => (signal = resolve));
  table.childTransaction = async (work) => {
    table.childTransaction = original;
    const done = original(() => {
      work();
      signal();
      if (inside === 'fail') throw new Error('ENOSPC');
      inside?.();
    });
    try {
      return await done;
    } finally {
      await gate;
    }
  };
  return { ran, release };
}

function put(store: Store, key: string, value: string): Promise<void> {
  return store.write(() => {
    const overlay = new Overlay();
    overlay.put(key, Buffer.from(value));
    store.apply(overlay);
  });
}

function valueOf(store: Store, key: string): string | undefined {
  const snapshot = store.snapshot();
  try {
    const bytes = snapshot.view.get(key);
    return bytes && Buffer.from(bytes).toString();
  } finally {
    snapshot.release();
  }
}

function settledNow(promise: Promise<unknown>): Promise<boolean> {
  const later = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 50));
  return Promise.race([promise.then(() => true), later]);
}

describe('a group that is being flushed', () => {
  it('is answered after the flush, lets reads on, and holds back the jobs of the next group', async () => {
    const store = Store.open(folder);
    await put(store, 'k', 'old');
    const held = holdNext(store);
    const first = put(store, 'k', 'new');
    await held.ran;
    let seen: string | undefined;
    const second = store.write((view) => {
      seen = Buffer.from(view.get('k') ?? []).toString();
    });
    expect(await settledNow(first)).toBe(false);
    expect(['old', 'new']).toContain(valueOf(store, 'k'));
    expect(seen).toBeUndefined();
    held.release();
    await first;
    expect(valueOf(store, 'k')).toBe('new');
    await second;
    expect(seen).toBe('new');
    await store.close();
  });

  it('is what every snapshot holds that is taken after its answer, over many groups', async () => {
    const store = Store.open(folder);
    for (let n = 0; n < 300; n += 1) {
      valueOf(store, 'k');
      await put(store, 'k', String(n));
      expect(valueOf(store, 'k')).toBe(String(n));
    }
    await store.close();
  });

  it('leaves a snapshot taken meanwhile as it is, and that snapshot learns that it is stale', async () => {
    const store = Store.open(folder);
    await put(store, 'k', 'old');
    let during: Snapshot | undefined;
    const held = holdNext(store, () => (during = store.snapshot(true)));
    const first = put(store, 'k', 'new');
    await held.ran;
    held.release();
    await first;
    const snapshot = during as unknown as Snapshot;
    expect(Buffer.from(snapshot.view.get('k') ?? []).toString()).toBe('old');
    expect(snapshot.view.read({ start: 'k', end: 'l' }, 9, false).map(([, value]) => value.toString())).toEqual([
      'old',
    ]);
    // Without this a transaction on that snapshot would overwrite what it never saw.
    expect(store.lastWrite('k')).toBeGreaterThan(snapshot.seq);
    snapshot.release();
    expect(store.lastWrite('k')).toBe(0);
    await store.close();
  });

  it('is waited for by close', async () => {
    const store = Store.open(folder);
    const writes = ['a', 'b', 'c'].map((key) => put(store, key, key));
    await store.close();
    await Promise.all(writes);
    await expect(put(store, 'd', 'd')).rejects.toThrow('closed');
    const again = Store.open(folder);
    expect(['a', 'b', 'c', 'd'].map((key) => valueOf(again, key))).toEqual(['a', 'b', 'c', undefined]);
    await again.close();
  });
});

describe('a group that cannot be committed', () => {
  it('leaves nothing, refuses the jobs that waited for it, and the store goes on', async () => {
    const store = Store.open(folder);
    await put(store, 'k', 'kept');
    const watching = store.snapshot(true);
    const held = holdNext(store, 'fail');
    const first = put(store, 'k', 'lost');
    const second = held.ran.then(() => put(store, 'other', 'lost'));
    const outcomes = Promise.allSettled([first, second]);
    held.release();
    expect((await outcomes).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    expect([valueOf(store, 'k'), valueOf(store, 'other')]).toEqual(['kept', undefined]);
    watching.release();
    // A transaction that begins now is not stale because of a write that never was.
    const after = store.snapshot(true);
    expect(store.lastWrite('k')).toBeLessThanOrEqual(after.seq);
    await put(store, 'k', 'later');
    expect(store.lastWrite('k')).toBeGreaterThan(after.seq);
    after.release();
    expect(valueOf(store, 'k')).toBe('later');
    await store.close();
  });
});

describe('the database over a slow or failing flush', () => {
  type Row = Document & { _id: number };
  let database: TestDatabase;
  let store: Store;

  beforeEach(async () => {
    const open = Store.open.bind(Store);
    const spied = Store as { open(folder: string): Store };
    spied.open = (path) => (store = open(path));
    database = await openEmbedded({ data: folder });
    spied.open = open;
    await database.db.collection('rows').createIndex({ n: 1 }, { unique: true });
  });
  afterEach(() => database.close());

  it('refuses the second of two plain inserts with one unique key in two groups', async () => {
    const rows = database.db.collection<Row>('rows');
    const held = holdNext(store);
    const first = rows.insertOne({ _id: 1, n: 7 });
    await held.ran;
    const second = codeOf(rows.insertOne({ _id: 2, n: 7 }));
    expect(await settledNow(Promise.race([first, second]))).toBe(false);
    held.release();
    await first;
    expect(await second).toBe(11000);
    expect(await rows.countDocuments()).toBe(1);
  });

  it('ends a transaction that begins during the flush and writes the same document with 112', async () => {
    const rows = database.db.collection<Row>('rows');
    await rows.insertOne({ _id: 1, n: 0 });
    const held = holdNext(store);
    const first = rows.updateOne({ _id: 1 }, { $inc: { n: 1 } });
    await held.ran;
    const session = database.client.startSession();
    session.startTransaction();
    await rows.findOne({ _id: 1 }, { session });
    held.release();
    await first;
    const code = await codeOf(rows.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session }));
    // Whether its snapshot was pinned just before or just after the commit: refused, never a lost update.
    expect(code).toBe(112);
    await session.endSession();
    await database.client.withSession((retry) =>
      retry.withTransaction(() => rows.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session: retry })),
    );
    expect(await rows.findOne({ _id: 1 })).toMatchObject({ n: 2 });
  });

  it('counts every increment of transactions and plain writes that run side by side', async () => {
    const rows = database.db.collection<Row>('rows');
    await rows.insertOne({ _id: 1, n: 0 });
    const plain = Array.from({ length: 40 }, () => rows.updateOne({ _id: 1 }, { $inc: { n: 1 } }));
    const grouped = Array.from({ length: 40 }, () =>
      database.client.withSession((session) =>
        session.withTransaction(async () => {
          const row = await rows.findOne({ _id: 1 }, { session });
          await rows.updateOne({ _id: 1 }, { $set: { n: ((row?.['n'] as number) ?? 0) + 1 } }, { session });
        }),
      ),
    );
    await Promise.all([...plain, ...grouped]);
    expect(await rows.findOne({ _id: 1 })).toMatchObject({ n: 80 });
  });

  it('aborts what was built on a failed group, and its keys are free again', async () => {
    const rows = database.db.collection<Row>('rows');
    const session = database.client.startSession();
    session.startTransaction();
    await rows.insertOne({ _id: 3, n: 3 }, { session });
    const held = holdNext(store, 'fail');
    const lost = codeOf(rows.insertOne({ _id: 1, n: 1 }));
    await held.ran;
    const built = codeOf(rows.insertOne({ _id: 2, n: 1 }));
    const created = codeOf(database.db.createCollection('fresh'));
    await settledNow(created);
    held.release();
    expect([await lost, await built, await created]).toEqual([1, 1, 1]);
    expect((await database.db.listCollections().toArray()).map(({ name }) => name)).toEqual(['rows']);
    expect(await codeOf(session.commitTransaction())).toBe(251);
    await session.endSession();
    expect(await rows.find({ n: { $gte: 0 } }, { hint: 'n_1' }).toArray()).toEqual([]);
    await rows.insertMany([
      { _id: 1, n: 1 },
      { _id: 3, n: 3 },
    ]);
    expect(await rows.find({ n: { $gte: 0 } }, { hint: 'n_1' }).toArray()).toHaveLength(2);
  });
});
