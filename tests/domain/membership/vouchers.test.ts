/** Coupons and vouchers: budget, conditions, one order, given back, expired, withdrawn. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import type { CouponRules } from '../../../src/contracts/index.js';
import type { Person } from '../../../src/domain/customers/index.js';
import type { CouponRecord, GrantedVoucher, VoucherRecord } from '../../../src/domain/membership/index.js';
import { createKeyedLock } from '../../../src/infra/keyed-lock.js';
import { scaled } from '../../helpers/scale.js';
import { alone, noon, openBench, orderOf, refundOf, together } from './shop.js';
import type { Bench } from './shop.js';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
}, 60_000);
afterAll(async () => {
  expect(await bench.membership.check()).toEqual([]);
  await bench.close();
});

const day = noon('2025-03-01');
const later = noon('2025-03-02');
let keys = 0;
const newKey = (): string => `request ${(keys += 1)}`;

async function couponOf(rules: Partial<CouponRules> = {}): Promise<CouponRecord> {
  const full: CouponRules = {
    ...{ title: '满百减二十', amountOff: 2000, threshold: 10_000, validDays: 7, budget: 100, perPerson: 1 },
    ...{ levels: [], claimable: true, enabled: true },
    ...rules,
  };
  const put = await bench.tx((tx) => bench.membership.coupons.put(tx, { rules: full, by: 'staff' }, day));
  if (!put.ok) throw new Error(put.reason);
  return put.coupon;
}

const grant = (person: Person, coupon: CouponRecord, key = newKey(), at = day): Promise<GrantedVoucher> =>
  bench.tx((tx) =>
    bench.membership.vouchers.grant(tx, person, { couponId: coupon._id, key, reason: 'sorry', by: 's1' }, at),
  );

async function granted(person: Person, coupon: CouponRecord): Promise<VoucherRecord> {
  const result = await grant(person, coupon);
  if (!result.ok) throw new Error(result.reason);
  return result.voucher;
}

const someone = async (): Promise<Person> => alone(await bench.customer());

async function redeem(
  person: Person,
  code: string,
  orderNo: string,
  options: { amount?: number; at?: Date; now?: Date } = {},
) {
  const { amount = 20_000, at = day } = options;
  const { now = at } = options;
  const { vouchers } = bench.membership;
  return bench.tx(async (tx) => {
    const voucher = await vouchers.byCode(code, tx);
    if (!voucher) throw new Error('no such voucher');
    return vouchers.redeem(tx, person, voucher, { source: 'shop', orderNo, amount, at }, now);
  });
}

const release = (code: string, orderNo: string, at = later) =>
  bench.tx(async (tx) => {
    const voucher = await bench.membership.vouchers.byCode(code, tx);
    if (!voucher) throw new Error('no such voucher');
    return bench.membership.vouchers.release(tx, voucher, { source: 'shop', orderNo, at }, at);
  });

const stateOf = async (id: Types.ObjectId) => (await bench.membership.vouchers.get(id))?.state;

describe('granting', () => {
  it('holds to the end of a day in the shop’s zone, no longer than the coupon, and tells never the whole code', async () => {
    const person = await someone();
    const result = await grant(person, await couponOf());
    if (!result.ok) throw new Error(result.reason);
    const { voucher, owed } = result;
    expect(voucher.expiresAt.toISOString()).toBe('2025-03-08T15:59:59.999Z');
    expect(owed.due).toEqual([
      expect.objectContaining({ kind: 'voucher.expire', dueAt: new Date('2025-03-08T16:00:00Z') }),
    ]);
    expect(owed.events[0]).toMatchObject({ kind: 'voucher.granted', data: { amountOff: 2000, reason: 'sorry' } });
    expect(JSON.stringify(owed)).not.toContain(voucher.code);
    const short = await granted(await someone(), await couponOf({ endsAt: '2025-03-03T10:00:00+08:00' }));
    expect(short.expiresAt.toISOString()).toBe('2025-03-03T02:00:00.000Z');
  });

  it('happens once a request key, and a key is of one person and coupon', async () => {
    const person = await someone();
    const coupon = await couponOf({ perPerson: 5 });
    const key = newKey();
    const [first, again] = [await grant(person, coupon, key), await grant(person, coupon, key)];
    expect([first.ok && first.repeated, again.ok && again.repeated]).toEqual([false, true]);
    expect(again.ok && again.voucher.code).toBe(first.ok && first.voucher.code);
    expect(await grant(await someone(), coupon, key)).toEqual({ ok: false, reason: 'voucher.keyReused' });
    expect((await bench.membership.coupons.get(coupon._id))?.granted).toBe(1);
  });

  it.each<[string, Partial<CouponRules>]>([
    ['coupon.disabled', { enabled: false }],
    ['coupon.ended', { endsAt: '2025-03-01T12:00:00+08:00' }],
    ['coupon.levelNotEntitled', { levels: ['gold'] }],
  ])('is refused: %s', async (reason, rules) => {
    expect(await grant(await someone(), await couponOf(rules))).toEqual({ ok: false, reason });
  });

  it('is refused for an unknown coupon, and counts over all customers of a person', async () => {
    const [a, b] = [await bench.customer(), await bench.customer()];
    const coupon = await couponOf();
    expect(await grant(alone(a), { ...coupon, _id: new Types.ObjectId() })).toMatchObject({
      reason: 'coupon.notFound',
    });
    await granted(alone(a), coupon);
    expect(await grant(together(b, a), coupon)).toEqual({ ok: false, reason: 'coupon.perPersonReached' });
    expect((await grant(alone(b), coupon)).ok).toBe(true);
  });

  it('is for those who reached the level', async () => {
    const person = await someone();
    const [id] = person.customerIds;
    const order = orderOf(id as Types.ObjectId, noon('2025-02-01'), 2_500, { completedAt: noon('2025-02-02') });
    await bench.tx((tx) => bench.membership.settleOrder(tx, person, order, day));
    expect((await grant(person, await couponOf({ levels: ['gold', 'platinum'] }))).ok).toBe(true);
  });

  it('by the member only where the coupon is offered, with the reason shown before', async () => {
    const person = await someone();
    const hidden = await couponOf({ claimable: false });
    const { claim, offers } = bench.membership.vouchers;
    const claimed = await bench.tx((tx) => claim(tx, person, { couponId: hidden._id, key: newKey() }, day));
    expect(claimed).toEqual({ ok: false, reason: 'coupon.notClaimable' });
    const gold = await couponOf({ levels: ['gold'] });
    const open = await couponOf();
    const offered = await offers(person, 'member', day);
    const refusalOf = (coupon: CouponRecord) => offered.find((one) => one.coupon._id.equals(coupon._id))?.refusal;
    expect([refusalOf(hidden), refusalOf(gold), refusalOf(open)]).toEqual([undefined, 'coupon.levelNotEntitled', null]);
  });
});

it('a budget is never overrun, however many claim at once', async () => {
  const budget = scaled(20, 200);
  const coupon = await couponOf({ budget });
  const lock = createKeyedLock();
  const people = await Promise.all(Array.from({ length: budget * 3 }, someone));
  const results = await Promise.all(people.map((person) => lock('coupon', () => grant(person, coupon))));
  expect(results.filter(({ ok }) => ok)).toHaveLength(budget);
  expect(results.filter((one) => !one.ok && one.reason === 'coupon.exhausted')).toHaveLength(budget * 2);
  const few = await couponOf({ budget: 3 });
  const unguarded = await Promise.all(people.slice(0, 12).map((person) => grant(person, few)));
  expect(unguarded.filter(({ ok }) => ok)).toHaveLength(3);
}, 120_000);

it('a coupon’s budget cannot be set below what was granted, and vouchers keep their worth', async () => {
  const { coupons } = bench.membership;
  const coupon = await couponOf({ perPerson: 9 });
  const person = await someone();
  const first = await granted(person, coupon);
  await granted(person, coupon);
  const { _id: id } = coupon;
  const put = (rules: Partial<CouponRules>) => {
    const { title, threshold, validDays, perPerson, levels, claimable, enabled, budget, amountOff } = coupon;
    const whole = { title, threshold, validDays, perPerson, levels, claimable, enabled, budget, amountOff, ...rules };
    return bench.tx((tx) => coupons.put(tx, { id, rules: whole, by: 's' }, day));
  };
  expect(await put({ budget: 1 })).toEqual({ ok: false, reason: 'coupon.budgetBelowGranted', granted: 2 });
  expect(await put({ budget: 2, amountOff: 100 })).toMatchObject({ ok: true, coupon: { version: 2, granted: 2 } });
  expect((await bench.membership.vouchers.get(first._id))?.amountOff).toBe(2000);
  expect(await grant(person, coupon)).toEqual({ ok: false, reason: 'coupon.exhausted' });
});

describe('using', () => {
  it('is for one order, once; told again nothing moves', async () => {
    const person = await someone();
    const { code, _id } = await granted(person, await couponOf());
    expect(await redeem(person, code.toLowerCase(), 'A1')).toMatchObject({ ok: true, repeated: false });
    expect(await redeem(person, code, 'A1')).toMatchObject({ ok: true, repeated: true });
    expect(await redeem(person, code, 'A2')).toEqual({ ok: false, reason: 'voucher.used' });
    expect(await stateOf(_id)).toBe('used');
    const other = await granted(person, await couponOf());
    expect(await redeem(person, other.code, 'A1')).toEqual({ ok: false, reason: 'voucher.orderHasAnother' });
    const { usedOf } = bench.membership.coupons;
    expect((await usedOf([other.couponId, (await bench.membership.vouchers.get(_id))?.couponId ?? _id])).size).toBe(1);
  });

  it('takes an order that costs enough, in time, and a person who is not frozen', async () => {
    const person = await someone();
    const { code } = await granted(person, await couponOf());
    expect(await redeem(person, code, 'B1', { amount: 9_999 })).toEqual({
      ok: false,
      reason: 'voucher.belowThreshold',
    });
    const late = { at: new Date('2025-03-08T16:00:00Z') };
    expect(await redeem(person, code, 'B1', late)).toEqual({ ok: false, reason: 'voucher.expired' });
    const frozen = { ...person, frozenUntil: later };
    expect(await redeem(frozen, code, 'B1')).toEqual({ ok: false, reason: 'voucher.frozen', until: later });
    expect((await redeem(frozen, code, 'B1', { at: later, amount: 10_000 })).ok).toBe(true);
  });

  it('is released by its own order alone; an old report of the use does not use it again', async () => {
    const person = await someone();
    const { code, _id } = await granted(person, await couponOf());
    await redeem(person, code, 'C1');
    expect(await release(code, 'C2')).toEqual({ ok: false, reason: 'voucher.usedElsewhere' });
    expect(await release(code, 'C1')).toMatchObject({ ok: true, repeated: false, voucher: { state: 'granted' } });
    expect(await release(code, 'C1')).toMatchObject({ ok: true, repeated: true });
    expect(await redeem(person, code, 'C1', { at: day, now: later })).toMatchObject({ ok: true, repeated: true });
    expect(await stateOf(_id)).toBe('granted');
    expect(await redeem(person, code, 'C1', { at: noon('2025-03-03') })).toMatchObject({ ok: true, repeated: false });
  });

  it.each([
    ['wholly refunded', '2025-03-05', 'granted', ['voucher.returned']],
    ['wholly refunded after its time', '2025-03-20', 'expired', ['voucher.returned', 'voucher.expired']],
  ])('goes back when the order is %s', async (_what, at, state, events) => {
    const person = await someone();
    const [id] = person.customerIds;
    const { code, _id } = await granted(person, await couponOf());
    const order = orderOf(id as Types.ObjectId, day, 200);
    await redeem(person, code, order.orderNo);
    const settle = (yuan: number) => {
      const facts = { ...order, refunds: [refundOf('r', yuan, noon(at))] };
      return bench.tx((tx) => bench.membership.settleOrder(tx, person, facts, noon(at)));
    };
    await settle(199);
    expect(await stateOf(_id)).toBe('used');
    const owed = await settle(200);
    expect(owed.events.map(({ kind }) => kind).filter((kind) => kind.startsWith('voucher'))).toEqual(events);
    expect(await stateOf(_id)).toBe(state);
    expect((await settle(200)).events).toEqual([]);
  });

  it('goes back when the order closes unpaid, with the points that were used for it', async () => {
    const person = await someone();
    const id = person.customerIds[0] as Types.ObjectId;
    const { code, _id } = await granted(person, await couponOf());
    const { paidAt: _paidAt, ...order } = orderOf(id, day, 200);
    const { adjust, spend, balance } = bench.membership.points;
    await bench.tx((tx) => adjust(tx, id, { amount: 50, key: newKey(), reason: 'gift', by: 's' }, day));
    const spending = { amount: 30, key: newKey(), reason: 'order', order: { source: 'shop', orderNo: order.orderNo } };
    await bench.tx((tx) => spend(tx, person, spending, day));
    await redeem(person, code, order.orderNo);
    await bench.tx((tx) => bench.membership.settleOrder(tx, person, { ...order, closedAt: later }, later));
    expect(await stateOf(_id)).toBe('granted');
    expect(await balance(person, later)).toMatchObject({ available: 50 });
  });
});

describe('ending', () => {
  it('by the clock, in the list at once and in its row when it comes round', async () => {
    const person = await someone();
    const { code, _id } = await granted(person, await couponOf());
    const { list, usableCount } = bench.membership.vouchers;
    const after = noon('2025-03-09');
    expect((await list(person.customerIds, { limit: 10, now: day })).map(({ state }) => state)).toEqual(['granted']);
    expect((await list(person.customerIds, { limit: 10, now: after })).map(({ state }) => state)).toEqual(['expired']);
    expect([await usableCount(person.customerIds, day), await usableCount(person.customerIds, after)]).toEqual([1, 0]);
    const row = {
      key: '',
      kind: 'voucher.expire',
      customerId: String(person.id),
      dueAt: after,
      data: { voucherId: String(_id) },
    } as const;
    const due = (now: Date) => bench.tx((tx) => bench.membership.voucherDue(tx, person, row, now));
    expect(await due(day)).toMatchObject({ events: [], due: [{ kind: 'voucher.expire' }] });
    expect((await due(after)).events.map(({ kind }) => kind)).toEqual(['voucher.expired']);
    expect(await due(after)).toEqual({ events: [], due: [], cancel: [] });
    expect(await redeem(person, code, 'E1')).toEqual({ ok: false, reason: 'voucher.expired' });
  });

  it('hides no older one that can still be used behind newer ones that cannot', async () => {
    const person = await someone();
    const lasting = await couponOf({ validDays: 60, perPerson: 200 });
    const brief = await couponOf({ validDays: 1, perPerson: 200, budget: 200 });
    const old = await granted(person, lasting);
    for (let n = 0; n < 5; n += 1) await grant(person, brief, newKey(), later);
    const now = noon('2025-03-20');
    const { list, usable } = bench.membership.vouchers;
    expect((await list(person.customerIds, { limit: 5, now })).map(({ state }) => state)).not.toContain('granted');
    expect((await usable(person.customerIds, { limit: 5, now })).map(({ code }) => code)).toEqual([old.code]);
    const soonest = await usable(person.customerIds, { limit: 5, now: later });
    expect(soonest.map(({ code }) => code)).not.toContain(old.code);
    expect(soonest).toHaveLength(5);
    await redeem(person, old.code, 'OLD', { now });
    expect(await usable(person.customerIds, { limit: 5, now })).toEqual([]);
  });

  it('by the staff, unless it is used', async () => {
    const person = await someone();
    const voucher = await granted(person, await couponOf());
    const revoke = (one: VoucherRecord) =>
      bench.tx(async (tx) => {
        const found = await bench.membership.vouchers.get(one._id, tx);
        if (!found) throw new Error('no such voucher');
        return bench.membership.vouchers.revoke(tx, found, { reason: 'mistake', by: 's1' }, day);
      });
    expect(await revoke(voucher)).toMatchObject({ ok: true, repeated: false });
    expect(await revoke(voucher)).toMatchObject({ ok: true, repeated: true });
    expect(await redeem(person, voucher.code, 'F1')).toEqual({ ok: false, reason: 'voucher.revoked' });
    const used = await granted(person, await couponOf());
    await redeem(person, used.code, 'F2');
    expect(await revoke(used)).toEqual({ ok: false, reason: 'voucher.used' });
  });
});
