/** A generated shop on an embedded database of its own: people with all that portraits are put together from, through the real modules. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Types } from 'mongoose';
import type { Model } from 'mongoose';
import type { BehaviourInput, NewDomainEvent, OrderInput } from '../../../src/contracts/index.js';
import { commerceModels, createCommerce } from '../../../src/domain/commerce/index.js';
import {
  createConsents,
  createCustomFields,
  createFigures,
  createPersons,
  createTags,
  customerModels,
} from '../../../src/domain/customers/index.js';
import type { CustomerRecord, IdentityRecord } from '../../../src/domain/customers/index.js';
import { membershipModels } from '../../../src/domain/membership/index.js';
import { portraitModels } from '../../../src/domain/segments/models.js';
import { createPortraits } from '../../../src/domain/segments/portraits.js';
import { flowModels } from '../../../src/flow/models.js';
import { createKeyRing } from '../../../src/infra/crypto.js';
import { createLogger } from '../../../src/infra/logger.js';
import { insertRecords, openDatabase } from '../../../src/infra/mongo.js';

export const timeZone = 'Asia/Shanghai';
export const now = new Date('2026-11-22T04:00:00Z');
export const DAY_MS = 86_400_000;
export const daysAgo = (days: number): Date => new Date(now.getTime() - days * DAY_MS);

export type Shop = Awaited<ReturnType<typeof openPortraitShop>>;

/** Numbers from 0 to 1 that are the same for a seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export async function openPortraitShop() {
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-portraits-'));
  const database = await openDatabase({ dataDir, log: createLogger({ level: 'silent' }) });
  const { connection } = database;
  const models = {
    ...customerModels(connection),
    ...commerceModels(connection),
    ...membershipModels(connection),
    ...portraitModels(connection),
    ...flowModels(connection),
  };
  for (const model of Object.values(models) as Array<Model<unknown>>) {
    await model.createCollection();
    await model.createIndexes();
  }
  const lists: Array<{ customerId: Types.ObjectId; listId: string }> = [];
  const options = {
    timeZone,
    transaction: database.transaction,
    listsOf: (_tx: unknown, ids: readonly Types.ObjectId[]) =>
      Promise.resolve(lists.filter(({ customerId }) => ids.some((id) => id.equals(customerId)))),
  };
  const commerce = createCommerce(models, { writeFigures: createFigures(models), timeZone, closesAfterMinutes: 60 });
  const persons = createPersons(models, { keys: createKeyRing([`k1:${randomBytes(32).toString('base64')}`]) });
  return {
    database,
    models,
    lists,
    commerce,
    persons,
    tags: createTags(models),
    customFields: createCustomFields(models),
    consents: createConsents(models),
    portraits: createPortraits(models, options),
    async addCustomer(more: Partial<CustomerRecord> = {}): Promise<Types.ObjectId> {
      const _id = new Types.ObjectId();
      await insertRecords<CustomerRecord>(models.customers, [
        { _id, personId: _id, createdAt: daysAgo(800), followUp: 'none', ...more },
      ]);
      return _id;
    },
    async addIdentity(customerId: Types.ObjectId, more: Partial<IdentityRecord> = {}): Promise<void> {
      const _id = new Types.ObjectId();
      await insertRecords<IdentityRecord>(models.identities, [
        {
          ...{ _id, customerId, following: true, profileTries: 0, createdAt: daysAgo(700) },
          address: { channel: 'official-account', account: 'main', user: String(_id) },
          ...more,
        },
      ]);
    },
    /** Stores events as `act` would. */
    async tell(events: readonly NewDomainEvent[], storedAt = database.now()): Promise<void> {
      const records = events.map(({ customerId, conversationId: _c, ...event }) => ({
        ...event,
        _id: new Types.ObjectId(),
        ...(customerId ? { customerId: new Types.ObjectId(customerId) } : {}),
        data: { ...event.data },
        storedAt,
        cause: { door: 'clock' as const, task: 'test' },
      }));
      if (records.length) await insertRecords(models.events, records);
    },
    async close(): Promise<void> {
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

let orderNo = 0;
/** Paid after ten minutes, 50 yuan a piece, 5 yuan freight; received after three days. */
export function orderOf(placedAt: Date, change: Partial<OrderInput> = {}, pieces = 1, category = 'tea'): OrderInput {
  const later = (ms: number): Date => new Date(placedAt.getTime() + ms);
  orderNo += 1;
  const goods = pieces * 50_00;
  return {
    ...{ source: 'shop', orderNo: `P-${orderNo}`, customer: { externalId: 'm' }, status: 'delivered', currency: 'CNY' },
    ...{ amount: goods + 5_00, paid: goods + 5_00, freight: 5_00, discount: 0 },
    ...{ placedAt, paidAt: later(600_000), receivedAt: later(3 * DAY_MS), updatedAt: later(3 * DAY_MS) },
    items: [{ sku: `s-${category}`, name: category, category, quantity: pieces, price: 50_00 }],
    ...change,
  };
}

let eventId = 0;
export function behaviourOf(at: Date, type = 'view'): BehaviourInput {
  eventId += 1;
  return { source: 'shop', eventId: `b-${eventId}`, type, at, customer: { externalId: 'm' } };
}

const pick = <T>(random: () => number, values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;

/** So many customers with everything, some of them linked. All of it happened before now. */
export async function fill(shop: Shop, count: number, seed: number): Promise<Types.ObjectId[]> {
  const random = randomOf(seed);
  const some = (share: number): boolean => random() < share;
  const within = (days: number): Date => new Date(now.getTime() - Math.floor(random() * days * DAY_MS));
  const told = () => ({ at: within(300), by: { kind: 'member' as const } });
  const tx = <T>(work: Parameters<typeof shop.database.transaction<T>>[0]): Promise<T> =>
    shop.database.transaction(work);
  const field = { key: 'skin', title: { 'zh-CN': '肤质', en: 'Skin' }, type: 'text' as const };
  await tx((session) => shop.customFields.put(session, field, 'staff', now));
  const ids: Types.ObjectId[] = [];
  for (let i = 0; i < count; i += 1) {
    const createdAt = new Date(now.getTime() - (100 + random() * 900) * DAY_MS);
    const minor = some(0.1);
    const profile = {
      ...(some(0.6) ? { name: { value: `人${i}`, ...told() } } : {}),
      ...(some(0.5) ? { gender: { value: pick(random, ['female', 'male'] as const), ...told() } } : {}),
      ...(some(0.5) && !minor
        ? { birthday: { value: pick(random, ['05-04', '1990-11-30', '2010-03-01', '1970-12-31']), ...told() } }
        : {}),
      ...(some(0.4) ? { city: { value: pick(random, ['杭州', '北京']), ...told() } } : {}),
    };
    const id = await shop.addCustomer({
      createdAt,
      ...(some(0.5) ? { nickname: `昵称${i}` } : {}),
      ...(some(0.3) ? { remark: `难缠${i}` } : {}),
      ...(some(0.8) ? { lastSeenAt: within(100) } : {}),
      ...(Object.keys(profile).length ? { profile } : {}),
      ...(minor || some(0.3)
        ? { age: { band: minor ? pick(random, ['under14', '14to17'] as const) : 'adult', ...told() } }
        : {}),
      ...(some(0.4) ? { joined: { at: within(90), privacyVersion: 'p' } } : {}),
    });
    ids.push(id);
    if (some(0.8)) {
      const gone = some(0.2);
      await shop.addIdentity(id, {
        ...(some(0.7) ? { followedAt: within(300) } : {}),
        ...(gone ? { following: false, unfollowedAt: within(20) } : {}),
        ...(some(0.1) ? { blocked: 'blocked' as const } : {}),
      });
    }
    if (some(0.3)) {
      const address = { channel: 'mini-program', account: 'mp', user: `mp${i}` } as const;
      await shop.addIdentity(id, { address });
    }
    const orders = some(0.6) ? Math.floor(random() * 6) + 1 : 0;
    for (let n = 0; n < orders; n += 1) await addOrder(shop, id, random);
    const behaviours = some(0.6) ? Math.floor(random() * 8) : 0;
    for (let n = 0; n < behaviours; n += 1) {
      const at = some(0.2) ? new Date(now.getTime() - random() * DAY_MS * 2) : within(250);
      await tx((s) => shop.commerce.recordBehaviour(s, id, behaviourOf(at, pick(random, ['view', 'cart.add'])), now));
    }
    const words = some(0.6) ? Math.floor(random() * 5) : 0;
    for (let n = 0; n < words; n += 1) {
      const consent = {
        purpose: pick(random, ['care', 'promotion', 'personalisation'] as const),
        channel: pick(random, ['wechat', 'sms', 'all'] as const),
        textVersion: 'v1',
        at: daysAgo(Math.floor(random() * 6)),
        by: { kind: 'member' as const },
      };
      const withdrawn = some(0.4);
      await tx((s) => shop.consents.record(s, id, consent, withdrawn));
    }
    if (some(0.4)) await tx((s) => shop.tags.tag(s, id, { add: [pick(random, ['vip', '茶', '复购'])] }, 'staff', now));
    if (some(0.3))
      await tx((s) => shop.customFields.set(s, id, { skin: pick(random, ['油', '干']) }, 'staff', within(50)));
    if (some(0.2)) shop.lists.push({ customerId: id, listId: pick(random, ['l1', 'l2']) });
    if (some(0.4)) await addMembership(shop, id, random);
  }
  for (let i = 0; i + 1 < ids.length; i += 7) {
    const [a, b] = [ids[i], ids[i + 1]];
    if (a && b) await tx((s) => shop.persons.link(s, a, b, { kind: 'staff', staffId: 's', reason: 'r' }, now));
  }
  return ids;
}

async function addOrder(shop: Shop, id: Types.ObjectId, random: () => number): Promise<void> {
  const placedAt = new Date(now.getTime() - (4 + Math.floor(random() * 900)) * DAY_MS - Math.floor(random() * DAY_MS));
  const kind = random();
  const refund = { refundNo: 'r', at: daysAgo(random() * 4), status: 'succeeded' as const };
  const pieces = 1 + Math.floor(random() * 3);
  const change: Partial<OrderInput> =
    kind < 0.1
      ? { status: 'pending', paid: 0, paidAt: undefined as never }
      : kind < 0.2
        ? { refunds: [{ ...refund, amount: 20_00 }] }
        : kind < 0.3
          ? { refunds: [{ ...refund, amount: pieces * 50_00 + 5_00 }] }
          : kind < 0.35
            ? { status: 'closed', closedAt: daysAgo(random() * 5) }
            : {};
  const { paidAt, ...input } = orderOf(placedAt, change, pieces, random() < 0.5 ? 'tea' : 'cups');
  const report = { ...input, ...(kind < 0.1 ? {} : { paidAt: paidAt ?? placedAt }) };
  const reported = await shop.database.transaction((tx) => shop.commerce.report(tx, id, report, now));
  if (!reported.ok) throw new Error(JSON.stringify(reported.problems));
}

async function addMembership(shop: Shop, id: Types.ObjectId, random: () => number): Promise<void> {
  const at = daysAgo(random() * 30);
  await shop.models.accounts.collection.insertOne({
    ...{
      _id: id,
      available: Math.floor(random() * 500),
      pending: 3,
      debt: random() < 0.2 ? 40 : 0,
      seq: 1,
      at,
      lots: [],
    },
    ...{ growth: Math.floor(random() * 900), level: { code: random() < 0.5 ? 'silver' : 'gold', at, validUntil: now } },
  } as never);
  for (const state of ['granted', 'granted', 'used', 'expired'] as const) {
    const _id = new Types.ObjectId();
    const expiresAt =
      state === 'expired' ? daysAgo(random() * 8) : new Date(now.getTime() + (random() * 12 + 0.1) * DAY_MS);
    await insertRecords(shop.models.vouchers, [
      {
        ...{ _id, key: String(_id), code: String(_id), couponId: new Types.ObjectId(), customerId: id, title: 't' },
        ...{ amountOff: 100, threshold: 0, state, grantedAt: daysAgo(10), expiresAt },
        ...(state === 'used' ? { usedAt: daysAgo(random() * 8) } : {}),
      },
    ]);
  }
}
