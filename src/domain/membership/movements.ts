/** Movements that somebody asks for: spending, adjusting by hand, points for joining and checking in. Each happens once a key. */
import type { ClientSession, Types } from 'mongoose';
import type { Owed } from '../../contracts/index.js';
import type { Person } from '../customers/index.js';
import { accountOf, credit, move, post, termsOf } from './book.js';
import type { Movement, Taken } from './book.js';
import { dayBefore, endOfMonthAfter, localDate } from './calendar.js';
import type { Core } from './core.js';
import { versionAt } from './levels.js';
import { nothingOwed } from './owed.js';
import { partKey } from './settlement.js';
import type { Account, GrowthRow, LotTerms, OrderName, Posting } from './shapes.js';

export interface SpendRequest {
  amount: number;
  /** Names this spending for ever. */
  key: string;
  reason: string;
  order?: Pick<OrderName, 'source' | 'orderNo'>;
  by?: string;
}

export type Spending =
  | { ok: true; repeated: boolean; id: string; amount: number; available: number; owed: Owed }
  | { ok: false; reason: 'points.insufficient'; available: number }
  | { ok: false; reason: 'points.frozen'; until: Date }
  | { ok: false; reason: 'points.keyReused' };

export interface AdjustRequest {
  /** Negative takes away. */
  amount: number;
  reason: string;
  key: string;
  by: string;
}

export type Adjusting =
  | { ok: true; repeated: boolean; id: string; owed: Owed }
  | { ok: false; reason: 'points.insufficient'; available: number }
  | { ok: false; reason: 'points.keyReused' };

export interface GrantRequest {
  kind: 'join' | 'checkin';
  /** Absent: what the programme says. */
  amount?: number;
}

/** `days`: how many days in a row the person has checked in, today included. */
export interface Granted {
  repeated: boolean;
  amount: number;
  days: number;
  owed: Owed;
}

export function createMovements({ open, close, judged, store, versions, timeZone, steps }: Core) {
  async function spend(tx: ClientSession, person: Person, request: SpendRequest, now: Date): Promise<Spending> {
    const { amount, order, reason, by } = request;
    const key = spendKey(request.key);
    const movement = await open(tx, person.customerIds, now);
    const before = await store.posting(tx, key);
    if (before) return repeatedSpend(before, person, request, movement);
    if (person.frozenUntil && person.frozenUntil > now)
      return { ok: false, reason: 'points.frozen', until: person.frozenUntil };
    const available = spendable(movement.accounts);
    if (available < amount) return { ok: false, reason: 'points.insufficient', available };
    const taken = steps.allocate(
      movement.accounts.flatMap(({ lots }) => lots),
      amount,
    );
    const draft = { kind: 'spend', reason, asked: amount, ...(order ? { order } : {}), ...(by ? { by } : {}) } as const;
    let first: Posting | undefined;
    for (const [account, parts] of byAccount(movement, taken)) {
      const posting = post(movement, account, {
        ...draft,
        ...(first ? { partOf: first._id } : {}),
        key: partKey(key, movement),
        legs: parts.flatMap(({ lot, amount: part }) => move('member:available', 'program:redeemed', lot.id, part)),
        lots: parts.map(({ lot }) => termsOf(lot)),
      });
      first ??= posting;
    }
    const owed = await close(tx, movement);
    return { ok: true, repeated: false, id: String(first?._id), amount, available: available - amount, owed };
  }

  function repeatedSpend(
    before: Posting,
    person: Person,
    { amount, order }: SpendRequest,
    { accounts }: Movement,
  ): Spending {
    const isTheirs = person.customerIds.some((id) => id.equals(before.customerId));
    const isSame = isTheirs && before.asked === amount && isSameOrder(before.order, order);
    if (!isSame) return { ok: false, reason: 'points.keyReused' };
    const id = String(before._id);
    return { ok: true, repeated: true, id, amount, available: spendable(accounts), owed: nothingOwed() };
  }

  /** By a member of staff. Taking away never goes below what is available; what is given lives as long as earned points. */
  async function adjust(
    tx: ClientSession,
    customerId: Types.ObjectId,
    request: AdjustRequest,
    now: Date,
  ): Promise<Adjusting> {
    const key = `adjust:${request.key}`;
    const movement = await open(tx, [customerId], now);
    const before = await store.posting(tx, key);
    if (before) {
      const isSame = before.asked === request.amount && before.customerId.equals(customerId);
      if (!isSame) return { ok: false, reason: 'points.keyReused' };
      return { ok: true, repeated: true, id: String(before._id), owed: nothingOwed() };
    }
    const account = accountOf(movement, customerId);
    const { amount, reason, by } = request;
    const draft = { key, kind: 'adjust', reason, by, asked: amount } as const;
    if (amount < 0 && account.available < -amount) {
      return { ok: false, reason: 'points.insufficient', available: account.available };
    }
    const posted =
      amount < 0 ? takeAway(movement, account, draft) : credit(movement, account, await freshLot(now), amount, draft);
    return { ok: true, repeated: false, id: String(posted._id), owed: await close(tx, movement) };
  }

  function takeAway(
    movement: Movement,
    account: Account,
    draft: { key: string; kind: 'adjust'; reason: string; by: string; asked: number },
  ): Posting {
    const taken = steps.allocate(account.lots, -draft.asked);
    const legs = taken.flatMap(({ lot, amount }) => move('member:available', 'program:clawed', lot.id, amount));
    return post(movement, account, { ...draft, legs });
  }

  async function freshLot(now: Date): Promise<LotTerms> {
    const { rules } = versionAt(await versions(), now);
    const expiresAt = endOfMonthAfter(now, rules.points.validMonths, timeZone);
    return { id: steps.newId(), earnedAt: now, availableAt: now, expiresAt };
  }

  /** Points for joining (once a person) or for checking in (once a person and local day). They go to the person's first customer. */
  async function grant(tx: ClientSession, person: Person, request: GrantRequest, now: Date): Promise<Granted> {
    const customerId = firstOf(person);
    const movement = await open(tx, person.customerIds, now);
    const { rules } = versionAt(await versions(), now);
    const amount = request.amount ?? rules.points[request.kind];
    return request.kind === 'join' ? join() : checkIn();

    async function join(): Promise<Granted> {
      const rows = await store.growth(tx, person.customerIds);
      const keys = new Set(person.customerIds.map(joinKey));
      const repeated = { repeated: true, amount: 0, days: 0, owed: nothingOwed() };
      if (rows.some(({ _id }) => keys.has(_id))) return repeated;
      const account = accountOf(movement, customerId);
      if (amount > 0)
        credit(movement, account, await freshLot(now), amount, { key: joinKey(customerId), kind: 'join' });
      const row: GrowthRow = { _id: joinKey(customerId), customerId, amount: rules.growth.join, at: now, from: now };
      const growth = { put: [row], remove: [], amount: row.amount };
      const owed = await judged(movement, person, [...rows, row], { growth });
      return {
        repeated: false,
        amount,
        days: 0,
        owed: await close(tx, movement, { growth, changed: movement.accounts, owed }),
      };
    }

    async function checkIn(): Promise<Granted> {
      const today = localDate(now, timeZone);
      const { days, done } = streakOf(movement.accounts, today);
      if (done) return { repeated: true, amount: 0, days, owed: nothingOwed() };
      const account = accountOf(movement, customerId);
      const key = `checkin:${String(customerId)}:${today}`;
      if (amount > 0) credit(movement, account, await freshLot(now), amount, { key, kind: 'checkin' });
      account.checkin = { date: today, days: days + 1 };
      return { repeated: false, amount, days: days + 1, owed: await close(tx, movement, { changed: [account] }) };
    }
  }

  return { spend, adjust, grant };
}

/** The ledger's name of a spending that was asked for by this key. */
export const spendKey = (key: string): string => `spend:${key}`;

/** What of the person's points can be used: available of all customers less debt of all customers. */
export function spendable(accounts: ReadonlyArray<Pick<Account, 'available' | 'debt'>>): number {
  return Math.max(
    0,
    accounts.reduce((all, { available, debt }) => all + available - debt, 0),
  );
}

/** Days in a row up to yesterday, or up to today when today is done. */
export function streakOf(
  accounts: ReadonlyArray<Pick<Account, 'checkin'>>,
  today: string,
): { days: number; done: boolean } {
  const last = accounts
    .flatMap(({ checkin }) => (checkin ? [checkin] : []))
    .sort((a, b) => b.date.localeCompare(a.date) || b.days - a.days)[0];
  if (!last || last.date < dayBefore(today)) return { days: 0, done: false };
  return { days: last.days, done: last.date >= today };
}

const isSameOrder = (a: SpendRequest['order'], b: SpendRequest['order']): boolean =>
  a?.source === b?.source && a?.orderNo === b?.orderNo;

const joinKey = (customerId: Types.ObjectId): string => `join:${String(customerId)}`;

function firstOf({ customerIds }: Person): Types.ObjectId {
  const first = customerIds[0];
  if (!first) throw new Error('a person without customers');
  return first;
}

function byAccount({ accounts }: Movement, taken: readonly Taken[]): Map<Account, Taken[]> {
  const parts = new Map<Account, Taken[]>();
  for (const one of taken) {
    const account = accounts.find(({ lots }) => lots.includes(one.lot));
    if (account) parts.set(account, [...(parts.get(account) ?? []), one]);
  }
  return parts;
}
