/** For every route of shop systems: a body that works, and one whose every field is wrong, with the fields the answer must name. */

const at = '2026-03-01T10:00:00+08:00';

export const product = { sku: 'tea-1', name: '龙井', category: '茶', price: 9900, status: 'on' };
export const order = {
  source: 'mall',
  orderNo: 'A1',
  customer: { externalId: 'u1' },
  status: 'paid',
  placedAt: at,
  paidAt: at,
  currency: 'CNY',
  amount: 10_000,
  paid: 9_000,
  freight: 0,
  discount: 1_000,
  items: [{ sku: 'tea-1', name: '龙井', category: '茶', quantity: 1, price: 10_000 }],
  updatedAt: at,
};
export const event = { source: 'mall', eventId: 'e1', type: 'view', at, customer: { externalId: 'u1' } };
export const customer = { source: 'mall', externalId: 'u1', name: '小林', phone: '+86 138 0013 8000', updatedAt: at };
export const lookup = { customer: { source: 'mall', externalId: 'u1' } };
export const spend = { customer: { cardCode: '1'.repeat(18) }, amount: 100, reason: '抵扣', sourceKey: 'p1' };
export const redeem = { source: 'mall', orderNo: 'A1', amount: 10_000, at };
export const release = { source: 'mall', orderNo: 'A1', at };

export interface OpenSample {
  path: string;
  json: Record<string, unknown>;
  /** What the port gets beside the shop system. */
  port: string;
  wrong: { json: unknown; fields: string[] };
  /** Bodies that name another source. */
  elsewhere: Array<Record<string, unknown>>;
}

const none = { ...order, source: 'other' };

export const openSamples: Record<string, OpenSample> = {
  'POST /open/v1/orders': {
    path: '/open/v1/orders',
    json: order,
    port: 'order',
    wrong: {
      json: {
        ...order,
        placedAt: '2026-03-01 10:00',
        currency: 'USD',
        amount: -1,
        items: [],
        customer: { name: '小林' },
        paidBy: 'cash',
      },
      fields: ['placedAt', 'currency', 'amount', 'items', 'customer', 'paidBy'],
    },
    elsewhere: [none],
  },
  'POST /open/v1/events': {
    path: '/open/v1/events',
    json: event,
    port: 'event',
    wrong: {
      json: { ...event, eventId: '', at: 'now', customer: { phone: '123' }, seconds: -1 },
      fields: ['eventId', 'at', 'customer.phone', 'seconds'],
    },
    elsewhere: [{ ...event, source: 'other' }],
  },
  'POST /open/v1/products': {
    path: '/open/v1/products',
    json: product,
    port: 'product',
    wrong: { json: { sku: 'x', price: 1.5, status: 'sold' }, fields: ['name', 'category', 'price', 'status'] },
    elsewhere: [],
  },
  'POST /open/v1/customers': {
    path: '/open/v1/customers',
    json: customer,
    port: 'customer',
    wrong: {
      json: { source: 'mall', phone: '12', birthday: '02-30', consents: [{ purpose: 'fun' }] },
      fields: [
        'externalId',
        'phone',
        'birthday',
        'consents.0.purpose',
        'consents.0.channel',
        'consents.0.textVersion',
        'consents.0.at',
      ],
    },
    elsewhere: [{ ...customer, source: 'other' }],
  },
  'POST /open/v1/customers/lookup': {
    path: '/open/v1/customers/lookup',
    json: lookup,
    port: 'lookup',
    wrong: { json: { customer: { id: 'zz' }, source: 'x' }, fields: ['customer.id', 'source'] },
    elsewhere: [{ customer: { source: 'other', externalId: 'u1' } }],
  },
  'POST /open/v1/points/spend': {
    path: '/open/v1/points/spend',
    json: spend,
    port: 'spend',
    wrong: {
      json: { ...spend, amount: 0, reason: ' ', order: { source: 'mall' } },
      fields: ['amount', 'reason', 'order.orderNo'],
    },
    elsewhere: [
      { ...spend, order: { source: 'other', orderNo: 'A1' } },
      { ...spend, customer: { source: 'other', externalId: 'u1' } },
    ],
  },
  'POST /open/v1/vouchers/:code/redeem': {
    path: '/open/v1/vouchers/HK-1234/redeem',
    json: redeem,
    port: 'redeem',
    wrong: { json: { ...redeem, amount: '1', at: 1 }, fields: ['amount', 'at'] },
    elsewhere: [{ ...redeem, source: 'other' }],
  },
  'POST /open/v1/vouchers/:code/release': {
    path: '/open/v1/vouchers/HK-1234/release',
    json: release,
    port: 'release',
    wrong: { json: { orderNo: '', at: null }, fields: ['source', 'orderNo', 'at'] },
    elsewhere: [{ ...release, source: 'other' }],
  },
};
