/** Transactions beside changes of indexes and collections. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClientSession, Collection, Document } from 'mongodb';
import { openEmbedded, type TestDatabase } from '../contract/database.js';

let database: TestDatabase;
let items: Collection<Document & { _id: number }>;
let session: ClientSession;

beforeAll(async () => {
  database = await openEmbedded();
});
afterAll(() => database.close());
beforeEach(async () => {
  items = database.db.collection('items');
  await items.drop();
  await items.insertMany([
    { _id: 1, k: 'a' },
    { _id: 2, k: 'b' },
  ]);
  session = database.client.startSession();
  session.startTransaction();
});

async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await new Promise((resolve) => setTimeout(resolve, 80));
  return done;
}

describe('an index built after the snapshot', () => {
  it('is not read by the transaction, whose snapshot has no entries of it', async () => {
    await items.findOne({ _id: 1 }, { session });
    await items.createIndex({ k: 1 });
    expect(await items.find({ k: 'a' }, { session }).toArray()).toHaveLength(1);
    expect(await items.find({ k: 'a' }, { session, hint: 'k_1' }).toArray()).toHaveLength(1);
    await session.commitTransaction();
    await session.endSession();
  });

  it('waits for a transaction that has written, and then holds what it wrote', async () => {
    await items.insertOne({ _id: 3, k: 'c' }, { session });
    const building = items.createIndex({ k: 1 }, { unique: true });
    expect(await settled(building)).toBe(false);
    await session.commitTransaction();
    await building;
    expect(await items.find({ k: 'c' }, { hint: 'k_1' }).toArray()).toHaveLength(1);
    await session.endSession();
  });
});

describe('a drop', () => {
  it('waits for a transaction that has written', async () => {
    await items.updateOne({ _id: 1 }, { $set: { k: 'x' } }, { session });
    const dropping = items.drop();
    expect(await settled(dropping)).toBe(false);
    await session.abortTransaction();
    await dropping;
    expect(await items.countDocuments()).toBe(0);
    await session.endSession();
  });
});

describe('random transactions and plain writes side by side', () => {
  it('leave every index equal to the documents, and the sum right', async () => {
    await session.abortTransaction();
    await session.endSession();
    await items.createIndexes([{ key: { n: 1 } }, { key: { tags: 1 } }, { key: { u: 1 }, unique: true, sparse: true }]);
    await items.insertMany(Array.from({ length: 20 }, (_, n) => ({ _id: 100 + n, n: 0, total: 0 })));
    const pick = (n: number): number => Math.floor(Math.random() * n);
    let added = 0;
    const transaction = (): Promise<unknown> =>
      database.client.withSession(async (own) => {
        let mine = 0;
        const abort = pick(4) === 0;
        try {
          await own.withTransaction(async () => {
            mine = 0;
            for (let step = 0; step < 3; step += 1) {
              await items.updateOne(
                { _id: 100 + pick(20) },
                { $inc: { total: 1 }, $set: { n: pick(5), tags: [pick(4), pick(4)], u: pick(1000) } },
                { session: own },
              );
              mine += 1;
            }
            if (abort) throw new Error('given up');
          });
          added += mine;
        } catch (error) {
          if (!/given up|E11000/.test(String(error))) throw error;
        }
      });
    const plain = async (): Promise<void> => {
      const result = await items.updateMany(
        { n: pick(5), _id: { $gte: 100 } },
        { $inc: { total: 1 }, $set: { n: pick(5) } },
      );
      added += result.modifiedCount;
    };
    await Promise.all(
      Array.from({ length: 8 }, async (_, worker) => {
        for (let round = 0; round < 12; round += 1) await (worker % 4 === 0 ? plain() : transaction());
      }),
    );
    const all = await items.find({ _id: { $gte: 100 } }, { hint: { $natural: 1 } }).toArray();
    expect(all.reduce((sum, doc) => sum + (doc['total'] as number), 0)).toBe(added);
    for (let value = 0; value < 5; value += 1) {
      const ids = (hint: string | Document, filter: Document): Promise<number[]> =>
        items
          .find(filter, { hint, sort: { _id: 1 } })
          .map((doc) => doc._id)
          .toArray();
      expect(await ids('n_1', { n: value })).toEqual(await ids({ $natural: 1 }, { n: value }));
      expect(await ids('tags_1', { tags: value })).toEqual(await ids({ $natural: 1 }, { tags: value }));
      expect(await items.countDocuments({ n: value })).toBe(all.filter((doc) => doc['n'] === value).length);
    }
  });
});
