/** Behaviour once by its key, counted by the shop's day; products by their sku. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Types } from 'mongoose';
import type { BehaviourInput, ProductInput } from '../../../src/contracts/index.js';
import type { Recorded } from '../../../src/domain/commerce/index.js';
import { now } from './reports.js';
import { openShelf } from './setup.js';
import type { Shelf } from './setup.js';

let shelf: Shelf;
beforeAll(async () => void (shelf = await openShelf()), 60_000);
afterEach(() => shelf.clear());
afterAll(() => shelf.close());

let count = 0;
const eventOf = (change: Partial<BehaviourInput> = {}): BehaviourInput => ({
  source: 'shop',
  eventId: `e${++count}`,
  type: 'view',
  at: new Date('2026-03-01T15:59:59Z'),
  customer: { externalId: 'm-1' },
  ...change,
});
const record = (customerId: Types.ObjectId, event: BehaviourInput): Promise<Recorded> =>
  shelf.transaction((tx) => shelf.commerce.recordBehaviour(tx, customerId, event, now));
const everyDay = { from: '2026-01-01', to: '2026-12-31' };

describe('behaviour', () => {
  it('is counted by the day of the shop’s zone, with the time spent', async () => {
    const customer = await shelf.addCustomer();
    await record(customer, eventOf());
    await record(customer, eventOf({ at: new Date('2026-03-01T16:00:00Z') }));
    await record(customer, eventOf({ at: new Date('2026-03-02T15:59:59Z') }));
    await record(customer, eventOf({ type: 'dwell', seconds: 30 }));
    await record(customer, eventOf({ type: 'dwell', seconds: 12 }));
    const days = await shelf.commerce.behaviourDaysOf([customer], everyDay);
    expect(days.map(({ day, type, count: times, seconds }) => [day, type, times, seconds])).toEqual([
      ['2026-03-01', 'dwell', 2, 42],
      ['2026-03-01', 'view', 1, 0],
      ['2026-03-02', 'view', 2, 0],
    ]);
    const march1 = { from: '2026-03-01', to: '2026-03-01' };
    expect(await shelf.commerce.behaviourDaysOf([customer], march1)).toHaveLength(2);
    expect((await shelf.figures(customer)).lastBehaviourAt).toEqual(new Date('2026-03-02T15:59:59Z'));
    expect(await shelf.check()).toEqual([]);
  });

  it('told again counts once, under whichever name the person then goes', async () => {
    const [customer, other] = [await shelf.addCustomer(), await shelf.addCustomer()];
    const event = eventOf({ type: 'cart.add', product: { sku: 's1', category: 'tea' } });
    const first = await record(customer, event);
    const again = await record(other, event);
    expect(first).toMatchObject({ ok: true, repeated: false });
    expect(again).toEqual({ ...first, repeated: true, events: [] });
    expect(await shelf.commerce.behaviourDaysOf([customer, other], everyDay)).toMatchObject([{ count: 1 }]);
    await record(customer, { ...event, source: 'till' });
    expect(await shelf.commerce.behaviourDaysOf([customer], everyDay)).toMatchObject([{ count: 2 }]);
  });

  it.each([
    ['cart.add', 1],
    ['checkin', 1],
    ['custom:asked-price', 1],
    ['view', 0],
    ['search', 0],
    ['cart.remove', 0],
  ] as const)('%s gives %i events', async (type, expected) => {
    const customer = await shelf.addCustomer();
    const recorded = await record(customer, eventOf({ type }));
    expect(recorded).toMatchObject({ ok: true });
    if (!recorded.ok) return;
    expect(recorded.events).toHaveLength(expected);
    for (const { kind, data } of recorded.events)
      expect({ kind, type: data['type'] }).toEqual({ kind: 'behaviour.recorded', type });
  });

  it('from the future is refused and not counted', async () => {
    const customer = await shelf.addCustomer();
    const refused = await record(customer, eventOf({ at: new Date(now.getTime() + 3_600_000) }));
    expect(refused).toMatchObject({ ok: false, problems: [{ code: 'behaviour.timeInFuture' }] });
    expect(await shelf.commerce.behaviourDaysOf([customer], everyDay)).toEqual([]);
  });

  it('is seen to be counted too seldom', async () => {
    const customer = await shelf.addCustomer();
    await record(customer, eventOf());
    await shelf.models.behaviourDays.deleteMany({});
    expect(await shelf.check()).toEqual([
      `customer ${String(customer)}: view is counted less often than it was recorded`,
    ]);
  });
});

describe('products', () => {
  const tea: ProductInput = { sku: 's1', name: 'Tea', category: 'drinks', price: 50_00, status: 'on' };
  const put = (product: ProductInput) => shelf.transaction((tx) => shelf.commerce.putProduct(tx, product, now));

  it('by sku: new, changed, the same', async () => {
    expect(await put(tea)).toMatchObject({ changed: true, events: [{ kind: 'product.changed', data: { sku: 's1' } }] });
    expect(await put(tea)).toMatchObject({ changed: false, events: [] });
    const dearer = await put({ ...tea, price: 60_00 });
    expect(dearer.events).toMatchObject([{ data: { fields: ['price'], price: 60_00 } }]);
    expect(await shelf.commerce.getProduct('s1')).toEqual(dearer.product);
    expect(await shelf.models.products.countDocuments()).toBe(1);
  });

  it('by pages and by category', async () => {
    for (const sku of ['a', 'b', 'c']) await put({ ...tea, sku, category: sku === 'b' ? 'cups' : 'drinks' });
    const skus = async (page: Parameters<typeof shelf.commerce.listProducts>[0]): Promise<string[]> =>
      (await shelf.commerce.listProducts(page)).map(({ sku }) => sku);
    expect(await skus({ limit: 2 })).toEqual(['a', 'b']);
    expect(await skus({ limit: 2, after: 'b' })).toEqual(['c']);
    expect(await skus({ limit: 2, after: 'a', category: 'drinks' })).toEqual(['c']);
    expect(await shelf.commerce.categories()).toEqual([
      { category: 'cups', products: 1 },
      { category: 'drinks', products: 2 },
    ]);
  });
});
