import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal128, Int32, Long, type Collection, type Document } from 'mongodb';
import { codeOf, openContract, type TestDatabase } from './database.js';

let database: TestDatabase;
let items: Collection<Document & { _id: number | string }>;

beforeAll(async () => {
  database = await openContract();
  items = database.db.collection('items');
});
afterAll(() => database.close());
beforeEach(async () => {
  await items.deleteMany({});
});

describe('writing and reading', () => {
  it('stores what was sent, with every type kept', async () => {
    const doc = {
      _id: 'a',
      int: 7,
      double: 7.5,
      long: Long.fromString('9007199254740993'),
      dec: Decimal128.fromString('1.10'),
      date: new Date(5),
      nil: null,
      arr: [1, { b: 'x' }],
    };
    await items.insertOne(doc);
    const typed = await items.findOne({ _id: 'a' }, { promoteValues: false });
    expect(typed?.['int']).toBeInstanceOf(Int32);
    expect(String(typed?.['long'])).toBe('9007199254740993');
    expect(String(typed?.['dec'])).toBe('1.10');
    expect((await items.findOne({ _id: 'a' }))?.['arr']).toEqual([1, { b: 'x' }]);
  });

  it('puts _id first, whatever order was sent', async () => {
    await items.insertOne({ x: 1, _id: 'late' });
    expect(Object.keys((await items.findOne({ _id: 'late' })) ?? {})).toEqual(['_id', 'x']);
  });

  it('keeps what an ordered insert wrote before the duplicate, and all others when unordered', async () => {
    const docs = [{ _id: 1 }, { _id: 2 }, { _id: 1 }, { _id: 3 }];
    expect(await codeOf(items.insertMany(docs))).toBe(11000);
    expect(await items.countDocuments()).toBe(2);
    await items.deleteMany({});
    expect(await codeOf(items.insertMany(docs, { ordered: false }))).toBe(11000);
    expect(await items.countDocuments()).toBe(3);
  });

  it('updates one, many, none and by upsert with the right counts', async () => {
    await items.insertMany([
      { _id: 1, k: 'a', n: 1 },
      { _id: 2, k: 'a', n: 1 },
      { _id: 3, k: 'b', n: 1 },
    ]);
    expect(await items.updateOne({ k: 'a' }, { $inc: { n: 1 } })).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
    expect(await items.updateMany({ k: 'a' }, { $set: { n: 9 } })).toMatchObject({ matchedCount: 2, modifiedCount: 2 });
    expect(await items.updateMany({ k: 'a' }, { $set: { n: 9 } })).toMatchObject({ matchedCount: 2, modifiedCount: 0 });
    expect(await items.updateOne({ k: 'none' }, { $set: { n: 0 } })).toMatchObject({ matchedCount: 0 });
    const upserted = await items.updateOne(
      { k: 'new' },
      { $set: { n: 5 }, $setOnInsert: { made: true } },
      { upsert: true },
    );
    expect(upserted.upsertedCount).toBe(1);
    expect(await items.findOne({ k: 'new' })).toMatchObject({ n: 5, made: true, _id: upserted.upsertedId });
  });

  it('replaces, and refuses another _id with 66', async () => {
    await items.insertOne({ _id: 1, a: 1, b: 2 });
    await items.replaceOne({ _id: 1 }, { a: 5 });
    expect(await items.findOne({ _id: 1 })).toEqual({ _id: 1, a: 5 });
    expect(await codeOf(items.replaceOne({ _id: 1 }, { _id: 2 } as Document))).toBe(66);
  });

  it('findOneAndUpdate returns before or after, sorted; findOneAndDelete removes', async () => {
    await items.insertMany([
      { _id: 1, n: 5 },
      { _id: 2, n: 3 },
    ]);
    expect(await items.findOneAndUpdate({}, { $inc: { n: 10 } }, { sort: { n: 1 } })).toEqual({ _id: 2, n: 3 });
    expect(await items.findOneAndUpdate({ _id: 2 }, { $inc: { n: 1 } }, { returnDocument: 'after' })).toEqual({
      _id: 2,
      n: 14,
    });
    expect(await items.findOneAndUpdate({ _id: 9 }, { $set: { n: 1 } })).toBeNull();
    expect(await items.findOneAndDelete({}, { sort: { n: -1 } })).toEqual({ _id: 2, n: 14 });
    expect(await items.countDocuments()).toBe(1);
  });

  it('bulkWrite reports each kind and the index of a failure', async () => {
    const result = await items.bulkWrite([
      { insertOne: { document: { _id: 1 } } },
      { updateOne: { filter: { _id: 1 }, update: { $set: { a: 1 } } } },
      { updateOne: { filter: { _id: 7 }, update: { $set: { a: 1 } }, upsert: true } },
      { deleteOne: { filter: { _id: 1 } } },
    ]);
    expect(result).toMatchObject({ insertedCount: 1, matchedCount: 1, upsertedCount: 1, deletedCount: 1 });
    const failed = items.bulkWrite([{ insertOne: { document: { _id: 8 } } }, { insertOne: { document: { _id: 7 } } }]);
    await expect(failed).rejects.toMatchObject({ code: 11000, writeErrors: [{ index: 1 }] });
  });
});

describe('cursors', () => {
  it('delivers every document once over many batches, sorted and with projection', async () => {
    await items.insertMany(Array.from({ length: 1000 }, (_, n) => ({ _id: n, n: (n * 7) % 1000 })));
    const found = await items.find({}, { batchSize: 17, sort: { n: -1 }, projection: { n: 1, _id: 0 } }).toArray();
    expect(found.map((doc) => doc['n'])).toEqual(Array.from({ length: 1000 }, (_, n) => 999 - n));
    expect(Object.keys(found[0] ?? {})).toEqual(['n']);
  });

  it('skip, limit and count agree', async () => {
    await items.insertMany(Array.from({ length: 30 }, (_, n) => ({ _id: n })));
    expect((await items.find().sort({ _id: 1 }).skip(25).limit(10).toArray()).map((doc) => doc._id)).toEqual([
      25, 26, 27, 28, 29,
    ]);
    expect(await items.countDocuments({ _id: { $gte: 10 } }, { skip: 5, limit: 10 })).toBe(10);
    expect(await items.estimatedDocumentCount()).toBe(30);
  });

  it('a killed cursor is gone (43)', async () => {
    await items.insertMany(Array.from({ length: 10 }, (_, n) => ({ _id: n })));
    const reply = await database.db.command({ find: 'items', batchSize: 2 }, { promoteLongs: false });
    const id = (reply['cursor'] as { id: Long }).id;
    await database.db.command({ killCursors: 'items', cursors: [id] });
    expect(await codeOf(database.db.command({ getMore: id, collection: 'items' }))).toBe(43);
  });

  it('distinct unwinds arrays and has each value once', async () => {
    await items.insertMany([
      { _id: 1, t: ['a', 'b'] },
      { _id: 2, t: 'b' },
      { _id: 3, t: 'c' },
      { _id: 4, u: 1 },
    ]);
    expect(await items.distinct('t')).toEqual(['a', 'b', 'c']);
  });

  it('groups and counts by aggregation', async () => {
    await items.insertMany([
      { _id: 1, k: 'a', n: 1 },
      { _id: 2, k: 'a', n: 2 },
      { _id: 3, k: 'b', n: 5 },
    ]);
    const groups = await items
      .aggregate([
        { $match: { n: { $gt: 0 } } },
        { $group: { _id: '$k', total: { $sum: '$n' } } },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    expect(groups).toEqual([
      { _id: 'a', total: 3 },
      { _id: 'b', total: 5 },
    ]);
  });
});
