import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClientSession, Collection, Document } from 'mongodb';
import { codeOf, openContract, type TestDatabase } from './database.js';

let database: TestDatabase;
let items: Collection<Document & { _id: number | string }>;
const open: ClientSession[] = [];

beforeAll(async () => {
  database = await openContract();
});
afterAll(() => database.close());
beforeEach(async () => {
  while (open.length > 0) await open.pop()?.endSession();
  items = database.db.collection('items');
  await items.drop().catch(() => undefined);
  await items.createIndex({ k: 1 }, { unique: true, sparse: true });
  await items.insertMany([
    { _id: 1, n: 0 },
    { _id: 2, n: 0 },
  ]);
});

function begin(): ClientSession {
  const session = database.client.startSession();
  session.startTransaction();
  open.push(session);
  return session;
}

describe('a transaction', () => {
  it('sees its own writes, through indexes too, and nobody else does before the commit', async () => {
    await items.createIndex({ tag: 1 });
    const session = begin();
    await items.insertOne({ _id: 3, tag: 'new', n: 1 }, { session });
    await items.updateOne({ _id: 1 }, { $set: { tag: 'new' } }, { session });
    await items.deleteOne({ _id: 2 }, { session });
    expect((await items.find({ tag: 'new' }, { session }).sort({ _id: 1 }).toArray()).map((doc) => doc._id)).toEqual([
      1, 3,
    ]);
    expect(await items.countDocuments({}, { session })).toBe(2);
    expect(await items.find({ tag: 'new' }).toArray()).toEqual([]);
    expect(await items.countDocuments()).toBe(2);
    await session.commitTransaction();
    expect((await items.find({ tag: 'new' }).sort({ _id: 1 }).toArray()).map((doc) => doc._id)).toEqual([1, 3]);
    expect(await items.findOne({ _id: 2 })).toBeNull();
  });

  it('leaves nothing after an abort', async () => {
    const session = begin();
    await items.insertOne({ _id: 3, k: 'x' }, { session });
    await items.updateOne({ _id: 1 }, { $inc: { n: 5 } }, { session });
    await session.abortTransaction();
    expect(await items.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, n: 0 },
      { _id: 2, n: 0 },
    ]);
    await items.insertOne({ _id: 21, k: 'x' });
  });

  it('reads one state from its first statement on', async () => {
    const session = begin();
    expect(await items.findOne({ _id: 1 }, { session })).toEqual({ _id: 1, n: 0 });
    await items.updateMany({}, { $set: { n: 7 } });
    await items.insertOne({ _id: 9, n: 7 });
    expect(await items.find({}, { session }).sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, n: 0 },
      { _id: 2, n: 0 },
    ]);
    await session.commitTransaction();
  });

  it('is refused what was changed after its snapshot (112, transient)', async () => {
    const session = begin();
    await items.findOne({ _id: 1 }, { session });
    await items.updateOne({ _id: 1 }, { $inc: { n: 1 } });
    const stale = items.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session });
    await expect(stale).rejects.toMatchObject({ code: 112, codeName: 'WriteConflict' });
    await stale.catch((error: { hasErrorLabel(label: string): boolean }) =>
      expect(error.hasErrorLabel('TransientTransactionError')).toBe(true),
    );
    expect(await items.findOne({ _id: 1 })).toEqual({ _id: 1, n: 1 });
  });

  it('is refused a document, and a unique key, that another open transaction holds', async () => {
    const first = begin();
    const second = begin();
    await items.updateOne({ _id: 1 }, { $set: { n: 1 } }, { session: first });
    expect(await codeOf(items.updateOne({ _id: 1 }, { $set: { n: 2 } }, { session: second }))).toBe(112);
    const third = begin();
    await items.insertOne({ _id: 22, k: 'one' }, { session: first });
    expect(await codeOf(items.insertOne({ _id: 23, k: 'one' }, { session: third }))).toBe(112);
    await first.commitTransaction();
    expect(await items.countDocuments({ k: 'one' })).toBe(1);
  });

  it('allows write skew, as MongoDB does', async () => {
    const first = begin();
    const second = begin();
    await items.findOne({ _id: 2 }, { session: first });
    await items.findOne({ _id: 1 }, { session: second });
    await items.updateOne({ _id: 1 }, { $set: { n: 1 } }, { session: first });
    await items.updateOne({ _id: 2 }, { $set: { n: 1 } }, { session: second });
    await first.commitTransaction();
    await second.commitTransaction();
    expect(await items.countDocuments({ n: 1 })).toBe(2);
  });

  it('ends with a duplicate key, and the session can begin another', async () => {
    await items.insertOne({ _id: 5, k: 'taken' });
    const session = begin();
    await items.updateOne({ _id: 1 }, { $set: { n: 3 } }, { session });
    expect(await codeOf(items.insertOne({ _id: 24, k: 'taken' }, { session }))).toBe(11000);
    expect(await codeOf(items.findOne({ _id: 1 }, { session }))).toBe(251);
    await session.abortTransaction();
    session.startTransaction();
    expect(await items.findOne({ _id: 1 }, { session })).toEqual({ _id: 1, n: 0 });
    await session.commitTransaction();
  });

  it('makes a plain write wait for its end', async () => {
    const session = begin();
    await items.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session });
    let done = false;
    const waiting = items.updateOne({ _id: 1 }, { $inc: { n: 10 } }).then(() => (done = true));
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(done).toBe(false);
    await session.commitTransaction();
    await waiting;
    expect(await items.findOne({ _id: 1 })).toEqual({ _id: 1, n: 11 });
  });

  it('commits again without harm', async () => {
    const session = begin();
    await items.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session });
    await session.commitTransaction();
    await session.commitTransaction();
    expect(await items.findOne({ _id: 1 })).toEqual({ _id: 1, n: 1 });
  });

  it('adds up exactly over racing read-modify-write', async () => {
    const add = async (): Promise<void> => {
      await database.client.withSession((session) =>
        session.withTransaction(async () => {
          const doc = await items.findOne({ _id: 1 }, { session });
          await items.updateOne({ _id: 1 }, { $set: { n: Number(doc?.['n']) + 1 } }, { session });
        }),
      );
    };
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let round = 0; round < 5; round += 1) await add();
      }),
    );
    expect(await items.findOne({ _id: 1 })).toEqual({ _id: 1, n: 20 });
  });

  it('pages a cursor of its own', async () => {
    await items.insertMany(Array.from({ length: 250 }, (_, n) => ({ _id: 100 + n })));
    const session = begin();
    expect(await items.find({ _id: { $gte: 100 } }, { session, batchSize: 20 }).toArray()).toHaveLength(250);
    await session.commitTransaction();
  });
});
