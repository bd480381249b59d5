/**
 * Reaching many people at once: broadcasts by mass send, one-time notice and the mini-program's own messages, a strategy, answers of automation
 * and staff, on two workers with Bull that deliver every job twice, while calls to the platform fail and workers are killed. The platform
 * refuses nothing for quota, nobody gets a second copy, everybody ends in one state. 100,000 sends with `npm run test:long -- broadcast`.
 */
import { expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReachPerson } from '../../bench/broadcast-people.js';
import { each } from '../../bench/broadcast-stage.js';
import { expectAlive, reports } from '../helpers/processes.js';
import { judgeReach } from '../helpers/reach-judge.js';
import type { Told } from '../helpers/reach-judge.js';
import { openReachStage, SEND_TIMEOUT_SECONDS } from '../helpers/reach-stage.js';
import type { ReachStage } from '../helpers/reach-stage.js';
import { describeWithRedis, startRedis } from '../helpers/redis.js';
import { scaled, seeded } from '../helpers/scale.js';
import { account, eventually, miniAccount } from '../helpers/shop.js';

const PEOPLE = Number(process.env['HUIKE_PEOPLE'] ?? scaled(360, 32_000));
const WAVES = scaled(1, 3);
const TALKS = scaled(40, 3_000);
const FAULTS = scaled(6, 150);
const KILLS = scaled(1, 9);
const LIMIT_MS = scaled(120_000, 3_600_000);
const STUCK_MS = scaled(2_000, 5_000);
const HOUR_MS = 3_600_000;
/** A process may go by a strategy as it was for a second. */
const STRATEGY_KNOWN_MS = 1_500;
/** Nobody of the wave before is within their day any more. */
const BETWEEN_WAVES_MS = 26 * HOUR_MS;
const seed = Number(process.env['HUIKE_SEED'] ?? Date.now() % 1_000_000);
const random = seeded(seed);

const NEWS = 'sub-news';
const TIPS = 'sub-tips';
const KEYWORD = '包邮';
const ANSWER = '全场满 99 包邮';

/** Of twenty, eleven follow, one follows and talks, five are members, three tapped for notices; a third of these is a strategy's too. */
function personOf(n: number): ReachPerson {
  const at = n % 20;
  const user = `u-${n}`;
  const official = { channel: 'official-account', account: account.id, user } as const;
  const mini = { channel: 'mini-program', account: miniAccount.id, user } as const;
  if (at < 12) return { kind: 'follower', address: official, tags: at === 11 ? ['talks'] : [] };
  return at < 17
    ? { kind: 'member', address: mini, tags: [] }
    : { kind: 'grantee', address: mini, tags: at === 17 ? ['regular'] : [] };
}

const tagged = (...value: string[]) => ({ field: 'tags', op: 'has', value });
const inbox = (text: string) => ({ type: 'notice', templateId: '', data: { text: `{name|朋友}，${text}` } });
const notice = (templateId: string, text: string) => ({ type: 'notice', templateId, data: { thing1: text } });
const accounts = { variantAccounts: { 'subscription-notice': miniAccount.id } };

/** Three broadcasts that want the same people at the same time. */
const draftsOf = (wave: number) => [
  {
    ...{ name: `mass ${wave}`, metric: 'conversion-rate', audience: { all: [] }, holdoutPercent: 2 },
    message: {
      purpose: 'promotion',
      variants: { 'mass-send': { type: 'text', text: `mass ${wave}` }, 'member-inbox': inbox(`mass ${wave}`) },
    },
  },
  {
    ...{ name: `news ${wave}`, metric: 'conversion-rate', audience: tagged('member', 'grantee') },
    message: {
      ...{ purpose: 'promotion', ...accounts },
      variants: { 'subscription-notice': notice(NEWS, `news ${wave}`), 'member-inbox': inbox(`news ${wave}`) },
    },
  },
  {
    ...{ name: `tips ${wave}`, metric: 'conversion-rate', audience: tagged('grantee', 'talks') },
    message: { purpose: 'care', ...accounts, variants: { 'subscription-notice': notice(TIPS, `tips ${wave}`) } },
  },
];

const strategyOf = (wave: number) => ({
  ...{ enabled: true, title: { 'zh-CN': '会员日', en: 'Member day' }, priority: 1, audience: tagged('regular') },
  trigger: { code: 'regular', args: { every: 'day' } },
  actions: [
    {
      code: 'send',
      args: {
        ...{ purpose: 'promotion', routes: ['subscription-notice'], text: `day ${wave}` },
        templates: [{ account: miniAccount.id, templateId: NEWS, fields: { thing1: `day ${wave}` } }],
      },
    },
  ],
});

async function start(stage: ReachStage, draft: object): Promise<string> {
  const id = String((await stage.call('POST', 'broadcasts', draft))['id']);
  await stage.call('POST', `broadcasts/${id}/forecast`);
  await eventually(
    async () => (await stage.call('GET', `broadcasts/${id}/forecast`))['state'] === 'done',
    scaled(20_000, 300_000),
  );
  await stage.call('POST', `broadcasts/${id}/start`);
  return id;
}

/** Customers write; of every other one the staff take over and answer, the rest are the keyword's. */
async function talk(stage: ReachStage, told: Told, numbers: readonly number[]): Promise<void> {
  const { conversations } = stage.app.domain.models.chats;
  await each(numbers, 4, async (n) => {
    const user = `u-${(n % Math.max(1, Math.floor(PEOPLE / 20))) * 20 + 11}`;
    const forStaff = n % 2 === 0 && Math.floor(n % Math.max(1, Math.floor(PEOPLE / 20))) % 2 === 0;
    const text = forStaff ? `请问 ${n}` : `${KEYWORD}吗 ${n}`;
    await stage.control(`people/${user}/say`, { type: 'text', content: text });
    told.said.set(user, (told.said.get(user) ?? 0) + 1);
    if (!forStaff) return;
    const conversation = await eventually(
      async () =>
        (await conversations.findOne({ 'address.user': user, lastInboundAt: { $exists: true } }, { _id: 1 }).lean()) ??
        undefined,
      scaled(10_000, 60_000),
    );
    const content = { type: 'text', text: `answer ${n}` };
    const path = `conversations/${String(conversation._id)}/replies`;
    await stage.call('POST', path, { clientId: `client-${n}`, content });
    told.replies.push({ user, text: content.text });
  });
}

const NOTICE_CALL = '/cgi-bin/message/subscribe/send';
const CHAT_CALL = '/cgi-bin/message/custom/send';
const MASS_CALL = '/cgi-bin/message/mass/send';
const faults = [
  { drop: 'before' },
  { drop: 'after' },
  { status: 502, body: '<html>Bad Gateway</html>', effect: true },
  { status: 502, body: '<html>Bad Gateway</html>' },
  { delayMs: (SEND_TIMEOUT_SECONDS + 1) * 1000 },
  { errcode: -1, errmsg: 'system error' },
];

async function fail(stage: ReachStage, told: Told, times: number): Promise<void> {
  // One call carries everybody of a mass send: a few failures are repeated, as many as it has tries would end it.
  const single = [NOTICE_CALL, NOTICE_CALL, NOTICE_CALL, CHAT_CALL];
  const paths = [...single, MASS_CALL, ...single, MASS_CALL, ...Array.from({ length: times }, (_, n) => single[n % 4])];
  for (let n = 0; n < times; n++) {
    const fault = { path: paths[n], ...faults[n % faults.length] };
    await stage.control('faults', fault);
    if (!('errcode' in fault)) told.ambiguousFaults += 1;
    await sleep(random() * scaled(300, 1_500));
  }
}

async function killWorkers(stage: ReachStage, told: Told, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    await sleep(scaled(1_500, 5_000) + random() * scaled(500, 15_000));
    const victim = stage.workers[Math.floor(random() * stage.workers.length)];
    if (!victim) return;
    await victim.crash();
    told.kills += 1;
    const caught = await stage.app.domain.models.flow.outbox.find({ state: 'sending' }, { _id: 1 }).lean();
    for (const { _id } of caught) told.caught.add(_id);
  }
}

/** People who wait for a decision or an outcome, and mass sends under way. */
async function openWork({ app }: ReachStage): Promise<number> {
  const { campaigns, flow } = app.domain.models;
  const deciding = await campaigns.audience.countDocuments({ state: { $in: ['waiting', 'queued'] } });
  const sending = await flow.outbox.countDocuments({ state: { $in: ['pending', 'claimed', 'sending'] } });
  return (
    deciding + sending + (await flow.massBatches.countDocuments({ state: { $in: ['filling', 'ready', 'sending'] } }))
  );
}

/** Until nothing is under way. Where nothing moves, what is left waits for a moment of business time, which then comes. */
async function settled(stage: ReachStage, isDone: () => Promise<boolean>): Promise<void> {
  let [before, since] = [-1, Date.now()];
  for (const deadline = Date.now() + LIMIT_MS; Date.now() < deadline; await sleep(300)) {
    expectAlive(stage.victims);
    const open = await openWork(stage);
    if (open === 0 && (await isDone())) return;
    if (open !== before) [before, since] = [open, Date.now()];
    if (Date.now() - since < STUCK_MS) continue;
    await stage.advance(61_000);
    since = Date.now();
  }
  throw new Error(`${before} are still open\n${reports(stage.victims)}`);
}

async function oneWave(stage: ReachStage, told: Told, wave: number): Promise<void> {
  await stage.call('PUT', 'strategies/member-day', strategyOf(wave));
  // The next day begins with a jump: before it every process knows what is said then.
  await sleep(STRATEGY_KNOWN_MS);
  if (wave > 0) await stage.advance(Math.max(0, told.waveAt + BETWEEN_WAVES_MS - stage.app.clock.now().getTime()));
  told.waveAt = stage.app.clock.now().getTime();
  const share = (all: number): number => Math.ceil(all / WAVES);
  const talks = Array.from({ length: share(TALKS) }, (_, n) => wave * share(TALKS) + n);
  const speaking = Promise.all(draftsOf(wave).map((draft) => start(stage, draft)));
  const busy = Promise.all([
    talk(stage, told, talks),
    fail(stage, told, share(FAULTS)),
    speaking.then(() => killWorkers(stage, told, share(KILLS))),
  ]);
  const ids = await speaking;
  told.broadcasts.push(...ids);
  // The strategy of the clock runs at once after a jump.
  await stage.advance(1_000);
  await busy;
  await settled(stage, async () => true);
  // Who wrote a short while ago is decided on when their question is old.
  await stage.advance(3 * HOUR_MS);
  await settled(stage, async () => {
    const views = await Promise.all(ids.map((id) => stage.call('GET', `broadcasts/${id}`)));
    return views.every(({ state }) => state === 'finished');
  });
}

describeWithRedis(`${PEOPLE} people, ${WAVES * 3} broadcasts, ${TALKS} talks, ${KILLS} kills (seed ${seed})`, () => {
  it(
    'are refused nothing for quota, get nothing twice and end in one state each',
    async () => {
      const redis = await startRedis();
      const people = Array.from({ length: PEOPLE }, (_, n) => personOf(n));
      const stage = await openReachStage(redis.url, people, { templates: [NEWS, TIPS], noticesEach: WAVES });
      try {
        await stage.call('PUT', 'strategies/postage', {
          ...{ enabled: true, title: { 'zh-CN': '包邮', en: 'Postage' }, priority: 1 },
          trigger: { code: 'keyword', args: { keywords: [KEYWORD], match: 'contains' } },
          actions: [{ code: 'reply', args: { content: { type: 'text', text: ANSWER } } }],
        });
        const told: Told = {
          ...{ broadcasts: [], replies: [], said: new Map(), answer: ANSWER },
          ...{ ambiguousFaults: 0, kills: 0, caught: new Set(), waveAt: 0 },
        };
        const started = performance.now();
        for (let wave = 0; wave < WAVES; wave++) await oneWave(stage, told, wave);
        const seconds = Math.round((performance.now() - started) / 1000);
        const figures = await judgeReach(stage, told);
        console.log(`reach: ${JSON.stringify({ seed, people: PEOPLE, seconds, kills: told.kills, ...figures })}`);
        expect(figures.sends).toBeGreaterThan(PEOPLE * WAVES);
      } finally {
        await stage.stop();
        await redis.kill();
      }
    },
    LIMIT_MS,
  );
});
