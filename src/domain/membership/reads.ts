/** Reading points, levels and growth for screens and shop systems. No writes: what the clock owes is worked out in memory. */
import type { Types } from 'mongoose';
import type { LevelRule } from '../../contracts/index.js';
import type { Person } from '../customers/index.js';
import { olderThan } from '../../infra/mongo.js';
import { inOrderOfUse } from './book.js';
import { localDate } from './calendar.js';
import { spendKey, spendable, streakOf } from './movements.js';
import { levelAt, versionAt } from './levels.js';
import type { LevelState, ProgrammeVersion } from './levels.js';
import type { MembershipModels } from './models.js';
import { changeOf } from './owed.js';
import { rebuild, seenAt } from './replay.js';
import type { Account, GrowthRow, Lot, OrderName, Posting, Totals } from './shapes.js';

/** `spendable`: what can be used now, nothing during a freeze. `expiring`: soonest first, one line a moment. */
export interface Balance extends Totals {
  spendable: number;
  frozenUntil?: Date;
  expiring: Array<{ amount: number; at: Date }>;
}

/** A line of the statement: by how much each sum changed, and the customer's sums after it. */
export interface Entry {
  id: string;
  customerId: Types.ObjectId;
  at: Date;
  kind: Posting['kind'];
  available: number;
  pending: number;
  debt: number;
  after: Totals;
  order?: OrderName;
  reason?: string;
  by?: string;
  /** When what was earned becomes available, and the last moment of what it brought. */
  availableAt?: Date;
  expiresAt?: Date;
}

export interface PersonLevel extends LevelState {
  next?: { level: LevelRule; missing: number };
}

/** What an order brought or will bring. */
export interface OrderPoints {
  amount: number;
  pending: boolean;
  availableAt: Date | null;
}

export type Reads = ReturnType<typeof createReads>;

export interface ReadParts {
  versions(): Promise<readonly ProgrammeVersion[]>;
  timeZone: string;
}

export function createReads({ accounts, postings, growth }: MembershipModels, { versions, timeZone }: ReadParts) {
  const stored = async (customerIds: readonly Types.ObjectId[]): Promise<Account[]> =>
    accounts.find({ _id: { $in: [...customerIds] } }).lean<Account[]>();

  const accountsAt = async (customerIds: readonly Types.ObjectId[], at: Date): Promise<Account[]> =>
    (await stored(customerIds)).map((account) => seenAt(account, at));

  async function balance(person: Pick<Person, 'customerIds' | 'frozenUntil'>, now: Date): Promise<Balance> {
    const sums = balanceOf(await accountsAt(person.customerIds, now));
    const { frozenUntil } = person;
    return frozenUntil && frozenUntil > now ? { ...sums, spendable: 0, frozenUntil } : sums;
  }

  /** The balance as it was at a moment, from the postings up to then. */
  async function balanceAsOf(customerIds: readonly Types.ObjectId[], asOf: Date): Promise<Balance> {
    const past: Account[] = [];
    for (const customerId of customerIds) {
      const until = await postings
        .find({ customerId, at: { $lte: asOf } })
        .sort({ seq: 1 })
        .lean<Posting[]>();
      past.push(seenAt(rebuild(customerId, until), asOf));
    }
    return balanceOf(past);
  }

  /** Lots with something left, in order of use; with the customer each belongs to. */
  async function lots(
    customerIds: readonly Types.ObjectId[],
    now: Date,
  ): Promise<Array<Lot & { customerId: Types.ObjectId }>> {
    const found = await accountsAt(customerIds, now);
    return found.flatMap(({ _id, lots: own }) => own.map((lot) => ({ ...lot, customerId: _id }))).sort(inOrderOfUse);
  }

  /** Newest first. */
  async function statement(
    customerIds: readonly Types.ObjectId[],
    { limit, after }: { limit: number; after?: { at: Date; id: string } | undefined },
  ): Promise<Entry[]> {
    const found = await postings
      .find({ customerId: { $in: [...customerIds] }, kind: { $ne: 'date' }, ...(after ? olderThan('at', after) : {}) })
      .sort({ at: -1, _id: -1 })
      .limit(limit)
      .lean<Posting[]>();
    return found.map(entryOf);
  }

  /** Of whom points were spent by this key, if any were. */
  async function spentBy(key: string): Promise<Types.ObjectId | undefined> {
    const found = await postings.findOne({ key: spendKey(key) }, { customerId: 1 }).lean<Pick<Posting, 'customerId'>>();
    return found?.customerId;
  }

  /** By `source orderNo`, for orders that brought points or will. */
  async function ofOrders(
    orders: ReadonlyArray<Pick<OrderName, 'source' | 'orderNo'>>,
  ): Promise<Map<string, OrderPoints>> {
    const found = await Promise.all(
      orders.map(async ({ source, orderNo }) => {
        const own = await postings.find({ 'order.source': source, 'order.orderNo': orderNo }).lean<Posting[]>();
        return [orderLabel({ source, orderNo }), orderPoints(own)] as const;
      }),
    );
    return new Map(found.flatMap(([key, points]) => (points ? [[key, points] as const] : [])));
  }

  async function checkin(
    customerIds: readonly Types.ObjectId[],
    now: Date,
  ): Promise<{ today: boolean; days: number; points: number }> {
    const { days, done } = streakOf(await stored(customerIds), localDate(now, timeZone));
    return { today: done, days, points: versionAt(await versions(), now).rules.points.checkin };
  }

  async function levelOf(customerIds: readonly Types.ObjectId[], now: Date): Promise<PersonLevel> {
    const rows = await growth.find({ customerId: { $in: [...customerIds] } }).lean<GrowthRow[]>();
    const all = await versions();
    const state = levelAt(rows, all, now);
    const next = versionAt(all, now).rules.levels[state.rank + 1];
    return next ? { ...state, next: { level: next, missing: Math.max(0, next.growth - state.growth) } } : state;
  }

  return { balance, balanceAsOf, lots, statement, spentBy, ofOrders, checkin, levelOf };
}

export const orderLabel = ({ source, orderNo }: Pick<OrderName, 'source' | 'orderNo'>): string =>
  `${source} ${orderNo}`;

export function balanceOf(accounts: readonly Account[]): Balance {
  const total = (of: (account: Account) => number): number => accounts.reduce((all, one) => all + of(one), 0);
  return {
    available: total(({ available }) => available),
    pending: total(({ pending }) => pending),
    debt: total(({ debt }) => debt),
    spendable: spendable(accounts),
    expiring: expiringOf(accounts.flatMap(({ lots }) => lots)),
  };
}

function expiringOf(lots: readonly Lot[]): Balance['expiring'] {
  const byMoment = new Map<number, number>();
  for (const { pending, expiresAt, remaining } of lots) {
    if (!pending) byMoment.set(expiresAt.getTime(), (byMoment.get(expiresAt.getTime()) ?? 0) + remaining);
  }
  return [...byMoment].sort(([a], [b]) => a - b).map(([at, amount]) => ({ amount, at: new Date(at) }));
}

function entryOf(posting: Posting): Entry {
  const { _id, customerId, at, kind, after, order, reason, by, lots } = posting;
  const [first] = lots ?? [];
  const makes = kind === 'earn' || kind === 'adjust' || kind === 'join' || kind === 'checkin';
  return {
    id: String(_id),
    ...{ customerId, at, kind, after },
    available: changeOf(posting, 'member:available'),
    pending: changeOf(posting, 'member:pending'),
    debt: changeOf(posting, 'member:debt'),
    ...(order ? { order } : {}),
    ...(reason ? { reason } : {}),
    ...(by ? { by } : {}),
    ...(makes && first ? { availableAt: first.availableAt, expiresAt: first.expiresAt } : {}),
  };
}

function orderPoints(own: readonly Posting[]): OrderPoints | undefined {
  const last = own.findLast(({ kind }) => kind === 'earn' || kind === 'date')?.lots?.[0];
  if (!last) return undefined;
  const total = (of: (posting: Posting) => number): number => own.reduce((all, posting) => all + of(posting), 0);
  const issued = total((posting) => (posting.kind === 'earn' ? -changeOf(posting, 'program:issued') : 0));
  const pending = total((posting) => changeOf(posting, 'member:pending'));
  return {
    amount: issued - total(({ claw }) => claw?.total ?? 0),
    pending: pending > 0,
    availableAt: last.availableAt,
  };
}
