/** What many customers bought and did, read together in a bounded number of questions, now or as of a moment of the past. No writes. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { localTime } from '../../infra/clock.js';
import { IN_ONE_ANSWER } from '../../infra/mongo.js';
import { countedAsOf } from './as-of.js';
import type { BehaviourDayRecord, BehaviourRecord, CommerceModels, OrderRecord } from './models.js';

/** One effective order. `spent` in fen, `items` in pieces; `pieces` by category as ordered. */
export interface Purchase {
  customerId: Types.ObjectId;
  placedAt: Date;
  receivedAt?: Date;
  spent: number;
  items: number;
  pieces: ReadonlyMap<string, number>;
}

export type BehaviourCount = Pick<BehaviourDayRecord, 'customerId' | 'type' | 'day' | 'count'>;

const FIELDS = { customerId: 1, placedAt: 1, receivedAt: 1, counted: 1, items: 1 } as const;
const DATED_FIELDS = {
  ...FIELDS,
  status: 1,
  paidAt: 1,
  closedAt: 1,
  updatedAt: 1,
  paid: 1,
  freight: 1,
  refunds: 1,
} as const;
const DAY_MS = 86_400_000;

export type Purchases = ReturnType<typeof createPurchases>;

export function createPurchases(
  { orders, behaviours, behaviourDays }: Pick<CommerceModels, 'orders' | 'behaviours' | 'behaviourDays'>,
  { timeZone }: { timeZone: string },
) {
  /** Their effective orders, oldest first. */
  async function purchasesOf(tx: ClientSession | null, customerIds: readonly Types.ObjectId[]): Promise<Purchase[]> {
    const found = await read(tx, { customerId: anyOf(customerIds), 'counted.placedAt': { $exists: true } }, FIELDS);
    return found.flatMap((order) => (order.counted ? [purchaseOf(order, order.counted)] : [])).sort(byTime);
  }

  /** Those that counted then: see countedAsOf. */
  async function purchasesAsOf(customerIds: readonly Types.ObjectId[], asOf: Date): Promise<Purchase[]> {
    const found = await read(null, { customerId: anyOf(customerIds), placedAt: { $lte: asOf } }, DATED_FIELDS);
    const purchases = found.flatMap((order) => {
      const counted = countedAsOf(order, asOf);
      const { receivedAt, ...rest } = order;
      const known = receivedAt && receivedAt <= asOf ? { ...rest, receivedAt } : rest;
      return counted ? [purchaseOf(known, counted)] : [];
    });
    return purchases.sort(byTime);
  }

  async function read(
    tx: ClientSession | null,
    filter: Record<string, unknown>,
    projection: Readonly<Record<string, 1>>,
  ): Promise<OrderRecord[]> {
    const options = { projection: { ...projection }, ...IN_ONE_ANSWER, ...(tx ? { session: tx } : {}) };
    return (await orders.collection.find(filter, options).toArray()) as unknown as OrderRecord[];
  }

  /** Counters of the days from `from` on (YYYY-MM-DD in the shop's zone), in no order. */
  async function behaviourSince(
    tx: ClientSession | null,
    customerIds: readonly Types.ObjectId[],
    from: string,
  ): Promise<BehaviourCount[]> {
    const projection = { customerId: 1, type: 1, day: 1, count: 1 };
    const options = { projection, ...IN_ONE_ANSWER, ...(tx ? { session: tx } : {}) };
    const filter = { customerId: anyOf(customerIds), day: { $gte: from } };
    return (await behaviourDays.collection.find(filter, options).toArray()) as unknown as BehaviourCount[];
  }

  /** The same as it was at `asOf`: of its own day only what had happened by then. */
  async function behaviourSinceAsOf(
    customerIds: readonly Types.ObjectId[],
    from: string,
    asOf: Date,
  ): Promise<BehaviourCount[]> {
    const today = localTime(asOf, timeZone).date;
    const counted = await behaviourSince(null, customerIds, from);
    const done = await behaviours.collection
      .find(
        { customerId: anyOf(customerIds), at: { $gt: new Date(asOf.getTime() - 2 * DAY_MS), $lte: asOf } },
        { projection: { customerId: 1, type: 1, at: 1 }, ...IN_ONE_ANSWER },
      )
      .toArray();
    const ofToday = done.filter(({ at }) => localTime(at as Date, timeZone).date === today);
    return [
      ...counted.filter(({ day }) => day < today),
      ...ofToday.map((one) => ({
        ...{ customerId: one['customerId'] as Types.ObjectId, type: String(one['type']) },
        ...{ day: today, count: 1 },
      })),
    ];
  }

  /** The last thing each of them did up to then, by customer id; those of whom nothing is kept are left out. */
  async function lastBehaviourAsOf(customerIds: readonly Types.ObjectId[], asOf: Date): Promise<Map<string, Date>> {
    if (customerIds.length === 0) return new Map();
    const found = await behaviours.aggregate<{ _id: Types.ObjectId; at: Date }>([
      { $match: { customerId: anyOf(customerIds), at: { $lte: asOf } } },
      { $group: { _id: '$customerId', at: { $max: '$at' } } },
    ]);
    return new Map(found.map(({ _id, at }) => [String(_id), at]));
  }

  /** Whose behaviour was recorded since, by the time in the records' ids: a clue for who is to be looked at again. Oldest first. */
  function recordedSince(since: Date): AsyncIterable<Pick<BehaviourRecord, '_id' | 'customerId'>> {
    const first = Types.ObjectId.createFromTime(Math.floor(since.getTime() / 1000));
    const found = behaviours.collection.find({ _id: { $gte: first } }, { projection: { customerId: 1 } });
    return found.sort({ _id: 1 }) as unknown as AsyncIterable<Pick<BehaviourRecord, '_id' | 'customerId'>>;
  }

  return { purchasesOf, purchasesAsOf, behaviourSince, behaviourSinceAsOf, lastBehaviourAsOf, recordedSince };
}

const anyOf = (ids: readonly Types.ObjectId[]) => ({ $in: [...ids] });

const byTime = (a: Purchase, b: Purchase): number => a.placedAt.getTime() - b.placedAt.getTime();

function purchaseOf(
  { customerId, placedAt, receivedAt, items }: Pick<OrderRecord, 'customerId' | 'placedAt' | 'receivedAt' | 'items'>,
  { spent, items: kept }: { spent: number; items: number },
): Purchase {
  const pieces = new Map<string, number>();
  for (const { category, quantity } of items) pieces.set(category, (pieces.get(category) ?? 0) + quantity);
  return { customerId, placedAt, spent, items: kept, pieces, ...(receivedAt ? { receivedAt } : {}) };
}
