/** Reports of orders for the tests of commerce: one to vary by hand, and any at random within a few values, so that they meet often. */
import fc from 'fast-check';
import { orderStatuses } from '../../../src/contracts/index.js';
import type { OrderInput, Refund, Shipment } from '../../../src/contracts/index.js';

export const start = new Date('2026-03-02T02:00:00Z');
/** So many minutes after the start. */
export const at = (minutes: number): Date => new Date(start.getTime() + minutes * 60_000);
export const now = at(100_000);

export const item = (sku: string, quantity = 1, price = 50_00): OrderInput['items'][number] => ({
  ...{ sku, name: `Article ${sku}`, category: 'tea', quantity, price },
});

/** 100 yuan of goods with 10 yuan of freight, 5 yuan off; pending and unpaid unless told otherwise. */
export function reportOf(change: Partial<OrderInput> = {}): OrderInput {
  return {
    source: 'shop',
    orderNo: 'A-1',
    customer: { externalId: 'm-1' },
    status: 'pending',
    placedAt: start,
    currency: 'CNY',
    amount: 110_00,
    paid: 0,
    freight: 10_00,
    discount: 5_00,
    items: [item('s1'), item('s2')],
    updatedAt: start,
    ...change,
  };
}

/** The same order paid after ten minutes. */
export const paidReport = (change: Partial<OrderInput> = {}): OrderInput =>
  reportOf({ status: 'paid', paid: 105_00, paidAt: at(10), updatedAt: at(10), ...change });

const minute = fc.integer({ min: 0, max: 6 }).map(at);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const few = (...values: number[]): fc.Arbitrary<number> => fc.constantFrom(...values);

const shipment: fc.Arbitrary<Shipment> = fc.record({
  carrier: fc.constantFrom('SF', 'YTO'),
  trackingNo: fc.constantFrom('1', '2'),
  status: fc.constantFrom('dispatched', 'in-transit', 'out-for-delivery', 'delivered', 'returned'),
  at: minute,
});

const refund: fc.Arbitrary<Refund> = fc
  .record({
    refundNo: fc.constantFrom('r1', 'r2', 'r3'),
    amount: few(0, 10_00, 45_00, 60_00),
    status: fc.constantFrom('requested', 'approved', 'succeeded', 'rejected', 'cancelled'),
    at: minute,
    items: maybe(
      fc.array(fc.record({ sku: fc.constantFrom('s1', 's2', 's9'), quantity: few(1, 3) }), { maxLength: 2 }),
    ),
  })
  .map(({ items, ...rest }) => ({ ...rest, ...(items ? { items } : {}) }));

/** Any report of one order; half of them paid. Not each of them is one that would be taken. */
export const anyReport: fc.Arbitrary<OrderInput> = fc
  .record({
    status: fc.constantFrom(...orderStatuses),
    updatedAt: minute,
    placedAt: few(0, 1).map(at),
    amount: few(110_00, 120_00),
    paid: few(0, 60_00, 105_00, 105_00),
    freight: few(0, 10_00),
    items: fc.array(
      fc
        .record({ sku: fc.constantFrom('s1', 's2'), quantity: few(1, 2) })
        .map(({ sku, quantity }) => item(sku, quantity)),
      { minLength: 1, maxLength: 2 },
    ),
    times: fc.record({
      paidAt: maybe(minute),
      dispatchedAt: maybe(minute),
      receivedAt: maybe(minute),
      completedAt: maybe(minute),
      closedAt: maybe(minute),
      closesAt: maybe(minute),
    }),
    shipments: maybe(fc.array(shipment, { maxLength: 3 })),
    refunds: maybe(fc.array(refund, { maxLength: 3 })),
  })
  .map(({ times, shipments, refunds, ...rest }) => ({
    ...reportOf(rest),
    ...Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined)),
    ...(shipments ? { shipments } : {}),
    ...(refunds ? { refunds } : {}),
  }));

/** Some reports, and the same in any order with any of them repeated. */
export const reportsAndReplay = fc.array(anyReport, { minLength: 1, maxLength: 6 }).chain((reports) =>
  fc
    .array(fc.integer({ min: 0, max: reports.length - 1 }), { maxLength: 6 })
    .chain((again) => {
      const all = [...reports.keys(), ...again];
      return fc.shuffledSubarray(all, { minLength: all.length });
    })
    .map((order) => ({ reports, replay: order.flatMap((index) => reports[index] ?? []) })),
);
