import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelStore } from '../../src/contracts/index.js';
import { createChannelStore } from '../../src/infra/channel-store.js';
import { createKeyRing } from '../../src/infra/crypto.js';
import { createLogger } from '../../src/infra/logger.js';
import { openDatabase } from '../../src/infra/mongo.js';
import type { Database } from '../../src/infra/mongo.js';

const keys = createKeyRing([`a:${Buffer.alloc(32, 1).toString('base64')}`]);
const dataDir = mkdtempSync(join(tmpdir(), 'huike-store-'));
let database: Database;
beforeAll(async () => {
  database = await openDatabase({ dataDir, log: createLogger({ level: 'silent' }) });
});
afterAll(async () => {
  await database?.close();
  rmSync(dataDir, { recursive: true });
});

/** Two stores over one database are two processes. */
const storeOf = (leaseMs?: number, now?: () => Date): ChannelStore =>
  createChannelStore({
    database: { connection: database.connection, now: now ?? (() => database.now()) },
    keys,
    ...(leaseMs ? { leaseMs } : {}),
  });
const later = new Date('2030-01-01T00:00:00Z');

describe('values', () => {
  it('are shared, replaced, kept past their expiry for the caller to judge, and removed', async () => {
    const [one, two] = [storeOf(), storeOf()];
    expect(await one.get('k')).toBeUndefined();
    await one.put('k', 'first', later);
    await two.put('k', 'second', new Date(1000));
    expect(await one.get('k')).toEqual({ value: 'second', expiresAt: new Date(1000) });
    await two.remove('k');
    expect(await one.get('k')).toBeUndefined();
  });

  it('are unreadable in the database, and under another key', async () => {
    await storeOf().put('secret', 'token-in-the-clear', later);
    const states = database.connection.collection<{ _id: string; value: string }>('channel_state');
    const row = await states.findOne({ _id: 'value/secret' });
    expect(JSON.stringify(row)).not.toContain('token-in-the-clear');
    await states.insertOne({ ...row, _id: 'value/moved', value: row?.value ?? '' });
    await expect(storeOf().get('moved')).rejects.toThrow();
  });
});

describe('the lock', () => {
  it('gives the result of the work although the lease could not be given back', async () => {
    let gone = false;
    const connection = {
      collection: () => ({
        findOneAndUpdate: async () => ({ fence: 1 }),
        updateOne: async () => {
          if (gone) throw new Error('no database');
        },
      }),
    } as unknown as Database['connection'];
    const store = createChannelStore({ database: { connection, now: () => new Date() }, keys });
    const work = async (): Promise<string> => {
      gone = true;
      return 'done';
    };
    expect(await store.withLock('k', 100, work)).toBe('done');
  });

  it('lets one in at a time over processes, and each gets in', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<string> => {
      most = Math.max(most, ++inside);
      await sleep(10);
      inside--;
      return 'done';
    };
    const results = await Promise.all(Array.from({ length: 12 }, () => storeOf().withLock('many', 10_000, work)));
    expect(results).toEqual(Array.from({ length: 12 }, () => 'done'));
    expect(most).toBe(1);
  });

  it('is given up on after the wait, and free after a throw', async () => {
    const store = storeOf();
    let free: () => void = () => undefined;
    const held = store.withLock('busy', 0, () => new Promise<void>((done) => (free = done)));
    await sleep(50);
    const asked = performance.now();
    expect(await storeOf().withLock('busy', 100, async () => 'in')).toBeUndefined();
    expect(performance.now() - asked).toBeGreaterThanOrEqual(95);
    expect(await storeOf().withLock('other', 0, async () => 'in')).toBe('in');
    free();
    await held;
    await expect(store.withLock('busy', 0, async () => Promise.reject(new Error('planted')))).rejects.toThrow(
      'planted',
    );
    expect(await store.withLock('busy', 0, async () => 'in')).toBe('in');
  });

  it('is renewed while its work runs longer than the lease', async () => {
    const held = storeOf(300).withLock('long', 0, () => sleep(900, 'mine'));
    await sleep(600);
    expect(await storeOf(300).withLock('long', 0, async () => 'stolen')).toBeUndefined();
    expect(await held).toBe('mine');
  });

  it('of a silent holder runs out, and what that holder writes late is dropped', async () => {
    const holder = storeOf(60_000);
    const ahead = storeOf(60_000, () => new Date(database.now().getTime() + 120_000));
    let wake: () => void = () => undefined;
    const late = holder.withLock('fenced', 0, async (fenced) => {
      await new Promise<void>((done) => (wake = done));
      await fenced.put('token', 'old', later);
    });
    await sleep(50);
    await ahead.withLock('fenced', 0, (fenced) => fenced.put('token', 'new', later));
    wake();
    await late;
    expect((await storeOf().get('token'))?.value).toBe('new');
    // Without the lease's number the late write does win: the fence is what stops it.
    await holder.put('token', 'unfenced', later);
    expect((await storeOf().get('token'))?.value).toBe('unfenced');
  });
});
