/** A year and a half of one customer's points, line by line, with what every account holds after each. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Types } from 'mongoose';
import type { OrderFacts } from '../../../src/contracts/index.js';
import { alone, noon, openBench, orderOf, refundOf } from './shop.js';
import type { Bench } from './shop.js';

let bench: Bench;
let who: Types.ObjectId;
beforeAll(async () => {
  bench = await openBench();
  who = await bench.customer();
}, 60_000);
afterAll(() => bench.close());

const settle = (facts: OrderFacts, day: string) =>
  bench.tx((tx) => bench.membership.settleOrder(tx, alone(who), facts, noon(day)));

async function expectHeld(day: string, held: number[], available: number, debt: number): Promise<void> {
  const { points } = bench.membership;
  const lots = await points.lots([who], noon(day));
  expect(lots.map(({ remaining }) => remaining)).toEqual(held);
  expect(await points.balance(alone(who), noon(day))).toMatchObject({ available, debt, spendable: available });
  expect(await points.balanceAsOf([who], noon(day))).toEqual(await points.balance(alone(who), noon(day)));
  expect(await bench.membership.check()).toEqual([]);
}

it('points of 18 months: earned, used, half refunded, expired, taken back, forgiven, owed and netted', async () => {
  const { membership } = bench;
  const spend = (amount: number, key: string, day: string, orderNo?: string) =>
    bench.tx((tx) =>
      membership.points.spend(
        tx,
        alone(who),
        { amount, key, reason: 'gift', ...(orderNo ? { order: { source: 'shop', orderNo } } : {}) },
        noon(day),
      ),
    );
  const o1 = orderOf(who, noon('2025-01-10'), 500);
  await settle(o1, '2025-01-10');
  await expectHeld('2025-01-10', [500], 500, 0);
  const [first] = await membership.points.lots([who], noon('2025-01-10'));
  expect(first?.expiresAt.toISOString()).toBe('2026-01-31T15:59:59.999Z');

  const o2 = orderOf(who, noon('2025-03-05'), 320);
  await settle(o2, '2025-03-05');
  await expectHeld('2025-03-05', [500, 320], 820, 0);

  const o3 = orderOf(who, noon('2025-06-18'), 874);
  expect(await spend(600, 'o3', '2025-06-18', o3.orderNo)).toMatchObject({ ok: true, available: 220 });
  await settle(o3, '2025-06-18');
  await expectHeld('2025-06-18', [220, 874], 1094, 0);

  await settle({ ...o3, refunds: [refundOf('r1', 437, noon('2025-06-25'))] }, '2025-06-25');
  await expectHeld('2025-06-25', [200, 320, 437], 957, 0);

  await expectHeld('2026-01-31', [200, 320, 437], 957, 0);
  await expectHeld('2026-02-01', [320, 437], 757, 0);

  await spend(400, 'later', '2026-02-10');
  await expectHeld('2026-02-10', [357], 357, 0);

  await settle({ ...o2, refunds: [refundOf('r2', 320, noon('2026-02-15'))] }, '2026-02-15');
  await expectHeld('2026-02-15', [37], 37, 0);

  await settle({ ...o1, refunds: [refundOf('r3', 500, noon('2026-02-20'))] }, '2026-02-20');
  await expectHeld('2026-02-20', [], 0, 263);
  expect(await spend(1, 'in debt', '2026-02-21')).toEqual({ ok: false, reason: 'points.insufficient', available: 0 });

  await settle(orderOf(who, noon('2026-03-01'), 300), '2026-03-01');
  await expectHeld('2026-03-01', [37], 37, 0);

  const sums = new Map<string, number>();
  for (const { legs } of await bench.models.postings.find().lean()) {
    for (const { account, amount } of legs) sums.set(account, (sums.get(account) ?? 0) + amount);
  }
  expect(Object.fromEntries(sums)).toEqual({
    'program:issued': -1994,
    'program:redeemed': 700,
    'program:expired': 200,
    'program:clawed': 1057,
    'member:available': 37,
    'member:debt': 0,
    'program:owed': 0,
  });
  const figures = await bench.customers.customers.findById(who).lean();
  expect(figures?.figures?.points).toBe(37);
});
