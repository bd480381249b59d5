/** What membership is told of an order. */
import { describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import type { OrderInput } from '../../../src/contracts/index.js';
import { factsOf } from '../../../src/domain/commerce/index.js';
import { UNREPORTED_REFUND } from '../../../src/domain/commerce/facts.js';
import { join, keptOf } from '../../../src/domain/commerce/merge.js';
import { viewOf } from '../../../src/domain/commerce/status.js';
import { at, paidReport, reportOf } from './reports.js';

const customerId = new Types.ObjectId();
function facts(...reports: OrderInput[]) {
  const view = viewOf(
    reports.map(keptOf).reduce((a, b) => join(a, b)),
    60,
  );
  return factsOf({ _id: new Types.ObjectId(), customerId, source: 'shop', orderNo: 'A-1', ...view });
}
const refund = (refundNo: string, amount: number, minutes: number) => ({
  ...{ refundNo, amount, status: 'succeeded' as const, at: at(minutes) },
});

describe('facts of an order', () => {
  it('cash is without freight; refunds that succeeded, oldest first', () => {
    const refunds = [refund('r2', 20_00, 40), { ...refund('r3', 5_00, 35), status: 'requested' as const }];
    const older = paidReport({ refunds: [refund('r1', 10_00, 30)], updatedAt: at(30) });
    expect(facts(paidReport({ refunds, updatedAt: at(40) }), older)).toEqual({
      id: expect.any(String),
      customerId: String(customerId),
      ...{ source: 'shop', orderNo: 'A-1', placedAt: at(0), paidAt: at(10), cash: 95_00 },
      refunds: [
        { refundNo: 'r1', amount: 10_00, at: at(30) },
        { refundNo: 'r2', amount: 20_00, at: at(40) },
      ],
    });
  });

  it('never more given back than was paid', () => {
    const one = paidReport({ refunds: [refund('r1', 100_00, 30)], updatedAt: at(30) });
    const other = paidReport({ refunds: [refund('r2', 100_00, 40)], updatedAt: at(40) });
    expect(facts(one, other).refunds.map(({ amount }) => amount)).toEqual([100_00, 5_00]);
  });

  it('an order told to be refunded or closed after it was paid gave all back, reported or not', () => {
    const told = paidReport({ status: 'refunded', refunds: [refund('r1', 40_00, 30)], updatedAt: at(50) });
    expect(facts(told).refunds).toEqual([
      { refundNo: 'r1', amount: 40_00, at: at(30) },
      { refundNo: UNREPORTED_REFUND, amount: 65_00, at: at(50) },
    ]);
    const closed = facts(paidReport({ status: 'closed', closedAt: at(60), updatedAt: at(60) }));
    expect(closed.refunds).toEqual([{ refundNo: UNREPORTED_REFUND, amount: 105_00, at: at(60) }]);
    expect(closed.closedAt).toBeUndefined();
  });

  it('closed unpaid: closed, and nothing to give back', () => {
    const unpaid = facts(reportOf({ status: 'closed', closedAt: at(60), updatedAt: at(60) }));
    expect(unpaid).toMatchObject({ closedAt: at(60), refunds: [] });
    expect(unpaid.paidAt).toBeUndefined();
  });

  it('a completed order was received, by then at the latest', () => {
    const completed = paidReport({ status: 'completed', completedAt: at(90), updatedAt: at(90) });
    expect(facts(completed)).toMatchObject({ completedAt: at(90), receivedAt: at(90) });
    expect(facts({ ...completed, receivedAt: at(80) }).receivedAt).toEqual(at(80));
  });
});
