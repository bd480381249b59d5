/** What is told late or wrongly by a shop system, and a notice whose best way stays shut. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HOUR_MS, oneTimeOf, openOrderShop } from '../helpers/order-shop.js';
import type { OrderShop, Reported } from '../helpers/order-shop.js';
import { eventually } from '../helpers/shop.js';

let shop: OrderShop;
beforeAll(async () => {
  shop = await openOrderShop({
    config: (read) => ({ ...read, delivery: { ...read.delivery, maxAttempts: 2 } }),
  });
}, 90_000);
afterAll(() => shop.stop());
beforeEach(() => shop.advanceTo('10:00'), 30_000);

const after = (ms: number): string => new Date(shop.now().getTime() + ms).toISOString();
const order = (orderNo: string, externalId: string, more: Partial<Reported> = {}): Reported => ({
  ...{ source: 'shop', orderNo, customer: { externalId }, status: 'paid', currency: 'CNY' },
  ...{ placedAt: after(-60_000), paidAt: after(0), updatedAt: after(0) },
  ...{ amount: 10_000, paid: 10_000, freight: 0, discount: 0 },
  items: [{ sku: 'cup', name: '杯子', category: '家居', quantity: 1, price: 10_000 }],
  ...more,
});

async function withPoints(externalId: string, amount: number): Promise<Awaited<ReturnType<OrderShop['personAt']>>> {
  const { status } = await shop.system.post('/customers', { source: 'shop', externalId, name: '张三😀' });
  expect(status).toBe(200);
  const person = await shop.personOfMember(externalId);
  const by = { reason: '补', key: `give-${externalId}`, by: 'test' };
  await shop.act(async (tx, acting) => {
    const given = await shop.app.domain.membership.points.adjust(tx, person.id, { amount, ...by }, shop.now());
    if (!given.ok) throw new Error(given.reason);
    acting.owe(given.owed);
    return given.owed.events;
  });
  return person;
}

describe('points and vouchers used for an order that is undone already', () => {
  const spendFor = (externalId: string, orderNo: string, amount: number, sourceKey: string) =>
    shop.system.post('/points/spend', {
      customer: { source: 'shop', externalId },
      ...{ amount, reason: '抵扣', sourceKey, order: { source: 'shop', orderNo } },
    });

  it('go back: all of them for a closed order, their share for one refunded in part', async () => {
    const person = await withPoints('late-1', 500);
    const unpaid = { status: 'closed', paid: 0, paidAt: undefined, closedAt: after(0) };
    await shop.report(order('L-1', 'late-1', unpaid));
    expect((await spendFor('late-1', 'L-1', 200, 'late-1-a')).status).toBe(200);
    expect(await shop.standing(person)).toMatchObject({ available: 500 });
    // The same again is the same still.
    expect((await spendFor('late-1', 'L-1', 200, 'late-1-a')).body).toMatchObject({ repeated: true });
    expect(await shop.standing(person)).toMatchObject({ available: 500 });

    const refund = { refundNo: 'R1', amount: 5_000, status: 'succeeded', at: after(0) };
    await shop.report(order('L-2', 'late-1', { refunds: [refund] }));
    await spendFor('late-1', 'L-2', 200, 'late-1-b');
    expect(await shop.standing(person)).toMatchObject({ available: 400 });
    await spendFor('late-1', 'L-not-yet-told', 100, 'late-1-c');
    expect(await shop.standing(person)).toMatchObject({ available: 300 });
    expect(await shop.check()).toEqual([]);
  });

  it('a voucher too', async () => {
    const person = await withPoints('late-2', 1);
    const code = await shop.voucher(person, { amountOff: 500, threshold: 1_000 });
    await shop.report(order('L-3', 'late-2', { status: 'closed', paid: 0, paidAt: undefined, closedAt: after(0) }));
    const use = { source: 'shop', amount: 10_000, at: after(0) };
    expect((await shop.system.post(`/vouchers/${code}/redeem`, { ...use, orderNo: 'L-3' })).status).toBe(200);
    const [voucher] = await shop.app.domain.membership.vouchers.list(person.customerIds, { limit: 1, now: shop.now() });
    expect(voucher).toMatchObject({ state: 'granted' });
    expect((await shop.system.post(`/vouchers/${code}/redeem`, { ...use, orderNo: 'L-4' })).status).toBe(200);
  });
});

describe('a voucher used or released in the future', () => {
  it('is refused, so that what comes after is not taken for a repetition', async () => {
    const person = await withPoints('future-2', 1);
    const code = await shop.voucher(person, { amountOff: 500, threshold: 1_000 });
    const use = { source: 'shop', orderNo: 'U-1', amount: 10_000 };
    const tell = (path: string, body: object) => shop.system.post(`/vouchers/${code}/${path}`, body);
    expect((await tell('redeem', { ...use, at: after(0) })).status).toBe(200);
    const { amount: _, ...named } = use;
    const ahead = await tell('release', { ...named, at: after(8 * HOUR_MS) });
    expect(ahead).toMatchObject({ status: 422, body: { code: 'voucher.timeInFuture' } });
    expect((await tell('release', { ...named, at: after(1_000) })).body).toMatchObject({ repeated: false });
    expect((await tell('redeem', { ...use, at: after(2_000) })).body).toMatchObject({ repeated: false });
    expect((await tell('redeem', { ...use, at: after(8 * HOUR_MS) })).status).toBe(422);
  });
});

describe('a customer reported from the future', () => {
  it('is refused, so that a later withdrawal counts', async () => {
    const consent = { purpose: 'promotion', channel: 'wechat', textVersion: '1' };
    const body = { source: 'shop', externalId: 'future-1', consents: [{ ...consent, at: after(8 * HOUR_MS) }] };
    const { status, body: told } = await shop.system.post('/customers', body);
    expect(status).toBe(422);
    expect(told).toMatchObject({
      code: 'customer.refused',
      errors: [{ path: 'consents.0.at', code: 'customer.timeInFuture' }],
    });
    const late = { source: 'shop', externalId: 'future-1', name: '李四', updatedAt: '9999-01-01T00:00:00Z' };
    expect((await shop.system.post('/customers', late)).body).toMatchObject({ errors: [{ path: 'updatedAt' }] });
    const fine = { ...body, consents: [{ ...consent, at: after(60_000) }], updatedAt: after(60_000) };
    expect((await shop.system.post('/customers', fine)).status).toBe(200);
  });
});

describe('a one-time notice that nobody sends', () => {
  it('is not written down, whoever says it was granted', async () => {
    await shop.addPerson('o-made-up', 'o-made-up', { mini: 'o-made-up-mini' });
    const member = await shop.member('o-made-up');
    const answers = [
      { templateId: 'made-up', answer: 'accept' },
      { templateId: oneTimeOf('order-paid'), answer: 'accept' },
    ];
    const told = await member.call('POST', 'notices', { reportId: 'report-made-up', answers });
    expect(told.body).toMatchObject({ granted: 1, repeated: false });
    const kept = await shop.app.domain.models.contact.notices.find({ address: /o-made-up-mini/ }).lean();
    expect(kept.map(({ templateId }) => templateId)).toEqual([oneTimeOf('order-paid')]);
  });
});

describe('a notice whose way stays shut', () => {
  it('takes the next one when the platform was asked often enough', async () => {
    await shop.addPerson('o-shut', 'o-shut', { unionid: 'u-shut', mini: 'o-shut-mini' });
    await shop.control('people/o-shut/follow');
    const member = await shop.member('o-shut');
    await shop.advance(72 * HOUR_MS);
    await shop.advanceTo('10:00');
    await shop.control('faults', { path: '/cgi-bin/message/template/send', times: 50, errcode: -1 });
    const openid = { customer: { openid: 'o-shut', externalId: 'shut-1' } };
    const { status } = await shop.system.post('/orders', order('S-1', 'shut-1', openid));
    expect(status).toBe(200);
    const state = await eventually(async () => {
      await shop.control('clock', { advanceMs: 60_000 });
      await shop.app.schedule.runAll();
      const rows = await shop.rows(await shop.personAt('o-shut'));
      const told = rows.find(({ strategy }) => strategy?.code === 'order-paid');
      return told && ['sent', 'refused', 'skipped', 'unknown'].includes(told.state) ? told : undefined;
    }, 20_000);
    expect(state).toMatchObject({ state: 'sent', route: 'member-inbox' });
    const { items } = (await member.call('GET', 'messages')).body as unknown as { items: Array<{ text: string }> };
    expect(items[0]?.text).toContain('S-1');
    // By which way it went, and whether it arrived, may be unknown: here they can always read it.
    await shop.app.domain.models.flow.outbox.updateOne({ _id: state._id }, { $set: { state: 'unknown' } });
    expect((await member.call('GET', 'messages')).body).toMatchObject({ items: [{ text: items[0]?.text }] });
    const made = Buffer.from('NaN_x').toString('base64url');
    expect((await member.call('GET', `messages?cursor=${made}`)).status).toBe(400);
  }, 60_000);
});
