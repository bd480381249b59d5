/**
 * What follows from all that was reported of an order: its status, its times, whether it counts as a purchase and with what. Pure.
 */
import type { OrderStatus } from '../../contracts/index.js';
import type { Kept } from './merge.js';
import type { Counted, OrderRecord, OrderTime, SeenState } from './models.js';

const MINUTE_MS = 60_000;
/**
 * The way an order goes. It never goes back on it, but from received by its parcels alone when one more of them is told; closing and
 * refunds leave it while the newest report says so.
 */
const way = ['pending', 'paid', 'dispatched', 'delivered', 'completed'] as const satisfies readonly OrderStatus[];

export type OrderView = Omit<OrderRecord, '_id' | 'customerId' | 'source' | 'orderNo' | 'toldDelivered'>;

/** The whole order as it is stored, less its identity. */
export function viewOf(kept: Kept, closesAfterMinutes: number): OrderView {
  const times = timesOf(kept);
  const status = statusOf(kept, times);
  const byDefault = new Date(kept.placedAt.getTime() + closesAfterMinutes * MINUTE_MS);
  const closesAt = kept.basis.stated.closesAt?.at ?? (status === 'pending' ? byDefault : undefined);
  const { basis, ...fields } = kept;
  const order = { ...fields, ...times, ...(closesAt ? { closesAt } : {}), status };
  const counted = countedOf(order);
  return { ...order, ...(counted ? { counted } : {}), basis };
}

type Times = Partial<Record<Exclude<OrderTime, 'closesAt'>, Date>>;
const shownBy: ReadonlyArray<[keyof Times, SeenState]> = [
  ['paidAt', 'paid'],
  ['dispatchedAt', 'dispatched'],
  ['receivedAt', 'delivered'],
  ['completedAt', 'completed'],
  ['closedAt', 'closed'],
];

/** A time that was stated; else the first moment at which a report showed the state. */
function timesOf({ basis: { stated, seen }, shipments }: Kept): Times {
  const times: Times = {};
  for (const [name, state] of shownBy) {
    const at = stated[name]?.at ?? seen[state] ?? (name === 'receivedAt' ? arrivalOf(shipments) : undefined);
    if (at) times[name] = at;
  }
  return times;
}

/** When the last parcel arrived: known once all have that did not go back. */
function arrivalOf(shipments: OrderRecord['shipments']): Date | undefined {
  const parcels = shipments.filter(({ status }) => status !== 'returned');
  return parcels.every(({ status }) => status === 'delivered') ? parcels.at(-1)?.at : undefined;
}

function statusOf(kept: Kept, times: Times): OrderStatus {
  const { status } = kept.basis;
  if (status === 'closed' || status === 'refunded') return status;
  if (times.paidAt && kept.paid > 0 && refundedOf(kept) >= kept.paid) return 'refunded';
  if (status === 'refunding') return status;
  const reached = [true, times.paidAt, times.dispatchedAt, times.receivedAt, times.completedAt].findLastIndex(Boolean);
  return way[Math.max(reached, way.indexOf(status))] ?? status;
}

type Money = Pick<OrderRecord, 'paid' | 'freight' | 'refunds'>;

/** Fen given back, never more than was paid. */
export function refundedOf({ paid, refunds }: Pick<Money, 'paid' | 'refunds'>): number {
  const given = refunds.filter(({ status }) => status === 'succeeded').reduce((sum, { amount }) => sum + amount, 0);
  return Math.min(paid, given);
}

/** Fen paid for goods: without freight, after every discount. */
export const cashOf = ({ paid, freight }: Pick<Money, 'paid' | 'freight'>): number => Math.max(0, paid - freight);

/** Whether everything paid counts as given back, whether or not each refund was reported. */
export const isUndone = ({ status }: Pick<OrderRecord, 'status'>): boolean =>
  status === 'closed' || status === 'refunded';

/**
 * What an order adds to its customer's figures; nothing unless it is effective: paid, not closed, and something that was paid for goods
 * was kept. Freight is no purchase; a refund counts against the goods first.
 */
export function countedOf(
  order: Money & Pick<OrderRecord, 'status' | 'placedAt' | 'paidAt' | 'items'>,
): Counted | undefined {
  const spent = Math.max(0, cashOf(order) - refundedOf(order));
  if (!order.paidAt || isUndone(order) || spent === 0) return undefined;
  return { placedAt: order.placedAt, spent, items: piecesOf(order.items) - piecesBack(order) };
}

export const piecesOf = (items: ReadonlyArray<{ quantity: number }>): number =>
  items.reduce((sum, { quantity }) => sum + quantity, 0);

/** Pieces that went back, as far as refunds say which; of no article more than was ordered. */
function piecesBack({ items, refunds }: Pick<OrderRecord, 'items' | 'refunds'>): number {
  const succeeded = refunds.filter(({ status }) => status === 'succeeded').flatMap((refund) => refund.items ?? []);
  const of = (all: ReadonlyArray<{ sku: string; quantity: number }>, sku: string): number =>
    piecesOf(all.filter((one) => one.sku === sku));
  const skus = [...new Set(items.map(({ sku }) => sku))];
  return skus.reduce((sum, sku) => sum + Math.min(of(items, sku), of(succeeded, sku)), 0);
}
