/** Reading orders. No writes. */
import type { ClientSession, Types } from 'mongoose';
import type { OrderStatus } from '../../contracts/index.js';
import { olderThan } from '../../infra/mongo.js';
import type { CommerceModels, OrderRecord } from './models.js';

export interface OrderPage {
  limit: number;
  /** placedAt and id of the last order of the page before. */
  after?: { at: Date; id: string } | undefined;
}

export interface OrdersAsked extends OrderPage {
  /** Whole; of any source. */
  orderNo?: string | undefined;
  status?: OrderStatus | undefined;
}

/** Fen and pieces. `orders`: all of them; the other figures are of the effective ones. */
export interface OrderTotals {
  orders: number;
  effective: number;
  spent: number;
  items: number;
}

export function createOrderReads({ orders }: Pick<CommerceModels, 'orders'>) {
  const byKey = (tx: ClientSession | null, source: string, orderNo: string): Promise<OrderRecord | null> =>
    orders.findOne({ source, orderNo }, null, { session: tx }).lean<OrderRecord>();

  const get = (id: string, tx: ClientSession | null = null): Promise<OrderRecord | null> =>
    orders.findById(id, null, { session: tx }).lean<OrderRecord>();

  /** A person's orders, newest first. */
  function list(customerIds: readonly Types.ObjectId[], { limit, after }: OrderPage): Promise<OrderRecord[]> {
    return orders
      .find({ ...anyOf(customerIds), ...(after ? olderThan('placedAt', after) : {}) })
      .sort({ placedAt: -1, _id: -1 })
      .limit(limit)
      .lean<OrderRecord[]>();
  }

  /** Everybody's, newest first. */
  function page({ limit, after, orderNo, status }: OrdersAsked): Promise<OrderRecord[]> {
    const asked = { ...(orderNo === undefined ? {} : { orderNo }), ...(status === undefined ? {} : { status }) };
    return orders
      .find({ ...asked, ...(after ? olderThan('placedAt', after) : {}) })
      .sort({ placedAt: -1, _id: -1 })
      .limit(limit)
      .lean<OrderRecord[]>();
  }

  /** Whether the person, anywhere, paid another order with one of these articles since this one was placed. */
  async function boughtElsewhere(
    tx: ClientSession | null,
    customerIds: readonly Types.ObjectId[],
    order: Pick<OrderRecord, '_id' | 'placedAt' | 'items'>,
  ): Promise<boolean> {
    const skus = [...new Set(order.items.map(({ sku }) => sku))];
    const found = await orders
      .findOne(
        {
          ...anyOf(customerIds),
          paidAt: { $gte: order.placedAt },
          _id: { $ne: order._id },
          'items.sku': { $in: skus },
        },
        { _id: 1 },
        { session: tx },
      )
      .lean();
    return found !== null;
  }

  /** Of a person, or of everything one source reported. */
  async function totals(of: { customerIds: readonly Types.ObjectId[] } | { source: string }): Promise<OrderTotals> {
    const match = 'source' in of ? { source: of.source } : { customerId: { $in: [...of.customerIds] } };
    const [found] = await orders.aggregate<OrderTotals>([
      { $match: match },
      {
        $group: {
          _id: null,
          orders: { $sum: 1 },
          effective: { $sum: { $cond: ['$counted', 1, 0] } },
          spent: { $sum: '$counted.spent' },
          items: { $sum: '$counted.items' },
        },
      },
      { $project: { _id: 0 } },
    ]);
    return found ?? { orders: 0, effective: 0, spent: 0, items: 0 };
  }

  return { byKey, get, list, page, boughtElsewhere, totals };
}

/** One customer is nearly always all: asked for alone, the index gives the list in its order. */
function anyOf(customerIds: readonly Types.ObjectId[]): { customerId: Types.ObjectId | { $in: Types.ObjectId[] } } {
  const [only] = customerIds;
  return { customerId: only && customerIds.length === 1 ? only : { $in: [...customerIds] } };
}
