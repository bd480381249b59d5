/** What the movements tell and refuse: freezes, reused keys, pending points, due rows, grants, the statement. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Types } from 'mongoose';
import type { DueRow } from '../../../src/contracts/index.js';
import { alone, noon, openBench, orderOf, refundOf, rulesWith, together } from './shop.js';
import type { Bench } from './shop.js';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ defaults: rulesWith({ returnWindowDays: 15 }) });
}, 60_000);
afterAll(async () => {
  expect(await bench.membership.check()).toEqual([]);
  await bench.close();
});

const day = noon('2025-03-01');
let keys = 0;
const give = (who: Types.ObjectId, amount: number, at = day) =>
  bench.tx((tx) =>
    bench.membership.points.adjust(tx, who, { amount, key: `gift ${(keys += 1)}`, reason: 'gift', by: 's1' }, at),
  );
const spend = (person: ReturnType<typeof alone> & { frozenUntil?: Date }, amount: number, key: string, at = day) =>
  bench.tx((tx) => bench.membership.points.spend(tx, person, { amount, key, reason: 'tea' }, at));

describe('spending', () => {
  it('is refused beyond what there is, during a freeze and under a key that was used otherwise', async () => {
    const [a, b] = [await bench.customer(), await bench.customer()];
    await give(a, 10);
    expect(await spend(alone(a), 11, 'too much')).toEqual({ ok: false, reason: 'points.insufficient', available: 10 });
    const frozen = { ...alone(a), frozenUntil: noon('2025-03-02') };
    expect(await spend(frozen, 1, 'frozen')).toEqual({ ok: false, reason: 'points.frozen', until: noon('2025-03-02') });
    expect(await bench.membership.points.balance(frozen, day)).toMatchObject({ available: 10, spendable: 0 });
    expect(await spend(frozen, 1, 'thawed', noon('2025-03-02'))).toMatchObject({ ok: true, available: 9 });
    expect(await spend(alone(a), 1, 'thawed')).toMatchObject({ ok: true, repeated: true, available: 9 });
    expect(await spend(alone(a), 2, 'thawed')).toEqual({ ok: false, reason: 'points.keyReused' });
    expect(await spend(alone(b), 1, 'thawed')).toEqual({ ok: false, reason: 'points.keyReused' });
  });

  it('is the same again only for the same order, and tells by its key whose points it took', async () => {
    const who = await bench.customer();
    await give(who, 10);
    const at = (order?: { source: string; orderNo: string }, key = 'of an order') =>
      bench.tx((tx) =>
        bench.membership.points.spend(
          tx,
          alone(who),
          { ...{ amount: 2, key, reason: 'tea' }, ...(order ? { order } : {}) },
          day,
        ),
      );
    const order = { source: 'shop', orderNo: 'K-1' };
    expect(await at(order)).toMatchObject({ ok: true, repeated: false });
    expect(await at(order)).toMatchObject({ ok: true, repeated: true });
    const reused = { ok: false, reason: 'points.keyReused' };
    for (const other of [{ ...order, orderNo: 'K-2' }, { ...order, source: 'else' }, undefined]) {
      expect(await at(other)).toEqual(reused);
    }
    expect(await at(undefined, 'of none')).toMatchObject({ ok: true, repeated: false });
    expect(await at(order, 'of none')).toEqual(reused);
    expect(await at(undefined, 'of none')).toMatchObject({ ok: true, repeated: true });
    expect(await bench.membership.points.spentBy('of an order')).toEqual(who);
    expect(await bench.membership.points.spentBy('never')).toBeUndefined();
  });

  it('takes from all customers of a person what expires first, each at its own account, and a refund gives it back there', async () => {
    const [a, b] = [await bench.customer(), await bench.customer()];
    await give(a, 10, noon('2025-02-01'));
    await give(b, 10, noon('2025-01-01'));
    await give(a, 10, day);
    const person = together(a, b);
    const order = orderOf(b, day, 100);
    const request = { amount: 25, key: 'both', reason: 'order', order: { source: 'shop', orderNo: order.orderNo } };
    const spent = await bench.tx((tx) => bench.membership.points.spend(tx, person, request, day));
    expect(spent).toMatchObject({ ok: true, available: 5 });
    expect((await bench.membership.points.balance(alone(a), day)).available).toBe(5);
    expect((await bench.membership.points.balance(alone(b), day)).available).toBe(0);
    const half = { ...order, refunds: [refundOf('r', 50, day)] };
    await bench.tx((tx) => bench.membership.settleOrder(tx, alone(b), half, day));
    expect((await bench.membership.points.balance(alone(a), day)).available).toBe(17);
    expect((await bench.membership.points.balance(alone(b), day)).available).toBe(0);
  });

  it('of what a refund had given back is a use of its own: the next refund gives it back first', async () => {
    const who = await bench.customer();
    await give(who, 10, noon('2025-02-10'));
    const order = orderOf(who, day, 100);
    const { points, settleOrder } = bench.membership;
    const use = (amount: number) => {
      const request = { amount, reason: 'order', order: { source: 'shop', orderNo: order.orderNo } };
      return bench.tx((tx) => points.spend(tx, alone(who), { ...request, key: `use ${(keys += 1)}` }, day));
    };
    const refund = (...yuan: number[]) => {
      const refunds = yuan.map((part, i) => refundOf(`r${i}`, part, day));
      return bench.tx((tx) => settleOrder(tx, alone(who), { ...order, refunds }, day));
    };
    const lots = async () => (await points.balance(alone(who), day)).expiring.map(({ amount }) => amount);
    await use(10);
    await refund(20);
    expect(await lots()).toEqual([2]);
    await give(who, 3, noon('2025-01-10'));
    expect(await lots()).toEqual([3, 2]);
    await use(5);
    await refund(20, 20);
    // Six of fifteen in all, four of them now: the two that were used once more, then two of the three.
    expect(await lots()).toEqual([2, 2]);
  });
});

describe('an order', () => {
  it('brings pending points, dated anew by its receipt, released by their due row, expiring by theirs', async () => {
    const who = await bench.customer();
    const { settleOrder, releaseDue, expireDue, points } = bench.membership;
    const order = orderOf(who, day, 100);
    const paid = await bench.tx((tx) => settleOrder(tx, alone(who), order, day));
    expect(paid.events).toMatchObject([
      { kind: 'points.earned', data: { amount: 100, pending: true, orderNo: order.orderNo } },
    ]);
    const release = { key: `points.release:${order.id}`, kind: 'points.release' };
    expect(paid.due).toMatchObject([
      { ...release, dueAt: noon('2025-03-31') },
      { kind: 'points.expire' },
      { kind: 'points.warn', dueAt: new Date('2026-01-30T10:00+08:00') },
    ]);
    expect(await points.balance(alone(who), day)).toMatchObject({ available: 0, pending: 100, spendable: 0 });

    const received = { ...order, receivedAt: noon('2025-03-04') };
    const moved = await bench.tx((tx) => settleOrder(tx, alone(who), received, noon('2025-03-04')));
    expect(moved).toMatchObject({ events: [], due: [{ ...release, dueAt: noon('2025-03-19') }], cancel: [] });
    expect(await bench.tx((tx) => settleOrder(tx, alone(who), received, noon('2025-03-05')))).toEqual({
      ...{ events: [], due: [], cancel: [] },
    });
    expect((await points.ofOrders([order])).get(`shop ${order.orderNo}`)).toEqual({
      ...{ amount: 100, pending: true, availableAt: noon('2025-03-19') },
    });

    const row = { ...moved.due[0] } as DueRow;
    expect((await bench.tx((tx) => releaseDue(tx, alone(who), row, noon('2025-03-18')))).events).toEqual([]);
    const released = await bench.tx((tx) => releaseDue(tx, alone(who), row, noon('2025-03-20')));
    expect(released.events).toMatchObject([{ kind: 'points.released', at: noon('2025-03-19'), data: { amount: 100 } }]);
    expect(released.cancel).toEqual([release.key]);
    const balance = await points.balance(alone(who), noon('2025-03-20'));
    expect(balance).toMatchObject({ available: 100, pending: 0 });
    expect(balance.expiring).toEqual([{ amount: 100, at: new Date('2026-03-31T15:59:59.999Z') }]);

    const expired = await bench.tx((tx) => expireDue(tx, alone(who), row, noon('2026-04-01')));
    expect(expired.events).toMatchObject([{ kind: 'points.expired', at: new Date('2026-03-31T16:00:00Z') }]);
    expect(await points.balanceAsOf([who], noon('2025-03-10'))).toMatchObject({ available: 0, pending: 100 });
    const lines = await points.statement([who], { limit: 10 });
    expect(lines.map(({ kind, available, pending, order: of }) => [kind, available, pending, of?.orderNo])).toEqual([
      ['expire', -100, 0, undefined],
      ['release', 100, -100, order.orderNo],
      ['earn', 0, 100, order.orderNo],
    ]);
    const [last] = lines;
    expect(
      await points.statement([who], { limit: 10, after: { at: last?.at ?? day, id: last?.id ?? '' } }),
    ).toHaveLength(2);
  });

  it('refunded while its points are pending takes those, and its due row is wanted no more', async () => {
    const who = await bench.customer();
    const order = orderOf(who, day, 100);
    const settle = (yuan: number) => {
      const facts = { ...order, refunds: yuan ? [refundOf('r', yuan, day)] : [] };
      return bench.tx((tx) => bench.membership.settleOrder(tx, alone(who), facts, day));
    };
    await give(who, 7);
    await settle(0);
    expect((await settle(40)).events).toMatchObject([{ kind: 'points.clawedBack', data: { amount: -40 } }]);
    expect(await bench.membership.points.balance(alone(who), day)).toMatchObject({ available: 7, pending: 60 });
    expect((await settle(100)).cancel).toEqual([`points.release:${order.id}`]);
    expect(await bench.membership.points.balance(alone(who), day)).toMatchObject({ available: 7, pending: 0, debt: 0 });
  });

  it('grows on completion, reaches a level with its due row, and a refund told later takes growth value off', async () => {
    const who = await bench.customer();
    const { settleOrder, levelDue, levels } = bench.membership;
    const order = orderOf(who, day, 700, { completedAt: noon('2025-03-08') });
    const done = await bench.tx((tx) => settleOrder(tx, alone(who), order, noon('2025-03-09')));
    const kinds = done.events.map(({ kind }) => kind);
    expect(kinds).toEqual(['points.earned', 'growth.changed', 'level.reached']);
    expect(done.events[2]).toMatchObject({
      at: noon('2025-03-08'),
      data: { level: { code: 'silver' }, from: { code: 'member' } },
    });
    const row = done.due.find(({ kind }) => kind === 'level.expire') as DueRow;
    expect(row).toMatchObject({ key: `level.expire:${String(who)}`, dueAt: noon('2026-03-08') });
    const refunded = { ...order, refunds: [refundOf('r', 300, noon('2025-03-20'))] };
    const back = await bench.tx((tx) => settleOrder(tx, alone(who), refunded, noon('2025-03-21')));
    expect(back.events.find(({ kind }) => kind === 'growth.changed')?.data).toMatchObject({
      amount: -300,
      growth: 400,
    });
    expect(await levels.of([who], noon('2025-03-21'))).toMatchObject({
      level: { code: 'silver' },
      growth: 400,
      next: { missing: 1600 },
    });
    const lost = await bench.tx((tx) => levelDue(tx, alone(who), row, noon('2026-03-08')));
    expect(lost.events.map(({ kind }) => kind)).toContain('level.lost');
    const figures = (await bench.customers.customers.findById(who).lean())?.figures;
    expect(figures).toMatchObject({ growth: 0, level: 'member' });
  });

  it('writes figures when they change, and the first time', async () => {
    const who = await bench.customer();
    const figures = async () => (await bench.customers.customers.findById(who).lean())?.figures;
    const settle = () => bench.tx((tx) => bench.membership.settleOrder(tx, alone(who), orderOf(who, day, 100), day));
    await settle();
    expect(await figures()).toMatchObject({ points: 0, growth: 0 });
    // Pending points are no figure: what nobody writes stays as it is.
    await bench.customers.customers.collection.updateOne({ _id: who }, { $set: { 'figures.points': -1 } });
    await settle();
    expect(await figures()).toMatchObject({ points: -1 });
    await give(who, 10);
    expect(await figures()).toMatchObject({ points: 10 });
    await spend(alone(who), 10, 'figured');
    expect(await figures()).toMatchObject({ points: 0 });
  });

  it('that nobody paid moves nothing', async () => {
    const who = await bench.customer();
    const { paidAt: _paidAt, ...unpaid } = orderOf(who, day, 100);
    const owed = await bench.tx((tx) => bench.membership.settleOrder(tx, alone(who), unpaid, day));
    expect(owed).toEqual({ events: [], due: [], cancel: [] });
    expect(await bench.models.accounts.findById(who).lean()).toBeNull();
  });
});

describe('by hand and by habit', () => {
  it('staff take no more than there is, once a request', async () => {
    const who = await bench.customer();
    await give(who, 10);
    const take = (amount: number, key: string) =>
      bench.tx((tx) => bench.membership.points.adjust(tx, who, { amount, key, reason: 'mistake', by: 's1' }, day));
    expect(await take(-11, 'take 1')).toEqual({ ok: false, reason: 'points.insufficient', available: 10 });
    expect(await take(-4, 'take 2')).toMatchObject({ ok: true, repeated: false });
    expect(await take(-4, 'take 2')).toMatchObject({ ok: true, repeated: true });
    expect(await take(-5, 'take 2')).toEqual({ ok: false, reason: 'points.keyReused' });
    expect(await bench.membership.points.balance(alone(who), day)).toMatchObject({ available: 6 });
  });

  it('joins once a person, and checks in once a local day with a streak', async () => {
    const [a, b] = [await bench.customer(), await bench.customer()];
    const { grant, checkin } = bench.membership.points;
    const joins = (person: ReturnType<typeof alone>) => bench.tx((tx) => grant(tx, person, { kind: 'join' }, day));
    expect(await joins(alone(a))).toMatchObject({ repeated: false, amount: 20 });
    expect(await joins(together(b, a))).toMatchObject({ repeated: true, amount: 0 });
    const checks = (at: string) => bench.tx((tx) => grant(tx, together(b, a), { kind: 'checkin' }, new Date(at)));
    expect(await checks('2025-03-01T15:59:00Z')).toMatchObject({ repeated: false, amount: 5, days: 1 });
    expect(await checks('2025-03-01T15:59:59Z')).toMatchObject({ repeated: true, days: 1 });
    expect(await checks('2025-03-01T16:00:00Z')).toMatchObject({ repeated: false, days: 2 });
    expect(await checkin([a, b], new Date('2025-03-02T08:00:00Z'))).toEqual({ today: true, days: 2, points: 5 });
    expect(await checkin([a, b], new Date('2025-03-03T08:00:00Z'))).toMatchObject({ today: false, days: 2 });
    expect(await checks('2025-03-05T08:00:00Z')).toMatchObject({ repeated: false, days: 1 });
    expect(await bench.membership.points.balance(together(a, b), noon('2025-03-05'))).toMatchObject({ available: 35 });
  });
});
