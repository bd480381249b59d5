/** An order's life, taken apart: the reports a shop's system would have sent while it went on, each as things stood then. Pure. */
import type { OrderInput } from '../../src/contracts/index.js';

/**
 * Oldest first; the last is the order as it is. This shop tells of a payment, of what came, of refunds and
 * of the end; a parcel on its way only while it is.
 */
export function reportsOf(order: OrderInput): OrderInput[] {
  const { paidAt, dispatchedAt, receivedAt, shipments = [], refunds = [] } = order;
  const { source, orderNo, customer, placedAt, currency, amount, paid, freight, discount, items } = order;
  const placed = { source, orderNo, customer, placedAt, currency, amount, freight, discount, items };
  const reports: OrderInput[] = [];
  if (paidAt) reports.push({ ...placed, status: 'paid', paid, paidAt, updatedAt: paidAt });
  const sent = dispatchedAt && { ...placed, paid, paidAt, dispatchedAt };
  const came = sent && receivedAt && { ...sent, receivedAt, shipments };
  if (came) reports.push({ ...came, status: 'delivered', updatedAt: came.receivedAt });
  for (const [index, { at }] of refunds.entries()) {
    if (came && order.updatedAt > at)
      reports.push({ ...came, status: 'delivered', refunds: refunds.slice(0, index + 1), updatedAt: at });
  }
  return [...reports.filter(({ updatedAt }) => updatedAt < order.updatedAt), order];
}
