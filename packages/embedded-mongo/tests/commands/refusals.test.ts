/** What is not supported is refused by name, and before anything is touched. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Document } from 'mongodb';
import mongoose from 'mongoose';
import { codeOf, openEmbedded, type TestDatabase } from '../contract/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await openEmbedded();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.dropDatabase();
});

describe('refusals', () => {
  it.each<[number, Document]>([
    [59, { noSuchCommand: 1 }],
    [59, { collMod: 'a' }],
    [59, { renameCollection: 'a' }],
    [59, { toString: 1 }],
    [238, { find: 'a', tailable: true }],
    [238, { find: 'a', returnKey: true }],
    [238, { insert: 'a', documents: [{}], encrypted: true }],
    [238, { update: 'a', updates: [{ q: {}, u: { $set: { a: 1 } }, sampleId: 1 }] }],
    [238, { delete: 'a', deletes: [{ q: {}, limit: 0, sampleId: 1 }] }],
    [238, { create: 'a', capped: true, size: 100 }],
    [238, { create: 'a', validator: {} }],
    [238, { create: 'a', viewOn: 'b', pipeline: [] }],
    [238, { create: 'a', timeseries: { timeField: 't' } }],
    [238, { aggregate: 1, pipeline: [], cursor: {} }],
    [238, { aggregate: 'a', pipeline: [], cursor: {}, explain: true }],
    [238, { find: 'a', sort: { $natural: -1 } }],
    [238, { find: 'a', readConcern: { level: 'snapshot', atClusterTime: 1 } }],
    [100, { insert: 'a', documents: [{}], writeConcern: { w: 2 } }],
    [73, { insert: '', documents: [{}] }],
    [73, { insert: 'a$b', documents: [{}] }],
    [73, { find: 5 }],
    [16, { insert: 'a', documents: [] }],
    [14, { find: 'a', filter: 5 }],
    [14, { find: 'a', limit: 'x' }],
    [2, { find: 'a', skip: -1 }],
    [9, { aggregate: 'a', pipeline: [] }],
    [9, { findAndModify: 'a', query: {} }],
    [9, { findAndModify: 'a', query: {}, remove: true, new: true }],
    [53, { insert: 'a', documents: [{ _id: [1] }] }],
    [26, { listIndexes: 'nothing' }],
  ])('%i for %j', async (code, command) => {
    expect(await codeOf(database.db.command(command))).toBe(code);
    expect(await database.db.listCollections().toArray()).toEqual([]);
  });

  it.each<[number, Document]>([
    [238, { key: { a: 'text' }, name: 'x' }],
    [238, { key: { a: 'hashed' }, name: 'x' }],
    [238, { key: { a: '2d' }, name: 'x' }],
    [238, { key: { a: '2dsphere' }, name: 'x' }],
    [238, { key: { '$**': 1 }, name: 'x' }],
    [238, { key: { a: 1 }, name: 'x', collation: { locale: 'en', strength: 2 } }],
    [238, { key: { a: 1 }, name: 'x', storageEngine: {} }],
    [67, { key: {}, name: 'x' }],
    [67, { key: { a: 0 }, name: 'x' }],
    [67, { key: { 'a..b': 1 }, name: 'x' }],
    [67, { key: { a: 1 }, name: 'x', sparse: true, partialFilterExpression: { a: 1 } }],
    [67, { key: { a: 1 }, name: 'x', partialFilterExpression: { a: { $ne: 1 } } }],
    [67, { key: { a: 1 }, name: 'x', expireAfterSeconds: -1 }],
  ])('%i for the index %j', async (code, index) => {
    expect(await codeOf(database.db.command({ createIndexes: 'a', indexes: [index] }))).toBe(code);
    expect(await database.db.listCollections().toArray()).toEqual([]);
  });

  it('an unknown operator is refused on an empty collection too, and no document is changed', async () => {
    const items = database.db.collection('items');
    await items.insertOne({ a: 1 });
    expect(await codeOf(items.updateMany({}, [{ $set: { a: 2 } }, { $nonsense: 1 }] as never))).toBeDefined();
    expect(
      await codeOf(
        items.bulkWrite([
          { updateOne: { filter: {}, update: { $set: { a: 2 } } } },
          { updateOne: { filter: { $where: '1' }, update: { $set: { a: 3 } } } },
        ]),
      ),
    ).toBeDefined();
    expect(await items.findOne({}, { projection: { _id: 0 } })).toEqual({ a: 1 });
    expect(
      await codeOf(
        database.db
          .collection('none')
          .find({ a: { $near: [0, 0] } })
          .toArray(),
      ),
    ).toBeDefined();
    expect(
      await codeOf(
        database.db
          .collection('none')
          .aggregate([{ $nonsense: {} }])
          .toArray(),
      ),
    ).toBeDefined();
  });

  it('fault injection needs test mode', async () => {
    const plain = await openEmbedded({ testMode: false });
    expect(await codeOf(plain.db.admin().command({ configureFailPoint: 'failCommand', mode: 'off' }))).toBe(59);
    await plain.close();
  });

  it('what may not run in a transaction ends it (263)', async () => {
    const session = database.client.startSession();
    session.startTransaction();
    expect(await codeOf(database.db.command({ listCollections: 1 }, { session }))).toBe(263);
    await session.abortTransaction();
    await session.endSession();
  });
});

describe('expiry', () => {
  it('removes what is past its time, and nothing else', async () => {
    const items = database.db.collection('sessions');
    await items.createIndex({ at: 1 }, { expireAfterSeconds: 10 });
    const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1000);
    await items.insertMany([
      { n: 1, at: ago(60) },
      { n: 2, at: ago(2) },
      { n: 3, at: 'text' },
      { n: 4 },
      { n: 5, at: 5 },
      { n: 6, at: [ago(60), ago(0)] },
      { n: 7, at: new Date(Date.now() + 1e6) },
    ]);
    expect(await database.server?.sweep()).toBe(2);
    expect((await items.find().sort({ n: 1 }).toArray()).map((doc) => doc['n'])).toEqual([2, 3, 4, 5, 7]);
    expect(await items.countDocuments({ at: { $lt: ago(30) } })).toBe(0);
  });

  it('leaves a document that a transaction holds to the next sweep', async () => {
    const items = database.db.collection<Document & { _id: number }>('sessions');
    await items.createIndex({ at: 1 }, { expireAfterSeconds: 0 });
    await items.insertMany([
      { _id: 1, at: new Date(0) },
      { _id: 2, at: new Date(0) },
    ]);
    const session = database.client.startSession();
    session.startTransaction();
    await items.updateOne({ _id: 1 }, { $set: { at: new Date(Date.now() + 1e6) } }, { session });
    expect(await database.server?.sweep()).toBe(1);
    await session.commitTransaction();
    expect(await database.server?.sweep()).toBe(0);
    expect((await items.find().toArray()).map((doc) => doc._id)).toEqual([1]);
    await session.endSession();
  });
});

describe('mongoose', () => {
  it('works unmodified: schema, indexes, timestamps, populate, transaction', async () => {
    const connection = await mongoose.createConnection(database.uri, { dbName: 'goose' }).asPromise();
    const Owner = connection.model(
      'Owner',
      new mongoose.Schema({ name: { type: String, unique: true } }, { timestamps: true }),
    );
    const Pet = connection.model(
      'Pet',
      new mongoose.Schema({ owner: { type: mongoose.Types.ObjectId, ref: 'Owner' }, lines: [{ n: Number }] }),
    );
    await Promise.all([Owner.init(), Pet.init()]);
    const owner = await Owner.create({ name: 'a' });
    const pet = await Pet.create({ owner: owner._id, lines: [{ n: 1 }, { n: 2 }] });
    pet.lines[1]!.n = 9;
    pet.lines.push({ n: 3 });
    await pet.save();
    const found = await Pet.findOne({ 'lines.n': 9 }).populate<{ owner: { name: string } }>('owner');
    expect(found?.owner.name).toBe('a');
    expect(found?.lines.map((line) => line.n)).toEqual([1, 9, 3]);
    await expect(Owner.create({ name: 'a' })).rejects.toMatchObject({ code: 11000 });
    await expect(
      connection.transaction(async (session) => {
        await Owner.create([{ name: 'b' }], { session });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await Owner.countDocuments()).toBe(1);
    await connection.close();
  });
});
