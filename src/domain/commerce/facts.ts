/** An order as other modules see it: membership by facts, the timeline and notices by the data of events. Pure. */
import type { NewDomainEvent, OrderFacts, Shipment } from '../../contracts/index.js';
import type { OrderRecord } from './models.js';
import { cashOf, isUndone, piecesOf } from './status.js';

/** Names what an order lost when it was closed or refunded as a whole and the shop reported no refund for it. */
export const UNREPORTED_REFUND = '(unreported)';

/**
 * What membership needs to know. An undone order has given everything back, reported or not; a completed one was received, at the
 * latest, then.
 */
export function factsOf(order: OrderRecord): OrderFacts {
  const { _id, customerId, source, orderNo, placedAt, paidAt, completedAt, closedAt } = order;
  const receivedAt = order.receivedAt ?? completedAt;
  return {
    ...{ id: String(_id), source, orderNo, customerId: String(customerId), placedAt },
    ...(paidAt ? { paidAt } : {}),
    ...(receivedAt ? { receivedAt } : {}),
    ...(completedAt ? { completedAt } : {}),
    ...(order.status === 'closed' && !paidAt && closedAt ? { closedAt } : {}),
    cash: cashOf(order),
    ...(order.history ? { history: true as const } : {}),
    refunds: refundsOf(order),
  };
}

/** Oldest first; together never more than was paid. */
function refundsOf(order: OrderRecord): OrderFacts['refunds'] {
  let left = order.paid;
  const refunds: Array<OrderFacts['refunds'][number]> = [];
  const add = (refundNo: string, most: number, at: Date): void => {
    const amount = Math.min(left, most);
    if (amount > 0) refunds.push({ refundNo, amount, at });
    left -= amount;
  };
  for (const { refundNo, amount, at, status } of order.refunds) if (status === 'succeeded') add(refundNo, amount, at);
  if (isUndone(order) && order.paidAt) add(UNREPORTED_REFUND, left, order.closedAt ?? order.updatedAt);
  return refunds;
}

/** What a change of an order caused: each state once in the order's life, refunds at each change of theirs. */
export function orderEvents(before: OrderRecord | undefined, after: OrderRecord): NewDomainEvent[] {
  const about = { customerId: String(after.customerId) };
  const data = dataOf(after);
  const now = momentsOf(after);
  const known = before ? momentsOf(before) : {};
  const reached = milestones.flatMap((kind): NewDomainEvent[] => {
    const at = now[kind];
    const told = known[kind] ?? (kind === 'order.delivered' && before?.toldDelivered);
    return at && !told ? [{ kind, ...about, at, data: { ...data, ...parcelOf(kind, after) } }] : [];
  });
  const states = new Map(before?.refunds.map(({ refundNo, status }) => [refundNo, status]));
  const refunds = after.refunds
    .filter(({ refundNo, status }) => states.get(refundNo) !== status)
    .map(({ refundNo, amount, status, at }): NewDomainEvent => {
      const refund = { refundNo, refundAmount: amount, refundStatus: status, before: states.get(refundNo) ?? null };
      return { kind: 'order.refundChanged', ...about, at, data: { ...data, ...refund } };
    });
  return [...reached, ...refunds];
}

const milestones = [
  'order.placed',
  'order.paid',
  'order.dispatched',
  'order.outForDelivery',
  'order.delivered',
  'order.completed',
  'order.closed',
] as const;
type Milestone = (typeof milestones)[number];

function momentsOf(order: OrderRecord): Partial<Record<Milestone, Date | undefined>> {
  return {
    'order.placed': order.placedAt,
    'order.paid': order.paidAt,
    'order.dispatched': order.dispatchedAt,
    'order.outForDelivery': order.basis.seen.outForDelivery,
    'order.delivered': order.receivedAt,
    'order.completed': order.completedAt,
    'order.closed': order.closedAt,
  };
}

/** `status` is the order's own now: an event told late may be overtaken already. */
function dataOf(order: OrderRecord): Record<string, unknown> {
  const { _id, source, orderNo, status, amount, paid, freight, discount, items, closesAt } = order;
  return {
    ...{ orderId: String(_id), source, orderNo, status, amount, paid, freight, discount },
    ...{ item: items[0]?.name ?? '', pieces: piecesOf(items) },
    ...(closesAt ? { closesAt: closesAt.toISOString() } : {}),
  };
}

function parcelOf(kind: Milestone, { shipments }: OrderRecord): Record<string, unknown> {
  const parcel = parcelFor(kind, shipments);
  return parcel ? { carrier: parcel.carrier, trackingNo: parcel.trackingNo, parcels: shipments.length } : {};
}

function parcelFor(kind: Milestone, shipments: readonly Shipment[]): Shipment | undefined {
  if (kind === 'order.outForDelivery')
    return shipments.find(({ status }) => status === 'out-for-delivery') ?? shipments[0];
  if (kind === 'order.dispatched' || kind === 'order.delivered') return shipments[0];
  return undefined;
}
