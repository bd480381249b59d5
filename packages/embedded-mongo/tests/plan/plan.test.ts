import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Collection, Document, Filter, FindOptions } from 'mongodb';
import { TopRows } from '../../src/plan/find.js';
import { codeOf, openEmbedded, type TestDatabase } from '../contract/database.js';

type Item = Document & { _id: number };
let database: TestDatabase;
let items: Collection<Item>;

beforeAll(async () => {
  database = await openEmbedded();
  items = database.db.collection<Item>('items');
  await items.insertMany(
    Array.from({ length: 2000 }, (_, n) => ({
      _id: n,
      owner: n % 20,
      at: (n * 37) % 2000,
      state: n % 3 === 0 ? 'open' : 'done',
      tags: [n % 5, n % 7],
      ...(n % 10 === 0 ? { rare: n } : {}),
    })),
  );
  await items.createIndexes([
    { key: { owner: 1, at: -1 }, name: 'owner_at' },
    { key: { state: 1 }, name: 'state' },
    { key: { tags: 1 }, name: 'tags' },
    { key: { rare: 1 }, name: 'rare', sparse: true },
    { key: { at: 1 }, name: 'open_at', partialFilterExpression: { state: 'open' } },
  ]);
});
afterAll(() => database.close());

interface Explained {
  stage: string;
  index: string | undefined;
  sorted: boolean;
  keys: number;
  docs: number;
  returned: number;
  backward: boolean;
}

async function explain(filter: Filter<Item>, options: FindOptions = {}): Promise<Explained> {
  const plan = await items.find(filter, options).explain('executionStats');
  const text = JSON.stringify(plan['queryPlanner'].winningPlan);
  const stats = plan['executionStats'] as { totalKeysExamined: number; totalDocsExamined: number; nReturned: number };
  return {
    stage: text.includes('COLLSCAN') ? 'COLLSCAN' : text.includes('"OR"') ? 'OR' : 'IXSCAN',
    index: /"indexName":"([^"]+)"/.exec(text)?.[1],
    sorted: !text.includes('"SORT"'),
    keys: stats.totalKeysExamined,
    docs: stats.totalDocsExamined,
    returned: stats.nReturned,
    backward: text.includes('backward'),
  };
}

describe('the planner', () => {
  it('reads by _id one key', async () => {
    expect(await explain({ _id: 7 })).toMatchObject({ index: '_id_', keys: 1, docs: 1, returned: 1 });
  });

  it('uses equality prefix and range, and reads nothing else', async () => {
    expect(await explain({ owner: 3, at: { $gte: 100, $lt: 300 } })).toMatchObject({
      index: 'owner_at',
      keys: 10,
      returned: 10,
    });
    expect(await explain({ owner: { $in: [1, 2] } })).toMatchObject({ index: 'owner_at', keys: 200, returned: 200 });
  });

  it('takes the order from the index, forwards and backwards, and stops at the limit', async () => {
    expect(await explain({ owner: 3 }, { sort: { at: -1 }, limit: 5 })).toMatchObject({
      index: 'owner_at',
      sorted: true,
      keys: 5,
      backward: false,
    });
    expect(await explain({ owner: 3 }, { sort: { at: 1 }, limit: 5 })).toMatchObject({
      index: 'owner_at',
      sorted: true,
      keys: 5,
      backward: true,
    });
    expect(await explain({ owner: 3 }, { sort: { at: 1, _id: 1 } })).toMatchObject({ sorted: false });
    expect(await explain({}, { sort: { owner: -1, at: 1 }, limit: 3 })).toMatchObject({
      index: 'owner_at',
      sorted: true,
      keys: 3,
      backward: true,
    });
    expect(await explain({}, { sort: { owner: 1, at: 1 }, limit: 3 })).toMatchObject({
      stage: 'COLLSCAN',
      sorted: false,
    });
  });

  it('never takes the order from a multikey index, and bounds it by one condition', async () => {
    expect(await explain({ tags: 3 }, { sort: { tags: 1 } })).toMatchObject({ index: 'tags', sorted: false });
    expect(await explain({ tags: { $gt: 3, $lt: 5 } })).toMatchObject({ index: 'tags' });
  });

  it('uses a partial index only when the filter implies it, a sparse one never for what may be missing', async () => {
    expect(await explain({ state: 'open', at: { $lt: 30 } })).toMatchObject({ index: 'open_at' });
    expect(await explain({ at: { $lt: 30 } })).toMatchObject({ stage: 'COLLSCAN' });
    expect(await explain({ rare: 50 })).toMatchObject({ index: 'rare', keys: 1 });
    expect(await explain({ rare: null })).toMatchObject({ stage: 'COLLSCAN', returned: 1800 });
    expect(await explain({}, { sort: { rare: 1 } })).toMatchObject({ stage: 'COLLSCAN' });
  });

  it('joins the branches of $or, or scans when one has no index', async () => {
    expect(await explain({ $or: [{ owner: 3, at: { $lt: 100 } }, { _id: 5 }] })).toMatchObject({
      stage: 'OR',
      returned: 6,
    });
    expect(await explain({ $or: [{ owner: 3 }, { nothing: 5 }] })).toMatchObject({ stage: 'COLLSCAN' });
  });

  it('prefers the index with fewer entries', async () => {
    expect(await explain({ state: 'open', owner: 3, at: 37 * 3 })).toMatchObject({
      index: expect.stringMatching(/owner_at|open_at/),
      keys: 1,
    });
  });

  it('obeys a hint and refuses an unknown one', async () => {
    expect(await explain({ owner: 3 }, { hint: 'state' })).toMatchObject({ index: 'state', keys: 2000, returned: 100 });
    expect(await explain({ owner: 3 }, { hint: { $natural: 1 } })).toMatchObject({ stage: 'COLLSCAN' });
    expect(await explain({ owner: 3 }, { hint: { owner: 1, at: -1 } })).toMatchObject({ index: 'owner_at' });
    expect(await codeOf(items.find({}, { hint: 'nothing' }).toArray())).toBe(2);
  });

  it('explains updates, deletes, counts and aggregations', async () => {
    const commands: Document[] = [
      { update: 'items', updates: [{ q: { owner: 3 }, u: { $set: { x: 1 } } }] },
      { delete: 'items', deletes: [{ q: { owner: 3 }, limit: 0 }] },
      { count: 'items', query: { owner: 3 } },
      { aggregate: 'items', pipeline: [{ $match: { owner: 3 } }, { $count: 'n' }], cursor: {} },
      { findAndModify: 'items', query: { owner: 3 }, remove: true },
    ];
    for (const command of commands) {
      const plan = await database.db.command({ explain: command, verbosity: 'queryPlanner' });
      expect(JSON.stringify(plan['queryPlanner'])).toContain('"indexName":"owner_at"');
    }
    expect(await items.countDocuments({ owner: 3 })).toBe(100);
  });
});

describe('counting', () => {
  it('from keys equals counting documents', async () => {
    const filters: Array<Filter<Item>> = [
      {},
      { owner: 3 },
      { owner: 3, at: { $gt: 500 } },
      { state: 'open' },
      { tags: 3 },
      { rare: { $gte: 100 } },
      { owner: { $gte: 18 } },
      { owner: 3, state: 'open' },
      { owner: null },
    ];
    for (const filter of filters) {
      expect(await items.countDocuments(filter)).toBe(
        (await items.find(filter, { hint: { $natural: 1 } }).toArray()).length,
      );
      expect((await database.db.command({ count: 'items', query: filter }))['n']).toBe(
        await items.countDocuments(filter),
      );
    }
  });
});

describe('sort with limit', () => {
  it('keeps the k best in order, stable, as a full sort does', () => {
    for (let k = 0; k <= 12; k += 1) {
      const top = new TopRows({ compare: (a, b) => (a['v'] as number) - (b['v'] as number) }, k);
      const all = Array.from({ length: 10 }, (_, n) => ({ v: (n * 7) % 4, n }));
      for (const doc of all) top.add({ key: '', bytes: Buffer.alloc(0), doc });
      expect(top.inOrder().map((row) => row.doc)).toEqual([...all].sort((a, b) => a.v - b.v || a.n - b.n).slice(0, k));
    }
  });

  it('gives the same answer with and without the index', async () => {
    const ask = (hint?: Document): Promise<number[]> =>
      items
        .find({ owner: 4 }, { sort: { at: -1 }, skip: 7, limit: 9, ...(hint ? { hint } : {}) })
        .map((doc) => doc._id)
        .toArray();
    expect(await ask()).toEqual(await ask({ $natural: 1 }));
  });
});

describe('a long scan', () => {
  it('lets other requests in between', async () => {
    const big = database.db.collection('big');
    await big.insertMany(Array.from({ length: 30_000 }, (_, n) => ({ n, text: 'x'.repeat(50) })));
    const started = performance.now();
    let finished = 0;
    const scan = big
      .find({ text: /never$/ })
      .toArray()
      .then(() => (finished = performance.now() - started));
    let pings = 0;
    while (finished === 0) {
      await database.db.command({ ping: 1 });
      pings += 1;
    }
    await scan;
    expect(pings).toBeGreaterThan(5);
  });

  it('gives up at maxTimeMS (50)', async () => {
    expect(
      await codeOf(
        database.db
          .collection('big')
          .find({ text: /never$/ }, { maxTimeMS: 1 })
          .toArray(),
      ),
    ).toBe(50);
  });
});
