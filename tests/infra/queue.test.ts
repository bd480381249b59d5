import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fork } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createLogger } from '../../src/infra/logger.js';
import { createQueues } from '../../src/infra/queue/index.js';
import type { QueueOptions } from '../../src/infra/queue/index.js';
import { startProxy } from '../helpers/proxy.js';
import { describeWithRedis, startRedis } from '../helpers/redis.js';
import type { TestRedis } from '../helpers/redis.js';
import { queueContract, until } from './queue.contract.js';

const log = createLogger({ level: 'silent' });

describe('the queue in this process', () => {
  queueContract((more) => createQueues({ log, ...more }));
});

describeWithRedis('the queue on Redis', () => {
  let redis: TestRedis;
  let installation = 0;
  const open = (more: Partial<QueueOptions> = {}) =>
    createQueues({ redisUrl: redis.url, log, prefix: `test${++installation}`, ...more });
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.kill());

  queueContract((more) => open(more));

  it('shares the jobs between two processes, each job once', async () => {
    const prefix = 'shared';
    const [one, two] = await Promise.all([open({ prefix }), open({ prefix })]);
    const seen: string[] = [];
    const by = { one: 0, two: 0 };
    one.open('replies').process(1, async ({ rowId }) => void (seen.push(rowId), by.one++));
    two.open('replies').process(1, async ({ rowId }) => void (seen.push(rowId), by.two++));
    for (let i = 0; i < 60; i++) await one.open('replies').add({ rowId: `r${i}` });
    await until(() => seen.length === 60);
    expect(new Set(seen).size).toBe(60);
    expect(by.one).toBeGreaterThan(0);
    expect(by.two).toBeGreaterThan(0);
    await Promise.all([one.close(), two.close()]);
  });

  it('keeps installations with different prefixes apart', async () => {
    const [one, two] = await Promise.all([open({ prefix: 'left' }), open({ prefix: 'right' })]);
    await one.open('replies').add({ rowId: 'a' });
    expect([await one.open('replies').size(), await two.open('replies').size()]).toEqual([1, 0]);
    await Promise.all([one.close(), two.close()]);
  });

  it('runs the job of a killed process again', async () => {
    const prefix = 'stalled';
    const queues = await open({ prefix, stalledCheckMs: 200, lockMs: 400 });
    await queues.open('replies').add({ rowId: 'orphan' });
    await killWhileRunning({ url: redis.url, prefix });
    const seen: string[] = [];
    queues.open('replies').process(1, async ({ rowId }) => void seen.push(rowId));
    await until(() => seen.length > 0);
    expect(seen).toEqual(['orphan']);
    await queues.close();
  });

  it('makes a connection anew that has gone silent without closing', async () => {
    let silent = 0;
    const proxy = await startProxy(redis.port, (bytes) => {
      // Every connection that waits for jobs when the time has come; those made after it are heard.
      if (silent === 0 || !bytes.toString('latin1').includes('brpoplpush')) return 'pass';
      silent -= 1;
      return 'mute';
    });
    const queues = await open({ redisUrl: `redis://127.0.0.1:${proxy.port}`, pingMs: 5500 });
    const queue = queues.open('replies');
    const seen: string[] = [];
    silent = 1;
    queue.process(1, async ({ rowId }) => void seen.push(rowId));
    await until(() => proxy.applied() === 1);
    await queue.add({ rowId: 'a' });
    expect(seen).toEqual([]);
    await until(() => seen.length === 1, 15_000);
    await queues.close();
    await proxy.stop();
  }, 30_000);

  it('rejects quickly while Redis is away, works again when it is back, and still closes', async () => {
    const own = await startRedis();
    const queues = await createQueues({ redisUrl: own.url, log });
    const queue = queues.open('replies');
    const seen: string[] = [];
    queue.process(1, async ({ rowId }) => void seen.push(rowId));
    await queue.add({ rowId: 'before' });
    await until(() => seen.length === 1);
    await own.kill();
    const asked = performance.now();
    await expect(queue.add({ rowId: 'lost' })).rejects.toThrow('Redis');
    expect(performance.now() - asked).toBeLessThan(1500);
    await expect(queues.ping()).rejects.toThrow('Redis');
    const again = await startRedis(own.port);
    await until(() =>
      queue.add({ rowId: 'after' }).then(
        () => true,
        () => false,
      ),
    );
    await until(() => seen.includes('after'));
    await again.kill();
    const closed = performance.now();
    await queues.close();
    expect(performance.now() - closed).toBeLessThan(3000);
  });

  it.each(['p@ss', 'p@s@s?'])('hides all of the password %s, whatever stands in it', async (password) => {
    const starting = createQueues({
      redisUrl: `redis://:${encodeURIComponent(password).replaceAll('%40', '@')}@127.0.0.1:1`,
      log,
    });
    await expect(starting).rejects.toThrow(/at redis:\/\/\*\*\*@127\.0\.0\.1:1:/);
  });

  it('says in one sentence at the start that Redis cannot be reached, without its password', async () => {
    const port = await closedPort();
    const starting = createQueues({ redisUrl: `redis://user:hush@127.0.0.1:${port}`, log });
    await expect(starting).rejects.toMatchObject({ name: 'StartProblem' });
    await expect(starting).rejects.toThrow(/^Redis cannot be reached at redis:\/\/\*\*\*@127.*ECONNREFUSED.*REDIS_URL/);
    await expect(starting).rejects.not.toThrow('hush');
  });

  it('says so too when something else listens there and never answers', async () => {
    const mute = createServer();
    await new Promise<void>((done) => mute.listen(0, '127.0.0.1', done));
    const { port } = mute.address() as AddressInfo;
    await expect(createQueues({ redisUrl: `redis://127.0.0.1:${port}`, log })).rejects.toThrow(
      'Redis cannot be reached',
    );
    mute.close();
  });
});

/** Takes the job in a process of its own and is killed in the middle of it. */
async function killWhileRunning({ url, prefix }: { url: string; prefix: string }): Promise<void> {
  const child = fork(new URL('../helpers/bull-victim.mjs', import.meta.url).pathname, [url, prefix], {
    execArgv: [],
    env: {},
  });
  await new Promise<void>((done, fail) => {
    child.once('message', () => done());
    child.once('exit', () => fail(new Error('the victim ended before it took the job')));
  });
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await gone;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
