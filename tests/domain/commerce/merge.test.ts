/** Many reports, one order: whatever the order of arrival. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { OrderInput } from '../../../src/contracts/index.js';
import { join, keptOf, MOST_PARTS } from '../../../src/domain/commerce/merge.js';
import type { Kept } from '../../../src/domain/commerce/merge.js';
import { viewOf } from '../../../src/domain/commerce/status.js';
import type { OrderView } from '../../../src/domain/commerce/status.js';
import { anyReport, at, item, paidReport, reportOf, reportsAndReplay } from './reports.js';

type Join = (a: Kept, b: Kept) => Kept;
const orderOf = (reports: readonly OrderInput[], by: Join = join): OrderView =>
  viewOf(
    reports.map(keptOf).reduce((a, b) => by(a, b)),
    60,
  );

const sameInAnyOrder = (by: Join) =>
  fc.property(reportsAndReplay, ({ reports, replay }) => {
    expect(orderOf(replay, by)).toEqual(orderOf(reports, by));
  });

describe('the order of arrival', () => {
  it('does not matter, nor does how often a report comes', () => {
    fc.assert(sameInAnyOrder(join), { numRuns: 1500 });
  });

  it('does not matter to groups: joining is associative, commutative and idempotent', () => {
    fc.assert(
      fc.property(anyReport, anyReport, anyReport, (x, y, z) => {
        const [a, b, c] = [keptOf(x), keptOf(y), keptOf(z)];
        expect(join(join(a, b), c)).toEqual(join(a, join(b, c)));
        expect(join(a, b)).toEqual(join(b, a));
        expect(join(a, a)).toEqual(a);
      }),
      { numRuns: 1000 },
    );
  });

  const faults: Array<[name: string, by: Join]> = [
    ['the last one to come wins', (_, b) => b],
    [
      'ties go to the last one to come',
      (a, b) => ({ ...join(a, b), amount: b.updatedAt.getTime() >= a.updatedAt.getTime() ? b.amount : a.amount }),
    ],
    ['refunds are those of the last report that has some', (a, b) => ({ ...join(a, b), refunds: b.refunds })],
    ['parcels are appended', (a, b) => ({ ...join(a, b), shipments: [...a.shipments, ...b.shipments] })],
    [
      'a time known is never corrected',
      (a, b) => ({
        ...join(a, b),
        basis: { ...join(a, b).basis, stated: { ...b.basis.stated, ...a.basis.stated } },
      }),
    ],
    [
      'the first state seen by arrival stays',
      (a, b) => ({ ...join(a, b), basis: { ...join(a, b).basis, seen: { ...b.basis.seen, ...a.basis.seen } } }),
    ],
  ];
  it.each(faults)('is seen to matter when %s', (_name, by) => {
    expect(fc.check(sameInAnyOrder(by), { numRuns: 3000 }).failed).toBe(true);
  });
});

describe('what is kept', () => {
  it('an old report takes nothing back', () => {
    const done = reportOf({ status: 'completed', paid: 105_00, paidAt: at(5), completedAt: at(50), updatedAt: at(50) });
    const order = orderOf([done, reportOf({ updatedAt: at(1) }), paidReport()]);
    expect(order).toMatchObject({ status: 'completed', completedAt: at(50), paid: 105_00, updatedAt: at(50) });
  });

  it('a newer report that leaves times out or names an earlier state does not take the order back on its way', () => {
    const sent = paidReport({ status: 'dispatched', dispatchedAt: at(20), updatedAt: at(20) });
    const order = orderOf([sent, reportOf({ status: 'paid', paid: 105_00, updatedAt: at(30) })]);
    expect(order).toMatchObject({ status: 'dispatched', dispatchedAt: at(20), paidAt: at(10) });
  });

  it('a newer report corrects a time, an older one does not', () => {
    const corrected = paidReport({ paidAt: at(9), updatedAt: at(30) });
    expect(orderOf([corrected, paidReport()]).paidAt).toEqual(at(9));
    expect(orderOf([paidReport({ paidAt: at(9), updatedAt: at(9) }), paidReport()]).paidAt).toEqual(at(10));
  });

  it('a state without its time was reached by the moment of its first report', () => {
    const told = (minutes: number): OrderInput =>
      reportOf({ status: 'delivered', paid: 105_00, updatedAt: at(minutes) });
    const order = orderOf([told(40), told(30)]);
    expect(order).toMatchObject({ status: 'delivered', paidAt: at(30), receivedAt: at(30) });
    expect(order.dispatchedAt).toBeUndefined();
  });

  it('cash on delivery is on its way unpaid', () => {
    const order = orderOf([reportOf({ status: 'dispatched', dispatchedAt: at(20), updatedAt: at(20) })]);
    expect(order.status).toBe('dispatched');
    expect(order.paidAt).toBeUndefined();
    expect(order.counted).toBeUndefined();
  });

  it('closing and refunding are left again when a newer report says so', () => {
    const closed = reportOf({ status: 'closed', closedAt: at(60), updatedAt: at(60) });
    expect(orderOf([paidReport(), closed]).status).toBe('closed');
    expect(orderOf([closed, paidReport({ paidAt: at(61), updatedAt: at(61) })]).status).toBe('paid');
    const refunding = paidReport({ status: 'refunding', updatedAt: at(70) });
    expect(orderOf([refunding, paidReport()]).status).toBe('refunding');
    expect(orderOf([refunding, paidReport({ updatedAt: at(80) })]).status).toBe('paid');
  });

  it('an unpaid order closes after an hour unless the shop says when', () => {
    expect(orderOf([reportOf()]).closesAt).toEqual(at(60));
    expect(orderOf([reportOf({ closesAt: at(15) }), reportOf({ updatedAt: at(1) })]).closesAt).toEqual(at(15));
    expect(orderOf([reportOf(), paidReport()]).closesAt).toBeUndefined();
  });

  it('parcels by carrier and number, each as it was last heard of; all delivered is received', () => {
    const parcel = { carrier: 'SF', trackingNo: '7' };
    const out = paidReport({ shipments: [{ ...parcel, status: 'out-for-delivery', at: at(90) }], updatedAt: at(90) });
    const there = paidReport({ shipments: [{ ...parcel, status: 'delivered', at: at(90) }], updatedAt: at(91) });
    const order = orderOf([there, out]);
    expect(order.shipments).toEqual([{ ...parcel, status: 'delivered', at: at(90) }]);
    expect(order).toMatchObject({ status: 'delivered', receivedAt: at(90), dispatchedAt: at(90) });
    const second = { ...parcel, trackingNo: '8', status: 'dispatched', at: at(80) } as const;
    const half = orderOf([paidReport({ shipments: [second, { ...parcel, status: 'delivered', at: at(90) }] })]);
    expect(half).toMatchObject({ status: 'dispatched', dispatchedAt: at(80) });
    expect(half.shipments).toHaveLength(2);
    const one = (trackingNo: string, status: 'dispatched' | 'delivered', minutes: number): OrderInput =>
      paidReport({ shipments: [{ carrier: 'SF', trackingNo, status, at: at(minutes) }], updatedAt: at(minutes) });
    const known = [one('7', 'dispatched', 80), one('8', 'dispatched', 80), one('7', 'delivered', 90)];
    expect(orderOf(known)).toMatchObject({ status: 'dispatched' });
    expect(orderOf([...known, one('8', 'delivered', 95)])).toMatchObject({ status: 'delivered', receivedAt: at(95) });
    const back = paidReport({ shipments: [{ ...second, trackingNo: '8', status: 'returned', at: at(99) }] });
    expect(orderOf([...known, back])).toMatchObject({ status: 'delivered', receivedAt: at(90) });
    expect(orderOf([back])).toMatchObject({ status: 'dispatched' });
  });

  it('a bounded number of parts, the same ones in any order', () => {
    const one = (i: number): OrderInput =>
      paidReport({ shipments: [{ carrier: 'SF', trackingNo: String(i), status: 'dispatched', at: at(i) }] });
    const all = Array.from({ length: MOST_PARTS + 20 }, (_, i) => one(i));
    const order = orderOf(all);
    expect(order.shipments).toHaveLength(MOST_PARTS);
    expect(order.shipments[0]?.at).toEqual(at(20));
    expect(orderOf(all.toReversed())).toEqual(order);
  });
});

describe('what an order counts for', () => {
  const refund = (refundNo: string, amount: number, sku?: string) => ({
    ...{ refundNo, amount, status: 'succeeded' as const, at: at(200) },
    ...(sku ? { items: [{ sku, quantity: 1 }] } : {}),
  });

  it('the goods, without freight, less what went back', () => {
    expect(orderOf([paidReport()]).counted).toEqual({ placedAt: at(0), spent: 95_00, items: 2 });
    const partly = paidReport({ refunds: [refund('r1', 40_00, 's1')], updatedAt: at(200) });
    expect(orderOf([paidReport(), partly]).counted).toEqual({ placedAt: at(0), spent: 55_00, items: 1 });
  });

  it('no piece goes back twice, and none that was never ordered', () => {
    const refunds = [refund('r1', 5_00, 's1'), refund('r2', 5_00, 's1'), refund('r3', 5_00, 's9')];
    expect(orderOf([paidReport({ refunds })]).counted).toMatchObject({ items: 1, spent: 80_00 });
  });

  const nothing: Array<[string, Partial<OrderInput>]> = [
    ['all goods were refunded, freight kept', { refunds: [refund('r1', 95_00)] }],
    ['all was refunded in steps', { refunds: [refund('r1', 40_00), refund('r2', 40_00), refund('r3', 25_00)] }],
    ['it is closed though it was paid', { status: 'closed' }],
    ['it is told to be refunded, no refund reported', { status: 'refunded' }],
    ['nothing was paid', { paid: 0 }],
    ['only freight was paid', { paid: 10_00 }],
  ];
  it.each(nothing)('nothing when %s', (_name, change) => {
    expect(orderOf([paidReport(change)]).counted).toBeUndefined();
  });

  it('still when a refund was asked for or refused', () => {
    const refunds = (['requested', 'approved', 'rejected', 'cancelled'] as const).map((status, i) => ({
      ...refund(`r${i}`, 100_00, 's1'),
      status,
    }));
    expect(orderOf([paidReport({ refunds })]).counted).toMatchObject({ spent: 95_00, items: 2 });
  });

  it('is refunded as a whole when the steps come to what was paid', () => {
    const refunds = [refund('r1', 40_00), refund('r2', 65_00)];
    expect(orderOf([paidReport({ status: 'refunding', refunds })]).status).toBe('refunded');
    expect(orderOf([paidReport({ status: 'refunding', items: [item('s1')], refunds: refunds.slice(1) })]).status).toBe(
      'refunding',
    );
  });
});
