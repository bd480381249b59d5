/** An index over many documents is filled in steps: others are served meanwhile, and what they write is in it. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Document } from 'mongodb';
import { codeOf, openEmbedded, type TestDatabase } from '../contract/database.js';

const DOCS = 35_000;
type Row = Document & { _id: number };
let database: TestDatabase;
const rows = () => database.db.collection<Row>('rows');

beforeEach(async () => {
  database = await openEmbedded();
  await rows().insertMany(
    Array.from({ length: DOCS }, (_, n) => ({ _id: n, at: n % 97, code: `c${n}`, tags: [n % 5, n % 7] })),
  );
}, 60_000);
afterEach(() => database.close());

const ids = async (filter: Document, hint: Document): Promise<number[]> =>
  (
    await rows()
      .find(filter, { hint, projection: { _id: 1 } })
      .toArray()
  )
    .map(({ _id }) => _id)
    .sort((a, b) => a - b);

/** Changes documents one after the other until the work is done; says how many. */
async function writeDuring(work: Promise<unknown>, write: (n: number) => Promise<unknown>): Promise<number> {
  let isOver = false;
  const done = work.finally(() => (isOver = true));
  let n = 0;
  while (!isOver) await write(n++);
  await done;
  return n;
}

describe('an index over many documents', () => {
  it('holds what was inserted, changed and removed while it was filled', async () => {
    const changes: Array<(n: number) => Promise<unknown>> = [
      (n) => rows().updateOne({ _id: (n * 911) % DOCS }, { $set: { at: 1000 + (n % 3), tags: [n % 3] } }),
      (n) => rows().deleteOne({ _id: (n * 577) % DOCS }),
      (n) => rows().insertOne({ _id: DOCS + n, at: 1000, code: `new${n}`, tags: [9] }),
      (n) => rows().replaceOne({ _id: (n * 911) % DOCS }, { at: 5, code: `r${n}`, tags: 'one' }),
      (n) => rows().deleteOne({ _id: DOCS + n - 2 }),
    ];
    const build = rows().createIndexes([{ key: { at: 1 } }, { key: { tags: -1 } }, { key: { code: 1 }, unique: true }]);
    const written = await writeDuring(build, (n) =>
      (changes[n % changes.length] as (n: number) => Promise<unknown>)(n),
    );
    expect(written).toBeGreaterThan(20);
    const plain = { $natural: 1 };
    for (const at of [5, 60, 1000, 1001, 1002]) expect(await ids({ at }, { at: 1 })).toEqual(await ids({ at }, plain));
    expect((await ids({ at: { $gte: 1000 } }, { at: 1 })).length).toBeGreaterThan(0);
    for (const tags of [0, 2, 9, 'one']) expect(await ids({ tags }, { tags: -1 })).toEqual(await ids({ tags }, plain));
    expect(await ids({ code: { $gte: '' } }, { code: 1 })).toEqual(await ids({ code: { $gte: '' } }, plain));
    expect(await codeOf(rows().insertOne({ _id: -1, code: 'c1' }))).toBe(11000);
  }, 60_000);

  it('that is unique fails for a double value, also one written meanwhile, and can be made when that is gone', async () => {
    await rows().updateOne({ _id: 30_000 }, { $set: { code: 'c1' } });
    expect(await codeOf(rows().createIndex({ code: 1 }, { unique: true }))).toBe(11000);
    expect((await rows().indexes()).map(({ name }) => name)).toEqual(['_id_']);
    await rows().updateOne({ _id: 30_000 }, { $set: { code: 'c30000' } });
    let made = false;
    const build = rows()
      .createIndex({ code: 1 }, { unique: true })
      .then(() => (made = true));
    const double = codeOf(rows().updateOne({ _id: 5 }, { $set: { code: 'c6' } }));
    const outcome = await codeOf(build);
    // Either came first: then the other was refused.
    expect([outcome, await double].filter((code) => code === 11000)).toHaveLength(1);
    if (!made) {
      await rows().updateOne({ _id: 5 }, { $set: { code: 'c5' } });
      await rows().createIndex({ code: 1 }, { unique: true });
    }
    expect(await ids({ code: 'c6' }, { code: 1 })).toEqual([6]);
  }, 60_000);

  it('waits for a transaction that has written, and has what it wrote', async () => {
    const session = database.client.startSession();
    session.startTransaction();
    await rows().updateOne({ _id: 7 }, { $set: { at: 5000 } }, { session });
    const build = rows().createIndex({ at: 1 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await session.commitTransaction();
    await session.endSession();
    await build;
    expect(await ids({ at: 5000 }, { at: 1 })).toEqual([7]);
  }, 60_000);
});
