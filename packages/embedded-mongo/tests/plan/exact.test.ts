/** Reads by one exact key, and updates that leave some indexes alone: compared with the plain scan, over random documents. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Document } from 'mongodb';
import { openEmbedded, type TestDatabase } from '../contract/database.js';

type Row = Document & { _id: number };
let database: TestDatabase;
beforeEach(async () => {
  database = await openEmbedded();
});
afterEach(() => database.close());

const rows = () => database.db.collection<Row>('rows');

async function explained(filter: Document): Promise<{ stage: string; docs: number }> {
  const plan = await rows().find(filter).explain('executionStats');
  return {
    stage: JSON.stringify(plan['queryPlanner']).includes('IXSCAN') ? 'IXSCAN' : 'COLLSCAN',
    docs: (plan['executionStats'] as { totalDocsExamined: number }).totalDocsExamined,
  };
}

describe('a read by one exact key', () => {
  it('finds what the scan finds, for short, long, numeric, null and missing values', async () => {
    const long = (tail: string): string => 'x'.repeat(1600) + tail;
    const medium = 'y'.repeat(1368);
    const values: unknown[] = [1, 2.5, 'a', 'a\0b', '', long('1'), long('2'), medium, `${medium}z`, null, true, [1, 2]];
    await rows().createIndex({ code: 1 }, { unique: true, name: 'code', partialFilterExpression: { open: true } });
    await rows().insertMany(values.map((code, at) => ({ _id: at, code, open: code !== 1 && at !== 11 })));
    await rows().insertOne({ _id: 99, open: false });
    for (const code of [...values.slice(0, 11), 1.0, 'b', long('3'), `${medium}y`]) {
      for (const filter of [{ code }, { code, open: true }, { code: { $in: [code] }, open: true }] as Document[]) {
        const byScan = await rows()
          .find(filter, { hint: { $natural: 1 } })
          .toArray();
        const found = await rows().find(filter).toArray();
        expect({ filter, found: found.map(({ _id }) => _id) }).toEqual({ filter, found: byScan.map(({ _id }) => _id) });
      }
    }
    expect(await explained({ code: 'a', open: true })).toEqual({ stage: 'IXSCAN', docs: 1 });
  });

  it('by _id holds for every type of id, long ones too', async () => {
    // Rows are typed by their numbers; the server takes any type.
    const ids = [
      1,
      2.5,
      'a',
      'i'.repeat(479),
      'i'.repeat(480),
      'i'.repeat(2000),
      new Date(5),
      { a: 1 },
    ] as unknown as number[];
    await rows().insertMany(ids.map((_id) => ({ _id })));
    for (const _id of ids) expect(await rows().find({ _id }).toArray()).toEqual([{ _id }]);
    expect(await rows().findOne({ _id: 'i'.repeat(481) as unknown as number })).toBeNull();
    expect(await explained({ _id: 'a' })).toEqual({ stage: 'IXSCAN', docs: 1 });
  });
});

describe('a read by a list of values', () => {
  const at = (value: unknown): Document => ({ code: value });

  it('finds what the scan finds, through a unique and through an ordinary index', async () => {
    const medium = 'y'.repeat(1368);
    const values: unknown[] = [1, 2.5, 'a', 'a\0b', '', medium, `${medium}z`, true, new Date(7), null];
    await rows().insertMany(values.map((code, i) => ({ _id: i, code, group: i % 3, other: 'x' })));
    await rows().createIndex({ group: 1, other: 1 });
    for (const unique of [true, false]) {
      await rows().createIndex({ code: 1 }, { unique, name: 'code' });
      const lists = [values, [1.0, 'a', 'b', 3], [`${medium}y`, 'a'], [`${medium}z`], [null, 'a'], [/^a/, 1], []];
      for (const list of lists) {
        const filters = [{ code: { $in: list } }, ...list.map(at), { group: { $in: [0, 2, 9] } }] as Document[];
        for (const filter of filters) {
          const ids = async (hint?: Document) =>
            (
              await rows()
                .find(filter, hint ? { hint } : {})
                .toArray()
            )
              .map(({ _id }) => _id)
              .sort((a, b) => a - b);
          expect({ filter, found: await ids() }).toEqual({ filter, found: await ids({ $natural: 1 }) });
        }
      }
      await rows().dropIndex('code');
    }
  });

  it('by _id comes in the order of the ids, once each, backwards when sorted so, and with its own transaction in sight', async () => {
    await rows().insertMany(Array.from({ length: 300 }, (_, _id) => ({ _id })));
    const asked = [250, 3, 3, 999, 120, 0];
    const found = async (sort?: 1 | -1) =>
      (
        await rows()
          .find({ _id: { $in: asked } }, sort ? { sort: { _id: sort } } : {})
          .toArray()
      ).map(({ _id }) => _id);
    expect(await found()).toEqual([0, 3, 120, 250]);
    expect(await found(-1)).toEqual([250, 120, 3, 0]);
    await database.client.withSession((session) =>
      session.withTransaction(async () => {
        await rows().deleteOne({ _id: 3 }, { session });
        await rows().insertOne({ _id: 999 }, { session });
        const seen = await rows()
          .find({ _id: { $in: asked } }, { session })
          .toArray();
        expect(seen.map(({ _id }) => _id)).toEqual([0, 120, 250, 999]);
      }),
    );
  });

  it('an array that holds the value is found too, once', async () => {
    await rows().createIndex({ tags: 1 });
    await rows().insertMany([
      { _id: 1, tags: ['a', 'b'] },
      { _id: 2, tags: 'a' },
      { _id: 3, tags: ['c'] },
    ]);
    const found = await rows()
      .find({ tags: { $in: ['a', 'b'] } })
      .toArray();
    expect(found.map(({ _id }) => _id)).toEqual([1, 2]);
  });
});

describe('an update', () => {
  it('by _id changes that document alone, whatever the type of the id', async () => {
    const ids = [1, 2.5, 'a', 'i'.repeat(600), `${'i'.repeat(600)}j`, new Date(5)] as unknown as number[];
    await rows().insertMany(ids.map((_id) => ({ _id, n: 0 })));
    for (const _id of ids) expect((await rows().updateOne({ _id }, { $inc: { n: 1 } })).modifiedCount).toBe(1);
    expect(
      (await rows().updateOne({ _id: 'i'.repeat(601) as unknown as number }, { $inc: { n: 1 } })).matchedCount,
    ).toBe(0);
    expect((await rows().updateOne({ _id: null as unknown as number }, { $inc: { n: 1 } })).matchedCount).toBe(0);
    expect((await rows().find().toArray()).map(({ n }) => n as number)).toEqual(ids.map(() => 1));
    expect((await rows().deleteMany({ _id: 1 })).deletedCount).toBe(1);
    const upserted = await rows().updateOne({ _id: 77 }, { $set: { n: 5 } }, { upsert: true });
    expect([upserted.upsertedCount, await rows().findOne({ _id: 77 })]).toEqual([1, { _id: 77, n: 5 }]);
  });

  it('of another field takes a document into a partial index and out of it', async () => {
    await rows().createIndex({ a: 1 }, { name: 'open', partialFilterExpression: { open: true } });
    await rows().insertOne({ _id: 1, a: 1, open: false });
    const held = () => rows().find({ a: 1 }, { hint: 'open' }).toArray();
    await rows().updateOne({ _id: 1 }, { $set: { open: true } });
    expect(await held()).toHaveLength(1);
    await rows().updateOne({ _id: 1 }, { $set: { open: false } });
    expect(await held()).toHaveLength(0);
  });

  it('keeps every index in step, whichever fields it changes', async () => {
    let seed = 11;
    const random = (n: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      // The low bits of such a generator repeat at once.
      return (seed >>> 12) % n;
    };
    await rows().createIndexes([
      { key: { a: 1 }, name: 'a' },
      { key: { 'b.c': 1, a: -1 }, name: 'bc' },
      { key: { tags: 1 }, name: 'tags' },
      { key: { a: 1 }, name: 'open', partialFilterExpression: { open: true } },
    ]);
    const fresh = (_id: number): Row => ({
      _id,
      a: random(5),
      b: { c: random(5), d: 0 },
      tags: [random(4)],
      open: random(2) === 0,
    });
    await rows().insertMany(Array.from({ length: 20 }, (_, n) => fresh(n)));
    const changes = (): Document => {
      const all: Document[] = [
        { $set: { a: random(5) } },
        { $set: { 'b.c': random(5) } },
        { $inc: { 'b.d': 1 } },
        { $set: { other: random(9) } },
        { $set: { open: random(2) === 0 } },
        { $push: { tags: random(4) } },
        { $pop: { tags: 1 } },
        { $unset: { b: '' } },
      ];
      return all[random(all.length)] as Document;
    };
    for (let n = 0; n < 150; n += 1) {
      const _id = random(20);
      if (random(6) === 0) await rows().replaceOne({ _id }, fresh(_id) as Document);
      else await rows().updateOne({ _id }, changes());
    }
    const ids = async (filter: Document, hint: Document | string): Promise<unknown[]> =>
      (await rows().find(filter, { hint }).sort({ _id: 1 }).toArray()).map((row) => row._id);
    for (let value = 0; value < 5; value += 1) {
      const checks: Array<[Document, string]> = [
        [{ a: value }, 'a'],
        [{ 'b.c': value }, 'bc'],
        [{ tags: value }, 'tags'],
        [{ a: value, open: true }, 'open'],
      ];
      for (const [filter, index] of checks)
        expect({ filter, ids: await ids(filter, index) }).toEqual({ filter, ids: await ids(filter, { $natural: 1 }) });
    }
  });
});
