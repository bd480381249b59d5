import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Collection, Document } from 'mongodb';
import { codeOf, openContract, type TestDatabase } from './database.js';

let database: TestDatabase;
let items: Collection<Document & { _id?: unknown }>;

beforeAll(async () => {
  database = await openContract();
});
afterAll(() => database.close());
beforeEach(async () => {
  items = database.db.collection('items');
  await items.drop().catch(() => undefined);
});

describe('unique indexes', () => {
  it('refuse the second with code, pattern, value and the message plugins parse', async () => {
    await items.createIndex({ email: 1, shop: 1 }, { unique: true });
    await items.insertOne({ email: 'a@x', shop: 1 });
    await items.insertOne({ email: 'a@x', shop: 2 });
    const error = await items.insertOne({ email: 'a@x', shop: 1 }).then(
      () => undefined,
      (reason: unknown) => reason as { code: number; message: string; keyPattern: Document; keyValue: Document },
    );
    expect(error).toMatchObject({
      code: 11000,
      keyPattern: { email: 1, shop: 1 },
      keyValue: { email: 'a@x', shop: 1 },
    });
    expect(error?.message).toMatch(
      /E11000 duplicate key error collection: .+\.items index: email_1_shop_1 dup key: \{ email: "a@x", shop: 1 \}/,
    );
  });

  it('leave nothing behind when another index refuses', async () => {
    await items.createIndex({ a: 1 }, { unique: true });
    await items.createIndex({ b: 1 }, { unique: true });
    await items.insertOne({ a: 1, b: 1 });
    expect(await codeOf(items.insertOne({ a: 2, b: 1 }))).toBe(11000);
    await items.insertOne({ a: 2, b: 2 });
    expect(await codeOf(items.updateOne({ a: 2 }, { $set: { a: 3, b: 1 } }))).toBe(11000);
    await items.insertOne({ a: 3, b: 3 });
    expect(await items.countDocuments()).toBe(3);
  });

  it('free the key when its document is deleted or changed', async () => {
    await items.createIndex({ k: 1 }, { unique: true });
    await items.insertMany([{ k: 1 }, { k: 2 }]);
    await items.deleteOne({ k: 1 });
    await items.updateOne({ k: 2 }, { $set: { k: 3 } });
    expect(await codeOf(items.insertMany([{ k: 1 }, { k: 2 }]))).toBeUndefined();
  });

  it('let one of a hundred racing inserts win', async () => {
    await items.createIndex({ k: 1 }, { unique: true });
    const codes = await Promise.all(Array.from({ length: 100 }, () => codeOf(items.insertOne({ k: 'same' }))));
    expect(codes.filter((code) => code === undefined)).toHaveLength(1);
    expect(codes.filter((code) => code === 11000)).toHaveLength(99);
  });

  it('make racing upserts gapless', async () => {
    await items.createIndex({ k: 1 }, { unique: true });
    await Promise.all(
      Array.from({ length: 60 }, async () => {
        while ((await codeOf(items.updateOne({ k: 'c' }, { $inc: { n: 1 } }, { upsert: true }))) === 11000);
      }),
    );
    expect(await items.findOne({ k: 'c' })).toMatchObject({ n: 60 });
  });

  it('count a missing field as null, unless sparse or partial', async () => {
    await items.createIndex({ a: 1 }, { unique: true });
    await items.insertOne({ x: 1 });
    expect(await codeOf(items.insertOne({ a: null }))).toBe(11000);
    const sparse = database.db.collection('sparse');
    await sparse.drop().catch(() => undefined);
    await sparse.createIndex({ a: 1 }, { unique: true, sparse: true });
    await sparse.createIndex({ b: 1 }, { unique: true, partialFilterExpression: { live: true } });
    await sparse.insertMany([{ b: 1 }, { b: 1 }, { b: 1, live: true }]);
    expect(await codeOf(sparse.insertOne({ b: 1, live: true }))).toBe(11000);
    expect(await codeOf(sparse.updateOne({ live: { $exists: false } }, { $set: { live: true } }))).toBe(11000);
  });

  it('hold every element of an array (multikey)', async () => {
    await items.createIndex({ tags: 1 }, { unique: true });
    await items.insertOne({ tags: ['a', 'b', 'a'] });
    expect(await codeOf(items.insertOne({ tags: ['c', 'b'] }))).toBe(11000);
    expect(await codeOf(items.insertOne({ tags: 'c' }))).toBeUndefined();
  });

  it('cannot be built over duplicates', async () => {
    await items.insertMany([{ a: 1 }, { a: 1 }]);
    expect(await codeOf(items.createIndex({ a: 1 }, { unique: true }))).toBe(11000);
    expect((await items.indexes()).map((index) => index.name)).toEqual(['_id_']);
  });
});

describe('answers do not depend on indexes', () => {
  const filters: Document[] = [
    { a: 5 },
    { a: { $gt: 3, $lte: 8 } },
    { a: { $in: [1, 5, 'x', null] } },
    { a: null },
    { a: { $exists: false } },
    { a: { $ne: 5 } },
    { a: { $gte: 'w' } },
    { tags: 'red' },
    { tags: { $gt: 'a', $lt: 'c' } },
    { tags: { $all: ['red', 'blue'] } },
    { tags: { $size: 2 } },
    { tags: { $elemMatch: { $gt: 'a', $lt: 'c' } } },
    { 'lines.sku': 'A', 'lines.n': 3 },
    { lines: { $elemMatch: { sku: 'A', n: 3 } } },
    { $or: [{ a: 2 }, { tags: 'blue' }] },
    { a: { $not: { $gt: 5 } } },
    { a: { $type: 'string' } },
    { s: /^pre/ },
    { a: { $mod: [2, 0] } },
    { a: 3, tags: 'red' },
    { a: { $lt: 100 }, s: { $gte: 'p' } },
    { long: { $gt: 'z'.repeat(1500) } },
    { long: 'y'.repeat(3000) },
    { long: { $gt: 'w'.repeat(1375) } },
    { long: { $lt: 'w'.repeat(1395) } },
    { s: { $gte: 'p' } },
  ];

  it('holds for every filter and index', async () => {
    const sample: Document[] = [];
    for (let n = 0; n < 120; n += 1) {
      sample.push({
        _id: n,
        ...(n % 11 === 0
          ? {}
          : { a: n % 7 === 0 ? null : n % 13 === 0 ? `x${n}` : n % 5 === 0 && n % 2 === 1 ? [n % 10, n % 3] : n % 10 }),
        ...(n % 4 === 0 ? { tags: n % 8 === 0 ? ['red', 'blue'] : 'red' } : n % 6 === 2 ? { tags: ['b', 'd'] } : {}),
        ...(n % 3 === 0
          ? {
              lines: [
                { sku: 'A', n: n % 5 },
                { sku: 'B', n: 3 },
              ],
            }
          : {}),
        s: n % 2 === 0 ? `pre${n}` : `post${n}`,
        ...(n % 20 === 0 ? { long: (n % 40 === 0 ? 'y' : 'z').repeat(3000) } : {}),
      });
    }
    sample.push(
      { _id: 1000, long: 'w'.repeat(1500) },
      { _id: 1001, long: 'w'.repeat(1390) },
      { _id: 1002, long: 'w'.repeat(1370) },
    );
    await items.insertMany(sample);
    const ask = (filter: Document): Promise<unknown[]> =>
      items
        .find(filter)
        .sort({ _id: 1 })
        .map((doc) => doc._id)
        .toArray();
    const without = await Promise.all(filters.map(ask));
    await items.createIndexes([
      { key: { a: 1 } },
      { key: { a: -1, s: 1 } },
      { key: { tags: 1 } },
      { key: { 'lines.sku': 1, 'lines.n': 1 } },
      { key: { s: -1 } },
      { key: { long: 1 } },
      { key: { a: 1, tags: 1 }, name: 'sparse', sparse: true },
      { key: { a: 1, long: 1 }, name: 'partial', partialFilterExpression: { a: { $gt: 4 } } },
    ]);
    expect(await Promise.all(filters.map(ask))).toEqual(without);
    expect(await Promise.all(filters.map((filter) => items.countDocuments(filter)))).toEqual(
      without.map((ids) => ids.length),
    );
    await items.updateMany({ a: 5 }, { $set: { a: 6 } });
    await items.deleteMany({ a: { $in: [1, 2] } });
    const after = await Promise.all(filters.map(ask));
    expect(await Promise.all(filters.map((filter) => items.countDocuments(filter)))).toEqual(
      after.map((ids) => ids.length),
    );
    await items.dropIndexes();
    expect(await Promise.all(filters.map(ask))).toEqual(after);
  });
});

describe('index administration', () => {
  it('lists, repeats without effect, refuses contradictions, drops', async () => {
    await items.createIndex({ a: 1 });
    await items.createIndex({ a: 1 });
    await items.createIndex({ b: -1 }, { name: 'byB', expireAfterSeconds: 60 });
    expect((await items.indexes()).map((index) => index.name)).toEqual(['_id_', 'a_1', 'byB']);
    expect(await codeOf(items.createIndex({ a: 1 }, { unique: true }))).toBe(86);
    expect(await codeOf(items.createIndex({ c: 1 }, { name: 'byB' }))).toBe(86);
    expect(await codeOf(items.createIndex({ a: 1 }, { name: 'other' }))).toBe(85);
    await items.dropIndex('byB');
    expect(await codeOf(items.dropIndex('byB'))).toBe(27);
    expect(await codeOf(items.dropIndex('_id_'))).toBe(72);
    expect(await codeOf(items.createIndex({ a: 1, b: 1 }, { expireAfterSeconds: 1 }))).toBe(67);
  });

  it('parallel arrays are refused (171)', async () => {
    await items.createIndex({ a: 1, b: 1 });
    expect(await codeOf(items.insertOne({ a: [1, 2], b: [3, 4] }))).toBe(171);
    expect(await codeOf(items.insertOne({ a: [1, 2], b: 3 }))).toBeUndefined();
  });

  it('collections and databases come and go', async () => {
    await items.insertOne({ a: 1 });
    expect(await codeOf(database.db.command({ create: 'items' }))).toBe(48);
    expect((await database.db.listCollections({ name: 'items' }).toArray()).map((c) => c.name)).toEqual(['items']);
    await items.drop();
    expect(await database.db.listCollections({ name: 'items' }).toArray()).toEqual([]);
    await items.insertOne({ a: 2 });
    expect(await items.find().toArray()).toHaveLength(1);
    await database.db.dropDatabase();
    expect(await items.countDocuments()).toBe(0);
  });
});
