/**
 * kill -9 at random moments under inbound messages and replies. Once with the in-process queue (server and database killed),
 * once on Bull (web, worker and database, each on its own). 2,000 messages and 100 kills with `npm run test:long -- crash`.
 */
import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import type { Db } from 'mongodb';
import { stringify } from 'yaml';
import { startSimulator } from '../../simulator/main.js';
import type { OutboxRecord } from '../../src/flow/models.js';
import { createLogger } from '../../src/infra/logger.js';
import { openDatabase } from '../../src/infra/mongo.js';
import { createStaff } from '../../src/domain/staff/index.js';
import { answers, expectAlive, freePort, prints, reports, startVictim } from '../helpers/processes.js';
import type { Victim } from '../helpers/processes.js';
import { describeWithRedis, startRedis } from '../helpers/redis.js';
import { scaled, seeded } from '../helpers/scale.js';
import { account } from '../helpers/shop.js';

const KILLS = scaled(4, 50);
const MESSAGES = scaled(120, 2_000);
const PEOPLE = scaled(30, 200);
const AT_ONCE = 6;
const seed = Number(process.env['HUIKE_SEED'] ?? Date.now() % 1_000_000);
const serverEntry = resolve('dist/src/main.js');
const databaseEntry = createRequire(import.meta.url).resolve('@huike/embedded-mongo/cli');

interface Stage {
  victims: Victim[];
  base: string;
  control: string;
  token: string;
  /** Reads of the store, each by a client of its own: one client held over dozens of kills once stopped looking for its server. */
  read<T>(work: (db: Db) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

interface Work {
  /** Texts of messages the platform saw acknowledged. */
  acknowledged: string[];
  /** Texts of replies the server answered with 202. */
  accepted: string[];
}

async function openStage(redisUrl?: string): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-crash-'));
  const sim = await startSimulator({ pushRetryDelayMs: 1000 });
  const port = await freePort();
  const configFile = join(dataDir, 'config.yaml');
  await writeFile(
    configFile,
    stringify({
      publicUrl: `http://127.0.0.1:${port}`,
      logLevel: process.env['TEST_LOG'] ?? 'info',
      delivery: { leaseSeconds: 4, sendTimeoutSeconds: 2, ratePerSecond: { replies: 500, bulk: 100 } },
      channels: { 'official-account': [{ ...account, apiBase: sim.apiBase }] },
    }),
  );
  const own = redisUrl ? await ownDatabase(dataDir) : undefined;
  const token = await addAdmin(own?.uri, dataDir);
  const env = {
    HUIKE_CONFIG: configFile,
    HUIKE_DATA_DIR: dataDir,
    PORT: String(port),
    NODE_ENV: '',
    ...(own && redisUrl ? { MONGODB_URI: own.uri, REDIS_URL: redisUrl } : {}),
  };
  const base = `http://127.0.0.1:${port}`;
  const server = (name: string, roles: string[]): Promise<Victim> =>
    startVictim({
      name,
      command: ['node', serverEntry, ...roles],
      env,
      up: name === 'worker' ? () => sleep(1500) : answers(`${base}/healthz`),
    });
  const servers = redisUrl
    ? [await server('web', ['--roles', 'web']), await server('worker', ['--roles', 'worker'])]
    : [await server('server', [])];
  const uri = own?.uri ?? `mongodb://${encodeURIComponent(join(dataDir, 'db', 'db.sock'))}/huike?directConnection=true`;
  const read: Stage['read'] = (work) => readStore(uri, work);
  const database = own?.victim ?? childDatabase(servers[0], read);
  const { id: _id, appSecret, ...platform } = account;
  await post(`${sim.controlUrl}/accounts`, {
    ...platform,
    secret: appSecret,
    callbackUrl: `${base}/webhooks/official-account/main`,
  });
  return {
    victims: [...servers, database],
    base,
    control: sim.controlUrl,
    token,
    read,
    stop: async () => {
      for (const victim of servers) await victim.stop();
      await database.stop();
      await sim.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The database as a process of its own, as separate process roles need it. */
async function ownDatabase(dataDir: string): Promise<{ uri: string; victim: Victim }> {
  const port = await freePort();
  const command = ['node', databaseEntry, '--data', join(dataDir, 'db'), '--port', String(port)];
  const victim = await startVictim({ name: 'database', command, env: {}, up: prints });
  return { uri: `mongodb://127.0.0.1:${port}/huike?directConnection=true`, victim };
}

/** The database that the server started itself: killed from outside, it must be started again by its parent. */
function childDatabase(server: Victim | undefined, read: Stage['read']): Victim {
  const pid = (): number | undefined => (server?.pid() ? childrenOf(server.pid() ?? 0)[0] : undefined);
  return {
    name: 'database',
    pid,
    crash: async () => {
      const before = pid();
      if (before) process.kill(before, 'SIGKILL');
      for (let tries = 0; tries < 100; tries++) {
        await sleep(100);
        if (pid() === before) continue;
        const up = await read((db) => db.command({ ping: 1 })).catch(() => undefined);
        if (up) return;
      }
      throw new Error('the server did not start its database again');
    },
    stop: () => Promise.resolve(),
    lives: () => true,
    report: () => `database (child ${pid() ?? 'none'} of the server)`,
  };
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

async function addAdmin(uri: string | undefined, dataDir: string): Promise<string> {
  const database = await openDatabase({ uri, dataDir, log: createLogger({ level: 'silent' }) });
  const staff = createStaff({ database });
  await staff.ensureIndexes();
  const admin = await staff.addStaff({
    account: 'admin',
    name: 'admin',
    role: 'admin',
    password: 'correct horse battery',
  });
  const { token } = await staff.tokens.add(admin.id, { name: 'crash', expiresInDays: 1 });
  await database.close();
  return token;
}

async function post(
  url: string,
  body: unknown,
  token?: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

/** The same request until the server answers it: a client id makes it one reply however often it is asked. */
async function untilAnswered(url: string, body: unknown, token: string): Promise<number> {
  for (let tries = 0; tries < 60; tries++) {
    const status = await post(url, body, token).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status !== 0 && status < 500) return status;
    await sleep(300);
  }
  return 0;
}

/** Goes on until all messages were said and all kills were done. */
async function work(stage: Stage, done: Work, killed: () => boolean): Promise<void> {
  for (let i = 0; i < PEOPLE; i++) {
    await post(`${stage.control}/people`, { name: `p${i}`, openids: { [account.appId]: `o-${i}` } });
    await post(`${stage.control}/people/o-${i}/follow`, {});
  }
  let next = 0;
  const client = async (): Promise<void> => {
    for (let n = next++; n < MESSAGES || !killed(); n = next++) await exchange(stage, n, done);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
}

async function exchange(stage: Stage, n: number, done: Work): Promise<void> {
  const openid = `o-${n % PEOPLE}`;
  const text = `message ${n}`;
  const said = await post(`${stage.control}/people/${openid}/say`, { type: 'text', content: text });
  // The platform tried three times; acknowledged is what was answered with 200, and only that.
  const attempts = (said.body['attempts'] ?? []) as Array<{ status?: number }>;
  if (!attempts.some((attempt) => attempt.status === 200)) return;
  done.acknowledged.push(text);
  const conversation = await conversationOf(stage, openid);
  if (!conversation) return;
  const body = { clientId: `client-${n}`, content: { type: 'text', text: `answer ${n}` } };
  const status = await untilAnswered(
    `${stage.base}/console/v1/conversations/${conversation}/replies`,
    body,
    stage.token,
  );
  if (status === 202) done.accepted.push(`answer ${n}`);
}

async function conversationOf(stage: Stage, openid: string): Promise<string | undefined> {
  for (let tries = 0; tries < 40; tries++) {
    const found = await stage
      .read((db) =>
        db.collection('conversations').findOne({ 'address.user': openid, lastInboundAt: { $exists: true } }),
      )
      .catch(() => null);
    if (found) return String(found._id);
    await sleep(250);
  }
  return undefined;
}

/** Kills at random moments; remembers every row that a crash caught in `sending`. */
async function killAround(stage: Stage, caught: Set<string>): Promise<Record<string, number>> {
  const random = seeded(seed);
  const kills: Record<string, number> = {};
  for (let i = 0; i < KILLS; i++) {
    await sleep(100 + random() * scaled(600, 1500));
    const victim = stage.victims[Math.floor(random() * stage.victims.length)] ?? stage.victims[0];
    if (!victim) break;
    await victim.crash();
    kills[victim.name] = (kills[victim.name] ?? 0) + 1;
    for (const row of await rowsIn(stage, ['sending'])) caught.add(row._id);
  }
  return kills;
}

const rowsIn = (stage: Stage, states: string[]): Promise<OutboxRecord[]> =>
  patiently(() =>
    stage.read((db) =>
      db
        .collection<OutboxRecord>('outbox')
        .find({ state: { $in: states as never[] } })
        .toArray(),
    ),
  );

/** A database that is just coming up refuses at first. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries > 20) throw error;
      await sleep(200);
    }
  }
}

async function readStore<T>(uri: string, work: (db: Db) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 2000, socketTimeoutMS: 10_000 });
  try {
    return await work((await client.connect()).db());
  } finally {
    await client.close();
  }
}

async function settled(stage: Stage): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    expectAlive(stage.victims);
    const open = await rowsIn(stage, ['pending', 'claimed', 'sending']);
    const unacted = await patiently(() =>
      stage.read((db) => db.collection('inbox').countDocuments({ body: { $exists: true } })),
    );
    if (open.length === 0 && unacted === 0) return;
    await sleep(500);
  }
  const open = await rowsIn(stage, ['pending', 'claimed', 'sending']);
  throw new Error(`still open: ${JSON.stringify(open.slice(0, 3))}\n${reports(stage.victims)}`);
}

async function judge(stage: Stage, done: Work, caught: Set<string>): Promise<Record<string, number>> {
  const stored = await stage.read((db) => db.collection('messages').find({ direction: 'in' }).toArray());
  const counts = new Map<string, number>();
  for (const message of stored) counts.set(message['content'].text, (counts.get(message['content'].text) ?? 0) + 1);
  const amiss = done.acknowledged.filter((text) => counts.get(text) !== 1);
  if (amiss.length) console.log(JSON.stringify(await explain(stage, amiss[0] ?? '')));
  expect(amiss).toEqual([]);
  expect([...counts].filter(([, count]) => count > 1)).toEqual([]);

  const onPhones: string[] = [];
  for (let i = 0; i < PEOPLE; i++) {
    const got = (await (await fetch(`${stage.control}/people/o-${i}/received`)).json()) as Array<{ content: unknown }>;
    onPhones.push(...got.map((one) => String(one.content)));
  }
  expect(onPhones.length).toBe(new Set(onPhones).size);

  const rows = await stage.read((db) => db.collection<OutboxRecord>('outbox').find().toArray());
  const textOf = (row: OutboxRecord): string => String((row.variants['customer-message'] as { text?: string }).text);
  const byText = new Map(rows.map((row) => [textOf(row), row]));
  expect(done.accepted.filter((text) => !byText.has(text))).toEqual([]);
  const unknown = rows.filter((row) => row.state === 'unknown');
  expect(unknown.filter((row) => !caught.has(row._id)).map((row) => row._id)).toEqual([]);
  expect(rows.filter((row) => !row.reason && row.state !== 'sent')).toEqual([]);
  const sent = rows.filter((row) => row.state === 'sent').map(textOf);
  expect(sent.filter((text) => !onPhones.includes(text))).toEqual([]);
  const others = rows.filter((row) => !['sent', 'unknown'].includes(row.state)).map(textOf);
  expect(others.filter((text) => onPhones.includes(text))).toEqual([]);
  return {
    messages: done.acknowledged.length,
    replies: done.accepted.length,
    sent: sent.length,
    unknown: unknown.length,
    caughtSending: caught.size,
  };
}

/** What the store knows about a message that is missing or there twice. */
async function explain(stage: Stage, text: string): Promise<unknown> {
  const user = `o-${Number(text.split(' ')[1]) % PEOPLE}`;
  const inbox = await stage.read((db) => db.collection('inbox').find({ 'from.user': user }).toArray());
  const messages = await stage.read((db) =>
    db
      .collection('messages')
      .find({ direction: 'in', inboxId: { $exists: true } })
      .toArray(),
  );
  const has = new Set(messages.map((message) => String(message['inboxId'])));
  return {
    text,
    copies: messages.filter((message) => message['content'].text === text),
    inbox: inbox.map(({ _id, key, at, receivedAt, actedAt, body }) => ({
      _id,
      key,
      at,
      receivedAt,
      actedAt,
      body,
      hasMessage: has.has(String(_id)),
    })),
    calls: (await (await fetch(`${stage.control}/people/${user}/chat`)).json()) as unknown,
  };
}

async function crashUnderLoad(name: string, redisUrl?: string): Promise<void> {
  const stage = await openStage(redisUrl);
  try {
    const done: Work = { acknowledged: [], accepted: [] };
    const caught = new Set<string>();
    let killed = false;
    const killing = killAround(stage, caught).finally(() => (killed = true));
    await work(stage, done, () => killed);
    const kills = await killing;
    await settled(stage);
    const figures = await judge(stage, done, caught);
    console.log(`crash ${name}: ${JSON.stringify({ seed, kills, ...figures })}`);
    expect(Object.values(kills).reduce((sum, count) => sum + count, 0)).toBe(KILLS);
  } finally {
    await stage.stop();
  }
}

const LIMIT_MS = scaled(180_000, 3_600_000);

describe(`kill -9 under load (seed ${seed})`, () => {
  it('loses and doubles nothing with the in-process queue', () => crashUnderLoad('in-process'), LIMIT_MS);
});

describeWithRedis('kill -9 under load on Bull', () => {
  it(
    'loses and doubles nothing with web, worker and database killed each on its own',
    async () => {
      const redis = await startRedis();
      try {
        await crashUnderLoad('bull', redis.url);
      } finally {
        await redis.kill();
      }
    },
    LIMIT_MS,
  );
});
