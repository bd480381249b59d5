/**
 * Reaching many: people judged a second by a forecast, people decided on a second by a running broadcast, deliveries a second beside a bare loop
 * of the same calls over as many connections, and how long an answer of the staff takes from their click to the customer's phone, with nothing
 * else going on and while a large broadcast runs. On the embedded database; the platform is the simulator in a process of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { createApp } from '../src/app.js';
import type { App } from '../src/app.js';
import { loadConfig } from '../src/config.js';
import { BroadcastDraft } from '../src/contracts/index.js';
import type { AudienceState } from '../src/contracts/index.js';
import type { BroadcastRecord } from '../src/domain/marketing/index.js';
import { createLogger } from '../src/infra/logger.js';
import { addReachable } from './broadcast-people.js';
import type { ReachPerson } from './broadcast-people.js';
import {
  CONNECTIONS,
  configure,
  each,
  mini,
  official,
  post,
  registerAt,
  startPlatform,
  startServer,
} from './broadcast-stage.js';
import type { Platform } from './broadcast-stage.js';

export interface BroadcastLine {
  name: string;
  value: number;
  unit: 'people/s' | 'decisions/s' | 'deliveries/s' | 'ms';
  baseline?: number;
  ratio?: number;
  people?: number;
  connections?: number;
  p50Ms?: number;
  replies?: number;
}

export interface BroadcastBenchOptions {
  members?: number;
  grantees?: number;
  /** Answers a second of the staff, and for how long. */
  perSecond?: number;
  seconds?: number;
}

const NEWS = 'sub-news';
const AGAIN = 'sub-again';
const BARE = 'sub-bare';
const TALKERS = 60;
const A_DAY_LATER_MS = 26 * 3_600_000;
const by = (app: App) => ({ staffId: '0'.repeat(24), at: app.clock.now() });
const tagged = (value: string) => ({ field: 'tags', op: 'has', value: [value] });
const inbox = { type: 'notice', templateId: '', data: { text: '{name|朋友}，冬季上新，欢迎来看看' } };
const notice = (templateId: string) => ({ type: 'notice', templateId, data: { thing1: '冬季上新' } });
const byNotice = (templateId: string) => ({ 'subscription-notice': notice(templateId) });

/** Takes two to three minutes. */
export async function* runBroadcastBench(options: BroadcastBenchOptions = {}): AsyncGenerator<BroadcastLine> {
  const { members = 20_000, grantees = 4_000, perSecond = 10, seconds = 20 } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-bench-'));
  const platform = await startPlatform(join(dataDir, 'clock'));
  try {
    await registerAt(platform);
    const env = await configure(dataDir, platform);
    const app = await createApp({
      config: loadConfig({ env, cwd: process.cwd() }),
      log: createLogger({ level: 'error' }),
    });
    let token: string;
    let large: BroadcastRecord;
    try {
      await fill(app, platform, { members, grantees });
      await app.startChannels();
      yield* measureDecisions(app, { members, grantees });
      yield* measureDeliveries(app, platform, grantees);
      large = await add(app, { all: [] }, { ...byNotice(AGAIN), 'member-inbox': inbox });
      await ready(app, large);
      ({ token } = await tokenOf(app));
    } finally {
      await app.close();
    }
    await platform.control('clock', { advanceMs: A_DAY_LATER_MS });
    const stop = await startServer(env);
    try {
      yield* measureReplies(platform, {
        base: `http://127.0.0.1:${env.PORT}`,
        token,
        large: String(large._id),
        perSecond,
        seconds,
      });
    } finally {
      await stop();
    }
  } finally {
    await platform.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function fill(app: App, { control }: Platform, { members, grantees }: { members: number; grantees: number }) {
  const at = new Date(app.clock.now().getTime() - 86_400_000);
  const person = (kind: ReachPerson['kind'], user: string): ReachPerson => ({
    ...{ kind, tags: [] },
    address:
      kind === 'follower'
        ? { channel: 'official-account', account: official.id, user }
        : { channel: 'mini-program', account: mini.id, user },
  });
  const people = [
    ...Array.from({ length: members }, (_, n) => person('member', `m-${n}`)),
    ...Array.from({ length: grantees }, (_, n) => person('grantee', `g-${n}`)),
    ...Array.from({ length: TALKERS }, (_, n) => person('follower', `t-${n}`)),
  ];
  await addReachable(app.domain, people, { at, templates: [NEWS, AGAIN], noticesEach: 1 });
  await app.campaigns.follower.run();
  // Members read what is stored with us; the platform knows only those who are called through it.
  await each(people.slice(members), CONNECTIONS, async ({ kind, address: { user } }) => {
    await control('people', { name: user, openids: { [kind === 'follower' ? official.appId : mini.appId]: user } });
    if (kind === 'follower') return;
    for (const templateId of [NEWS, AGAIN, BARE]) await control(`people/${user}/grant`, { templateId, accept: true });
  });
}

async function add(app: App, audience: unknown, variants: object): Promise<BroadcastRecord> {
  const draft = BroadcastDraft.parse({
    ...{ name: 'bench', metric: 'conversion-rate', audience },
    message: { purpose: 'promotion', variants, variantAccounts: { 'subscription-notice': mini.id } },
  });
  return app.database.transaction(async (tx) => (await app.domain.broadcasts.put(tx, null, draft, by(app))).broadcast);
}

/** Forecast and ready to start; gives how long the forecast took, in seconds. */
async function ready(app: App, { _id, revision }: BroadcastRecord): Promise<number> {
  const started = performance.now();
  const reach = await app.campaigns.forecast(await app.domain.broadcasts.get(_id), () => undefined);
  const took = (performance.now() - started) / 1000;
  await app.database.transaction((tx) => app.domain.broadcasts.forecasted(tx, _id, revision, reach, app.clock.now()));
  return took;
}

async function* measureDecisions(
  app: App,
  { members, grantees }: { members: number; grantees: number },
): AsyncGenerator<BroadcastLine> {
  const toInbox = await add(app, tagged('member'), { 'member-inbox': inbox });
  const took = await ready(app, toInbox);
  yield { name: 'broadcast forecast', value: Math.round(members / took), unit: 'people/s', people: members };
  yield await emitted(app, toInbox, 'broadcast decisions member-inbox');
  const toNotices = await add(app, tagged('grantee'), byNotice(NEWS));
  yield {
    name: 'broadcast forecast notices',
    value: Math.round(grantees / (await ready(app, toNotices))),
    unit: 'people/s',
    people: grantees,
  };
  yield await emitted(app, toNotices, 'broadcast decisions subscription-notice');
}

/** Frozen and begun first; then everybody is decided on, turn after turn. From the moment of the first batch to that of the last. */
async function emitted(app: App, { _id }: BroadcastRecord, name: string): Promise<BroadcastLine> {
  const { broadcasts, models } = app.domain;
  await app.database.transaction((tx) => broadcasts.start(tx, _id, by(app)));
  const run = app.campaigns.tasks.find((task) => task.name === 'broadcasts')?.run;
  if (!run) throw new Error('nothing runs broadcasts');
  const { audience } = models.campaigns;
  do await run();
  while ((await audience.countDocuments({ broadcastId: _id, state: 'waiting' })) > 0);
  const undecided: AudienceState[] = ['waiting', 'heldOut'];
  const decidedAt = async (order: 1 | -1): Promise<Date> => {
    const decided = { broadcastId: _id, state: { $nin: undecided } };
    const [row] = await audience.find(decided, { at: 1 }).sort({ at: order }).limit(1).lean<Array<{ at: Date }>>();
    if (!row) throw new Error('nobody was decided on');
    return row.at;
  };
  const [first, last] = [await decidedAt(1), await decidedAt(-1)];
  const people = await audience.countDocuments({ broadcastId: _id, at: { $gte: first, $lt: last } });
  const value = Math.round((people / (last.getTime() - first.getTime())) * 1000);
  return { name, value, unit: 'decisions/s', people };
}

async function* measureDeliveries(app: App, platform: Platform, grantees: number): AsyncGenerator<BroadcastLine> {
  const { outbox } = app.domain.models.flow;
  const open = () => outbox.countDocuments({ state: { $in: ['pending', 'claimed', 'sending'] } });
  const started = performance.now();
  app.startWork();
  while ((await open()) > 0) await sleep(50);
  const seconds = (performance.now() - started) / 1000;
  const delivered = await outbox.countDocuments({
    route: 'subscription-notice',
    state: { $in: ['sent', 'submitted'] },
  });
  if (delivered !== grantees) throw new Error(`${delivered} of ${grantees} were delivered`);
  const baseline = Math.round(grantees / (await bareLoop(platform, grantees)));
  const value = Math.round(delivered / seconds);
  const ratio = Math.round((value / baseline) * 1000) / 1000;
  yield {
    name: 'broadcast deliveries',
    value,
    unit: 'deliveries/s',
    baseline,
    ratio,
    people: delivered,
    connections: CONNECTIONS,
  };
}

/** The same calls with nothing decided, reserved or written down. Seconds. */
async function bareLoop({ apiBase }: Platform, grantees: number): Promise<number> {
  const app = { grant_type: 'client_credential', appid: mini.appId, secret: mini.appSecret };
  const { access_token: token } = await post(`${apiBase}/cgi-bin/stable_token`, app);
  const url = `${apiBase}/cgi-bin/message/subscribe/send?access_token=${String(token)}`;
  const started = performance.now();
  await each(Array(grantees).keys(), CONNECTIONS, async (n) => {
    const answer = await post(url, { touser: `g-${n}`, template_id: BARE, data: { thing1: { value: '冬季上新' } } });
    if (answer['errcode'] !== 0) throw new Error(JSON.stringify(answer));
  });
  return (performance.now() - started) / 1000;
}

async function tokenOf(app: App): Promise<{ token: string }> {
  const one = await app.staff.addStaff({
    account: 'bench',
    name: 'bench',
    role: 'admin',
    password: 'correct horse battery',
  });
  return app.staff.tokens.add(one.id, { name: 'bench', expiresInDays: 7 });
}

interface Talk {
  base: string;
  token: string;
  /** The broadcast to start. */
  large: string;
  perSecond: number;
  seconds: number;
}

async function* measureReplies(platform: Platform, talk: Talk): AsyncGenerator<BroadcastLine> {
  const { base, token, large } = talk;
  await registerAt(platform, `${base}/webhooks`);
  for (let n = 0; n < TALKERS; n++) await platform.control(`people/t-${n}/follow`);
  const phones = await watchPhones(platform);
  const view = async (path: string): Promise<Record<string, unknown>> =>
    (await fetch(`${base}/console/v1/${path}`, { headers: { authorization: `Bearer ${token}` } })).json() as Promise<
      Record<string, unknown>
    >;
  try {
    await speak(platform);
    const { items } = (await view(`conversations?box=all&limit=${TALKERS}`)) as { items: Array<{ id: string }> };
    if (items.length !== TALKERS) throw new Error(`${items.length} conversations of ${TALKERS}`);
    const ids = items.map(({ id }) => id);
    await reply(talk, phones, ids, 'warm');
    await speak(platform);
    yield lineOf('broadcast reply idle', await reply(talk, phones, ids, 'idle'));
    await speak(platform);
    await post(`${base}/console/v1/broadcasts/${large}/start`, {}, token);
    while ((await view(`broadcasts/${large}`))['state'] !== 'running') await sleep(50);
    const busy = lineOf('broadcast reply during', await reply(talk, phones, ids, 'busy'));
    const { counts } = (await view(`broadcasts/${large}/results`)) as {
      counts: Array<{ state: string; people: number }>;
    };
    const left = counts
      .filter(({ state }) => state === 'waiting' || state === 'queued')
      .reduce((sum, { people }) => sum + people, 0);
    if (left === 0) process.stderr.write('the broadcast was over before the last answer: raise grantees\n');
    yield { ...busy, people: counts.reduce((sum, { people }) => sum + people, 0) };
  } finally {
    phones.close();
  }
}

/** Everybody writes, which opens five messages each. */
const speak = (platform: Platform): Promise<void> =>
  each(Array(TALKERS).keys(), 4, (n) => platform.control(`people/t-${n}/say`, { type: 'text', content: '在吗' }));

interface Phones {
  /** When a message with this text was shown, by performance.now(). */
  shown(text: string): Promise<number>;
  close(): void;
}

async function watchPhones({ phoneUrl }: Platform): Promise<Phones> {
  const socket = new WebSocket(`${phoneUrl.replace('http', 'ws')}ws`);
  const waiting = new Map<string, (at: number) => void>();
  socket.on('message', (data: Buffer) => {
    const at = performance.now();
    if (data.length > 10_000) return;
    const { entry } = JSON.parse(data.toString()) as { entry?: { content?: unknown } };
    if (typeof entry?.content === 'string') waiting.get(entry.content)?.(at);
  });
  await new Promise((opened) => socket.once('open', opened));
  return { shown: (text) => new Promise((seen) => waiting.set(text, seen)), close: () => socket.close() };
}

/** Answers leave on time, whether or not earlier ones have arrived. Milliseconds from the click to the phone. */
async function reply(
  { base, token, perSecond, seconds }: Talk,
  phones: Phones,
  ids: readonly string[],
  word: string,
): Promise<number[]> {
  const started = performance.now();
  const all: Promise<number>[] = [];
  for (let n = 0; n < perSecond * seconds; n++) {
    const due = started + (n * 1000) / perSecond;
    await sleep(Math.max(0, due - performance.now()));
    const text = `${word} ${n}`;
    const shown = phones.shown(text);
    const body = { clientId: `bench reply ${text}`, content: { type: 'text', text } };
    const sent = post(`${base}/console/v1/conversations/${ids[n % ids.length]}/replies`, body, token);
    all.push(Promise.all([shown, sent]).then(([at]) => at - due));
  }
  return Promise.all(all);
}

function lineOf(name: string, latencies: readonly number[]): BroadcastLine {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { name: `${name} p99`, value: at(0.99), unit: 'ms', p50Ms: at(0.5), replies: sorted.length };
}
