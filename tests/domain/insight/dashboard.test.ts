/** The dashboard against planted rows: figures, curves and outcomes counted by hand, and the rows behind each adding up to it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Types } from 'mongoose';
import type { Model } from 'mongoose';
import { conversationModels } from '../../../src/domain/conversations/index.js';
import { createDashboard, insightModels } from '../../../src/domain/insight/index.js';
import type { CountedRow, DashboardModels, RowPlace, RowsRequest } from '../../../src/domain/insight/index.js';
import { campaignModels } from '../../../src/domain/marketing/index.js';
import { portraitModels } from '../../../src/domain/segments/index.js';
import { flowModels } from '../../../src/flow/models.js';
import { createLogger } from '../../../src/infra/logger.js';
import { openDatabase } from '../../../src/infra/mongo.js';
import type { Database } from '../../../src/infra/mongo.js';

const timeZone = 'Asia/Shanghai';
/** 10:30 in Shanghai on the 10th, which is still the 10th in UTC; the day began at 16:00 UTC of the 9th. */
const now = new Date('2026-03-10T02:30:00Z');
const today = (time: string): Date => new Date(`2026-03-10T${time}+08:00`);
const yesterday = (time: string): Date => new Date(`2026-03-09T${time}+08:00`);

let dataDir: string;
let database: Database;
let models: DashboardModels;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'huike-dashboard-'));
  database = await openDatabase({ dataDir, log: createLogger({ level: 'silent' }) });
  const { connection } = database;
  const all = [flowModels, campaignModels, conversationModels, portraitModels, insightModels].map((make) =>
    make(connection),
  );
  for (const group of all) {
    for (const model of Object.values(group)) {
      await (model as Model<unknown>).createCollection();
      await (model as Model<unknown>).createIndexes();
    }
  }
  models = Object.assign({}, ...all) as DashboardModels;
  await plant();
});
afterAll(async () => {
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
});

const person = (n: number): Types.ObjectId => new Types.ObjectId(String(n).padStart(24, '0'));
let hashes = 0;
const hash = (): string => String((hashes += 1)).padStart(43, 'h');

type Event = [kind: string, at: Date, data?: Record<string, unknown>, more?: Record<string, unknown>];

const plantedEvents: Event[] = [
  ['order.paid', today('00:00:00'), { paid: 100 }],
  ['order.paid', today('09:59:59'), { paid: 2_000 }],
  // Told of two orders of one moment: a page may end between them.
  ['order.paid', today('09:59:59'), { paid: 30_000 }],
  ['order.paid', today('10:30:00'), { paid: 7 }],
  ['order.paid', today('10:30:01'), { paid: 1_000_000 }],
  ['order.paid', yesterday('23:59:59'), { paid: 5_000_000 }],
  ['order.paid', yesterday('10:30:00'), { paid: 400 }],
  ['order.paid', yesterday('10:30:01'), { paid: 40_000 }],
  ['order.placed', today('09:00:00'), { paid: 9 }],
  ['customer.created', today('01:00:00')],
  ['member.joined', today('02:00:00')],
  ['member.joined', today('03:00:00')],
  ['message.received', today('09:10:00')],
  ['message.received', today('09:50:00')],
  ['message.received', today('10:10:00')],
  ['message.sent', today('09:20:00'), { author: 'staff' }, { conversationId: person(1) }],
  // A campaign's message stands in no thread: no reply.
  ['message.sent', today('09:30:00'), { purpose: 'promotion' }],
  ['points.earned', today('04:00:00'), { amount: 120 }],
  ['points.earned', today('04:10:00'), { amount: 5 }],
  ['points.spent', today('05:00:00'), { amount: -80 }],
  ['voucher.granted', today('05:00:00')],
  ['voucher.redeemed', today('06:00:00')],
  ['consent.withdrawn', today('07:00:00'), { purpose: 'promotion' }],
  ['consent.withdrawn', today('07:00:00'), { purpose: 'care' }],
  ['identity.unfollowed', today('08:00:00')],
];

async function plant(): Promise<void> {
  const events = plantedEvents.map(([kind, at, data = {}, more = {}]) => ({
    ...{ _id: new Types.ObjectId(), kind, at, storedAt: at, customerId: person(1), data, cause: {}, ...more },
  }));
  const row = (state: string, settledAt: Date | undefined, more: Record<string, unknown> = {}) => ({
    ...{ _id: hash(), state, customerId: person(2), purpose: 'reply', dueAt: today('10:00:00'), ...more },
    ...(settledAt ? { settledAt } : {}),
  });
  const strategy = { strategy: { code: 'birthday' }, purpose: 'care' };
  const outbox = [
    row('sent', today('09:00:00')),
    row('sent', today('09:00:00'), strategy),
    row('submitted', today('09:00:00'), strategy),
    row('skipped', today('09:00:00'), { ...strategy, reason: 'contact.capped' }),
    row('skipped', yesterday('09:00:00'), { ...strategy, reason: 'contact.capped' }),
    row('sent', yesterday('09:00:00'), strategy),
    row('held', undefined, { ...strategy, reason: 'contact.quietHours' }),
    row('pending', undefined),
    // Told by the person's row in the audience.
    row('sent', today('09:00:00'), { purpose: 'promotion', broadcastId: String(person(9)) }),
  ];
  const reached = (state: string, at: Date, reason = '') => ({
    ...{ _id: hash(), broadcastId: person(9), personId: person(3), customerId: person(3), state, at, reason },
  });
  const audience = [
    ...[reached('sent', today('09:00:00')), reached('submitted', today('09:00:01'))],
    ...[reached('skipped', today('09:00:00'), 'contact.capped'), reached('waiting', today('09:00:00'))],
    ...[reached('held', today('09:00:00'), 'contact.quietHours'), reached('sent', yesterday('09:00:00'))],
  ];
  const talk = (status: string, more: Record<string, unknown>) => ({
    ...{ _id: new Types.ObjectId(), status, customerId: person(4), addressKey: hash(), ...more },
  });
  const conversations = [
    talk('open', { lastMessageAt: yesterday('09:00:00'), waitingSince: yesterday('09:00:00') }),
    talk('open', { lastMessageAt: today('09:00:00') }),
    talk('open', {}),
    talk('closed', { lastMessageAt: today('09:00:00') }),
  ];
  const seen = (lastSeenAt?: Date, lastBehaviourAt?: Date) => ({
    ...{ _id: new Types.ObjectId(), customerIds: [new Types.ObjectId()] },
    ...(lastSeenAt ? { lastSeenAt } : {}),
    ...(lastBehaviourAt ? { lastBehaviourAt } : {}),
  });
  const portraits = [
    ...[seen(today('09:00:00')), seen(today('08:00:00'), today('09:00:00')), seen(undefined, today('07:00:00'))],
    ...[seen(yesterday('09:00:00'), today('06:00:00')), seen(yesterday('09:00:00')), seen()],
  ];
  const run = (_id: string, state: string, asOf: Date, people: number) => ({
    _id,
    state,
    asOf,
    groups: [{ code: 'E', people }],
  });
  const insightRuns = [
    run('1', 'done', yesterday('03:00:00'), 1),
    run('2', 'done', today('03:00:00'), 40),
    run('3', 'running', today('10:00:00'), 0),
  ];
  for (const [name, rows] of Object.entries({ events, outbox, audience, conversations, portraits, insightRuns })) {
    await models[name as keyof DashboardModels].collection.insertMany(rows as object[]);
  }
}

const dashboard = () => createDashboard(models, { timeZone });

/** All pages, each of so many rows. */
async function everyRow(asked: Omit<RowsRequest, 'limit' | 'after'>, limit: number): Promise<CountedRow[]> {
  const all: CountedRow[] = [];
  let after: RowPlace | undefined;
  do {
    const page = await dashboard().rows(now, { ...asked, limit, after });
    if (!page) throw new Error(`${asked.code} is no figure`);
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    all.push(...page.rows);
    after = page.next;
  } while (after);
  return all;
}

const sum = (rows: readonly CountedRow[]): number => rows.reduce((all, { value }) => all + value, 0);

describe('the figures of today', () => {
  it("count from the shop's midnight to now, beside yesterday up to the same hour", async () => {
    const { date, figures } = await dashboard().today(now);
    expect(date).toBe('2026-03-10');
    expect(Object.fromEntries(figures.map(({ code, value, before }) => [code, [value, before]]))).toEqual({
      ...{ orders: [4, 1], revenue: [32_107, 400], newCustomers: [1, 0], newMembers: [2, 0], active: [4, null] },
      ...{ messagesIn: [3, 0], replies: [1, 0], openConversations: [2, null], waiting: [1, null] },
      ...{ pointsEarned: [125, 0], pointsSpent: [80, 0], vouchersGranted: [1, 0], vouchersUsed: [1, 0] },
      ...{ campaignMessages: [4, 2], optOuts: [1, 0], unfollows: [1, 0] },
    });
  });

  it('have rows that add up to them, whatever the size of a page', async () => {
    const { figures } = await dashboard().today(now);
    for (const { code, value } of figures) {
      for (const limit of [1, 3, 100]) {
        const rows = await everyRow({ code }, limit);
        expect([code, limit, sum(rows)]).toEqual([code, limit, value]);
        expect(new Set(rows.map(({ of, id }) => `${of} ${id}`)).size).toBe(rows.length);
      }
    }
  });

  it('come with the groups of the latest run of the scores that ended', async () => {
    expect((await dashboard().today(now)).groups).toEqual([{ code: 'E', people: 40 }]);
  });

  it('have rows of nothing else', async () => {
    expect(await dashboard().rows(now, { code: 'profit', limit: 1 })).toBeUndefined();
  });
});

describe('the curves', () => {
  it('have 24 hours of the shop, which add up to the figure', async () => {
    const { hours, figures } = await dashboard().today(now);
    const curve = (code: string) => hours.find((one) => one.code === code)?.values ?? [];
    expect(hours.map(({ code }) => code)).toEqual(['orders', 'revenue', 'messagesIn']);
    expect([curve('orders')[0], curve('orders')[9], curve('orders')[10]]).toEqual([1, 2, 1]);
    expect([curve('revenue')[0], curve('revenue')[9], curve('revenue')[10]]).toEqual([100, 32_000, 7]);
    expect([curve('messagesIn')[9], curve('messagesIn')[10]]).toEqual([2, 1]);
    for (const { code, values } of hours) {
      expect(values).toHaveLength(24);
      expect(values.reduce((all, one) => all + one, 0)).toBe(figures.find((one) => one.code === code)?.value);
    }
  });
});

describe('the outcomes of messages', () => {
  it('count each message once, of broadcasts by their audience, with what is held now', async () => {
    const { outcomes } = await dashboard().today(now);
    const byName = outcomes.map(({ state, reason, messages }) => [`${state} ${reason ?? '-'}`, messages] as const);
    expect(Object.fromEntries(byName)).toEqual({
      ...{ 'sent -': 3, 'submitted -': 2, 'skipped contact.capped': 2, 'held contact.quietHours': 2 },
    });
  });

  it('have rows that add up to each', async () => {
    const { outcomes } = await dashboard().today(now);
    for (const { state, reason, messages } of outcomes) {
      expect(sum(await everyRow({ code: 'outcomes', narrow: { state, reason } }, 1))).toBe(messages);
    }
    const all = outcomes.reduce((total, { messages }) => total + messages, 0);
    expect(sum(await everyRow({ code: 'outcomes' }, 2))).toBe(all);
  });
});
