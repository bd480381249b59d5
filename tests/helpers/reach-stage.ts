/**
 * What a test of reaching many people plays on: a web process and two workers that deliver every job twice, a database and a Redis of their
 * own, the simulated platform, and people who are known on both sides.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { addReachable } from '../../bench/broadcast-people.js';
import type { ReachOptions, ReachPerson } from '../../bench/broadcast-people.js';
import { each } from '../../bench/broadcast-stage.js';
import { startSimulator } from '../../simulator/main.js';
import { createApp } from '../../src/app.js';
import type { App } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import { createLogger } from '../../src/infra/logger.js';
import { answers, freePort, prints, startVictim } from './processes.js';
import type { Victim } from './processes.js';
import { scaled } from './scale.js';
import { account, eventually, miniAccount, staffPassword } from './shop.js';

export interface ReachStage {
  /** Reads the store; does no work itself. */
  app: App;
  workers: Victim[];
  victims: Victim[];
  /** To the console's API as a manager; throws when the server refuses for good. */
  call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** To the simulator's control API. */
  control(path: string, body?: unknown): Promise<Record<string, unknown>>;
  read<T>(path: string): Promise<T>;
  /** Moves business time everywhere. */
  advance(ms: number): Promise<void>;
  stop(): Promise<void>;
}

const AT_ONCE = 32;
const doublingServer = resolve('tests/helpers/doubling-server.mjs');
const databaseEntry = createRequire(import.meta.url).resolve('@huike/embedded-mongo/cli');

/** Sends under way at once in one worker. */
export const IN_FLIGHT = { replies: 8, bulk: 16 };
/** Long enough that a busy machine alone lets no call time out. */
export const SEND_TIMEOUT_SECONDS = scaled(3, 6);

export async function openReachStage(
  redisUrl: string,
  people: readonly ReachPerson[],
  options: Omit<ReachOptions, 'at'>,
): Promise<ReachStage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-reach-'));
  const clockFile = join(dataDir, 'clock');
  const sim = await startSimulator({ clockFile, pushRetryDelayMs: 500 });
  const control = controlOf(sim.controlUrl);
  await control('clock', { set: nextTen(new Date()).toISOString() });
  const [databasePort, port] = [await freePort(), await freePort()];
  const env = await configure({ dataDir, clockFile, apiBase: sim.apiBase, port, databasePort, redisUrl });
  const database = await startVictim({
    name: 'database',
    command: ['node', databaseEntry, '--data', join(dataDir, 'db'), '--port', String(databasePort)],
    env: {},
    up: prints,
  });
  const log = createLogger({ level: 'silent' });
  const own = loadConfig({ env: { ...env, REDIS_URL: undefined }, cwd: process.cwd() });
  const app = await createApp({ config: own, log });
  const at = new Date(app.clock.now().getTime() - 86_400_000);
  await addReachable(app.domain, people, { ...options, at });
  await app.campaigns.follower.run();
  await meetPlatform(control, people, options);
  const base = `http://127.0.0.1:${port}`;
  const worker = (name: string): Promise<Victim> =>
    startVictim({
      ...{ name, env, command: ['node', doublingServer, '--roles', 'worker'] },
      up: () => sleep(1500),
    });
  const web = await startVictim({
    ...{ name: 'web', env, command: ['node', doublingServer, '--roles', 'web'] },
    up: answers(`${base}/healthz`),
  });
  const [second, third] = await Promise.all([worker('worker-1'), worker('worker-2')]);
  await register(control, `${base}/webhooks`);
  const manager = await app.staff.addStaff({ account: 'mei', name: 'mei', role: 'admin', password: staffPassword });
  const { token } = await app.staff.tokens.add(manager.id, { name: 'reach', expiresInDays: 7 });
  const read = async <T>(path: string): Promise<T> => (await fetch(`${sim.controlUrl}/${path}`)).json() as Promise<T>;
  const ahead = (): number => app.clock.now().getTime() - Date.now();
  return {
    ...{ app, control, read },
    workers: [second, third],
    victims: [web, second, third, database],
    call: (method, path, body) => ask(`${base}/console/v1/${path}`, method, token, body),
    advance: async (ms) => {
      await control('clock', { advanceMs: ms });
      const offset = Number(await readFile(clockFile, 'utf8'));
      await eventually(async () => Math.abs(ahead() - offset) < 50);
    },
    stop: async () => {
      for (const one of [web, second, third]) await one.stop();
      await app.close();
      await database.stop();
      await sim.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

interface Places {
  dataDir: string;
  clockFile: string;
  apiBase: string;
  port: number;
  databasePort: number;
  redisUrl: string;
}

/** Writes the configuration of all processes and gives their environment. */
async function configure(at: Places): Promise<NodeJS.ProcessEnv> {
  const file = join(at.dataDir, 'config.yaml');
  const { apiBase } = at;
  await writeFile(
    file,
    stringify({
      publicUrl: `http://127.0.0.1:${at.port}`,
      logLevel: process.env['TEST_LOG'] ?? 'error',
      delivery: {
        ...{ leaseSeconds: SEND_TIMEOUT_SECONDS + 1, sendTimeoutSeconds: SEND_TIMEOUT_SECONDS },
        ...{ ratePerSecond: { replies: 1000, bulk: 5000 }, concurrency: IN_FLIGHT },
      },
      marketing: { approval: { people: 10_000_000, costFen: 1_000_000_000 } },
      security: { rateLimits: { consolePerMinute: 1_000_000, webhookPerMinute: 10_000_000 } },
      channels: {
        'official-account': [{ ...account, apiBase }],
        'mini-program': [{ ...miniAccount, apiBase }],
      },
    }),
  );
  return {
    HUIKE_CONFIG: file,
    HUIKE_DATA_DIR: at.dataDir,
    HUIKE_CLOCK: at.clockFile,
    NODE_ENV: 'test',
    PORT: String(at.port),
    MONGODB_URI: `mongodb://127.0.0.1:${at.databasePort}/huike?directConnection=true`,
    REDIS_URL: at.redisUrl,
  };
}

/** The same people at the platform. What it tells of their coming goes to a listener that is deaf: they are known already. */
async function meetPlatform(
  control: ReachStage['control'],
  people: readonly ReachPerson[],
  { templates, noticesEach }: Omit<ReachOptions, 'at'>,
): Promise<void> {
  const deaf = createServer((request, response) => {
    request.resume().on('end', () => response.end('success'));
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => deaf.once('listening', listening));
  const place = deaf.address();
  await register(control, `http://127.0.0.1:${typeof place === 'object' ? place?.port : 0}`);
  await each(people, AT_ONCE, async ({ kind, address: { channel, user } }) => {
    const { appId } = channel === 'official-account' ? account : miniAccount;
    await control('people', { name: user, openids: { [appId]: user } });
    if (kind === 'follower') await control(`people/${user}/follow`);
    if (kind !== 'grantee') return;
    for (const templateId of templates)
      for (let n = 0; n < noticesEach; n++) await control(`people/${user}/grant`, { templateId, accept: true });
  });
  deaf.closeAllConnections();
  deaf.close();
}

async function register(control: ReachStage['control'], webhooks: string): Promise<void> {
  const { id: _official, appSecret: secret, ...official } = account;
  await control('accounts', { ...official, secret, callbackUrl: `${webhooks}/official-account/main` });
  const { id: _mini, appSecret, ...mini } = miniAccount;
  const callbackUrl = `${webhooks}/mini-program/mini`;
  await control('accounts', { kind: 'mini-program', ...mini, secret: appSecret, callbackUrl });
}

function controlOf(url: string): ReachStage['control'] {
  return async (path, body = {}) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text ? (JSON.parse(text) as Record<string, unknown>) : {};
  };
}

/** Asked again while the server has trouble. */
async function ask(url: string, method: string, token: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) };
  for (let tries = 0; ; tries++) {
    const response = await fetch(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    const text = await response.text();
    if (response.ok) return text ? (JSON.parse(text) as Record<string, unknown>) : {};
    if (response.status < 500 || tries > 20) throw new Error(`${method} ${url}: ${response.status} ${text}`);
    await sleep(250);
  }
}

/** Ten in the morning at the shop (Asia/Shanghai). */
function nextTen(after: Date): Date {
  const today = new Date(`${new Date(after.getTime() + 8 * 3_600_000).toISOString().slice(0, 10)}T10:00:00+08:00`);
  return today > after ? today : new Date(today.getTime() + 86_400_000);
}
