/** What an order counted as at a moment of the past, from what is stored of it now. Pure. */
import type { Counted, OrderRecord } from './models.js';
import { countedOf, isUndone, refundedOf } from './status.js';

export type DatedOrder = Pick<
  OrderRecord,
  'status' | 'placedAt' | 'paidAt' | 'closedAt' | 'updatedAt' | 'paid' | 'freight' | 'items' | 'refunds'
>;

/**
 * Payment, closing and refunds after `asOf` are not seen. Of an order that was refunded as a whole without a refund being reported, the
 * moment of its newest report stands for the refund's. Amounts are the newest report's, whenever it came.
 */
export function countedAsOf(order: DatedOrder, asOf: Date): Counted | undefined {
  const { placedAt, paidAt } = order;
  if (placedAt > asOf || !paidAt || paidAt > asOf) return undefined;
  if (isUndone(order) && undoneAt(order) <= asOf) return undefined;
  const refunds = order.refunds.filter(({ at }) => at <= asOf);
  return countedOf({ ...order, refunds, status: 'paid' });
}

/** Where refunds say what happened they speak for themselves. */
function undoneAt(order: DatedOrder): Date {
  if (order.status === 'closed') return order.closedAt ?? order.updatedAt;
  if (refundedOf(order) < order.paid) return order.updatedAt;
  return order.refunds.reduce((last, { at }) => (at > last ? at : last), new Date(0));
}
