/** kill -9 of the real process at random moments: everything acknowledged is there, no half transaction, index = documents. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Long, MongoClient, Binary, type Document } from 'mongodb';
import { sendRaw } from '../wire/raw.js';
import { buildOnce, runToEnd, startProcess } from './process.js';

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 4);
let folder: string;

beforeAll(() => {
  buildOnce();
  folder = mkdtempSync(join(tmpdir(), 'embedded-crash-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Acknowledged {
  inserts: number[];
  transfers: number[];
}

/** Writes until the server dies; what was acknowledged is noted. */
async function work(client: MongoClient, base: number, acknowledged: Acknowledged): Promise<void> {
  const db = client.db('crash');
  let next = base;
  const inserts = async (): Promise<void> => {
    for (;;) {
      const n = next++;
      await db.collection('singles').insertOne({ n, group: n % 7 });
      acknowledged.inserts.push(n);
    }
  };
  const transfers = async (): Promise<void> => {
    for (;;) {
      const n = next++;
      await client.withSession((session) =>
        session.withTransaction(async () => {
          await db
            .collection<{ _id: string; sum: number }>('accounts')
            .updateOne({ _id: `a${n % 5}` }, { $inc: { sum: 1 } }, { session });
          await db.collection('entries').insertOne({ n, account: `a${n % 5}`, side: 'debit' }, { session });
          await db.collection('entries').insertOne({ n, account: `a${n % 5}`, side: 'credit' }, { session });
        }),
      );
      acknowledged.transfers.push(n);
    }
  };
  await Promise.allSettled([inserts(), inserts(), transfers(), transfers(), transfers()]);
}

async function verify(uri: string, acknowledged: Acknowledged): Promise<void> {
  const client = await MongoClient.connect(uri);
  const db = client.db('crash');
  const singles = new Set((await db.collection('singles').find().toArray()).map((doc) => doc['n'] as number));
  expect(acknowledged.inserts.filter((n) => !singles.has(n))).toEqual([]);
  const entries = await db
    .collection('entries')
    .find({}, { hint: { $natural: 1 } })
    .toArray();
  const perTransfer = new Map<number, number>();
  for (const entry of entries) perTransfer.set(entry['n'] as number, (perTransfer.get(entry['n'] as number) ?? 0) + 1);
  expect([...perTransfer].filter(([, sides]) => sides !== 2)).toEqual([]);
  expect(acknowledged.transfers.filter((n) => !perTransfer.has(n))).toEqual([]);
  for (const account of await db.collection<{ _id: string; sum: number }>('accounts').find().toArray()) {
    const throughIndex = await db.collection('entries').find({ account: account._id }, { hint: 'account_1' }).toArray();
    expect(throughIndex).toHaveLength(account.sum * 2);
    expect(await db.collection('entries').countDocuments({ account: account._id })).toBe(account.sum * 2);
  }
  expect(
    await db
      .collection('singles')
      .find({ n: { $gte: 0 } }, { hint: 'n_1' })
      .toArray(),
  ).toHaveLength(singles.size);
  await client.close();
}

describe('kill -9', () => {
  it(`loses nothing acknowledged in ${ROUNDS} rounds`, async () => {
    const data = join(folder, 'rounds');
    const acknowledged: Acknowledged = { inserts: [], transfers: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      const database = await startProcess(['--data', data, '--port', '0']);
      const client = await MongoClient.connect(database.uri, { serverSelectionTimeoutMS: 300, maxPoolSize: 10 });
      if (round === 0) await prepare(client);
      const working = work(client, round * 1_000_000, acknowledged);
      await new Promise((resolve) => setTimeout(resolve, 250 + Math.random() * 400));
      await database.kill();
      await working;
      await client.close();
    }
    const last = await startProcess(['--data', data, '--port', '0']);
    await verify(last.uri, acknowledged);
    await last.kill();
    expect(acknowledged.inserts.length).toBeGreaterThan(20);
    expect(acknowledged.transfers.length).toBeGreaterThan(20);
  }, 120_000);

  it('between a commit and its reply: sent again after the restart it is confirmed, not applied twice', async () => {
    const data = join(folder, 'commit');
    const lsid = { id: new Binary(Buffer.alloc(16, 5), Binary.SUBTYPE_UUID) };
    const base: Document = { lsid, txnNumber: Long.fromNumber(1), autocommit: false, $db: 'crash' };
    const first = await startProcess(['--data', data, '--port', '0', '--test-mode']);
    await sendRaw(first.uri, { insert: 'once', documents: [{ _id: 1, n: 1 }], ...base, startTransaction: true });
    await sendRaw(first.uri, {
      configureFailPoint: 'failCommand',
      mode: { times: 1 },
      data: { failCommands: ['commitTransaction'], closeAfterApply: true },
      $db: 'admin',
    });
    await expect(sendRaw(first.uri, { commitTransaction: 1, ...base, $db: 'admin' })).rejects.toThrow('closed');
    await first.kill();
    const second = await startProcess(['--data', data, '--port', '0']);
    expect(await sendRaw(second.uri, { commitTransaction: 1, ...base, $db: 'admin' })).toMatchObject({ ok: 1 });
    expect(await sendRaw(second.uri, { count: 'once', $db: 'crash' })).toMatchObject({ n: 1 });
    await second.kill();
  }, 30_000);
});

async function prepare(client: MongoClient): Promise<void> {
  const db = client.db('crash');
  await db.collection('singles').createIndex({ n: 1 }, { unique: true });
  await db.collection('singles').createIndex({ group: 1 });
  await db.collection('entries').createIndex({ account: 1 });
  await db.collection('entries').createIndex({ n: 1, side: 1 }, { unique: true });
  await db
    .collection<{ _id: string; sum: number }>('accounts')
    .insertMany(['a0', 'a1', 'a2', 'a3', 'a4'].map((_id) => ({ _id, sum: 0 })));
}

describe('the command', () => {
  it('refuses a folder in use with one sentence and exit 1, and takes over a dead one', async () => {
    const data = join(folder, 'locked');
    const first = await startProcess(['--data', data, '--port', '0']);
    const second = await runToEnd(['--data', data, '--port', '0']);
    expect(second.code).toBe(1);
    expect(second.err.trim().split('\n')).toHaveLength(1);
    expect(second.err).toContain(`in use by process ${first.child.pid}`);
    await first.kill();
    const third = await startProcess(['--data', data, '--port', '0']);
    await third.kill();
    // The same process id with another start time is another process.
    const lock = JSON.parse(readFileSync(join(data, 'server.lock'), 'utf8')) as { pid: number; started: string };
    writeFileSync(join(data, 'server.lock'), JSON.stringify({ pid: process.pid, started: `${lock.started}1` }));
    const fourth = await startProcess(['--data', data, '--port', '0']);
    await fourth.kill();
  }, 30_000);

  it('ends cleanly on SIGTERM, and when its parent lets go', async () => {
    const data = join(folder, 'ends');
    const first = await startProcess(['--data', data, '--socket', join(folder, 's', 'a.sock')]);
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    const second = await startProcess(['--data', data, '--port', '0'], true);
    second.child.disconnect();
    expect(await second.exited).toBe(0);
  }, 30_000);

  it('says what is wrong with its arguments', async () => {
    expect(await runToEnd([])).toMatchObject({ code: 2, err: expect.stringContaining('data folder is missing') });
    expect(await runToEnd(['--data', folder, '--port', 'x'])).toMatchObject({ code: 2 });
    expect(await runToEnd(['--nonsense'])).toMatchObject({ code: 2, err: expect.stringContaining('Usage') });
  });
});
