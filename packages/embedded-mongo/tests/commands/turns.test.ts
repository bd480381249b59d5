/** Long work gives way to short requests, and ends when nobody waits for it any more. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoClient, type Document } from 'mongodb';
import { codeOf, openEmbedded, type TestDatabase } from '../contract/database.js';

let database: TestDatabase;
const DOCS = 60_000;
beforeAll(async () => {
  database = await openEmbedded();
  const text = 'x'.repeat(200);
  for (let first = 0; first < DOCS; first += 10_000) {
    await rows().insertMany(Array.from({ length: 10_000 }, (_, i) => ({ n: first + i, at: (first + i) % 50, text })));
  }
  await rows().createIndexes([{ key: { at: 1, n: 1 } }, { key: { n: -1 } }]);
}, 60_000);
afterAll(() => database.close());

const rows = () => database.db.collection<Document>('rows');
const never = { text: /never$/ };

/** Each kind of work that goes past everybody. */
const long: Record<string, () => Promise<unknown>> = {
  find: () => rows().find(never).toArray(),
  count: () => rows().countDocuments(never),
  'count from keys': () => rows().countDocuments({ at: { $gte: 0 }, $nor: [{ n: 5 }] }),
  'count of ids': () => rows().countDocuments({ $or: [{ at: { $gte: 3 } }, { n: { $lt: 55_000 } }] }),
  group: () =>
    rows()
      .aggregate([{ $group: { _id: '$at', n: { $sum: '$n' } } }])
      .toArray(),
  'group of unwound': () =>
    rows()
      .aggregate([
        { $addFields: { all: ['$at', '$n'] } },
        { $unwind: '$all' },
        { $group: { _id: '$at', n: { $sum: 1 } } },
      ])
      .toArray(),
  facet: () =>
    rows()
      .aggregate([{ $facet: { a: [{ $match: never }], b: [{ $group: { _id: '$at', n: { $sum: 1 } } }] } }])
      .toArray(),
  distinct: () => rows().distinct('at', never),
  'a sort': () =>
    rows()
      .find(never, { sort: { text: 1 } })
      .toArray(),
};

/** How many answers to short requests come before the work is done, and the longest wait for one. */
async function meanwhile(work: () => Promise<unknown>): Promise<{ answers: number; worst: number }> {
  let isOver = false;
  const done = work().finally(() => (isOver = true));
  let [answers, worst] = [0, 0];
  while (!isOver) {
    const started = performance.now();
    await database.db.command({ ping: 1 });
    worst = Math.max(worst, performance.now() - started);
    answers += 1;
  }
  await done;
  return { answers, worst };
}

describe('long work', () => {
  it.each(Object.keys(long))('%s lets short requests in between', async (name) => {
    const { answers } = await meanwhile(long[name] as () => Promise<unknown>);
    expect(answers).toBeGreaterThan(4);
  });

  it('many at once take turns', async () => {
    const work = (): Promise<unknown> => Promise.all(Array.from({ length: 6 }, () => rows().countDocuments(never)));
    const { answers } = await meanwhile(work);
    expect(answers).toBeGreaterThan(20);
  });

  it.each(Object.keys(long))('%s ends at maxTimeMS', async (name) => {
    // The commands as they are sent: the driver's helpers above take no limit here.
    const commands: Record<string, Document> = {
      find: { find: 'rows', filter: never },
      count: { count: 'rows', query: never },
      'count from keys': { count: 'rows', query: { at: { $gte: 0 }, $nor: [{ n: 5 }] } },
      'count of ids': { count: 'rows', query: { $or: [{ at: { $gte: 3 } }, { n: { $lt: 55_000 } }] } },
      group: { aggregate: 'rows', pipeline: [{ $group: { _id: '$at', n: { $sum: '$n' } } }], cursor: {} },
      'group of unwound': { aggregate: 'rows', pipeline: [{ $unwind: '$n' }, { $group: { _id: '$n' } }], cursor: {} },
      facet: { aggregate: 'rows', pipeline: [{ $facet: { a: [{ $match: never }] } }], cursor: {} },
      distinct: { distinct: 'rows', key: 'at', query: never },
      'a sort': { find: 'rows', filter: never, sort: { text: 1 } },
    };
    expect(await codeOf(database.db.command({ ...commands[name], maxTimeMS: 2 }))).toBe(50);
  });

  it('a killed cursor ends while it works (237), and is gone (43)', async () => {
    const session = database.client.startSession();
    const id = await openCursor(session);
    const more = codeOf(database.db.command({ getMore: id, collection: 'rows' }, { session }));
    await new Promise((resolve) => setTimeout(resolve, 15));
    const kill = await database.db.command({ killCursors: 'rows', cursors: [id] });
    expect(kill['cursorsKilled'].map(String)).toEqual([String(id)]);
    expect(await more).toBe(237);
    expect(await codeOf(database.db.command({ getMore: id, collection: 'rows' }, { session }))).toBe(43);
    await session.endSession();
  });

  /** Has given one row; the next is at the end of all. */
  async function openCursor(session: ReturnType<MongoClient['startSession']>): Promise<unknown> {
    const filter = { $or: [{ n: { $in: [0] }, text: /x/ }, never] };
    const command = { find: 'rows', filter, hint: { $natural: 1 }, batchSize: 0 };
    const opened = await database.db.command(command, { session, promoteLongs: false });
    return (opened['cursor'] as Document)['id'] as unknown;
  }

  it('ends when the client closes its connection', async () => {
    const leaving = await MongoClient.connect(database.uri);
    const scans = Array.from({ length: 8 }, () =>
      codeOf(
        leaving
          .db('test')
          .collection('rows')
          .find({ $or: [never, { text: /nowhere/ }] })
          .toArray(),
      ),
    );
    const working = async (): Promise<number> => {
      const status = await database.db.command({ serverStatus: 1 });
      return (status['metrics'] as { longWork: number }).longWork;
    };
    let most = 0;
    for (let tries = 0; tries < 20 && most < 4; tries += 1) most = Math.max(most, await working());
    expect(most).toBeGreaterThan(3);
    await leaving.close();
    await Promise.all(scans);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await working()).toBe(0);
  });
});
