/** The staff's side of membership, over HTTP on a whole shop: the person, points and vouchers by hand, links, orders, programme. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { good, refused } from '../helpers/answers.js';
import type { Body } from '../helpers/answers.js';
import { DAY_MS, openOrderShop } from '../helpers/order-shop.js';
import type { OrderShop, Reported } from '../helpers/order-shop.js';
import type { StaffClient } from '../helpers/shop.js';

let shop: OrderShop;
let admin: StaffClient;
let manager: StaffClient;
let marketer: StaffClient;
let agent: StaffClient;
beforeAll(async () => {
  shop = await openOrderShop();
  [admin, manager, marketer, agent] = [
    await shop.staff('admin', 'boss'),
    await shop.staff('manager', 'wang'),
    await shop.staff('marketer', 'mei'),
    await shop.staff('agent', 'lin'),
  ];
}, 90_000);
afterAll(() => shop.stop());

let keys = 0;
const requestKey = (): string => `request-${String((keys += 1)).padStart(4, '0')}`;
const after = (ms: number): string => new Date(shop.now().getTime() + ms).toISOString();
const order = (orderNo: string, customer: object, more: Partial<Reported> = {}): Reported => ({
  ...{ source: 'shop', orderNo, customer, status: 'paid', currency: 'CNY' },
  ...{ placedAt: after(-60_000), paidAt: after(0), updatedAt: after(0) },
  ...{ amount: 70_000, paid: 71_000, freight: 1_000, discount: 0 },
  items: [{ sku: 'coat', name: '羊毛大衣', category: '外套', quantity: 1, price: 70_000 }],
  ...more,
});
/** A customer known by a member number of the shop system. */
async function known(externalId: string, more: object = {}): Promise<string> {
  const { status, body } = await shop.system.post('/customers', { source: 'shop', externalId, ...more });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return String(body['id']);
}
const pointsOf = async (id: string) =>
  (await good<{ asOf: Record<string, number> }>(agent.call('GET', `customers/${id}/points`))).asOf;
const timelineOf = (id: string) =>
  good<{ items: Array<{ kind: string; data: Body }> }>(agent.call('GET', `customers/${id}/timeline?limit=100`));

describe('the person', () => {
  it('shows profile, figures, level, points and consents, private data masked', async () => {
    const id = await known('p-1', {
      ...{ name: '林小姐', phone: '13800138000', address: '上海市静安区南京西路 1 号' },
      consents: [{ purpose: 'care', channel: 'wechat', textVersion: '2026-11', at: after(-1000) }],
    });
    await shop.report(order('P-1', { externalId: 'p-1' }));
    const person = await good(agent.call('GET', `customers/${id}/person`));
    expect(person).toMatchObject({
      personId: id,
      name: '林小姐',
      customerIds: [id],
      profile: { name: '林小姐', phone: '138****8000', minor: false, joinedAt: null },
      figures: { orders: 1, spent: 70_000, items: 1 },
      level: { code: 'member', growth: 0, next: { missing: expect.any(Number) } },
      points: { available: 0, pending: 700, debt: 0, spendable: 0, frozenUntil: null },
      consents: [{ purpose: 'care', channel: 'wechat', given: true }],
      links: [],
      proposals: [],
    });
    const consents = await good<{ items: unknown[] }>(agent.call('GET', `customers/${id}/consents`));
    expect(consents.items).toEqual([expect.objectContaining({ given: true, by: 'shop: shop', customerId: id })]);
    expect(await refused(agent.call('GET', `customers/${'0'.repeat(24)}/person`))).toEqual([404, 'customer.notFound']);
    const all = JSON.stringify([person, consents, await timelineOf(id)]);
    for (const secret of ['13800138000', '南京西路']) expect(all).not.toContain(secret);
  });

  it('is written down by staff: the phone is checked, found by search, and never shown whole', async () => {
    const id = await known('p-2');
    const changed = await good(
      agent.call('PATCH', `customers/${id}/profile`, { name: '陈先生', phone: '+86 139-1234-5678', city: '杭州' }),
    );
    expect(changed).toMatchObject({
      profile: { name: '陈先生', phone: '139****5678', city: '杭州', phoneVerifiedAt: null },
    });
    expect(await refused(agent.call('PATCH', `customers/${id}/profile`, { phone: '1391234' }))).toEqual([
      400,
      'request.invalid',
    ]);
    expect(await refused(agent.call('PATCH', `customers/${id}/profile`, { birthday: '2020-05-01' }))).toEqual([
      403,
      'guardian.missing',
    ]);
    const found = await good<{ items: Array<{ id: string }> }>(agent.call('GET', 'customers?search=13912345678'));
    expect(found.items.map((one) => one.id)).toEqual([id]);
    const others = await good<{ items: unknown[] }>(agent.call('GET', 'customers?search=13912345679'));
    expect(others.items).toEqual([]);
    // Of an order that names nothing but a number, too.
    await shop.report(order('P-3', { phone: '13612345678' }));
    const byOrder = await good<{ items: unknown[] }>(agent.call('GET', 'customers?search=13612345678'));
    expect(byOrder.items).toHaveLength(1);
    const timeline = await timelineOf(id);
    expect(timeline.items.map(({ kind }) => kind)).toContain('customer.updated');
    expect(JSON.stringify(timeline)).not.toContain('13912345678');
  });
});

describe('points by hand', () => {
  it('move within the limit of the role, once for one request, with a reason and a name', async () => {
    const id = await known('pts-1');
    const before = after(0);
    const body = { amount: 500, reason: '补偿发错货', requestKey: requestKey() };
    expect(await good(agent.call('POST', `customers/${id}/points`, body))).toMatchObject({ asOf: { available: 500 } });
    expect(await good(agent.call('POST', `customers/${id}/points`, body))).toMatchObject({ asOf: { available: 500 } });
    expect(await refused(agent.call('POST', `customers/${id}/points`, { ...body, amount: 499 }))).toEqual([
      409,
      'points.keyReused',
    ]);
    const statement = await good<{ items: unknown[] }>(agent.call('GET', `customers/${id}/points/statement`));
    expect(statement.items).toEqual([
      expect.objectContaining({ kind: 'adjust', available: 500, reason: '补偿发错货', by: 'lin', customerId: id }),
    ]);
    const told = (await timelineOf(id)).items.find(({ kind }) => kind === 'points.adjusted');
    expect(told?.data).toMatchObject({ amount: 500, reason: '补偿发错货' });
    const past = await good<{ lots: unknown[] }>(
      agent.call('GET', `customers/${id}/points?asOf=${encodeURIComponent(before)}`),
    );
    expect(past).toMatchObject({ asOf: { available: 0 } });
    expect(past.lots).toHaveLength(1);
  });

  it('are refused above the limit, saying it, in both directions, and nothing moves', async () => {
    const id = await known('pts-2');
    for (const amount of [501, -501]) {
      const tried = await agent.call('POST', `customers/${id}/points`, {
        amount,
        reason: '太多',
        requestKey: requestKey(),
      });
      expect([tried.status, tried.body['code'], String(tried.body['detail'])]).toEqual([
        403,
        'limit.points',
        expect.stringContaining('500'),
      ]);
    }
    expect(await pointsOf(id)).toMatchObject({ available: 0 });
    const more = { amount: 501, reason: '主管批准', requestKey: requestKey() };
    expect(await good(manager.call('POST', `customers/${id}/points`, more))).toMatchObject({
      asOf: { available: 501 },
    });
    const audit = await good<{ items: unknown[] }>(admin.call('GET', 'audit?limit=10'));
    expect(audit.items).toContainEqual(
      expect.objectContaining({ staffName: 'lin', action: 'points.adjust', outcome: 'refused', subject: id }),
    );
  });

  it('never go below what there is', async () => {
    const id = await known('pts-3');
    const give = { amount: 30, reason: '测试', requestKey: requestKey() };
    await good(agent.call('POST', `customers/${id}/points`, give));
    const take = { amount: -31, reason: '收回', requestKey: requestKey() };
    expect(await refused(agent.call('POST', `customers/${id}/points`, take))).toEqual([409, 'points.insufficient']);
    expect(await good(agent.call('POST', `customers/${id}/points`, { ...take, amount: -30 }))).toMatchObject({
      lots: [],
      asOf: { available: 0 },
    });
  });

  it('of 20 equal requests at once move once', async () => {
    const id = await known('pts-4');
    const body = { amount: 7, reason: '连点', requestKey: requestKey() };
    const all = await Promise.all(Array.from({ length: 20 }, () => agent.call('POST', `customers/${id}/points`, body)));
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(await pointsOf(id)).toMatchObject({ available: 7 });
  });
});

const couponRules = {
  ...{ title: '满100减20', amountOff: 2_000, threshold: 10_000, validDays: 30, budget: 5, perPerson: 2 },
  ...{ levels: [] as string[], claimable: false, enabled: true },
};
const coupon = async (more: Partial<typeof couponRules> = {}): Promise<string> =>
  String((await good(marketer.call('POST', 'coupons', { ...couponRules, ...more }), 201))['id']);

describe('coupons and vouchers', () => {
  it('are made, changed and counted; a budget never falls below what was granted', async () => {
    const id = await coupon();
    expect(await refused(agent.call('POST', 'coupons', couponRules))).toEqual([403, 'permission.denied']);
    const wrong = await marketer.call('POST', 'coupons', { ...couponRules, levels: ['member', 'titanium'] });
    expect([wrong.status, (wrong.body['errors'] as Array<{ path: string }> | undefined)?.[0]?.path]).toEqual([
      400,
      'levels.1',
    ]);
    const customer = await known('v-0');
    for (const _ of [1, 2]) {
      const body = { couponId: id, reason: '补发', requestKey: requestKey() };
      await good(agent.call('POST', `customers/${customer}/vouchers`, body), 201);
    }
    expect(await refused(marketer.call('PUT', `coupons/${id}`, { ...couponRules, budget: 1 }))).toEqual([
      409,
      'coupon.budgetBelowGranted',
    ]);
    const changed = await good(marketer.call('PUT', `coupons/${id}`, { ...couponRules, title: '老客券', budget: 2 }));
    expect(changed).toMatchObject({ id, granted: 2, used: 0, rules: { title: '老客券', budget: 2 } });
    const listed = await good<{ items: unknown[] }>(agent.call('GET', 'coupons'));
    expect(listed.items[0]).toEqual(changed);
  });

  it('are granted within the limit of the role, once for one request, and taken back', async () => {
    const id = await known('v-1');
    const small = await coupon();
    const large = await coupon({ amountOff: 2_001 });
    const body = { couponId: small, reason: '补发', requestKey: requestKey() };
    const granted = await good(agent.call('POST', `customers/${id}/vouchers`, body), 201);
    expect(granted).toMatchObject({ state: 'granted', amountOff: 2_000, title: '满100减20', customerId: id });
    expect(granted['code']).toMatch(/^…[0-9A-Z]{4}$/);
    expect(await good(agent.call('POST', `customers/${id}/vouchers`, body), 201)).toEqual(granted);
    const tried = await agent.call('POST', `customers/${id}/vouchers`, { ...body, couponId: large });
    expect([tried.status, tried.body['code'], tried.body['detail']]).toEqual([
      403,
      'limit.voucher',
      expect.stringContaining('¥20.00'),
    ]);
    const byManager = { couponId: large, reason: '主管批准', requestKey: requestKey() };
    const big = await good(manager.call('POST', `customers/${id}/vouchers`, byManager), 201);
    expect(await refused(agent.call('POST', `vouchers/${String(big['id'])}/revoke`, { reason: '不想给' }))).toEqual([
      403,
      'limit.voucher',
    ]);
    expect(await refused(marketer.call('POST', `customers/${id}/vouchers`, byManager))).toEqual([
      403,
      'permission.denied',
    ]);

    const path = `vouchers/${String(granted['id'])}/revoke`;
    expect(await good(agent.call('POST', path, { reason: '发错了' }))).toMatchObject({ state: 'revoked' });
    const all = await good<{ items: Array<{ state: string }> }>(agent.call('GET', `customers/${id}/vouchers`));
    expect(all.items.map(({ state }) => state).sort()).toEqual(['granted', 'revoked']);
    const kinds = (await timelineOf(id)).items.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind.startsWith('voucher.')).sort()).toEqual([
      ...['voucher.granted', 'voucher.granted', 'voucher.revoked'],
    ]);
    expect(await refused(agent.call('POST', `vouchers/${'0'.repeat(24)}/revoke`, { reason: '没有' }))).toEqual([
      404,
      'voucher.notFound',
    ]);
  });
});

describe('records of one person', () => {
  it('are linked by hand: one view, one timeline, one purse; and become two again', async () => {
    const a = await known('l-1', { name: '周女士' });
    const b = await known('l-2');
    await shop.report(order('L-1', { externalId: 'l-1' }));
    await shop.report(order('L-2', { externalId: 'l-2' }));
    for (const [id, amount] of [[a, 10] as const, [b, 40] as const]) {
      const give = { amount, reason: '测试', requestKey: requestKey() };
      await good(agent.call('POST', `customers/${id}/points`, give));
    }
    expect(await refused(agent.call('POST', `customers/${a}/links`, { with: b, reason: '同一个人' }))).toEqual([
      403,
      'permission.denied',
    ]);
    expect(await refused(manager.call('POST', `customers/${a}/links`, { with: a, reason: '同一个人' }))).toEqual([
      409,
      'link.sameRecord',
    ]);
    const linked = await good(manager.call('POST', `customers/${a}/links`, { with: b, reason: '电话里核对过' }));
    expect(linked).toMatchObject({
      customerIds: [a, b],
      profile: { name: '周女士' },
      figures: { orders: 2, spent: 140_000 },
      points: { available: 50, pending: 1_400, spendable: 50 },
      links: [{ kind: 'staff', evidence: 'wang手工关联：电话里核对过', by: 'wang', undoneAt: null, frozenUntil: null }],
    });
    expect(await good(agent.call('GET', `customers/${b}/person`))).toMatchObject({ personId: a, customerIds: [a, b] });
    expect(await refused(manager.call('POST', `customers/${b}/links`, { with: a, reason: '又一次' }))).toEqual([
      409,
      'link.exists',
    ]);
    const orders = await good<{ items: Array<{ orderNo: string }> }>(agent.call('GET', `customers/${b}/orders`));
    expect(orders.items.map(({ orderNo }) => orderNo).sort()).toEqual(['L-1', 'L-2']);
    const kinds = (await timelineOf(b)).items.filter(({ kind }) => kind === 'order.paid');
    expect(kinds).toHaveLength(2);
    // What one record has not, the other gives; told again, nothing moves.
    const take = { amount: -35, reason: '收回', requestKey: requestKey() };
    for (const _ of [1, 2]) {
      expect(await good(agent.call('POST', `customers/${a}/points`, take))).toMatchObject({ asOf: { available: 15 } });
    }

    const [link] = linked['links'] as unknown as Array<{ id: string }>;
    const undo = await good(manager.call('POST', `links/${link?.id ?? ''}/undo`, { reason: '认错人了' }));
    expect(undo).toMatchObject({ id: link?.id, undoneAt: expect.any(String), undoneReason: '认错人了' });
    expect(await good(agent.call('GET', `customers/${b}/person`))).toMatchObject({
      personId: b,
      customerIds: [b],
      figures: { orders: 1 },
      points: { available: 5 },
    });
    expect(await refused(manager.call('POST', `links/${link?.id ?? ''}/undo`, { reason: '再来一次' }))).toEqual([
      409,
      'link.undone',
    ]);
    expect(await shop.check()).toEqual([]);
  });

  it('are proposed by weaker evidence, told without the number, and decided by staff once', async () => {
    const phone = '13700137000';
    const other = await shop.shopSystem({ name: 'old', verifiesPhones: false });
    const a = await known('w-1', { name: '吴先生', phone });
    const b = String((await other.post('/customers', { source: 'old', externalId: 'w-1', phone })).body['id']);
    const c = String((await other.post('/customers', { source: 'old', externalId: 'w-2', phone })).body['id']);
    expect(new Set([a, b, c]).size).toBe(3);
    type Proposals = {
      items: Array<{ id: string; evidence: string; customers: Array<{ id: string; phone: string }> }>;
    };
    const { items } = await good<Proposals>(manager.call('GET', 'link-proposals'));
    const between = (x: string, y: string) =>
      items.find(({ customers }) => [x, y].every((id) => customers.some((one) => one.id === id)));
    const [first, second] = [between(a, b), between(a, c)];
    expect(first?.evidence).toMatch(/^两边是同一手机号（.*）?，尾号 7000，但没有在两边都验证过$/);
    expect(first?.customers.map((one) => one.phone)).toEqual(['137****7000', '137****7000']);
    expect(JSON.stringify(items)).not.toContain(phone);

    const asked = await good<{ proposals: unknown[]; name: string }>(agent.call('GET', `customers/${c}/person`));
    expect(asked.proposals).toEqual([second]);
    expect(asked.name).toMatch(/^微信用户/);
    const decide = (id: string | undefined, accept: boolean) =>
      manager.call('POST', `link-proposals/${id ?? ''}`, { accept, reason: accept ? '核对过' : '是他太太' });
    await good(decide(first?.id, true), 204);
    expect(await refused(decide(first?.id, false))).toEqual([409, 'proposal.decided']);
    await good(decide(second?.id, false), 204);
    const person = await good(agent.call('GET', `customers/${b}/person`));
    expect(person).toMatchObject({ profile: { name: '吴先生' }, links: [{ kind: 'staff', by: 'wang' }] });
    expect((person['customerIds'] as unknown as string[]).sort()).toEqual([a, b].sort());
    const left = await good<Proposals>(manager.call('GET', 'link-proposals'));
    expect(left.items.filter(({ id }) => id === first?.id || id === second?.id)).toEqual([]);
  });
});

describe('orders', () => {
  it('are found by whole number over all sources, by status, and page by page', async () => {
    const id = await known('o-1', { name: '孙女士' });
    const customer = { externalId: 'o-1' };
    for (const i of [1, 2, 3]) await shop.report(order(`S-${i}`, customer, { placedAt: after(-100_000 * i) }));
    const pending = { status: 'pending', paid: 0, paidAt: undefined };
    await shop.report(order('S-4', customer, pending));
    type Orders = { items: Array<{ id: string; orderNo: string }>; nextCursor: string | null };
    const found = await good<Orders>(agent.call('GET', 'orders?search=S-2'));
    expect(found.items).toEqual([
      expect.objectContaining({ orderNo: 'S-2', customerId: id, customerName: '孙女士', paid: 71_000, refunded: 0 }),
    ]);
    expect((await good<Orders>(agent.call('GET', 'orders?search=S-'))).items).toEqual([]);
    const waiting = await good<Orders>(agent.call('GET', 'orders?status=pending'));
    expect(waiting.items.map(({ orderNo }) => orderNo)).toEqual(['S-4']);
    const page = await good<Orders>(agent.call('GET', `customers/${id}/orders?limit=3`));
    expect(page.items.map(({ orderNo }) => orderNo)).toEqual(['S-4', 'S-1', 'S-2']);
    const rest = await good<Orders>(
      agent.call('GET', `customers/${id}/orders?limit=3&cursor=${String(page.nextCursor)}`),
    );
    expect([rest.items.map(({ orderNo }) => orderNo), rest.nextCursor]).toEqual([['S-3'], null]);
    const all = await good<Orders>(agent.call('GET', 'orders?limit=2&status=paid'));
    const next = await good<Orders>(agent.call('GET', `orders?limit=2&status=paid&cursor=${String(all.nextCursor)}`));
    expect(next.items.map((one) => one.id)).not.toContain(all.items[1]?.id);
    expect(await good(agent.call('GET', `orders/${found.items[0]?.id ?? ''}`))).toEqual(found.items[0]);
    expect(await refused(agent.call('GET', `orders/${'0'.repeat(24)}`))).toEqual([404, 'order.notFound']);
  });
});

describe('the programme', () => {
  it('changes for later orders only, by those who may', async () => {
    const id = await known('g-1');
    await shop.report(order('G-1', { externalId: 'g-1' }));
    type Programme = { version: number; from: string | null; rules: { points: { perYuan: number } } };
    const before = await good<Programme>(agent.call('GET', 'programme'));
    expect([before.version, before.from]).toEqual([0, null]);
    const rules = { ...before.rules, points: { ...before.rules.points, perYuan: before.rules.points.perYuan * 2 } };
    expect(await refused(agent.call('PUT', 'programme', rules))).toEqual([403, 'permission.denied']);
    await shop.advance(1_000);
    const made = await good<Programme>(marketer.call('PUT', 'programme', rules));
    expect(made).toMatchObject({ version: 1, rules });
    expect(await good(agent.call('GET', 'programme'))).toEqual(made);
    await shop.advance(1_000);
    await shop.report(order('G-2', { externalId: 'g-1' }));
    // The earlier order told again earns by the rules it was paid under.
    await shop.report(
      order('G-1', { externalId: 'g-1' }, { paidAt: after(-60_000 - 2_000), placedAt: after(-DAY_MS) }),
    );
    expect(await pointsOf(id)).toMatchObject({ pending: 700 + 1_400 });
    await good(marketer.call('PUT', 'programme', before.rules));
  });

  it('has one sender a scene, chosen by those who edit strategies', async () => {
    expect(await refused(agent.call('PUT', 'senders/order-paid', { sender: 'wechat' }))).toEqual([
      403,
      'permission.denied',
    ]);
    const chosen = await good(marketer.call('PUT', 'senders/order-paid', { sender: 'wechat' }));
    expect(chosen).toMatchObject({ scene: 'order-paid', sender: 'wechat' });
    const { items } = await good<{ items: Array<{ scene: string }> }>(marketer.call('GET', 'senders'));
    expect(items.find(({ scene }) => scene === 'order-paid')).toEqual(chosen);
    expect(items.length).toBeGreaterThan(3);
  });
});
