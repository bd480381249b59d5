/**
 * Writes orders and, in the same transaction, their customers' figures. One report or five hundred take the same way: read what is
 * known of these orders, join, write what changed. What is owed because of an order is membership's.
 */
import { isDeepStrictEqual } from 'node:util';
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { NewDomainEvent, OrderInput } from '../../contracts/index.js';
import { IN_ONE_ANSWER, insertRecords } from '../../infra/mongo.js';
import type { WriteFigures } from '../customers/index.js';
import { orderEvents } from './facts.js';
import { figureChanges } from './order-figures.js';
import type { OrderChange } from './order-figures.js';
import { join, keptOf } from './merge.js';
import type { Kept } from './merge.js';
import type { CommerceModels, OrderRecord } from './models.js';
import { orderProblems } from './refusals.js';
import type { CommerceProblem } from './refusals.js';
import { viewOf } from './status.js';

export interface OrderReport {
  customerId: Types.ObjectId;
  input: OrderInput;
}

/** `changed`: anything but the moment of the newest report is other than before. */
export type Reported =
  | { ok: true; order: OrderRecord; changed: boolean; events: NewDomainEvent[] }
  | { ok: false; problems: CommerceProblem[] };

export interface AddedHistory {
  /** New orders, in the order of the batch. */
  orders: OrderRecord[];
  /** Orders that were known and are other than before. */
  updated: OrderRecord[];
  /** Orders of which the batch told nothing new. */
  unchanged: number;
  /** Rows that were left out, by their place in the batch. */
  refused: Array<{ index: number; problems: CommerceProblem[] }>;
  events: NewDomainEvent[];
}

export interface OrderOptions {
  writeFigures: WriteFigures;
  /** After how many minutes an unpaid order closes where the shop does not say. */
  closesAfterMinutes: number;
}

export type Orders = ReturnType<typeof createOrders>;

export function createOrders({ orders }: Pick<CommerceModels, 'orders'>, options: OrderOptions) {
  /**
   * Takes one report. The order stays with the customer it was first written with. Two first reports at once collide on the unique
   * key: one runs again.
   */
  async function report(
    tx: ClientSession,
    customerId: Types.ObjectId,
    input: OrderInput,
    now: Date,
  ): Promise<Reported> {
    const problems = orderProblems(input, now);
    if (problems.length > 0) return { ok: false, problems };
    const [change] = await write(tx, [{ customerId, input }]);
    if (!change) throw new Error('a report gave no order');
    const { before, after, changed } = change;
    return { ok: true, order: after, changed, events: changed ? orderEvents(before, after) : [] };
  }

  /** Up to 500 reports of the past at once: the orders as by `report`, but one event for all instead of one a state: each person's are in the list of their orders. */
  async function addHistory(tx: ClientSession, batch: readonly OrderReport[], now: Date): Promise<AddedHistory> {
    const refused: AddedHistory['refused'] = [];
    const good = batch.filter(({ input }, index) => {
      const problems = orderProblems(input, now);
      if (problems.length > 0) refused.push({ index, problems });
      return problems.length === 0;
    });
    const changes = await write(tx, good, 'history');
    const changed = changes.filter((change) => change.changed);
    return {
      orders: changed.filter(({ before }) => !before).map(({ after }) => after),
      updated: changed.filter(({ before }) => before).map(({ after }) => after),
      unchanged: changes.length - changed.length,
      refused,
      events: historyEvents(changed, now),
    };
  }

  async function write(
    tx: ClientSession,
    reports: readonly OrderReport[],
    from: 'shop' | 'history' = 'shop',
  ): Promise<OrderChange[]> {
    const known = await knownOf(tx, reports);
    const changes = [...reportsByOrder(reports)].map(([key, same]) => merged(known.get(key), same, from));
    const added = changes.filter(({ before }) => !before).map(({ after }) => after);
    const replaced = changes.flatMap(({ before, after }) =>
      before && !isDeepStrictEqual(before, after)
        ? [{ replaceOne: { filter: { _id: after._id }, replacement: withoutId(after) } }]
        : [],
    );
    if (added.length > 0) await insertRecords(orders, added, tx);
    if (replaced.length > 0) await orders.collection.bulkWrite(replaced, { session: tx });
    await options.writeFigures(tx, await figureChanges(orders, tx, changes));
    return changes;
  }

  async function knownOf(tx: ClientSession, reports: readonly OrderReport[]): Promise<Map<string, OrderRecord>> {
    const numbers = new Map<string, Set<string>>();
    for (const { input } of reports) {
      numbers.set(input.source, (numbers.get(input.source) ?? new Set()).add(input.orderNo));
    }
    const known = new Map<string, OrderRecord>();
    for (const [source, orderNos] of numbers) {
      const found = await orders.collection
        .find({ source, orderNo: { $in: [...orderNos] } }, { session: tx, ...IN_ONE_ANSWER })
        .toArray();
      for (const order of found as unknown as OrderRecord[]) known.set(keyOf(order), order);
    }
    return known;
  }

  function merged(
    before: OrderRecord | undefined,
    reports: readonly [OrderReport, ...OrderReport[]],
    from: 'shop' | 'history',
  ): OrderChange {
    const [{ customerId, input }] = reports;
    const bases: Kept[] = [...(before ? [before] : []), ...reports.map((one) => keptOf(one.input))];
    const view = viewOf(bases.reduce(join), options.closesAfterMinutes);
    const { source, orderNo } = input;
    const begun = {
      _id: new Types.ObjectId(),
      customerId,
      source,
      orderNo,
      ...(from === 'history' ? { history: true as const } : {}),
    };
    const identity = before ?? begun;
    const toldDelivered = before?.toldDelivered ?? view.receivedAt !== undefined;
    const after: OrderRecord = { ...pick(identity), ...view, ...(toldDelivered ? { toldDelivered } : {}) };
    return { before, after, changed: !before || !isDeepStrictEqual(shown(before), shown(after)) };
  }

  return { report, addHistory };
}

const keyOf = ({ source, orderNo }: { source: string; orderNo: string }): string => JSON.stringify([source, orderNo]);

function reportsByOrder(reports: readonly OrderReport[]): Map<string, [OrderReport, ...OrderReport[]]> {
  const byOrder = new Map<string, [OrderReport, ...OrderReport[]]>();
  for (const one of reports) {
    const same = byOrder.get(keyOf(one.input));
    if (same) same.push(one);
    else byOrder.set(keyOf(one.input), [one]);
  }
  return byOrder;
}

type Identity = Pick<OrderRecord, '_id' | 'customerId' | 'source' | 'orderNo' | 'history'>;
const pick = ({ _id, customerId, source, orderNo, history }: Identity): Identity => ({
  ...{ _id, customerId, source, orderNo },
  ...(history ? { history } : {}),
});

function withoutId({ _id, ...fields }: OrderRecord): Omit<OrderRecord, '_id'> {
  return fields;
}

/** What anybody can see of an order: a newer report that says the same changes nothing of it. */
function shown({ basis, ...fields }: OrderRecord): Record<string, unknown> {
  return { ...fields, updatedAt: undefined, toldDelivered: undefined, out: basis.seen.outForDelivery };
}

function historyEvents(changed: readonly OrderChange[], at: Date): NewDomainEvent[] {
  if (changed.length === 0) return [];
  const placed = changed.map(({ after }) => after.placedAt.getTime());
  const added = changed.filter(({ before }) => !before);
  const data = {
    orders: added.length,
    updated: changed.length - added.length,
    paid: added.reduce((sum, { after }) => sum + (after.paidAt ? after.paid : 0), 0),
    firstPlacedAt: new Date(placed.reduce((a, b) => Math.min(a, b))).toISOString(),
    lastPlacedAt: new Date(placed.reduce((a, b) => Math.max(a, b))).toISOString(),
    customerIds: [...new Set(changed.map(({ after }) => String(after.customerId)))],
  };
  return [{ kind: 'order.imported', at, data }];
}
