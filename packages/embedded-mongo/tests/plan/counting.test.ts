/** Counts that index keys answer: each plan where it is meant, and for random documents and filters what a plain scan counts. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Collection, Document } from 'mongodb';
import { openEmbedded, type TestDatabase } from '../contract/database.js';

type Item = Document & { _id: number };
let database: TestDatabase;
let items: Collection<Item>;
const SEED = 5;
const DOCS = 1800;

const one = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined, freq: 3 });
const at = one(...[-1, 0, 1, 2, 3, 4].map((day) => new Date(day * 86_400_000)));
const scalar = one<unknown>(0, 1, 2, 2.5, 'a', 'a\0b', 'ab', '', true, false, null, new Date(86_400_000));
const pair = fc.record({ c: one('x', 'y', 'z'), at }, { requiredKeys: ['c'] });

const item = fc.record({
  ...{ a: maybe(at), b: maybe(at), c: maybe(scalar), s: maybe(scalar), open: fc.boolean() },
  n: maybe(fc.record({ k: scalar })),
  tags: maybe(fc.oneof(fc.array(one('t', 'u', 'v', 'w'), { maxLength: 3 }), one<unknown>('t', null, 5, [['t']]))),
  pairs: maybe(fc.oneof(fc.array(pair, { maxLength: 3 }), pair)),
});

const leafOn = (path: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<Document> =>
  fc
    .oneof(
      ...[value, value, fc.array(value, { minLength: 1, maxLength: 3 }).map(($in) => ({ $in }))],
      fc.tuple(one('$gt', '$gte', '$lt', '$lte', '$ne', '$eq'), value).map(([op, v]) => ({ [op]: v })),
      fc.tuple(value, value).map(([low, high]) => ({ $gte: low, $lt: high })),
      one<unknown>({ $exists: true }, { $exists: false }, { $type: 'string' }),
      fc.tuple(one('$gte', '$lte'), value).map(([op, v]) => ({ $not: { [op]: v } })),
    )
    .map((condition) => ({ [path]: condition }));

const leaf = fc.oneof(
  ...[leafOn('a', at), leafOn('a', at), leafOn('b', at), leafOn('c', scalar), leafOn('s', scalar)],
  ...[leafOn('open', fc.boolean()), leafOn('n.k', scalar), leafOn('tags', one('t', 'u', 'v', 'q'))],
  ...[leafOn('pairs.c', one('x', 'y')), leafOn('pairs.at', at)],
  fc.tuple(one('x', 'y'), at).map(([c, since]) => ({ pairs: { $elemMatch: { c, at: { $gte: since } } } })),
);
const { filter } = fc.letrec<{ filter: Document }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 2, arbitrary: leaf },
    { weight: 3, arbitrary: fc.tuple(leaf, leaf).map(([left, right]) => ({ ...left, ...right })) },
    { weight: 1, arbitrary: fc.tuple(leaf, leaf, leaf).map((all) => Object.assign({}, ...all) as Document) },
    ...['$and', '$or', '$nor'].map((op) => ({
      weight: 1,
      arbitrary: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }).map((all) => ({ [op]: all })),
    })),
  ),
}));

beforeAll(async () => {
  database = await openEmbedded({}, { ignoreUndefined: true });
  items = database.db.collection<Item>('items');
  await items.insertMany(fc.sample(item, { numRuns: DOCS, seed: SEED }).map((known, _id) => ({ _id, ...known })));
  await items.createIndexes([
    { key: { a: 1, open: 1 }, name: 'a' },
    { key: { b: -1, open: 1 }, name: 'b' },
    { key: { c: 1, a: -1 }, name: 'c' },
    { key: { s: 1 }, name: 's', sparse: true },
    { key: { 'n.k': 1 }, name: 'nk' },
    { key: { tags: 1, open: 1 }, name: 'tags' },
    { key: { 'pairs.c': 1, 'pairs.at': 1 }, name: 'pairs' },
    { key: { b: 1, c: 1 }, name: 'open_b', partialFilterExpression: { open: true } },
  ]);
}, 60_000);
afterAll(() => database.close());

const scanned = (asked: Document): Promise<number> => items.countDocuments(asked, { hint: { $natural: 1 } });

interface Told {
  stages: string;
  docs: number;
  index: string | undefined;
  counted: number;
}

/** The plan of the count that countDocuments sends. */
async function explained(asked: Document): Promise<Told> {
  const pipeline = [{ $match: asked }, { $group: { _id: 1, n: { $sum: 1 } } }];
  const explain = { aggregate: 'items', pipeline, cursor: {} };
  const told = await database.db.command({ explain, verbosity: 'executionStats' });
  const plan = JSON.stringify(told['queryPlanner'].winningPlan);
  const stats = told['executionStats'] as { totalDocsExamined: number; nReturned: number };
  return {
    stages: [...plan.matchAll(/"stage":"([A-Z_]+)"/g)].map((match) => match[1]).join(' '),
    docs: stats.totalDocsExamined,
    index: /"indexName":"([^"]+)"/.exec(plan)?.[1],
    counted: stats.nReturned,
  };
}

const day = (n: number): Date => new Date(n * 86_400_000);

describe('a count is read from keys', () => {
  const cases: Array<[string, Document, string, string | undefined]> = [
    ['of a range', { a: { $gte: day(1) } }, 'COUNT COUNT_SCAN', 'a'],
    ['of a range and a trailing field', { a: { $gte: day(1) }, open: true }, 'COUNT IXSCAN', 'a'],
    ['of a descending index', { b: { $gte: day(1) }, open: false }, 'COUNT IXSCAN', 'b'],
    ['of $and', { $and: [{ a: { $gte: day(0) } }, { a: { $lt: day(3) } }, { open: true }] }, 'COUNT IXSCAN', 'a'],
    [
      'of $in and a trailing range',
      { c: { $in: [0, 1, 2, 'a', '', null] }, a: { $gte: day(0) } },
      'COUNT COUNT_SCAN',
      'c',
    ],
    ['of $nor on a field of the index', { a: { $gte: day(0) }, $nor: [{ open: true }] }, 'COUNT IXSCAN', 'a'],
    ['of $not', { a: { $not: { $gte: day(1) } }, open: true }, 'COUNT IXSCAN', 'a'],
    ['of null, which is missing as well', { c: null, a: { $gte: day(0) } }, 'COUNT COUNT_SCAN', 'c'],
    ['of an array, each document once', { tags: { $in: ['t', 'u', 'v'] } }, 'COUNT IXSCAN', 'tags'],
    ['of an array and another field', { tags: { $in: ['t', 'u'] }, open: true }, 'COUNT IXSCAN', 'tags'],
    [
      'of an array without a value',
      { a: { $gte: day(0) }, tags: { $nin: ['t'] } },
      'COUNT AND_HASH IXSCAN EXCEPT IXSCAN',
      'a',
    ],
    ['of the id behind the fields', { a: { $gte: day(0) }, _id: { $gt: 900 } }, 'COUNT IXSCAN', 'a'],
    ['of two indexes', { a: { $gte: day(1) }, b: { $gte: day(1) } }, 'COUNT AND_HASH IXSCAN IXSCAN', 'b'],
    [
      'of one index without those of another',
      { a: { $gte: day(2) }, open: true, $nor: [{ b: { $gte: day(3) } }] },
      'COUNT AND_HASH IXSCAN EXCEPT IXSCAN',
      'a',
    ],
    ['of either of two, each once', { $or: [{ a: day(1) }, { b: day(1) }] }, 'COUNT OR IXSCAN IXSCAN', 'a'],
    [
      'of a partial index that is implied',
      { b: { $gte: day(1) }, c: { $in: [0, 1, 2, 'a', ''] }, open: true },
      'COUNT IXSCAN',
      'open_b',
    ],
  ];
  it.each(cases)('%s', async (_name, asked, stages, index) => {
    const told = await explained(asked);
    expect(told).toEqual({ stages, docs: 0, index, counted: await scanned(asked) });
    expect(told.counted).toBeGreaterThan(0);
    expect(await items.countDocuments(asked)).toBe(told.counted);
  });

  it('and from documents for what keys do not tell', async () => {
    for (const asked of [
      { a: { $gte: day(0) }, 'pairs.c': { $exists: true } },
      { pairs: { $elemMatch: { c: 'x', at: { $gte: day(0) } } } },
      { a: { $gte: day(0) }, n: { $ne: 5 } },
      { $expr: { $gt: ['$b', '$a'] } },
    ] as Document[]) {
      const told = await explained(asked);
      expect({ asked, some: told.docs > 0, counted: told.counted }).toEqual({
        asked,
        some: true,
        counted: await scanned(asked),
      });
    }
  });

  it('stops at the limit and leaves out what is skipped', async () => {
    const asked = { a: { $gte: day(0) }, open: true };
    const all = await scanned(asked);
    expect(all).toBeGreaterThan(250);
    expect(await items.countDocuments(asked, { limit: 20 })).toBe(20);
    expect(await items.countDocuments(asked, { skip: all - 7 })).toBe(7);
    expect(await items.countDocuments(asked, { skip: all - 7, limit: 3 })).toBe(3);
    expect(await items.countDocuments(asked, { skip: all + 7 })).toBe(0);
    const counted = await items.aggregate([{ $match: asked }, { $count: 'people' }]).toArray();
    expect(counted).toEqual([{ people: all }]);
    expect(await items.aggregate([{ $match: { a: 'none' } }, { $count: 'people' }]).toArray()).toEqual([]);
  });

  it('of what the transaction sees, its own writes among it', async () => {
    const asked = { a: { $gte: day(1) }, open: true };
    const before = await scanned(asked);
    await database.client.withSession(async (session) => {
      session.startTransaction();
      await items.insertOne({ _id: 90_001, a: day(2), open: true }, { session });
      await items.updateMany({ a: day(3), open: true }, { $set: { open: false } }, { session });
      const left = await items.find(asked, { session, hint: { $natural: 1 } }).toArray();
      expect(await items.countDocuments(asked, { session })).toBe(left.length);
      expect(left.length).not.toBe(before);
      await session.abortTransaction();
    });
    expect(await items.countDocuments(asked)).toBe(before);
  });
});

describe('random filters', () => {
  it('count what a plain scan counts', async () => {
    const plans = new Map<string, number>();
    for (const asked of fc.sample(filter, { numRuns: 250, seed: SEED })) {
      expect({ asked, n: await items.countDocuments(asked) }).toEqual({ asked, n: await scanned(asked) });
      const { stages } = await explained(asked);
      plans.set(stages, (plans.get(stages) ?? 0) + 1);
    }
    // So that the comparison is known to have met every kind of plan.
    for (const stages of ['COUNT COUNT_SCAN', 'COUNT IXSCAN', 'COUNT AND_HASH IXSCAN IXSCAN', 'COUNT OR IXSCAN IXSCAN'])
      expect({ stages, met: (plans.get(stages) ?? 0) > 0 }).toEqual({ stages, met: true });
    expect([...plans.keys()].some((stages) => stages.includes('EXCEPT'))).toBe(true);
    expect([...plans.keys()].some((stages) => stages.includes('FETCH AND_HASH'))).toBe(true);
  }, 180_000);

  it('find what a plain scan finds', async () => {
    const ids = async (asked: Document, hint?: Document): Promise<number[]> => {
      const found = await items.find(asked, { projection: { _id: 1 }, ...(hint ? { hint } : {}) }).toArray();
      return found.map(({ _id }) => _id).sort((a, b) => a - b);
    };
    for (const asked of fc.sample(filter, { numRuns: 50, seed: SEED + 1 }))
      expect({ asked, ids: await ids(asked) }).toEqual({ asked, ids: await ids(asked, { $natural: 1 }) });
  }, 60_000);
});
