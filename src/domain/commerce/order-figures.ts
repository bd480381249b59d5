/**
 * What changed orders change of their customers' figures: sums by difference, first and last by the order itself, or, where one stops
 * counting on its day, by those that still count. Writes nothing.
 */
import { isDeepStrictEqual } from 'node:util';
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { FigureChange } from '../customers/index.js';
import type { CommerceModels, Counted, OrderRecord } from './models.js';

export interface OrderChange {
  before: OrderRecord | undefined;
  after: OrderRecord;
  changed: boolean;
}

type Orders = CommerceModels['orders'];

/** Asked after the orders were written, in the same transaction. */
export async function figureChanges(
  orders: Orders,
  tx: ClientSession,
  changes: readonly OrderChange[],
): Promise<FigureChange[]> {
  const moved = changes.filter(({ before, after }) => !isDeepStrictEqual(before?.counted, after.counted));
  const byCustomer = changesByCustomer(moved);
  const shrunk = [...byCustomer.values()].filter((all) => all.some(leavesItsDay));
  const customerIds = shrunk.flatMap(([first]) => (first ? [first.after.customerId] : []));
  const ranges = await rangesOf(orders, tx, customerIds);
  return [...byCustomer].map(([id, all]) => {
    const customerId = new Types.ObjectId(id);
    const inc = all.map(deltaOf).reduce(sumOf);
    if (!all.some(leavesItsDay)) return { customerId, inc, ...extremesOf(all) };
    const range = ranges.get(id);
    return { customerId, inc, ...(range ? { set: range } : { unset: ['firstOrderAt', 'lastOrderAt'] }) };
  });
}

/** First and last effective order of those customers who have one. */
async function rangesOf(
  orders: Orders,
  tx: ClientSession,
  customerIds: readonly Types.ObjectId[],
): Promise<Map<string, { firstOrderAt: Date; lastOrderAt: Date }>> {
  if (customerIds.length === 0) return new Map();
  const found = await orders.aggregate<{ _id: Types.ObjectId; firstOrderAt: Date; lastOrderAt: Date }>(
    [
      { $match: { customerId: { $in: customerIds }, 'counted.placedAt': { $exists: true } } },
      {
        $group: {
          _id: '$customerId',
          firstOrderAt: { $min: '$counted.placedAt' },
          lastOrderAt: { $max: '$counted.placedAt' },
        },
      },
    ],
    { session: tx },
  );
  return new Map(found.map(({ _id, ...range }) => [String(_id), range]));
}

function changesByCustomer(changes: readonly OrderChange[]): Map<string, OrderChange[]> {
  const byCustomer = new Map<string, OrderChange[]>();
  for (const change of changes) {
    const id = String(change.after.customerId);
    const same = byCustomer.get(id);
    if (same) same.push(change);
    else byCustomer.set(id, [change]);
  }
  return byCustomer;
}

type Delta = { orders: number; spent: number; items: number };
const weightOf = (counted: Counted | undefined): Delta =>
  counted ? { orders: 1, spent: counted.spent, items: counted.items } : { orders: 0, spent: 0, items: 0 };

function deltaOf({ before, after }: OrderChange): Delta {
  const [was, is] = [weightOf(before?.counted), weightOf(after.counted)];
  return { orders: is.orders - was.orders, spent: is.spent - was.spent, items: is.items - was.items };
}

const sumOf = (a: Delta, b: Delta): Delta => ({
  orders: a.orders + b.orders,
  spent: a.spent + b.spent,
  items: a.items + b.items,
});

/** Whether it counted on a day on which it counts no more, so that the first or the last may be another one. */
const leavesItsDay = ({ before, after }: OrderChange): boolean =>
  before?.counted !== undefined && before.counted.placedAt.getTime() !== after.counted?.placedAt.getTime();

function extremesOf(changes: readonly OrderChange[]): Pick<FigureChange, 'firstOrderAt' | 'lastOrderAt'> {
  const days = changes.flatMap(({ after }) => (after.counted ? [after.counted.placedAt.getTime()] : []));
  if (days.length === 0) return {};
  const [first, last] = days.reduce(
    ([low, high], day) => [Math.min(low, day), Math.max(high, day)],
    [Infinity, -Infinity],
  );
  return { firstOrderAt: new Date(first), lastOrderAt: new Date(last) };
}
