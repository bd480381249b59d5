/** Invariants of commerce over everything that is stored, as sentences. Reads in batches; changes nothing. */
import { isDeepStrictEqual } from 'node:util';
import type { Types } from 'mongoose';
import type { Figures } from '../customers/index.js';
import { join } from './merge.js';
import type { CommerceModels, OrderRecord } from './models.js';
import { viewOf } from './status.js';

/** Figures of those of these customers who exist, by id. */
export type FiguresOf = (customerIds: readonly Types.ObjectId[]) => Promise<ReadonlyMap<string, Figures>>;

const BATCH = 1000;
const kept = ['orders', 'spent', 'items', 'firstOrderAt', 'lastOrderAt'] as const;
type Recount = { _id: Types.ObjectId } & Partial<Pick<Figures, (typeof kept)[number]>>;

export function createCommerceCheck(models: CommerceModels, { closesAfterMinutes }: { closesAfterMinutes: number }) {
  /** One sentence for each rule that does not hold; empty when all is well. */
  async function check(figuresOf: FiguresOf): Promise<string[]> {
    return [...(await checkOrders()), ...(await checkFigures(figuresOf)), ...(await checkCounters())];
  }

  async function checkOrders(): Promise<string[]> {
    const problems: string[] = [];
    for await (const order of models.orders.find().lean<OrderRecord[]>().cursor({ batchSize: BATCH })) {
      problems.push(...orderFaults(order, closesAfterMinutes));
    }
    return problems;
  }

  async function checkFigures(figuresOf: FiguresOf): Promise<string[]> {
    const recounts = await models.orders.aggregate<Recount>([
      {
        $group: {
          _id: '$customerId',
          orders: { $sum: { $cond: ['$counted', 1, 0] } },
          spent: { $sum: '$counted.spent' },
          items: { $sum: '$counted.items' },
          firstOrderAt: { $min: '$counted.placedAt' },
          lastOrderAt: { $max: '$counted.placedAt' },
        },
      },
    ]);
    const problems: string[] = [];
    for (let start = 0; start < recounts.length; start += BATCH) {
      const part = recounts.slice(start, start + BATCH);
      const figures = await figuresOf(part.map(({ _id }) => _id));
      for (const recount of part) problems.push(...figureFaults(recount, figures.get(String(recount._id))));
    }
    return problems;
  }

  /** Events may be gone by retention, so a counter may hold more than are there, never fewer. */
  async function checkCounters(): Promise<string[]> {
    const events = await models.behaviours.aggregate<Tally>([
      { $group: { _id: { customerId: '$customerId', type: '$type' }, count: { $sum: 1 } } },
    ]);
    const days = await models.behaviourDays.aggregate<Tally>([
      { $group: { _id: { customerId: '$customerId', type: '$type' }, count: { $sum: '$count' } } },
    ]);
    const counted = new Map(days.map(({ _id, count }) => [tallyKey(_id), count]));
    return events
      .filter(({ _id, count }) => (counted.get(tallyKey(_id)) ?? 0) < count)
      .map(({ _id }) => `customer ${String(_id.customerId)}: ${_id.type} is counted less often than it was recorded`);
  }

  return check;
}

interface Tally {
  _id: { customerId: Types.ObjectId; type: string };
  count: number;
}
const tallyKey = ({ customerId, type }: Tally['_id']): string => `${String(customerId)} ${type}`;

function orderFaults(order: OrderRecord, closesAfterMinutes: number): string[] {
  const name = `order ${order.source}/${order.orderNo}`;
  const { closesAt, ...view } = viewOf(join(order, order), closesAfterMinutes);
  return [
    ...(Object.keys(view) as Array<keyof typeof view>)
      .filter((field) => !isDeepStrictEqual(view[field], order[field]))
      .map((field) => `${name}: ${field} differs from what was reported`),
    ...(order.counted && !view.counted ? [`${name}: counts though it is not effective`] : []),
    // The closing time by default is by the setting of its day; only whether there is one can be told.
    ...(Boolean(order.closesAt) === Boolean(closesAt) ? [] : [`${name}: closesAt differs from what was reported`]),
  ];
}

function figureFaults({ _id, ...recount }: Recount, figures: Figures | undefined): string[] {
  const name = `customer ${String(_id)}`;
  if (!figures) return [`${name} has orders and does not exist`];
  return kept
    .filter((field) => plain(figures[field]) !== plain(recount[field]))
    .map((field) => `${name}: figures.${field} differs from a recount of the orders`);
}

/** Nothing and zero are the same figure. */
const plain = (value: number | Date | null | undefined): number => Number(value ?? 0);
