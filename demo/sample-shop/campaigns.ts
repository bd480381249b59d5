/**
 * What the shop's marketer has made so far: segments, strategies of the library, a plan, a broadcast of some days ago with its outcomes, and the
 * draft of the next one. Through the same functions as the console; whoever is told, is told by the simulated WeChat.
 */
import type { App } from '../../src/app.js';
import type { BroadcastDraft, SegmentRule } from '../../src/contracts/index.js';
import { BroadcastDraft as Draft } from '../../src/contracts/index.js';
import { library } from '../../src/domain/marketing/index.js';
import type { Actor } from '../../src/http/ports.js';
import { MINI_ID } from '../account.js';
import { saleTemplate } from '../notices.js';
import type { Coupons } from '../service.js';
import type { PlannedHabits } from './habits.js';
import { customFields } from './habits.js';
import type { Types } from 'mongoose';

const TOGETHER = 25;
const DAY_MS = 86_400_000;
const cause = { door: 'import', importId: 'sample-shop' } as const;
const TEXT_VERSION = '2026-11';

/** What people did, what was noted of them and what they took back. */
export async function loadHabits(
  app: App,
  habits: readonly PlannedHabits[],
  { ids, by }: { ids: readonly Types.ObjectId[]; by: Actor },
  onDone: (people: number) => void,
): Promise<void> {
  const { customFields: fields, tags, commerce, consents } = app.domain;
  const now = app.clock.now();
  await app.act({
    cause,
    change: async (tx) => {
      const events = [];
      for (const field of customFields) {
        const options = 'options' in field ? field.options.map((value) => ({ value, title: same(value) })) : undefined;
        const put = await fields.put(tx, { ...field, ...(options ? { options } : {}) } as never, by.staffId, now);
        if (!put.ok) throw new Error(`a field of the sample shop was refused: ${put.reason}`);
        events.push(...put.events);
      }
      return events;
    },
  });
  for (let start = 0; start < habits.length; start += TOGETHER) {
    const together = habits.slice(start, start + TOGETHER);
    await app.act({
      cause,
      change: async (tx) => {
        const events = [];
        for (const { customer, did, tags: words, fields: told, withdrew } of together) {
          const id = ids[customer];
          if (!id) throw new Error(`customer ${String(customer)} of the plan was not written`);
          for (const input of did) {
            const recorded = await commerce.recordBehaviour(tx, id, input, now);
            if (!recorded.ok) throw new Error(`a visit was refused: ${JSON.stringify(recorded.problems)}`);
            events.push(...recorded.events);
          }
          if (words.length > 0) {
            const tagged = await tags.tag(tx, id, { add: [...words] }, by.staffId, now);
            const set = await fields.set(tx, id, told, by.staffId, now);
            if (!tagged.ok || !set.ok) throw new Error('a note of the sample shop was refused');
            events.push(...tagged.events, ...set.events);
          }
          if (withdrew) {
            const word = { purpose: 'promotion', channel: 'wechat', textVersion: TEXT_VERSION, at: withdrew } as const;
            events.push(
              ...(await consents.record(
                tx,
                id,
                { ...word, page: 'pages/privacy/index', by: { kind: 'member' } },
                true,
              )),
            );
          }
        }
        return events;
      },
    });
    onDone(together.length);
  }
}

const same = (text: string) => ({ 'zh-CN': text, en: text });

/** Last of what is read from people: everybody as segments see them, and their scores. */
export async function portrayPeople(app: App): Promise<void> {
  await app.domain.portraits.rebuildAll(app.clock.now(), () => undefined);
  await app.domain.insight.run(app.clock.now());
}

const active: SegmentRule = { field: 'behaviour', op: 'inside', value: { type: 'any', days: 30, times: 1 } };
const bought = (orders: number): SegmentRule => ({ field: 'orders', op: 'atLeast', value: orders });
const existing: SegmentRule = { all: [bought(2), { field: 'channels', op: 'has', value: ['official-account'] }] };

export const segments: ReadonlyArray<{ name: string; note: string; rule: SegmentRule }> = [
  {
    ...{ name: '新客（30 天内首单）', note: '刚买过第一次的人，先把东西用好。' },
    rule: {
      all: [
        { field: 'orders', op: 'is', value: 1 },
        { field: 'firstOrderAt', op: 'withinDays', value: 30 },
      ],
    },
  },
  {
    ...{ name: '沉睡 90 天', note: '买过，但三个月没有再来。' },
    rule: { all: [bought(1), { field: 'lastOrderAt', op: 'beforeDays', value: 90 }] },
  },
  {
    ...{ name: '近 30 天活跃未下单', note: '常来看却没有下单，差的往往只是一个理由。' },
    rule: { all: [active, { not: { field: 'purchases', op: 'inside', value: { days: 30, orders: 1 } } }] },
  },
  {
    ...{ name: '高价值老客', note: 'RFM 里的重要价值客户，值得专人维护。' },
    rule: {
      any: [
        { field: 'rfmSegment', op: 'is', value: ['champions'] },
        { field: 'spent', op: 'atLeast', value: 200_000 },
      ],
    },
  },
  {
    ...{ name: '爱喝茶，未到银卡', note: '标签和等级放在一起看。' },
    rule: {
      all: [
        {
          any: [
            { field: 'tags', op: 'has', value: ['爱喝茶'] },
            { field: 'category', op: 'has', value: ['茶饮'] },
          ],
        },
        { not: { field: 'level', op: 'is', value: ['silver', 'gold', 'platinum'] } },
      ],
    },
  },
  { ...{ name: '两单以上的粉丝', note: '公众号里能联系到的老客。' }, rule: existing },
];

/** Harmless to have on: an answer, a greeting, and what members are owed. */
const switchedOn: readonly string[] = ['opt-out-confirmed', 'birthday-greeting', 'points-about-to-expire'];

export async function takeOverStrategies(app: App, by: Actor): Promise<void> {
  for (const { code, body } of library.filter(({ code: one }) => switchedOn.includes(one))) {
    await app.ports.strategies.put(code, { ...body, enabled: true }, by);
  }
}

/** A careful word to old customers some days ago, sent and summed up. `at`: business time has been moved there. */
export async function sendBroadcast(app: App, by: Actor): Promise<string> {
  const text = '栖木生活：春天潮，茶叶开封后请密封避光存放，两个月内喝完为宜。用着有问题，随时问我们。';
  const made = await app.ports.broadcasts.add(
    draftOf({
      ...{ name: '春茶存放小贴士', metric: 'reactivation-rate', aim: '让买过茶和器物的老客想起我们，看四周内的回购。' },
      ...{ audience: existing, audienceNote: '两单以上、还关注着公众号的人。', holdoutPercent: 10 },
      message: { purpose: 'care', variants: { 'mass-send': { type: 'text', text } } },
      designNote: '只讲用法，不带优惠；每人每月四次群发里用去一次。',
    }),
    by,
  );
  await forecast(app, made.id, by);
  await app.ports.broadcasts.start(made.id, by);
  await runUntil(app, async () => {
    const { counts } = await app.ports.broadcasts.results(made.id);
    return counts.length > 0 && counts.every(({ state }) => state !== 'waiting' && state !== 'queued');
  });
  return made.id;
}

/** Whoever was held longer than it ran is dropped; then it is over, and what came of it is written down. */
export async function sumUp(app: App, id: string, by: Actor): Promise<void> {
  await runUntil(app, async () => (await app.ports.broadcasts.get(id)).state === 'finished');
  const result = '送达的老客里，几天内已有人回来下单；留出来不发的一成作为对照。';
  await app.ports.broadcasts.summary(id, { result, learned: '内容型消息没有引起退订，可以每季一次。' }, by);
}

/** What the marketer is working on: a promotion by every lawful way, and the month it belongs to. */
export async function planNext(
  app: App,
  { sent, coupons }: { sent: string; coupons: Coupons },
  by: Actor,
): Promise<void> {
  const text = '{name|朋友}，这阵子常来看看，送您{voucher|一张优惠券}，喜欢就带回家吧。';
  const next = await app.ports.broadcasts.add(
    draftOf({
      ...{
        name: '活跃未下单：百元券',
        metric: 'conversion-rate',
        aim: '近 30 天来过、没下单的人，两周内至少成交一成。',
      },
      ...{ audience: { all: [active, { not: bought(1) }] }, holdoutPercent: 10, couponId: coupons.hundred },
      budget: { people: 300, fen: 3_000_000 },
      message: {
        purpose: 'promotion',
        variants: {
          'subscription-notice': {
            ...{ type: 'notice', templateId: saleTemplate.templateId, page: 'pages/vouchers/index' },
            data: { thing1: '老客礼券到账', thing2: '{name|朋友}，来看看' },
          },
          'member-inbox': { type: 'notice', templateId: '', page: 'pages/vouchers/index', data: { text } },
          'mass-send': { type: 'text', text: '栖木生活：常来看的朋友，百元礼券已放进您的卡包，打开会员中心就能用。' },
        },
        variantAccounts: { 'subscription-notice': MINI_ID },
      },
    }),
    by,
  );
  await forecast(app, next.id, by);
  const today = app.clock.now().getTime();
  const day = (days: number): string => new Date(today + days * DAY_MS).toISOString().slice(0, 10);
  await app.ports.plans.add(
    {
      ...{ name: '春季老客回访', note: '先关怀、后促销，同一个人一周不超过三条。', from: day(-10), to: day(20) },
      strategies: [...switchedOn].filter((code) => code !== 'opt-out-confirmed'),
      broadcasts: [sent, next.id],
    },
    by,
  );
}

const TURNS = 20;

async function runUntil(app: App, isDone: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    await app.schedule.runAll();
    if (await isDone()) return;
  }
  throw new Error('the broadcast of the sample shop did not come to an end');
}

const draftOf = (body: unknown): BroadcastDraft => Draft.parse(body);

async function forecast(app: App, id: string, by: Actor): Promise<void> {
  await app.ports.broadcasts.startForecast(id, by);
  for (;;) {
    const { state, reason } = await app.ports.broadcasts.forecast(id);
    if (state === 'done') return;
    if (state === 'failed') throw new Error(`a forecast of the sample shop failed: ${String(reason)}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

export async function saveSegments(app: App, by: Actor): Promise<void> {
  for (const segment of segments) await app.ports.segments.add(segment, by);
}
