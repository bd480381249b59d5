/** What of a report is refused, and that the rest is taken. */
import { describe, expect, it } from '@jest/globals';
import type { BehaviourInput, OrderInput } from '../../../src/contracts/index.js';
import { behaviourProblems, orderProblems } from '../../../src/domain/commerce/index.js';
import { at, now, paidReport, reportOf } from './reports.js';

const told = (report: OrderInput): string[] => orderProblems(report, now).map(({ path, code }) => `${path} ${code}`);
const refund = (amount: number, status: 'requested' | 'succeeded' = 'succeeded', refundNo = 'r1') => ({
  ...{ refundNo, amount, status, at: at(20) },
});
const ahead = new Date(now.getTime() + 11 * 60_000);

describe('an order', () => {
  const bad: Array<[string, Partial<OrderInput>, string[]]> = [
    [
      'paid more than goods and freight cost, counted into the amount or not',
      { paid: 120_01, freight: 10_00, amount: 110_00 },
      ['paid order.paidBeyondAmount'],
    ],
    ['a discount of more than it cost', { discount: 110_01 }, ['discount order.discountBeyondAmount']],
    [
      'a refund asked for of more than was paid',
      { refunds: [refund(1_00), refund(105_01, 'requested', 'r2')] },
      ['refunds.1.amount order.refundBeyondPaid'],
    ],
    [
      'refunds that come to more than was paid',
      { refunds: [refund(60_00), refund(60_00, 'succeeded', 'r2')] },
      ['refunds order.refundBeyondPaid'],
    ],
    ['completed before it was placed', { completedAt: at(-1) }, ['completedAt order.timeBeforePlaced']],
    [
      'closing, paid and refunded before it was placed',
      { closesAt: at(-1), paidAt: at(-2), refunds: [{ ...refund(1_00), at: at(-1) }] },
      ['closesAt order.timeBeforePlaced', 'paidAt order.timeBeforePlaced', 'refunds.0.at order.timeBeforePlaced'],
    ],
    ['reported from the future', { updatedAt: ahead }, ['updatedAt order.timeInFuture']],
    [
      'a parcel in the future',
      { shipments: [{ carrier: 'SF', trackingNo: '1', status: 'dispatched', at: ahead }] },
      ['shipments.0.at order.timeInFuture'],
    ],
    [
      'several at once',
      { paid: 999_00, discount: 999_00 },
      ['paid order.paidBeyondAmount', 'discount order.discountBeyondAmount'],
    ],
  ];
  it.each(bad)('%s is refused', (_name, change, problems) => {
    expect(told(paidReport(change))).toEqual(problems);
  });

  const good: Array<[string, OrderInput]> = [
    ['everything at its limit', paidReport({ paid: 110_00, discount: 0, refunds: [refund(110_00)] })],
    ['a present', reportOf({ amount: 0, freight: 0, discount: 0, status: 'paid', paidAt: at(1) })],
    ['a price that is not the sum of its items', paidReport({ amount: 500_00 })],
    ['closing in the future', reportOf({ closesAt: new Date(now.getTime() + 86_400_000) })],
    ['a clock ten minutes ahead', paidReport({ updatedAt: new Date(now.getTime() + 600_000) })],
    ['seconds beside milliseconds', reportOf({ placedAt: new Date(at(0).getTime() + 900) })],
    [
      'a refund refused beside one that succeeded',
      paidReport({ refunds: [refund(100_00), refund(100_00, 'requested', 'r2')] }),
    ],
    ['one refund told in two states', paidReport({ refunds: [refund(60_00, 'requested'), refund(60_00)] })],
  ];
  it.each(good)('%s is taken', (_name, report) => {
    expect(told(report)).toEqual([]);
  });
});

describe('a behaviour event', () => {
  it('from the future is refused', () => {
    const event: BehaviourInput = { source: 'shop', eventId: 'e', type: 'view', at: ahead, customer: { openid: 'o' } };
    expect(behaviourProblems(event, now)).toMatchObject([{ path: 'at', code: 'behaviour.timeInFuture' }]);
    expect(behaviourProblems({ ...event, at: now }, now)).toEqual([]);
  });
});
