/**
 * A little shop with four customers: every operation is done by the real ledger and by the reference, and all they hold is compared after
 * each. The ledger's store, and the parts it is made of, are handed in, so that a test can plant a fault.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { DueRow, OrderFacts, Owed, ProgrammeRules } from '../../../src/contracts/index.js';
import type { Person } from '../../../src/domain/customers/index.js';
import { emptyAccount, exactSteps, totalsOf } from '../../../src/domain/membership/book.js';
import { Rebuilt } from '../../../src/domain/membership/check.js';
import { createLedger } from '../../../src/domain/membership/ledger.js';
import type { Ledger, LedgerOptions } from '../../../src/domain/membership/ledger.js';
import { balanceOf } from '../../../src/domain/membership/reads.js';
import { rebuild, seenAt } from '../../../src/domain/membership/replay.js';
import type { Account } from '../../../src/domain/membership/shapes.js';
import { memoryStore } from './memory-store.js';
import type { MemoryStore } from './memory-store.js';
import { Reference } from './reference.js';
import type { RefLot, RefOrder } from './reference.js';
import { rulesWith, zone } from './shop.js';

export const CUSTOMERS = 4;
const DAY_MS = 86_400_000;
const FIRST_NOON = Date.parse('2024-01-15T12:00:00+08:00');
const tx = {} as ClientSession;

export interface Settings {
  halvesPerYuan: number;
  window: number;
  months: number;
}

export type Op =
  | { do: 'wait'; days: number; timers: boolean }
  | { do: 'order'; who: number; fen: number; daysAgo: number; paid: boolean; report: boolean }
  | { do: 'pay' | 'receive' | 'complete' | 'close' | 'report'; order: number; report: boolean }
  | { do: 'refund'; order: number; permille: number; report: boolean }
  | { do: 'spend'; who: number; permille: number; order?: number | undefined }
  | { do: 'adjust'; who: number; amount: number }
  | { do: 'checkin'; who: number }
  | { do: 'link' | 'unlink'; a: number; b: number }
  | { do: 'again'; which: number };

/** What a planted fault may replace. */
export interface Fault extends Pick<LedgerOptions, 'steps' | 'settle' | 'growthRowsOf'> {
  store?(store: MemoryStore): MemoryStore;
}

export interface World {
  run(op: Op): Promise<void>;
  /** All that must hold of what is stored at the end. */
  finish(): Promise<void>;
  /** What each customer has now. */
  totals(): Array<{ available: number; pending: number; debt: number }>;
  orderCount(): number;
}

const levels = [
  { code: 'member', growth: 0, percent: 100 },
  { code: 'silver', growth: 600, percent: 110 },
  { code: 'gold', growth: 2000, percent: 120 },
  { code: 'platinum', growth: 5000, percent: 150 },
];

export const noonOf = (day: number): Date => new Date(FIRST_NOON + day * DAY_MS);

function lastDayAfter(day: number, months: number): number {
  const date = noonOf(day);
  const last = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0, 4);
  return Math.round((last - FIRST_NOON) / DAY_MS);
}

export function programmeOf({ halvesPerYuan, window, months }: Settings): ProgrammeRules {
  const base = rulesWith({ perYuan: halvesPerYuan / 2, returnWindowDays: window, validMonths: months });
  return { ...base, levels: base.levels.map((level, i) => ({ ...level, pointsPercent: levels[i]?.percent ?? 100 })) };
}

/** Ids that grow one by one, whatever the clock says. */
export function countingIds(): () => Types.ObjectId {
  let count = 0;
  return () => new Types.ObjectId((count += 1).toString(16).padStart(24, '0'));
}

export function openWorld(settings: Settings, fault: Fault = {}): World {
  const ids = Array.from({ length: CUSTOMERS }, (_, i) => new Types.ObjectId(`${i + 1}`.repeat(24)));
  const persons = ids.map((_, i) => [i]);
  const orders: RefOrder[] = [];
  const store = (fault.store ?? ((one) => one))(memoryStore());
  const figures = new Map<string, number>();
  const rules = programmeOf(settings);
  const { growthRowsOf, settle } = fault;
  const ledger: Ledger = createLedger({
    store,
    versions: () => Promise.resolve([{ version: 0, from: new Date(0), rules }]),
    writeFigures: (_tx, changes) => {
      for (const { customerId, set } of changes) figures.set(String(customerId), set?.points ?? 0);
      return Promise.resolve();
    },
    timeZone: zone,
    steps: { ...exactSteps, newId: countingIds(), ...fault.steps },
    ...(settle ? { settle } : {}),
    ...(growthRowsOf ? { growthRowsOf } : {}),
  });
  const reference = new Reference(
    {
      ...{ halvesPerYuan: settings.halvesPerYuan, window: settings.window, receivedAfter: 15, levels },
      lastDay: (day) => lastDayAfter(day, settings.months),
    },
    CUSTOMERS,
    orders,
  );
  const due = new Map<string, DueRow>();
  const replays: Array<() => Promise<void>> = [];
  const seen = new Map<number, string[]>();
  let today = 0;
  let count = 0;

  const ownersOf = (who: number): number[] => persons.find((one) => one.includes(who)) ?? [who];
  const personOf = (who: number): Person => {
    const customerIds = ownersOf(who).flatMap((owner) => ids[owner] ?? []);
    return { id: customerIds[0] ?? new Types.ObjectId(), customerIds };
  };
  const idOf = (who: number): Types.ObjectId => ids[who] ?? new Types.ObjectId();
  const orderAt = (index: number): RefOrder | undefined => orders[index % Math.max(1, orders.length)];

  function take(owed: Owed): void {
    for (const key of owed.cancel) due.delete(key);
    for (const row of owed.due) due.set(row.key, row);
  }

  async function report(order: RefOrder): Promise<void> {
    const facts = factsOf(order, orders.indexOf(order), idOf(order.owner));
    reference.report(order, today, () => reference.level(ownersOf(order.owner), order.paid ?? today).percent);
    reference.reported.set(order, { ...order, refunds: [...order.refunds] });
    take(await ledger.settleOrder(tx, personOf(order.owner), facts, noonOf(today)));
  }

  async function spend(op: Extract<Op, { do: 'spend' }>): Promise<void> {
    const owners = ownersOf(op.who);
    const amount = Math.max(1, Math.floor((reference.spendable(owners) * op.permille) / 1000));
    const key = `spend ${(count += 1)}`;
    const order = op.order === undefined ? undefined : orderAt(op.order);
    const again = async (expected: boolean | undefined): Promise<void> => {
      const request = {
        amount,
        key,
        reason: 'gift',
        ...(order ? { order: { source: 'shop', orderNo: order.name } } : {}),
      };
      const spent = await ledger.spend(tx, personOf(op.who), request, noonOf(today));
      if (spent.ok) take(spent.owed);
      if (expected !== undefined) same('the spending', spent.ok, expected);
      if (expected === undefined && spent.ok) same('the repeated spending', spent.repeated, true);
    };
    const ok = reference.spend(owners, amount, { key, ...(order ? { order: order.name } : {}) });
    await again(ok);
    if (ok) replays.push(() => again(undefined));
  }

  async function adjust({ who, amount }: Extract<Op, { do: 'adjust' }>): Promise<void> {
    if (amount === 0) return;
    const key = `adjust ${(count += 1)}`;
    const again = async (expected: boolean): Promise<void> => {
      const adjusted = await ledger.adjust(tx, idOf(who), { amount, key, reason: 'sorry', by: 'staff' }, noonOf(today));
      if (adjusted.ok) take(adjusted.owed);
      same('the adjustment', adjusted.ok, expected);
    };
    const ok = reference.adjust(who, amount, key, today);
    await again(ok);
    if (ok) replays.push(() => again(true));
  }

  async function checkin({ who }: Extract<Op, { do: 'checkin' }>): Promise<void> {
    const granted = await ledger.grant(tx, personOf(who), { kind: 'checkin' }, noonOf(today));
    take(granted.owed);
    same('the check-in', !granted.repeated, reference.checkin(ownersOf(who), rules.points.checkin, today));
  }

  async function regroup(op: Extract<Op, { do: 'link' | 'unlink' }>): Promise<void> {
    const [a, b] = [ownersOf(op.a), ownersOf(op.b)];
    if (op.do === 'link' && a !== b) {
      persons.splice(persons.indexOf(a), 1);
      persons.splice(persons.indexOf(b), 1, [...a, ...b].sort());
    } else if (op.do === 'unlink' && a.length > 1) {
      persons.splice(
        persons.indexOf(a),
        1,
        a.filter((one) => one !== op.a),
        [op.a],
      );
    }
    for (const who of [op.a, op.b]) take(await ledger.relevel(tx, personOf(who), noonOf(today)));
  }

  async function runTimers(): Promise<void> {
    const rows = [...due.values()].filter(({ dueAt }) => dueAt <= noonOf(today));
    for (const row of rows.sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime())) {
      due.delete(row.key);
      const person = personOf(ids.findIndex((id) => String(id) === row.customerId));
      if (row.kind === 'points.warn') take(await ledger.warnPoints(tx, person, row, noonOf(today)));
      else if (row.kind === 'level.warn') take(await ledger.warnLevel(tx, person, row, noonOf(today)));
      else take(await (row.kind === 'level.expire' ? ledger.relevel : ledger.catchUp)(tx, person, noonOf(today)));
    }
  }

  async function change(op: Op): Promise<void> {
    if (op.do === 'order') {
      const name = `N${orders.length + 1}`;
      const paid = op.paid ? { paid: Math.max(0, today - op.daysAgo) } : {};
      orders.push({ owner: op.who, name, cash: op.fen, ...paid, refunds: [] });
      return op.report ? report(orders.at(-1) as RefOrder) : undefined;
    }
    if (!('order' in op) || op.do === 'spend' || op.order === undefined) return;
    const order = orderAt(op.order);
    if (!order) return;
    if (op.do === 'pay' && !order.closed) order.paid ??= today;
    if (op.do === 'close' && order.paid === undefined) order.closed = true;
    if (order.paid !== undefined) {
      if (op.do === 'receive') order.received ??= today;
      if (op.do === 'complete') order.completed ??= today;
      if (op.do === 'refund') order.refunds.push({ amount: Math.floor((order.cash * op.permille) / 1000), day: today });
    }
    if (op.report || op.do === 'report') await report(order);
  }

  async function run(op: Op): Promise<void> {
    if (op.do === 'wait') today += op.days;
    reference.tick(today);
    if (op.do === 'wait' && op.timers) await runTimers();
    else if (op.do === 'spend') await spend(op);
    else if (op.do === 'adjust') await adjust(op);
    else if (op.do === 'checkin') await checkin(op);
    else if (op.do === 'link' || op.do === 'unlink') await regroup(op);
    else if (op.do === 'again') await replays[op.which % Math.max(1, replays.length)]?.();
    else await change(op);
    compare();
  }

  const storedAt = (who: number): Account =>
    seenAt(store.accounts.get(String(ids[who])) ?? emptyAccount(idOf(who)), noonOf(today));

  function compare(): void {
    const lines: string[] = [];
    for (let who = 0; who < CUSTOMERS; who += 1) {
      const held = storedAt(who);
      const { available, pending, debt, lots } = held;
      const known = {
        available: reference.available(who),
        pending: reference.pending(who),
        debt: reference.debtOf(who),
      };
      same(`the sums of customer ${who}`, { available, pending, debt }, known);
      same(
        `the lots of customer ${who}`,
        lots.map(labelOf).sort(),
        reference.lots
          .filter((lot) => lot.owner === who && lot.left > 0)
          .map(refLabelOf)
          .sort(),
      );
      if (debt > 0) same('available beside debt', available, 0);
      lines.push(JSON.stringify(balanceOf([held])));
    }
    seen.set(today, lines);
  }

  async function finish(): Promise<void> {
    for (const [i, id] of ids.entries()) {
      const postings = store.postings.get(String(id)) ?? [];
      const stored = store.accounts.get(String(id)) ?? emptyAccount(id);
      const checked = new Rebuilt(id);
      for (const posting of postings) checked.add(posting);
      same(`what the check finds for customer ${i}`, checked.problems(stored), []);
      same('the figure of points', figures.get(String(id)) ?? 0, stored.available);
      expectBalanced(postings.flatMap(({ legs }) => legs));
      const days = [...seen.keys()].filter((_, n) => n % 7 === 0 || n === seen.size - 1);
      for (const day of days) {
        const past = rebuild(
          id,
          postings.filter(({ at }) => at <= noonOf(day)),
        );
        same(
          `the balance as of day ${day}`,
          JSON.stringify(balanceOf([seenAt(past, noonOf(day))])),
          seen.get(day)?.[i],
        );
      }
    }
    for (const owners of persons) {
      await ledger.relevel(tx, personOf(owners[0] ?? 0), noonOf(today));
      const expected = reference.level(owners, today);
      for (const owner of owners) same('the level', store.accounts.get(String(ids[owner]))?.level?.code, expected.code);
      same(
        'the growth value',
        owners.reduce((all, owner) => all + (store.accounts.get(String(ids[owner]))?.growth ?? 0), 0),
        expected.growth,
      );
    }
    for (const { amount, left, expired, clawed, spent } of reference.lots) {
      same('the parts of a lot', left + expired + clawed + spent, amount);
      same('a part below nothing', Math.min(left, expired, clawed, spent) < 0, false);
    }
  }

  const totals: World['totals'] = () => ids.map((_, who) => totalsOf(storedAt(who)));
  return { run, finish, totals, orderCount: () => orders.length };
}

/** issued = redeemed + expired + clawed + pending + available; debt stands apart with its counterpart. */
function expectBalanced(legs: ReadonlyArray<{ account: string; amount: number }>): void {
  const sum = (...names: string[]): number =>
    legs.reduce((all, { account, amount }) => (names.includes(account) ? all + amount : all), 0);
  const used = sum('program:redeemed', 'program:expired', 'program:clawed', 'member:pending', 'member:available');
  same('issued', -sum('program:issued'), used);
  same('debt and its counterpart', sum('member:debt', 'program:owed'), 0);
}

const labelOf = ({ remaining, pending, earnedAt, expiresAt }: Account['lots'][number]): string =>
  `${remaining}${pending ? ' pending' : ''} of ${dayOf(earnedAt)} until ${dayOf(expiresAt)}`;
const refLabelOf = ({ left, pending, earned, last }: RefLot): string =>
  `${left}${pending ? ' pending' : ''} of ${earned} until ${last}`;
const dayOf = (at: Date): number => Math.round((at.getTime() - FIRST_NOON - DAY_MS / 3) / DAY_MS);

function factsOf(order: RefOrder, index: number, customerId: Types.ObjectId): OrderFacts {
  const { name, cash, paid, received, completed, closed, refunds } = order;
  const moment = (key: string, day: number | undefined): object => (day === undefined ? {} : { [key]: noonOf(day) });
  return {
    id: (index + 1).toString(16).padStart(24, 'a'),
    ...{ source: 'shop', orderNo: name, customerId: String(customerId), placedAt: noonOf(paid ?? 0), cash },
    ...moment('paidAt', paid),
    ...moment('receivedAt', received),
    ...moment('completedAt', completed),
    ...(closed ? { closedAt: noonOf(0) } : {}),
    refunds: refunds.map(({ amount, day }, i) => ({ refundNo: `R${i + 1}`, amount, at: noonOf(day) })),
  };
}

/** Plain and quick: a difference ends the run with both sides in its message. */
function same(what: string, found: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: found ${a}, expected ${b}`);
}
