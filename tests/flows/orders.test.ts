/** Orders become points, levels, vouchers and notices: reported by a shop system over HTTP, seen on the phone and in the mini-program. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DAY_MS, HOUR_MS, oneTimeOf, openOrderShop, templateOf } from '../helpers/order-shop.js';
import type { OrderShop, Reported } from '../helpers/order-shop.js';

let shop: OrderShop;
beforeAll(async () => {
  shop = await openOrderShop();
}, 90_000);
afterAll(() => shop.stop());
// Chases rest at night; every test has a working day before it.
beforeEach(() => shop.advanceTo('10:00'), 30_000);

const iso = (at: Date): string => at.toISOString();
const after = (ms: number): string => iso(new Date(shop.now().getTime() + ms));

/** 700.00 yuan for goods and 10.00 for freight, paid now. */
const paidOrder = (orderNo: string, customer: object, more: Partial<Reported> = {}): Reported => ({
  ...{ source: 'shop', orderNo, customer, status: 'paid', currency: 'CNY' },
  ...{ placedAt: after(-600_000), paidAt: after(0), updatedAt: after(0) },
  ...{ amount: 70_000, paid: 71_000, freight: 1_000, discount: 0 },
  items: [{ sku: 'coat', name: '羊毛大衣', category: '外套', quantity: 1, price: 70_000 }],
  ...more,
});

const unpaidOrder = (orderNo: string, customer: object, sku = 'scarf'): Reported => ({
  ...{ source: 'shop', orderNo, customer, status: 'pending', currency: 'CNY' },
  ...{ placedAt: after(0), closesAt: after(3 * HOUR_MS), updatedAt: after(0) },
  ...{ amount: 9_900, paid: 0, freight: 0, discount: 0 },
  items: [{ sku, name: '围巾', category: '配饰', quantity: 1, price: 9_900 }],
});

const paidNow = (order: Reported): Reported => ({
  ...order,
  ...{ status: 'paid', paid: order['amount'], paidAt: after(0), updatedAt: after(0) },
});

async function follow(openid: string, more: Parameters<OrderShop['addPerson']>[2] = {}): Promise<void> {
  await shop.addPerson(openid, openid, more);
  await shop.control(`people/${openid}/follow`);
}

const routesOf = async (openid: string): Promise<string[]> =>
  (await shop.received(openid)).map(({ route, content }) => `${route} ${wordsOf(content)}`);

/** The first value of a template or notice, or the text. */
function wordsOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const { data = {} } = content as { data?: Record<string, { value: string }> };
  return Object.values(data)[0]?.value ?? '';
}

describe('an order on its way', () => {
  it('earns pending points when paid, growth and a level when completed, usable points after the window', async () => {
    await follow('o-way');
    const customer = { openid: 'o-way', externalId: 'm-way' };
    const paid = paidOrder('W-1', customer);
    expect(await shop.report(paid)).toMatchObject({ repeated: false });
    const person = await shop.personAt('o-way');
    expect(await shop.personOfMember('m-way')).toEqual(person);
    expect(await shop.standing(person)).toEqual({
      ...{ available: 0, pending: 700, debt: 0, growth: 0, level: 'member', orders: 1, spent: 70_000 },
    });
    expect(await routesOf('o-way')).toEqual(['customer 收到付款 W-1 710.00']);

    await shop.advance(DAY_MS);
    const parcel = { carrier: '顺丰', trackingNo: 'SF1', status: 'dispatched', at: after(0) };
    const dispatched = {
      ...paid,
      status: 'dispatched',
      shipments: [parcel],
      dispatchedAt: after(0),
      updatedAt: after(0),
    };
    await shop.report(dispatched);
    await shop.advance(DAY_MS);
    const completed = {
      ...dispatched,
      status: 'completed',
      receivedAt: after(0),
      completedAt: after(0),
      updatedAt: after(0),
    };
    await shop.report(completed);
    expect(await shop.standing(person)).toMatchObject({ available: 0, pending: 700, growth: 700, level: 'silver' });
    const heard = await routesOf('o-way');
    // The platform counts what it shows; by now the follow's messages are over and templates carry on.
    expect(heard).toEqual(['customer 收到付款 W-1 710.00', 'template W-1', 'template 银卡会员']);

    const before = await shop.everything();
    const older = { ...paid, updatedAt: paid['paidAt'] };
    const answers = await shop.reports([completed, paid, dispatched, older, completed, dispatched]);
    expect(answers.map(({ ok }) => ok)).toEqual(Array.from({ length: 6 }, () => true));
    expect(await shop.report(paid)).toMatchObject({ repeated: true });
    expect(await shop.everything()).toBe(before);

    await shop.advance(15 * DAY_MS - 60_000);
    expect(await shop.standing(person)).toMatchObject({ available: 0, pending: 700 });
    await shop.advance(120_000);
    expect(await shop.standing(person)).toMatchObject({ available: 700, pending: 0, growth: 700, level: 'silver' });
    expect(await routesOf('o-way')).toEqual(heard);
    expect(await shop.spend({ openid: 'o-way' }, 701, 'w-too-much')).toMatchObject({ status: 409 });
    expect((await shop.spend({ openid: 'o-way' }, 200, 'w-ok')).body).toMatchObject({ available: 500 });
  }, 60_000);

  it('ends in the same place whatever the order in which its reports arrive', async () => {
    const standings = [];
    for (const [name, turns] of [
      ['right', [0, 1, 2]],
      ['wrong', [2, 0, 1]],
    ] as const) {
      const paid = paidOrder(`T-${name}`, { externalId: `m-${name}` });
      const completed = {
        ...paid,
        status: 'completed',
        receivedAt: after(1000),
        completedAt: after(1000),
        updatedAt: after(1000),
      };
      const refund = { refundNo: 'R1', amount: 20_000, status: 'succeeded', at: after(2000) };
      const refunded = { ...completed, refunds: [refund], updatedAt: after(2000) };
      const all: Reported[] = [paid, completed, refunded];
      await shop.advance(5000);
      for (const turn of turns) await shop.report(all[turn] ?? paid);
      standings.push(await shop.standing(await shop.personOfMember(`m-${name}`)));
    }
    expect(standings[0]).toMatchObject({ pending: 500, growth: 500, level: 'silver', spent: 50_000 });
    expect(standings[1]).toEqual(standings[0]);
  });
});

describe('refunds', () => {
  it('in three steps are one full refund, points that were used included', async () => {
    const odd = { amount: 33_333, paid: 33_333, freight: 0 };
    const standings = [];
    for (const steps of [[11_111, 11_111, 11_111], [33_333]]) {
      const externalId = `m-refund-${steps.length}`;
      const paid = { ...paidOrder(`F-${steps.length}`, { externalId }), ...odd };
      const completed = { ...paid, status: 'completed', receivedAt: after(0), completedAt: after(0) };
      await shop.report(completed);
      const person = await shop.personOfMember(externalId);
      await shop.advance(16 * DAY_MS);
      expect(await shop.standing(person)).toMatchObject({ available: 333, growth: 333 });
      expect((await shop.spend({ source: 'shop', externalId }, 300, externalId)).status).toBe(200);
      const refunds: object[] = [];
      const seen: number[] = [];
      for (const amount of steps) {
        await shop.advance(60_000);
        refunds.push({ refundNo: `R${refunds.length}`, amount, status: 'succeeded', at: after(0) });
        await shop.report({ ...completed, refunds, updatedAt: after(0) });
        const { available, debt } = await shop.standing(person);
        seen.push(available - debt);
      }
      expect(seen).toEqual(steps.length === 3 ? [-78, -189, -300] : [-300]);
      standings.push(await shop.standing(person));
    }
    expect(standings[0]).toEqual({
      ...{ available: 0, pending: 0, debt: 300, growth: 0, level: 'member', orders: 0, spent: 0 },
    });
    expect(standings[1]).toEqual(standings[0]);
    expect((await shop.spend({ source: 'shop', externalId: 'm-refund-1' }, 1, 'in-debt')).body['code']).toBe(
      'points.insufficient',
    );
  }, 60_000);

  it('give a voucher back when the order is wholly refunded, and not before', async () => {
    const customer = { externalId: 'm-voucher' };
    await shop.report(paidOrder('V-0', customer));
    const person = await shop.personOfMember('m-voucher');
    const code = await shop.voucher(person, { amountOff: 5_000, threshold: 30_000 });
    const use = { source: 'shop', orderNo: 'V-1', amount: 70_000, at: after(0) };
    const redeem = (more: object = {}) => shop.system.post(`/vouchers/${code}/redeem`, { ...use, ...more });
    expect((await redeem({ amount: 29_999 })).body['code']).toBe('voucher.belowThreshold');
    expect(await redeem()).toMatchObject({ status: 200, body: { repeated: false } });
    expect(await redeem()).toMatchObject({ status: 200, body: { repeated: true } });
    expect((await redeem({ orderNo: 'V-2' })).body['code']).toBe('voucher.used');

    const state = async () => (await shop.app.domain.membership.vouchers.byCode(code))?.state;
    const paid = paidOrder('V-1', customer, { discount: 5_000, paid: 66_000 });
    const refund = (amount: number, no: string) => ({ refundNo: no, amount, status: 'succeeded', at: after(1000) });
    await shop.report(paid);
    await shop.report({ ...paid, refunds: [refund(20_000, 'a')], updatedAt: after(1000) });
    expect(await state()).toBe('used');
    await shop.report({ ...paid, refunds: [refund(20_000, 'a'), refund(46_000, 'b')], updatedAt: after(2000) });
    expect(await state()).toBe('granted');
    expect(await redeem({ orderNo: 'V-3', at: after(3000) })).toMatchObject({ status: 200, body: { repeated: false } });
    const release = { source: 'shop', orderNo: 'V-3', at: after(4000) };
    expect((await shop.system.post(`/vouchers/${code}/release`, release)).body['repeated']).toBe(false);
    expect(await state()).toBe('granted');
  });
});

describe('chasing an unpaid order', () => {
  const chases = async (openid: string): Promise<number> =>
    (await shop.received(openid)).filter(({ content }) => String(content).includes('还没付款')).length;

  it('is at a third of its time, and not again once it is paid', async () => {
    await follow('o-chase');
    const order = unpaidOrder('C-1', { openid: 'o-chase' });
    await shop.report(order);
    await shop.control('people/o-chase/say', { type: 'text', content: '稍等' });
    await shop.advance(HOUR_MS - 60_000);
    expect(await chases('o-chase')).toBe(0);
    await shop.advance(120_000);
    expect(await chases('o-chase')).toBe(1);
    await shop.report(order);
    await shop.report(paidNow(order));
    await shop.advance(2 * HOUR_MS);
    expect(await chases('o-chase')).toBe(1);
  }, 30_000);

  it('comes a second time ten minutes before the end when it stays unpaid, and never a third', async () => {
    await follow('o-late');
    await shop.report(unpaidOrder('C-2', { openid: 'o-late' }));
    await shop.control('people/o-late/say', { type: 'text', content: '稍等' });
    await shop.advance(HOUR_MS + 60_000);
    await shop.advance(2 * HOUR_MS - 13 * 60_000);
    expect(await chases('o-late')).toBe(1);
    await shop.advance(4 * 60_000);
    expect(await chases('o-late')).toBe(2);
    await shop.advance(DAY_MS);
    expect(await chases('o-late')).toBe(2);
  }, 30_000);

  it('is not of goods that were bought elsewhere since', async () => {
    await follow('o-else');
    await shop.control('people/o-else/say', { type: 'text', content: '稍等' });
    await shop.report(unpaidOrder('C-3', { openid: 'o-else' }, 'hat'));
    await shop.advance(60_000);
    await shop.report(paidNow(unpaidOrder('C-4', { openid: 'o-else' }, 'hat')));
    await shop.advance(3 * HOUR_MS);
    expect(await chases('o-else')).toBe(0);
  }, 30_000);
});

describe('a notice takes the lawful way', () => {
  /** Somebody of both accounts whose chat windows are over. */
  async function quietPerson(openid: string): Promise<Awaited<ReturnType<OrderShop['member']>>> {
    await follow(openid, { unionid: `u-${openid}`, mini: `${openid}-mini` });
    await shop.member(openid);
    await shop.advance(3 * DAY_MS);
    return shop.member(openid);
  }
  const answer = (scene: 'order-paid', how: string) => ({
    reportId: `report-${Math.random()}`,
    answers: [{ templateId: oneTimeOf(scene), answer: how }],
  });

  it('in the chat while its window is open', async () => {
    await follow('o-open');
    await shop.control('people/o-open/say', { type: 'text', content: '在吗' });
    await shop.report(paidOrder('N-1', { openid: 'o-open' }));
    expect(await routesOf('o-open')).toEqual(['customer 收到付款 N-1 710.00']);
  });

  it('by the one-time notice that was granted, once, and then by the template', async () => {
    const member = await quietPerson('o-grant');
    const { result } = await shop.control('people/o-grant/grant', {
      templateId: oneTimeOf('order-paid'),
      accept: true,
    });
    expect(result).toBe('accept');
    // The client tells of the same tap that the platform pushed: one notice, not two.
    expect((await member.call('POST', 'notices', answer('order-paid', 'accept'))).body).toMatchObject({ granted: 0 });
    await shop.report(paidOrder('N-2', { openid: 'o-grant' }));
    await shop.report(paidOrder('N-3', { openid: 'o-grant' }));
    expect(await routesOf('o-grant')).toEqual(['notice N-2', 'template N-3']);
    expect((await shop.calls('/message/subscribe/send')).length).toBe(1);
  }, 30_000);

  it('by the template when the platform knows of no grant, and counts on none any more', async () => {
    const member = await quietPerson('o-spent');
    const reported = await member.call('POST', 'notices', answer('order-paid', 'accept'));
    expect(reported.body).toMatchObject({ granted: 1 });
    await member.call('POST', 'notices', answer('order-paid', 'accept'));
    await shop.report(paidOrder('N-4', { openid: 'o-spent' }));
    const [row] = await shop.rows(await shop.personAt('o-spent'));
    expect(row).toMatchObject({ route: 'template', tried: [expect.stringContaining('subscription-notice')] });
    const asked = (await shop.calls('/message/subscribe/send')).at(-1);
    expect(asked?.answer).toMatchObject({ errcode: 43101 });
    const mini = { channel: 'mini-program' as const, account: 'mini', user: 'o-spent-mini' };
    expect(await shop.app.domain.notices.left(mini, oneTimeOf('order-paid'))).toBe(0);
    const before = (await shop.calls('/message/subscribe/send')).length;
    await shop.report(paidOrder('N-5', { openid: 'o-spent' }));
    expect(await routesOf('o-spent')).toEqual(['template N-4', 'template N-5']);
    expect((await shop.calls('/message/subscribe/send')).length).toBe(before);
  }, 30_000);

  it('no more by a notice that the person switched off', async () => {
    await quietPerson('o-off');
    const templateId = oneTimeOf('order-paid');
    await shop.control('people/o-off/grant', { templateId, accept: true });
    await shop.control('people/o-off/notice-settings', { appId: 'wxfedcba0987654321', templateId, accept: false });
    await shop.report(paidOrder('N-6', { openid: 'o-off' }));
    expect(await routesOf('o-off')).toEqual(['template N-6']);
    const sent = (await shop.calls('/message/template/send')).at(-1)?.body as { template_id: string };
    expect(sent.template_id).toBe(templateOf('order-paid'));
  }, 30_000);

  it('into the mini-program when nothing else is left', async () => {
    await shop.addPerson('o-never', '路人', { unionid: 'u-never', mini: 'o-never-mini' });
    const member = await shop.member('o-never');
    await shop.report(paidOrder('N-7', { openid: 'o-never-mini' }));
    expect(await shop.received('o-never')).toEqual([]);
    const { body } = await member.call('GET', 'messages');
    expect(body['items']).toMatchObject([{ text: '收到付款 N-7 710.00', page: 'pages/card/index' }]);
  });
});

describe('one person', () => {
  it('in the chat and in the mini-program by unionid, with one card', async () => {
    await follow('o-one', { unionid: 'u-one' });
    await shop.control('people/o-one/say', { type: 'text', content: '你好' });
    await shop.report(paidOrder('P-1', { openid: 'o-one' }));
    // The official account tells the unionid with the profile, which is fetched in the background.
    await eventuallyUnion('o-one', 'u-one');
    const member = await shop.member('o-one');
    const me = await member.call('GET', 'me');
    expect(me.body).toMatchObject({ joined: false, points: { pending: 700 }, level: { code: 'member' } });
    const person = await shop.personAt('o-one');
    expect(person.customerIds).toHaveLength(2);
    expect(person.frozenUntil).toBeUndefined();
    const [link] = await shop.app.domain.persons.linksOf(person.customerIds);
    expect(link).toMatchObject({ kind: 'unionid', active: true });
  });

  it('by a phone proved on both sides, with redemption at rest for a day; and two again when the link is undone', async () => {
    const customer = { externalId: 'm-phone', phone: '13800138000' };
    await shop.report({
      ...paidOrder('P-2', customer),
      status: 'completed',
      receivedAt: after(0),
      completedAt: after(0),
    });
    await shop.advance(16 * DAY_MS);
    const old = await shop.personOfMember('m-phone');
    expect(await shop.standing(old)).toMatchObject({ available: 700, level: 'silver' });
    await follow('o-phone', { phone: '13800138000', unionid: 'u-phone' });
    const member = await shop.member('o-phone');
    expect((await member.call('GET', 'me')).body).toMatchObject({
      points: { available: 0 },
      level: { code: 'member' },
    });

    const { code: phoneCode } = await shop.control('people/o-phone/phonecode');
    const told = await member.call('POST', 'phone', { phoneCode });
    expect(told.status).toBe(200);
    expect(told.body).toMatchObject({
      phone: '138****8000',
      level: { code: 'silver' },
      points: { available: 700, spendable: 0, frozenUntil: expect.any(String) },
    });
    const person = await shop.personOfMember('m-phone');
    expect(person.customerIds.length).toBeGreaterThan(old.customerIds.length);
    const shopName = { source: 'shop', externalId: 'm-phone' };
    expect((await shop.spend(shopName, 100, 'p-early')).body['code']).toBe('points.frozen');
    const code = await shop.voucher(person, { amountOff: 100, threshold: 0 });
    const use = { source: 'shop', orderNo: 'P-3', amount: 100, at: after(0) };
    expect((await shop.system.post(`/vouchers/${code}/redeem`, use)).body['code']).toBe('voucher.frozen');
    await shop.advance(DAY_MS + 60_000);
    expect((await shop.spend(shopName, 100, 'p-early')).body).toMatchObject({ available: 600 });
    expect((await shop.system.post(`/vouchers/${code}/redeem`, use)).status).toBe(200);

    const links = await shop.app.domain.persons.linksOf(person.customerIds);
    const byPhone = links.find(({ kind, active }) => kind === 'phone' && active);
    expect(byPhone).toBeDefined();
    if (byPhone) {
      const why = { staffId: '0'.repeat(24), reason: '家人的号码' };
      await shop.act((tx) => shop.app.domain.persons.unlink(tx, byPhone._id, why, shop.now()));
    }
    const again = await shop.member('o-phone');
    expect((await again.call('GET', 'me')).body).toMatchObject({ points: { available: 0 }, level: { code: 'member' } });
    expect(await shop.standing(await shop.personOfMember('m-phone'))).toMatchObject({
      available: 600,
      level: 'silver',
    });
    // What the staff took back does not come again by the same number.
    const second = await shop.control('people/o-phone/phonecode');
    await again.call('POST', 'phone', { phoneCode: second['code'] });
    await shop.report({ ...paidOrder('P-4', customer) });
    expect((await again.call('GET', 'me')).body).toMatchObject({ level: { code: 'member' } });
    expect(await shop.check()).toEqual([]);
  }, 60_000);
});

async function eventuallyUnion(openid: string, unionid: string): Promise<void> {
  const { identities } = shop.app.domain.models.people;
  for (let tries = 0; tries < 200; tries++) {
    const found = await identities.findOne({ 'address.user': openid }).lean();
    if (found?.unionid === unionid) return;
    await shop.app.schedule.runAll();
  }
  throw new Error(`${openid} has no unionid yet`);
}
