/** A server that cannot start says why in one clear sentence and exits with 1. Real processes, real ports, real locks. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startStandaloneMongo } from '../helpers/standalone-mongo.js';
import { freePort, kill } from '../helpers/processes.js';

const entry = resolve('dist/src/main.js');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'huike-start-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  said: string;
}

async function start(env: NodeJS.ProcessEnv, args: string[] = []): Promise<Ended> {
  const child = spawn('node', [entry, ...args], {
    env: { PATH: process.env['PATH'], HUIKE_DATA_DIR: join(folder, 'own'), PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, said: said.trim() };
}

/** One sentence or two, no stack trace. */
function expectClear({ code, said }: Ended, about: RegExp): void {
  expect(said).toMatch(about);
  expect(said).not.toMatch(/\n\s+at /);
  expect(said.split('\n').length).toBeLessThanOrEqual(4);
  expect(code).toBe(1);
}

describe('a server that cannot start', () => {
  it('names the port that is in use', async () => {
    const taken: Server = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    expectClear(await start({ PORT: String(port) }), new RegExp(`${port}.*in use`, 'i'));
    taken.close();
  }, 30_000);

  it('names the data folder that another server holds', async () => {
    const dataDir = join(folder, 'held');
    const holder = spawn('node', [entry], {
      env: { PATH: process.env['PATH'], HUIKE_DATA_DIR: dataDir, PORT: '0' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await once(holder, 'message');
    expectClear(await start({ HUIKE_DATA_DIR: dataDir }), /held.*(lock|use)|(lock|use).*held/i);
    await kill(holder, 'SIGTERM');
    expect(holder.exitCode).toBe(0);
  }, 30_000);

  it('says that Redis is gone', async () => {
    const port = await freePort();
    expectClear(await start({ REDIS_URL: `redis://127.0.0.1:${port}` }), /redis/i);
  }, 30_000);

  it('says that MongoDB is no replica set', async () => {
    const stub = await startStandaloneMongo();
    expectClear(await start({ MONGODB_URI: stub.uri }), /replica set/);
    await stub.stop();
  }, 30_000);

  it('says that MongoDB cannot be reached, without the password', async () => {
    const port = await freePort();
    const ended = await start({ MONGODB_URI: `mongodb://shop:hidden-word@127.0.0.1:${port}/huike` });
    expectClear(ended, /MONGODB_URI/);
    expect(ended.said).not.toContain('hidden-word');
  }, 30_000);

  it('lists all problems of the configuration at once', async () => {
    const { code, said } = await start({ PORT: 'many', HUIKE_SECRET_KEYS: 'short', REDIS_URL: 'ftp://x' });
    expect(code).toBe(1);
    for (const path of ['port', 'secretKeys', 'redisUrl']) expect(said).toContain(path);
  }, 30_000);

  it('refuses a process role it does not know, and roles apart without Redis', async () => {
    expectClear(await start({}, ['--roles', 'web,cook']), /cook/);
    expectClear(await start({}, ['--roles', 'web']), /REDIS_URL/);
    expectClear(await start({}, ['--rolls', 'web']), /--rolls/);
  }, 30_000);
});
