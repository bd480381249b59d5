/** The contact policy's stores on an embedded database of their own, with people to write to. Counts what it asks of the database. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose, { Types } from 'mongoose';
import type { ClientSession, Model } from 'mongoose';
import type { Address, ChannelName, Route } from '../../../src/contracts/index.js';
import {
  contactModels,
  createContactBook,
  createHolds,
  createMassSends,
  createNoticeLedger,
  createPromotionSwitch,
  createQuotaLedger,
  createStandings,
  defaultHoldAfterMs,
  noticeModel,
  quotaModel,
} from '../../../src/domain/contact/index.js';
import { conversationModels } from '../../../src/domain/conversations/index.js';
import { createConsents, createPersons, customerModels } from '../../../src/domain/customers/index.js';
import type { CustomerRecord, IdentityRecord } from '../../../src/domain/customers/index.js';
import { createKeyRing } from '../../../src/infra/crypto.js';
import { startEmbedded } from '../../../src/infra/embedded.js';
import { createLogger } from '../../../src/infra/logger.js';
import { insertRecords } from '../../../src/infra/mongo.js';
import { hour, now, rules } from './judging.js';

const routesOf: Partial<Record<ChannelName, readonly Route[]>> = {
  'official-account': ['customer-message', 'template', 'mass-send'],
  'mini-program': ['customer-message', 'subscription-notice', 'member-inbox'],
};

export type PolicyShop = Awaited<ReturnType<typeof openPolicyShop>>;

export async function openPolicyShop() {
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-policy-'));
  const embedded = await startEmbedded(dataDir, createLogger({ level: 'silent' }));
  const connection = mongoose.createConnection(embedded.uri, {
    autoIndex: false,
    autoCreate: false,
    monitorCommands: true,
  });
  await connection.asPromise();
  const people = customerModels(connection);
  const chats = conversationModels(connection);
  const models = contactModels(connection);
  const other = { quotas: quotaModel(connection), notices: noticeModel(connection) };
  const all = [people, chats, models, other].flatMap((group) => Object.values(group) as Array<Model<unknown>>);
  for (const model of all) {
    await model.createCollection();
    await model.createIndexes();
  }
  const keys = createKeyRing([`k1:${randomBytes(32).toString('base64')}`]);
  const persons = createPersons(people, { keys });
  const ledger = createQuotaLedger(other.quotas, (_channel, kind) =>
    kind === 'message'
      ? { messages: 5, lastsMs: 48 * hour, keptForPeople: 3 }
      : { messages: 3, lastsMs: 60_000, keptForPeople: 0 },
  );
  const notices = createNoticeLedger(other.notices);
  const book = createContactBook(models.contactBooks, { caps: rules.caps });
  // The platform's table changes in the middle of December.
  const massSends = createMassSends(models.massSends, (channel, at) =>
    channel === 'official-account' ? (at < new Date('2026-12-15T00:00:00+08:00') ? 4 : 2) : 0,
  );
  const holds = createHolds(models.holds, { afterMs: defaultHoldAfterMs, now: () => now });
  const standings = createStandings({
    customers: people,
    conversations: chats,
    ...{ persons, ledger, notices, book, massSends, holds },
    routesOf: (channel) => routesOf[channel] ?? [],
    options: { enquiryHoldMs: 2 * hour },
  });

  async function tx<T>(work: (tx: ClientSession) => Promise<T>): Promise<T> {
    const session = await connection.startSession();
    try {
      return await session.withTransaction(() => work(session), { readConcern: { level: 'snapshot' } });
    } finally {
      await session.endSession();
    }
  }

  async function addCustomer(user: string, more: Partial<CustomerRecord> = {}, about: Partial<IdentityRecord> = {}) {
    const _id = new Types.ObjectId();
    await insertRecords(people.customers, [{ _id, personId: _id, createdAt: now, followUp: 'none' as const, ...more }]);
    const address: Address = { channel: 'official-account', account: 'main', user };
    const identity = {
      _id: new Types.ObjectId(),
      customerId: _id,
      address,
      following: true,
      profileTries: 0,
      createdAt: now,
    };
    await insertRecords(people.identities, [{ ...identity, ...about }]);
    return _id;
  }

  /** What the work asks of the database, with its answer. */
  async function asking<T>(work: () => Promise<T>): Promise<{ value: T; commands: Record<string, unknown>[] }> {
    const commands: Record<string, unknown>[] = [];
    const client = connection.getClient();
    const note = ({ command }: { command: Record<string, unknown> }): void => void commands.push(command);
    client.on('commandStarted', note);
    try {
      return { value: await work(), commands };
    } finally {
      client.off('commandStarted', note);
    }
  }

  /** Those of the commands that go through a whole collection. */
  async function scansAmong(commands: readonly Record<string, unknown>[]): Promise<string[]> {
    const found: string[] = [];
    for (const command of commands) {
      const [name] = Object.keys(command);
      const updates = (command['updates'] as object[] | undefined)?.slice(0, 1);
      if (!['find', 'update', 'delete', 'aggregate', 'count', 'findAndModify'].includes(name ?? '')) continue;
      const {
        lsid: _1,
        $db: _2,
        $clusterTime: _3,
        $readPreference: _4,
        txnNumber: _5,
        autocommit: _6,
        ...more
      } = command;
      const { startTransaction: _7, readConcern: _8, writeConcern: _9, ordered: _10, ...plain } = more;
      const explain = { ...plain, ...(updates ? { updates } : {}) };
      const told = await connection.getClient().db(connection.name).command({ explain, verbosity: 'queryPlanner' });
      if (JSON.stringify(told['queryPlanner']).includes('COLLSCAN')) found.push(JSON.stringify(plain).slice(0, 200));
    }
    return found;
  }

  return {
    ...{ people, chats, models, persons, ledger, notices, book, massSends, holds, standings },
    ...{ tx, addCustomer, asking, scansAmong },
    /** A second process's view. */
    anotherSwitch: () => createPromotionSwitch(models.promotionSwitch),
    promotionSwitch: createPromotionSwitch(models.promotionSwitch),
    consents: createConsents(people),
    async clear(): Promise<void> {
      for (const model of all) await model.collection.deleteMany({});
    },
    async close(): Promise<void> {
      await connection.close();
      await embedded.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
