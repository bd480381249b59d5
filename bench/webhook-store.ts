/**
 * The whole way of a callback: proved, stored, acted on, answered inside the request, against the real server process on the
 * embedded database. Open loop: requests leave on time whether or not earlier ones were answered, as a platform sends them.
 * Reports the highest steady rate at which all were answered with an answer and p99 stayed below one second.
 */
import { fork, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { createApp } from '../src/app.js';
import { loadConfig } from '../src/config.js';
import { createLogger } from '../src/infra/logger.js';
import { createPushes } from './pushes.js';
import type { Push } from './pushes.js';

export interface StoreLine {
  name: string;
  value: number;
  unit: string;
  baseline: null;
  ratio: null;
  p50Ms: number;
  p99Ms: number;
  answered: string;
}

const STEP_SECONDS = 8;
const FIRST_RATE = 40;
const GROWTH = 1.25;
const P99_LIMIT_MS = 1000;
const ANSWERED_SHARE = 0.99;
const serverEntry = fileURLToPath(new URL('../src/main.js', import.meta.url));

export async function* runWebhookStoreBench(): AsyncGenerator<StoreLine> {
  yield await measure('in-process');
  const redis = await startRedis();
  if (!redis) {
    process.stderr.write('no redis-server on this machine: the figure for Bull is left out\n');
    return;
  }
  try {
    yield await measure('bull', redis.url);
  } finally {
    redis.child.kill('SIGKILL');
  }
}

async function measure(queue: string, redisUrl?: string): Promise<StoreLine> {
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-bench-'));
  const port = await freePort();
  const pushes = createPushes();
  const configFile = join(dataDir, 'config.yaml');
  await writeFile(
    configFile,
    stringify({
      publicUrl: `http://127.0.0.1:${port}`,
      logLevel: 'error',
      channels: { 'official-account': [pushes.account] },
    }),
  );
  const env = {
    HUIKE_CONFIG: configFile,
    HUIKE_DATA_DIR: dataDir,
    PORT: String(port),
    NODE_ENV: '',
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
  };
  await addKeywordAnswer(env);
  const server = fork(serverEntry, [], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    await once(server, 'message');
    return {
      name: `webhook-store-${queue}`,
      unit: 'callbacks/s',
      baseline: null,
      ratio: null,
      ...(await climb(port, pushes.next)),
    };
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Raises the rate step by step until a step fails; a failed step is tried once more before it counts. */
async function climb(
  port: number,
  next: () => Push,
): Promise<{ value: number; p50Ms: number; p99Ms: number; answered: string }> {
  await step(port, next, FIRST_RATE / 2);
  let best = { value: 0, p50Ms: 0, p99Ms: 0, answered: '0/0' };
  for (let rate = FIRST_RATE; ; rate = Math.round(rate * GROWTH)) {
    let result = await step(port, next, rate);
    if (!result.ok) result = await step(port, next, rate);
    process.stderr.write(`  ${rate}/s: p50 ${result.p50Ms} ms, p99 ${result.p99Ms} ms, answered ${result.answered}\n`);
    if (!result.ok) return best;
    best = { value: rate, p50Ms: result.p50Ms, p99Ms: result.p99Ms, answered: result.answered };
  }
}

async function step(port: number, next: () => Push, rate: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const latencies: number[] = [];
  let answered = 0;
  const total = rate * STEP_SECONDS;
  const started = performance.now();
  const all: Promise<void>[] = [];
  for (let i = 0; i < total; i++) {
    const due = started + (i * 1000) / rate;
    const wait = due - performance.now();
    if (wait > 1) await sleep(wait);
    all.push(
      send(agent, port, next()).then((body) => {
        latencies.push(performance.now() - due);
        if (body.includes('Encrypt')) answered += 1;
      }),
    );
  }
  await Promise.all(all);
  agent.destroy();
  await sleep(500);
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0);
  const [p50Ms, p99Ms] = [at(0.5), at(0.99)];
  return {
    ok: p99Ms < P99_LIMIT_MS && answered >= total * ANSWERED_SHARE,
    p50Ms,
    p99Ms,
    answered: `${answered}/${total}`,
  };
}

function send(agent: Agent, port: number, push: Push): Promise<string> {
  return new Promise((done) => {
    const outgoing = request(
      { agent, port, host: '127.0.0.1', method: 'POST', path: push.path, headers: { 'content-type': 'text/xml' } },
      (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => done(body));
      },
    );
    outgoing.on('error', () => done(''));
    outgoing.end(push.body);
  });
}

/** A keyword that every push contains, so that every callback is also decided on and answered. */
async function addKeywordAnswer(env: NodeJS.ProcessEnv): Promise<void> {
  const app = await createApp({
    config: loadConfig({ env, cwd: process.cwd() }),
    log: createLogger({ level: 'error' }),
  });
  await app.ports.strategies.put(
    'bench',
    {
      enabled: true,
      title: { 'zh-CN': '测速', en: 'Bench' },
      priority: 1,
      trigger: { code: 'keyword', args: { keywords: ['蓝色'], match: 'contains' } },
      actions: [{ code: 'reply', args: { content: { type: 'text', text: '有蓝色，今天下单明天发货。' } } }],
    },
    { staffId: '0'.repeat(24), name: 'bench', role: 'admin', requestId: 'bench' },
  );
  await app.close();
}

async function startRedis(): Promise<{ url: string; child: ChildProcess } | undefined> {
  if (!existsSync('/usr/bin/redis-server')) return undefined;
  const port = await freePort();
  const child = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  await sleep(300);
  return { url: `redis://127.0.0.1:${port}`, child };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
