/** Every list, count and sweep goes by an index: told by the database's own explain, over data in which a scan would read a lot. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose, { Types } from 'mongoose';
import type { Connection } from 'mongoose';
import {
  conversationModels,
  createConversationReads,
  createMediaFetches,
} from '../../src/domain/conversations/index.js';
import type { ConversationModels, ConversationRecord } from '../../src/domain/conversations/index.js';
import { createCustomerReads, createCustomers, customerModels } from '../../src/domain/customers/index.js';
import { createScenes, createStrategies, marketingModels } from '../../src/domain/marketing/index.js';
import { flowModels } from '../../src/flow/models.js';
import { createOutbox } from '../../src/flow/outbox.js';
import { systemClock } from '../../src/infra/clock.js';
import { startEmbedded } from '../../src/infra/embedded.js';
import type { Embedded } from '../../src/infra/embedded.js';
import { createLogger } from '../../src/infra/logger.js';

let folder: string;
let embedded: Embedded;
let connection: Connection;
let chats: ConversationModels;
const staffId = String(new Types.ObjectId());
const COUNT = 2_000;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'huike-explain-'));
  embedded = await startEmbedded(folder, createLogger({ level: 'silent' }));
  connection = mongoose.createConnection(embedded.uri, { autoIndex: false, autoCreate: false, monitorCommands: true });
  await connection.asPromise();
  chats = conversationModels(connection);
  const all = [chats, customerModels(connection), marketingModels(connection), flowModels(connection)];
  for (const model of all.flatMap((models) => Object.values(models))) {
    await model.createCollection();
    await model.createIndexes();
  }
  await chats.conversations.insertMany(Array.from({ length: COUNT }, (_, i) => conversation(i)));
}, 60_000);
afterAll(async () => {
  await connection.close();
  await embedded.stop();
  await rm(folder, { recursive: true, force: true });
});

const boxes = ['unassigned', 'mine', 'others', 'closed'] as const;
/** A fourth in each box, all at equal times: the id alone orders them. */
function conversation(i: number): ConversationRecord {
  const box = boxes[i % 4];
  const assignee = { id: box === 'mine' ? staffId : String(new Types.ObjectId()), name: 'x' };
  return {
    _id: new Types.ObjectId(),
    customerId: new Types.ObjectId(),
    address: { channel: 'official-account', account: 'main', user: `o${i}` },
    addressKey: `official-account/main/o${i}`,
    status: box === 'closed' ? 'closed' : 'open',
    ...(box === 'mine' || box === 'others' ? { assignee } : {}),
    epoch: 0,
    lastSeq: 0,
    sends: 0,
    unread: i % 8 === 1 ? 1 : 0,
    preview: '',
    lastMessageAt: new Date(1_700_000_000_000 + Math.floor(i / 400)),
    lastAnswers: {},
  };
}

interface Asked {
  collection: string;
  command: Record<string, unknown>;
}

/** The find, count and aggregate commands that the work sends. */
async function commandsOf(work: () => Promise<unknown>): Promise<Asked[]> {
  const asked: Asked[] = [];
  const client = connection.getClient();
  const note = (event: { commandName: string; command: Record<string, unknown> }): void => {
    if (['find', 'count', 'aggregate'].includes(event.commandName))
      asked.push({ collection: String(event.command[event.commandName]), command: event.command });
  };
  client.on('commandStarted', note);
  await work();
  client.off('commandStarted', note);
  return asked;
}

interface Explained {
  queryPlanner: { winningPlan: unknown };
  executionStats: { totalDocsExamined: number; totalKeysExamined: number };
}

async function explained({ command }: Asked): Promise<Explained> {
  const { lsid: _1, $db: _2, $clusterTime: _3, $readPreference: _4, txnNumber: _5, ...plain } = command;
  const db = connection.db;
  if (!db) throw new Error('not connected');
  return (await db.command({ explain: plain, verbosity: 'executionStats' })) as Explained;
}

/** `sorts`: a small set, found by index, is put in order. */
async function expectIndexed(work: () => Promise<unknown>, mostExamined: number, sorts = false): Promise<void> {
  const asked = await commandsOf(work);
  expect(asked.length).toBeGreaterThan(0);
  for (const one of asked) {
    const { queryPlanner, executionStats } = await explained(one);
    const plan = JSON.stringify(queryPlanner.winningPlan);
    const about = `${JSON.stringify(one.command['filter'] ?? one.command['pipeline'])} ${plan}`;
    expect({ about, scan: plan.includes('COLLSCAN'), sort: !sorts && /"SORT"/.test(plan) }).toEqual({
      about,
      scan: false,
      sort: false,
    });
    expect({ about, many: executionStats.totalDocsExamined > mostExamined }).toEqual({ about, many: false });
  }
}

describe('reads of conversations', () => {
  const after = { at: new Date(1_700_000_000_002), id: 'f'.repeat(24) };
  for (const box of [...boxes, 'all'] as const) {
    it(`list ${box}`, async () => {
      const reads = createConversationReads(chats);
      await expectIndexed(() => reads.list({ box, staffId, limit: 26 }), 450);
      await expectIndexed(() => reads.list({ box, staffId, limit: 26, after }), 450);
    });

    it(`pages of ${box} at equal times leave nobody out and show nobody twice`, async () => {
      const reads = createConversationReads(chats);
      const seen: string[] = [];
      for (let place: { at: Date; id: string } | undefined; ;) {
        const page = await reads.list({ box, staffId, limit: 130, after: place });
        seen.push(...page.map((one) => String(one._id)));
        const last = page.at(-1);
        if (!last?.lastMessageAt || page.length < 130) break;
        place = { at: last.lastMessageAt, id: String(last._id) };
      }
      expect(seen).toHaveLength(box === 'all' ? COUNT : COUNT / 4);
      expect(new Set(seen).size).toBe(seen.length);
    });
  }

  it('counts, messages, those of a customer', async () => {
    const reads = createConversationReads(chats);
    const id = String(new Types.ObjectId());
    await expectIndexed(() => reads.counts(staffId), COUNT);
    await expectIndexed(() => reads.messagesOf(id, 50, { at: new Date(), id }), 0);
    await expectIndexed(() => reads.ofCustomers([new Types.ObjectId(), new Types.ObjectId()]), 0);
    await expectIndexed(
      () =>
        reads.list({
          box: 'all',
          staffId,
          limit: 26,
          customerIds: Array.from({ length: 200 }, () => String(new Types.ObjectId())),
        }),
      150,
      true,
    );
    await expectIndexed(() => createMediaFetches(chats).due(new Date(), 10), 0);
  });
});

describe('reads of customers and marketing', () => {
  it('list, search, identities, wanted profiles, scenes', async () => {
    const people = customerModels(connection);
    const reads = createCustomerReads(people);
    const after = { at: new Date(), id: 'f'.repeat(24) };
    await expectIndexed(() => reads.list({ limit: 26, after }), 0);
    await expectIndexed(() => reads.idsByName('小'), 0);
    await expectIndexed(() => reads.identitiesOf([new Types.ObjectId()]), 0, true);
    await expectIndexed(() => createCustomers(people, { left: () => Promise.resolve() }).wantedProfiles(100), 0);
    const marketing = marketingModels(connection);
    await expectIndexed(() => createScenes(marketing).list(26, { at: new Date(), id: 'f'.repeat(24) }), 0);
    expect(await createStrategies(marketing, { triggers: [], actions: [] }).list()).toEqual([]);
  });
});

describe('sweeps of the outbox', () => {
  it('due, expired, the next of a lane, whether an earlier one is under way', async () => {
    const { outbox } = flowModels(connection);
    const rows = createOutbox(outbox, { database: { now: () => new Date() }, clock: systemClock });
    const place = { dueAt: new Date(), _id: 'x' };
    await expectIndexed(() => rows.due('pending', 200), 0);
    await expectIndexed(() => rows.due('held', 200, place), 0);
    await expectIndexed(() => rows.expired(200), 0);
    await expectIndexed(() => rows.nextInLane('lane'), 0);
    await expectIndexed(() => rows.hasEarlier({ lane: 'lane', seq: 5 }), 0);
  });
});
