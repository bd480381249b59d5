/** What several records, cards and freezes mean to shop systems, and what of the staff's work members may see. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import type { Person } from '../../src/domain/customers/index.js';
import { DAY_MS, oneTimeOf, openOrderShop } from '../helpers/order-shop.js';
import type { OrderShop, Reported } from '../helpers/order-shop.js';
import { eventually } from '../helpers/shop.js';

let shop: OrderShop;
beforeAll(async () => {
  shop = await openOrderShop();
}, 90_000);
afterAll(() => shop.stop());
beforeEach(() => shop.advanceTo('10:00'), 30_000);

const after = (ms: number): string => new Date(shop.now().getTime() + ms).toISOString();
const order = (orderNo: string, customer: object): Reported => ({
  ...{ source: 'shop', orderNo, customer, status: 'paid', currency: 'CNY' },
  ...{ placedAt: after(-60_000), paidAt: after(0), updatedAt: after(0) },
  ...{ amount: 10_000, paid: 10_000, freight: 0, discount: 0 },
  items: [{ sku: 'cup', name: '杯子', category: '家居', quantity: 1, price: 10_000 }],
});

async function known(externalId: string): Promise<Person> {
  const { status } = await shop.system.post('/customers', { source: 'shop', externalId, name: '熟客' });
  expect(status).toBe(200);
  return shop.personOfMember(externalId);
}

async function give(person: Person, amount: number): Promise<void> {
  const by = { reason: '客诉安抚：情绪激动', key: `give-${String(person.id)}`, by: 'test' };
  await shop.act(async (tx, acting) => {
    const given = await shop.app.domain.membership.points.adjust(tx, person.id, { amount, ...by }, shop.now());
    if (!given.ok) throw new Error(given.reason);
    acting.owe(given.owed);
    return given.owed.events;
  });
}

const staff = { staffId: '0'.repeat(24), reason: '核对过' };

describe('an order that is told of another person later', () => {
  const proposed = async (person: Person) =>
    (await shop.app.domain.persons.proposalsOf(person.customerIds)).map(({ state, evidence }) => [state, evidence]);
  const events = (customerIds: readonly Types.ObjectId[]) =>
    shop.app.domain.models.flow.events.countDocuments({
      kind: 'person.linkProposed',
      customerId: { $in: customerIds },
    });

  it('stays where it was, and staff are asked once whether the two are one', async () => {
    const later = await known('m-later');
    const first = await shop.report(order('T-1', { phone: '13800138001' }));
    const record = await shop.app.domain.commerce.byKey(null, 'shop', 'T-1');
    const owner = await shop.app.domain.persons.of(null, record?.customerId ?? later.id);
    expect(owner.id).not.toEqual(later.id);
    expect(await proposed(owner)).toEqual([]);

    const again = { ...order('T-1', { externalId: 'm-later' }), updatedAt: after(1000) };
    expect((await shop.report(again)).id).toBe(first.id);
    const evidence = { kind: 'shop-member', reason: 'order', source: 'shop' };
    expect(await proposed(owner)).toEqual([['open', evidence]]);
    await shop.report(again);
    await shop.report({ ...again, updatedAt: after(2000) });
    expect(await proposed(later)).toEqual([['open', evidence]]);
    expect(await events([...owner.customerIds, ...later.customerIds])).toBe(1);
    expect(await shop.standing(later)).toMatchObject({ orders: 0 });

    const { persons } = shop.app.domain;
    const [proposal] = await persons.proposalsOf(owner.customerIds);
    const id = proposal?._id ?? new Types.ObjectId();
    await shop.act((tx) => persons.decide(tx, id, { ...staff, accept: true }, shop.now()));
    expect((await shop.personOfMember('m-later')).customerIds).toHaveLength(2);
    await shop.report({ ...again, updatedAt: after(3000) });
    const [link] = await persons.linksOf(owner.customerIds);
    await shop.act((tx) => persons.unlink(tx, link?._id ?? id, staff, shop.now()));
    await shop.report({ ...again, updatedAt: after(4000) });
    expect(await proposed(owner)).toEqual([['accepted', evidence]]);
    expect(await shop.check()).toEqual([]);
  }, 60_000);

  it('is not asked again where the staff took such evidence back', async () => {
    const [a, b] = [await known('m-undone-a'), await known('m-undone-b')];
    const { persons } = shop.app.domain;
    await shop.act(
      async (tx) => (await persons.link(tx, a.id, b.id, { kind: 'shop-member', source: 'shop' }, shop.now())).events,
    );
    const [link] = await persons.linksOf(a.customerIds);
    await shop.act((tx) => persons.unlink(tx, link?._id ?? a.id, staff, shop.now()));
    await shop.report(order('T-2', { externalId: 'm-undone-a' }));
    await shop.report({ ...order('T-2', { externalId: 'm-undone-b' }), updatedAt: after(1000) });
    expect(await proposed(a)).toEqual([]);
  });
});

describe('a card shown at the counter', () => {
  it('repeats its spending after its code has expired, and nothing else', async () => {
    const person = await known('m-card');
    await give(person, 10);
    const { code } = await shop.app.domain.cardCodes.issue(person.id, shop.now());
    const spend = (more: object = {}) =>
      shop.system.post('/points/spend', {
        ...{ customer: { cardCode: code }, amount: 3, reason: '抵扣', sourceKey: 'card-1' },
        ...more,
      });
    const first = await spend();
    expect(first.body).toMatchObject({ available: 7, repeated: false });
    await shop.advance(6 * 60_000);
    expect(await spend()).toMatchObject({ status: 200, body: { ...first.body, repeated: true } });
    expect((await spend({ amount: 4 })).body['code']).toBe('points.keyReused');
    expect((await spend({ order: { source: 'shop', orderNo: 'X' } })).body['code']).toBe('points.keyReused');
    expect(await spend({ sourceKey: 'card-2' })).toMatchObject({ status: 404, body: { code: 'customer.notFound' } });
    // Another system's key of the same name is another.
    const other = await shop.shopSystem({ name: 'other' });
    const theirs = { customer: { cardCode: code }, amount: 3, reason: '抵扣', sourceKey: 'card-1' };
    expect((await other.post('/points/spend', theirs)).status).toBe(404);
  });
});

describe('a look-up at the till', () => {
  it('shows a voucher that can be used, however many newer ones cannot', async () => {
    const person = await known('m-many');
    const code = await shop.voucher(person, { amountOff: 100, threshold: 0 });
    const { vouchers } = shop.app.domain.models.membership;
    const old = await vouchers.findOne({ code }).lean();
    const newer = Array.from({ length: 120 }, (_, n) => ({
      ...{ ...old, _id: new Types.ObjectId(), key: `many-${n}`, code: `MANY${n}`, state: 'revoked' as const },
      grantedAt: new Date(shop.now().getTime() + 1000 + n),
    }));
    await vouchers.collection.insertMany(newer as never);
    const { body } = await shop.system.post('/customers/lookup', {
      customer: { source: 'shop', externalId: 'm-many' },
    });
    expect(body['vouchers']).toMatchObject([{ code, state: 'granted' }]);
  });
});

describe('redemption at rest', () => {
  it('tells for how long, and the same request works afterwards', async () => {
    const [a, b] = [await known('m-rest-a'), await known('m-rest-b')];
    await give(a, 10);
    const code = await shop.voucher(a, { amountOff: 100, threshold: 0 });
    const { persons } = shop.app.domain;
    await shop.act(async (tx) => {
      const verifiedAt: [Date, Date] = [shop.now(), shop.now()];
      return (await persons.link(tx, a.id, b.id, { kind: 'phone', verifiedAt }, shop.now())).events;
    });
    const spend = {
      customer: { source: 'shop', externalId: 'm-rest-a' },
      amount: 1,
      reason: '抵扣',
      sourceKey: 'rest',
    };
    const use = { source: 'shop', orderNo: 'R-1', amount: 100, at: after(0) };
    const tries = () =>
      Promise.all([
        shop.system.post('/points/spend', spend, { idempotencyKey: 'rest-1' }),
        shop.system.post(`/vouchers/${code}/redeem`, use, { idempotencyKey: 'rest-2' }),
      ]);
    const refused = await tries();
    expect(refused.map(({ status, body }) => [status, body['code']])).toEqual([
      [409, 'points.frozen'],
      [409, 'voucher.frozen'],
    ]);
    for (const { headers } of refused) {
      const seconds = Number(headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(86_300);
      expect(seconds).toBeLessThanOrEqual(86_400);
    }
    await shop.advance(DAY_MS);
    expect((await tries()).map(({ status, body }) => [status, body['repeated']])).toEqual([
      [200, false],
      [200, false],
    ]);
  }, 30_000);
});

describe('a member', () => {
  it('reads what a shop system wrote about a spending, and not what staff wrote about an adjustment', async () => {
    await shop.addPerson('o-reader', '读者', { unionid: 'u-reader', mini: 'o-reader-mini' });
    const member = await shop.member('o-reader');
    const person = await shop.personAt('o-reader-mini');
    await give(person, 10);
    const customer = { id: String(person.id) };
    await shop.system.post('/points/spend', { customer, amount: 2, reason: '抵扣 2 元', sourceKey: 'reader' });
    const { body } = await member.call('GET', 'points');
    const titles = (body['items'] as unknown as Array<{ title: string }>).map(({ title }) => title);
    expect(titles).toEqual(['抵扣 2 元', '积分调整']);
    expect(JSON.stringify(body)).not.toContain('情绪');
  });

  it('is asked only for notices that Huike sends', async () => {
    await shop.addPerson('o-asked', '某人', { mini: 'o-asked-mini' });
    const member = await shop.member('o-asked');
    const asked = async () => {
      const { body } = await member.call('GET', 'texts');
      return (body['notices'] as unknown as Array<{ templateId: string }>).map(({ templateId }) => templateId);
    };
    expect(await asked()).toContain(oneTimeOf('order-dispatched'));
    const { senders } = shop.app.domain;
    const by = { staffId: staff.staffId, at: shop.now() };
    await shop.act((tx) => senders.choose(tx, 'order-dispatched', 'courier', by));
    await eventually(async () => !(await asked()).includes(oneTimeOf('order-dispatched')), 5_000);
    expect(await asked()).toContain(oneTimeOf('order-paid'));
    await shop.act((tx) => senders.choose(tx, 'order-dispatched', 'huike', by));
  });
});
