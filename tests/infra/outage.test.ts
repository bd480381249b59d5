/** What hangs or goes away at the wrong moment: the start, a command, a periodic task. Real database behind a proxy that cuts or mutes. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mongoose from 'mongoose';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import { StartProblem } from '../../src/errors.js';
import { createLogger } from '../../src/infra/logger.js';
import { startEmbedded } from '../../src/infra/embedded.js';
import { openDatabase } from '../../src/infra/mongo.js';
import { DatabaseAway, isOutage, throughOutages } from '../../src/infra/outage.js';
import { freePort, prints, startVictim } from '../helpers/processes.js';
import type { Victim } from '../helpers/processes.js';
import { startProxy } from '../helpers/proxy.js';
import type { Rule } from '../helpers/proxy.js';

const databaseEntry = createRequire(import.meta.url).resolve('@huike/embedded-mongo/cli');
const log = createLogger({ level: 'silent' });
let dataDir: string;
const outage = (): Error => new mongoose.mongo.MongoNetworkError('read ECONNRESET');
let port: number;
let database: Victim;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'huike-outage-'));
  port = await freePort();
  const command = ['node', databaseEntry, '--data', join(dataDir, 'db'), '--port', String(port)];
  database = await startVictim({ name: 'database', command, env: {}, up: prints });
});
afterAll(async () => {
  await database.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const uriAt = (at: number): string => `mongodb://127.0.0.1:${at}/huike?directConnection=true`;

/** A command is a document's first field: of a string, the collection's name, or of a number. */
const starts = (command: string): string[] => [`\u0002${command}\0`, `\u0010${command}\0`];

/** The fate of the nth request with this command; all others pass. */
function nth(command: string, n: number, fate: 'cut' | 'mute'): Rule {
  let seen = 0;
  return (bytes) => (starts(command).some((start) => bytes.includes(start)) && ++seen === n ? fate : 'pass');
}

const appAt = (at: number) =>
  createApp({
    config: loadConfig({ env: { HUIKE_DATA_DIR: dataDir, MONGODB_URI: uriAt(at), NODE_ENV: '' }, cwd: process.cwd() }),
    log,
  });

describe('a start', () => {
  it.each(['create', 'createIndexes'])(
    'goes on when the database goes away at its %s',
    async (command) => {
      const proxy = await startProxy(port, nth(command, 3, 'cut'));
      const app = await appAt(proxy.port);
      expect(proxy.applied()).toBe(1);
      await app.database.ping();
      await app.close();
      await proxy.stop();
    },
    30_000,
  );

  it('waits for a database that stays away for longer than a search for it takes', async () => {
    const seen: string[] = [];
    const failures = [outage(), new DatabaseAway('not back yet'), new DatabaseAway('not back yet')];
    const start = async (): Promise<string> => {
      const failure = failures.shift();
      if (!failure) return 'up';
      seen.push(failure.message);
      throw failure;
    };
    expect(await throughOutages(start, log)).toBe('up');
    expect(seen.length).toBe(3);
  });

  it.each([
    ['a database that was never met', new DatabaseAway('no such address')],
    ['what is no outage', new Error('a fault')],
    ['any other problem of a start', new StartProblem('the port is in use')],
  ])('ends at once by %s', async (_, failure) => {
    let tries = 0;
    const start = (): Promise<never> => {
      tries += 1;
      return Promise.reject(failure);
    };
    await expect(throughOutages(start, log)).rejects.toBe(failure);
    expect(tries).toBe(1);
  });

  it('ends by another problem after an outage too', async () => {
    const failures = [outage(), new StartProblem('Redis cannot be reached')];
    await expect(throughOutages(() => Promise.reject(failures.shift()), log)).rejects.toThrow('Redis');
  });
});

describe('the embedded database', () => {
  it('leaves nothing behind when it is stopped while it is being started again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'huike-again-'));
    const embedded = await startEmbedded(folder, log);
    const first = embedded.pid() ?? 0;
    process.kill(first, 'SIGKILL');
    // Late enough for the new process to be there, too early for it to serve.
    await sleep(240);
    await embedded.stop();
    const next = await startEmbedded(folder, log);
    await next.stop();
    expect(next.pid()).not.toBe(first);
    await rm(folder, { recursive: true, force: true });
  }, 30_000);
});

describe('a database that hangs in the middle of a command', () => {
  it('fails it in time, as an outage, and answers the next on a connection of its own', async () => {
    const proxy = await startProxy(port, nth('findAndModify', 1, 'mute'));
    const opened = await openDatabase({ uri: uriAt(proxy.port), dataDir, log, silentMs: 400 });
    const rows = opened.connection.collection<{ _id: string; n: number }>('hanging');
    const claim = () => rows.findOneAndUpdate({ _id: 'a' }, { $inc: { n: 1 } }, { upsert: true });
    const asked = performance.now();
    // The driver itself asks once more, on another connection: nobody need know.
    await claim();
    expect(performance.now() - asked).toBeGreaterThanOrEqual(390);
    expect(proxy.applied()).toBe(1);
    expect((await claim())?.n).toBe(1);
    await opened.close();
    await proxy.stop();
  });

  it('is an outage where it is not asked again', async () => {
    const proxy = await startProxy(port, nth('ping', 1, 'mute'));
    const opened = await openDatabase({ uri: uriAt(proxy.port), dataDir, log, silentMs: 400 });
    const failure = await opened.ping().catch((error: unknown) => error);
    expect(isOutage(failure)).toBe(true);
    await opened.ping();
    await opened.close();
    await proxy.stop();
  });
});
