/** The dashboard goes by indexes over the stretch of time: told by the database's own explain, over data in which a scan would read a lot. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose, { Types } from 'mongoose';
import type { Connection, Model } from 'mongoose';
import { conversationModels } from '../../../src/domain/conversations/index.js';
import { createDashboard, insightModels } from '../../../src/domain/insight/index.js';
import type { DashboardModels } from '../../../src/domain/insight/index.js';
import { campaignModels } from '../../../src/domain/marketing/index.js';
import { portraitModels } from '../../../src/domain/segments/index.js';
import { flowModels } from '../../../src/flow/models.js';
import { startEmbedded } from '../../../src/infra/embedded.js';
import type { Embedded } from '../../../src/infra/embedded.js';
import { createLogger } from '../../../src/infra/logger.js';

const now = new Date('2026-03-10T02:30:00Z');
const long = new Date('2026-01-10T02:30:00Z');
const today = new Date('2026-03-10T01:00:00Z');
/** Of each collection so many rows of long ago, and few of today. */
const OLD = 1_500;
const NEW = 10;

let folder: string;
let embedded: Embedded;
let connection: Connection;
let models: DashboardModels;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'huike-dashboard-explain-'));
  embedded = await startEmbedded(folder, createLogger({ level: 'silent' }));
  connection = mongoose.createConnection(embedded.uri, { autoIndex: false, autoCreate: false, monitorCommands: true });
  await connection.asPromise();
  const all = [flowModels, campaignModels, conversationModels, portraitModels, insightModels].map((make) =>
    make(connection),
  );
  for (const model of all.flatMap((group) => Object.values(group) as Array<Model<unknown>>)) {
    await model.createCollection();
    await model.createIndexes();
  }
  models = Object.assign({}, ...all) as DashboardModels;
  for (const [at, count] of [
    [long, OLD],
    [today, NEW],
  ] as const) {
    for (let i = 0; i < count; i += 1) rows.push({ at, i });
  }
  const each = (make: (row: (typeof rows)[number]) => object): object[] => rows.map(make);
  const kinds = ['order.paid', 'message.sent', 'message.received', 'consent.withdrawn'];
  await models.events.collection.insertMany(
    each(({ at, i }) => ({ _id: new Types.ObjectId(), kind: kinds[i % 4], at, data: { purpose: 'promotion' } })),
  );
  await models.outbox.collection.insertMany(
    each(({ at, i }) => ({ _id: `${at.getTime()}${i}`.padStart(43, 'h') as never, state: 'sent', settledAt: at })),
  );
  await models.audience.collection.insertMany(
    each(({ at, i }) => ({ _id: `${at.getTime()}${i}`.padStart(43, 'h') as never, state: 'sent', reason: '', at })),
  );
  await models.conversations.collection.insertMany(
    each(({ at, i }) => ({
      ...{ _id: new Types.ObjectId(), addressKey: `${at.getTime()}${i}`, lastMessageAt: at },
      status: at === long ? 'closed' : 'open',
    })),
  );
  await models.portraits.collection.insertMany(
    each(({ at, i }) => ({ _id: new Types.ObjectId(), ...(i % 2 ? { lastSeenAt: at } : { lastBehaviourAt: at }) })),
  );
}, 60_000);
const rows: Array<{ at: Date; i: number }> = [];
afterAll(async () => {
  await connection.close();
  await embedded.stop();
  await rm(folder, { recursive: true, force: true });
});

async function commandsOf(work: () => Promise<unknown>): Promise<Array<Record<string, unknown>>> {
  const asked: Array<Record<string, unknown>> = [];
  const note = ({ commandName, command }: { commandName: string; command: Record<string, unknown> }): void => {
    if (['find', 'count', 'aggregate'].includes(commandName)) asked.push(command);
  };
  connection.getClient().on('commandStarted', note);
  await work();
  connection.getClient().off('commandStarted', note);
  return asked;
}

async function expectIndexed(work: () => Promise<unknown>, atLeast: number): Promise<void> {
  const asked = await commandsOf(work);
  expect(asked.length).toBeGreaterThanOrEqual(atLeast);
  for (const command of asked) {
    const { lsid: _1, $db: _2, $clusterTime: _3, $readPreference: _4, txnNumber: _5, ...plain } = command;
    const found = await connection.db?.command({ explain: plain, verbosity: 'executionStats' });
    const plan = JSON.stringify(found?.['queryPlanner']);
    const { totalDocsExamined, totalKeysExamined } = found?.['executionStats'] as Record<string, number>;
    const about = `${JSON.stringify(plain)} ${plan}`;
    expect([about, plan.includes('COLLSCAN')]).toEqual([about, false]);
    const read = Math.max(totalDocsExamined ?? 0, totalKeysExamined ?? 0);
    expect([about, read, read <= 3 * NEW]).toEqual([about, read, true]);
  }
}

describe('the dashboard', () => {
  it('reads today and its yesterday alone', async () => {
    await expectIndexed(() => createDashboard(models, { timeZone: 'Asia/Shanghai' }).today(now), 25);
  });

  it('lists the rows of every figure by the same indexes', async () => {
    const dashboard = createDashboard(models, { timeZone: 'Asia/Shanghai' });
    const { figures, outcomes } = await dashboard.today(now);
    expect(outcomes).toEqual([{ state: 'sent', reason: null, messages: 2 * NEW }]);
    for (const { code } of [...figures, { code: 'outcomes' }]) {
      await expectIndexed(async () => {
        const first = await dashboard.rows(now, { code, limit: 3 });
        if (first?.next) await dashboard.rows(now, { code, limit: 3, after: first.next });
      }, 1);
    }
  });
});
