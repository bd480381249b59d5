/** Portraits follow what happens: by events and by recorded behaviour, once, in two processes, and after a stop. */
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import { createPortraitFollower, followerModel } from '../../src/flow/portraits.js';
import type { PortraitFollowerParts } from '../../src/flow/portraits.js';
import type { PortraitRecord } from '../../src/domain/segments/portrait.js';
import { behaviourOf, now, openPortraitShop, orderOf } from '../domain/segments/portraits-shop.js';
import type { Shop } from '../domain/segments/portraits-shop.js';

let shop: Shop;
let followers: ReturnType<typeof followerModel>;
let refreshed: string[];
beforeAll(async () => {
  shop = await openPortraitShop();
  followers = followerModel(shop.database.connection);
}, 60_000);
afterAll(() => shop.close());
beforeEach(async () => {
  refreshed = [];
  await followers.deleteMany({});
  await shop.models.events.deleteMany({});
});

const tx = <T>(work: Parameters<typeof shop.database.transaction<T>>[0]): Promise<T> => shop.database.transaction(work);
const at = { now: () => now };

function follower(change: Partial<PortraitFollowerParts> = {}, refresh = shop.portraits.refresh) {
  const portraits = {
    ...shop.portraits,
    refresh: async (ids: readonly Types.ObjectId[], moment: Date) => {
      await refresh(ids, moment);
      refreshed.push(...ids.map(String));
    },
  };
  return createPortraitFollower({
    ...{ models: shop.models, database: shop.database, portraits, clock: at },
    ...change,
  });
}

const portraitOf = async (id: Types.ObjectId): Promise<PortraitRecord | null> =>
  (await shop.models.portraits.collection.findOne({ customerIds: id })) as unknown as PortraitRecord | null;

it('begins with everybody, then looks at whom an event names, once', async () => {
  const [a, b] = [await shop.addCustomer(), await shop.addCustomer()];
  const one = follower();
  await one.run();
  expect([await portraitOf(a), await portraitOf(b)]).toEqual([expect.anything(), expect.anything()]);
  refreshed = [];
  const tagged = await tx((s) => shop.tags.tag(s, a, { add: ['vip'] }, 'staff', now));
  await shop.tell(tagged.ok ? tagged.events : []);
  expect(await one.run()).toBeGreaterThanOrEqual(1);
  expect((await portraitOf(a))?.tags).toEqual(['vip']);
  expect(refreshed.filter((id) => id === String(a))).toHaveLength(1);
  await one.run();
  await one.run();
  expect(refreshed.filter((id) => id === String(a))).toHaveLength(1);
  expect(refreshed).not.toContain(String(b));
});

it('sees what was stored late with an earlier time', async () => {
  const id = await shop.addCustomer();
  const one = follower();
  await one.run();
  await one.run();
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  await shop.models.customers.updateOne({ _id: id }, { $set: { nickname: '晚' } });
  const late = { kind: 'customer.updated' as const, customerId: String(id), at: now, data: {} };
  await shop.tell([late], new Date(shop.database.now().getTime() - 6_000));
  await one.run();
  expect((await portraitOf(id))?.name).toBe('晚');
});

it('sees views, which raise no event', async () => {
  const id = await shop.addCustomer();
  const one = follower();
  await one.run();
  const done = await tx((s) => shop.commerce.recordBehaviour(s, id, behaviourOf(new Date(now.getTime() - 1000)), now));
  expect(done.ok && done.events).toEqual([]);
  await one.run();
  expect((await portraitOf(id))?.did).toEqual([{ t: 'view', d: '2026-11-22', n: 1 }]);
});

it('sees everybody of an import of orders', async () => {
  const ids = [await shop.addCustomer(), await shop.addCustomer()];
  const one = follower();
  await one.run();
  const batch = ids.map((customerId) => ({ customerId, input: orderOf(new Date(now.getTime() - 9e8)) }));
  const added = await tx((s) => shop.commerce.addHistory(s, batch, now));
  await shop.tell(added.events);
  await one.run();
  expect(await Promise.all(ids.map(async (id) => (await portraitOf(id))?.orders))).toEqual([1, 1]);
});

it('makes one portrait of two that were linked, and two again', async () => {
  const [a, b] = [await shop.addCustomer(), await shop.addCustomer()];
  const one = follower();
  await one.run();
  const staff = { kind: 'staff' as const, staffId: 's', reason: 'r' };
  await shop.tell((await tx((s) => shop.persons.link(s, a, b, staff, now))).events);
  await one.run();
  expect(await portraitOf(a)).toEqual(await portraitOf(b));
  expect(await shop.models.portraits.collection.countDocuments({ customerIds: { $in: [a, b] } })).toBe(1);
  const [edge] = await shop.persons.linksOf([a]);
  await shop.tell(await tx((s) => shop.persons.unlink(s, edge!._id, { staffId: 's', reason: 'r' }, now)));
  await one.run();
  expect(await shop.models.portraits.collection.countDocuments({ customerIds: { $in: [a, b] } })).toBe(2);
});

it('reads again what it could not finish, and leaves what no portrait shows', async () => {
  const id = await shop.addCustomer();
  let broken = true;
  const one = follower({}, async (ids, moment) => {
    if (broken && ids.some((one_) => one_.equals(id))) throw new Error('the database went away');
    await shop.portraits.refresh(ids, moment);
  });
  await one.run();
  await shop.tell([{ kind: 'message.sent', customerId: String(id), at: now, data: {} }]);
  await one.run();
  expect(refreshed).not.toContain(String(id));
  await shop.tell([{ kind: 'customer.updated', customerId: String(id), at: now, data: {} }]);
  await expect(one.run()).rejects.toThrow('went away');
  broken = false;
  await one.run();
  expect(refreshed.filter((each) => each === String(id))).toHaveLength(1);
});

it('is done by one of two processes, and by the other when that one is gone', async () => {
  const id = await shop.addCustomer();
  const [one, two] = [follower(), follower()];
  await one.run();
  await shop.tell([{ kind: 'customer.updated', customerId: String(id), at: now, data: {} }]);
  expect(await two.run()).toBe(0);
  await Promise.all([one.run(), two.run(), one.run()]);
  expect(refreshed.filter((each) => each === String(id))).toHaveLength(1);
  await followers.updateOne({}, { $set: { leaseUntil: new Date(0) } });
  const later = await shop.addCustomer();
  await shop.tell([{ kind: 'customer.created', customerId: String(later), at: now, data: {} }]);
  await two.run();
  expect(refreshed).toContain(String(later));
  expect(await one.run()).toBe(0);
});
