/**
 * Writes what the planned customers bought and did as members, each thing dated by its own moment, through the product's modules: first who
 * joined long ago, then two years of orders in bulk (figures and growth value, no points), then the last weeks report by report, so that their
 * points are earned, pending or used as they would be. Nobody is told anything: it is done before any strategy is in force.
 */
import type { ClientSession, Types } from 'mongoose';
import type { App } from '../../src/app.js';
import type { NewDomainEvent, OrderInput, Owed } from '../../src/contracts/index.js';
import type { Coupons } from '../service.js';
import { reportsOf } from './lives.js';
import type { PlannedMember } from './members.js';
import { memberMoments, voucherUses } from './past-members.js';
import { SHOP_SOURCE } from './orders.js';
import type { PlannedOrder } from './orders.js';

/** How far back points are earned order by order. */
export const REPLAYED_DAYS = 30;
const BULK = 500;
const TOGETHER = 40;
const DAY_MS = 86_400_000;
const cause = { door: 'import', importId: 'sample-shop' } as const;

export interface Past {
  orders: readonly PlannedOrder[];
  members: readonly PlannedMember[];
  /** Customer records by their place in the plan. */
  ids: readonly Types.ObjectId[];
  coupons: Coupons;
  privacyVersion: string;
  filledAt: Date;
}

/** What happens at one moment, within the transaction it is handed. */
export type Step = (tx: ClientSession, at: Date) => Promise<Owed>;
export interface Moment {
  at: Date;
  step: Step;
}

interface Work {
  cutoff: Date;
  /** Before the replay, and within it. */
  moments: { early: Moment[]; late: Moment[] };
  history: readonly PlannedOrder[];
}

/** How much there is to do, and the doing: `onDone` is told of each part. */
export function planPast(app: App, past: Past): { size: number; load(onDone: (done: number) => void): Promise<void> } {
  const work = workOf(app, past);
  const { history, moments, cutoff } = work;
  return {
    size: history.length + moments.early.length + moments.late.length,
    load: async (onDone) => {
      await play(app, moments.early, onDone);
      for (let start = 0; start < history.length; start += BULK) {
        const batch = history.slice(start, start + BULK);
        await addHistory(app, batch, cutoff);
        onDone(batch.length);
      }
      await play(app, moments.late, onDone);
    },
  };
}

function workOf(app: App, past: Past): Work {
  const cutoff = new Date(past.filledAt.getTime() - REPLAYED_DAYS * DAY_MS);
  const [history, since] = split(past.orders, ({ input }) => input.updatedAt <= cutoff);
  const lives = [
    ...past.members.flatMap((member) => memberMoments(app, past, member)),
    ...voucherUses(app, past, cutoff),
  ];
  const [early, late] = split(lives, ({ at }) => at <= cutoff);
  const reports = since
    .filter(({ input }) => input.status !== 'pending')
    .flatMap(({ input }) => reportsOf(input))
    .map((report) => ({ at: later(report.updatedAt, cutoff), step: reporting(app, report) }));
  return { cutoff, history, moments: { early, late: [...late, ...reports] } };
}

const later = (a: Date, b: Date): Date => (a > b ? a : b);

function split<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

/** In the order of their moments, some together in one transaction. */
async function play(app: App, moments: readonly Moment[], onDone: (done: number) => void): Promise<void> {
  const ordered = moments.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  for (let start = 0; start < ordered.length; start += TOGETHER) {
    const together = ordered.slice(start, start + TOGETHER);
    await app.act({
      cause,
      change: async (tx, acting) => {
        const events: NewDomainEvent[] = [];
        for (const { at, step } of together) {
          const owed = await step(tx, at);
          acting.owe(owed);
          events.push(...owed.events);
        }
        return events;
      },
    });
    onDone(together.length);
  }
}

async function addHistory(app: App, batch: readonly PlannedOrder[], now: Date): Promise<void> {
  const { references, commerce, membership, persons } = app.domain;
  await app.act({
    cause,
    change: async (tx, acting) => {
      const who = await references.resolveMany(
        tx,
        SHOP_SOURCE,
        batch.map(({ input }) => input.customer),
        now,
      );
      const reports = batch.flatMap(({ input }, index) => {
        const customerId = who.customerIds[index];
        return customerId ? [{ customerId, input }] : [];
      });
      const added = await commerce.addHistory(tx, reports, now);
      if (added.refused.length > 0)
        throw new Error(`an order of the sample shop was refused: ${JSON.stringify(added.refused[0])}`);
      const known = await persons.ofMany(
        tx,
        added.orders.map(({ customerId }) => customerId),
      );
      const items = added.orders.map((order) => {
        const person = known.get(String(order.customerId))?.customerIds;
        return { customerId: order.customerId, facts: commerce.factsOf(order), ...(person ? { person } : {}) };
      });
      const owed = await membership.growHistory(tx, items, now);
      acting.owe(owed);
      return [...who.events, ...added.events, ...owed.events];
    },
  });
}

const reporting =
  (app: App, report: OrderInput): Step =>
  async (tx, at) => {
    const { references, commerce, membership, persons } = app.domain;
    const who = await references.resolve(tx, SHOP_SOURCE, report.customer, at);
    const written = await commerce.report(tx, who.customerId, report, at);
    if (!written.ok) throw new Error(`an order of the sample shop was refused: ${JSON.stringify(written.problems[0])}`);
    const person = await persons.of(tx, written.order.customerId);
    const owed = await membership.settleOrder(tx, person, commerce.factsOf(written.order), at);
    return { ...owed, events: [...who.events, ...written.events, ...owed.events] };
  };
