/** Many tills spend one person's points at the same moment: exactly what is there is spent, and every answer holds when it is asked for again. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import type { OpenAnswer, OpenClient } from '../helpers/open-client.js';
import { scaled } from '../helpers/scale.js';
import { openShop } from '../helpers/shop.js';
import type { Shop } from '../helpers/shop.js';

const BALANCE = scaled(20, 100);
const SPENDS = scaled(150, 1_000);
/** Few: each try that loses runs again after a rest. */
const WITHOUT_QUEUE = 40;
const WITHOUT_QUEUE_IN_FLIGHT = 8;
const IN_FLIGHT = scaled(16, 64);

let shop: Shop;
let till: OpenClient;

beforeAll(async () => {
  shop = await openShop({ config: (read) => withLimit(read, 1_000_000) });
  till = await shop.shopSystem({ name: 'till' });
}, 60_000);
afterAll(() => shop.stop());

function withLimit<T extends { security: { rateLimits: { shopSystemPerMinute: number } } }>(read: T, limit: number): T {
  const { security } = read;
  return { ...read, security: { ...security, rateLimits: { ...security.rateLimits, shopSystemPerMinute: limit } } };
}

/** A customer of the shop who has so many points. */
async function customerWith(externalId: string, points: number, at = { shop, till }): Promise<Types.ObjectId> {
  const { app } = at.shop;
  const told = await at.till.post('/customers', { source: 'shop', externalId, name: '熟客' });
  expect(told.status).toBe(200);
  const customerId = new Types.ObjectId(String(told.body['id']));
  await app.act({
    cause: { door: 'clock', task: 'test' },
    change: async (tx, acting) => {
      const request = { amount: points, reason: '期初', key: externalId, by: 'test' };
      const given = await app.domain.membership.points.adjust(tx, customerId, request, app.clock.now());
      if (!given.ok) throw new Error(given.reason);
      acting.owe(given.owed);
      return given.owed.events;
    },
  });
  return customerId;
}

const spend = (externalId: string, sourceKey: string, amount = 1): Promise<OpenAnswer> =>
  till.post('/points/spend', { customer: { source: 'shop', externalId }, amount, reason: '抵扣', sourceKey });

/** So many at once, the next as soon as one is answered; answers by key. */
async function spendAll(externalId: string, keys: readonly string[]): Promise<Map<string, OpenAnswer>> {
  const answers = new Map<string, OpenAnswer>();
  const left = [...keys];
  const one = async (): Promise<void> => {
    for (let key = left.shift(); key !== undefined; key = left.shift()) answers.set(key, await spend(externalId, key));
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  return answers;
}

const balanceOf = async (customerId: Types.ObjectId) =>
  shop.app.domain.membership.points.balance(await shop.app.domain.persons.of(null, customerId), shop.app.clock.now());

const counted = (answers: Map<string, OpenAnswer>): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers.values()) {
    const kind = status === 200 ? 'spent' : `${status} ${String(body['code'])}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
};

describe(`${SPENDS} spends of 1 on a balance of ${BALANCE}, ${IN_FLIGHT} in flight`, () => {
  it(
    'spend exactly what is there, and every repeated key repeats its answer',
    async () => {
      const customerId = await customerWith('c-1', BALANCE);
      const keys = Array.from({ length: SPENDS }, (_, i) => `k-${i}`);
      const first = await spendAll('c-1', keys);
      expect(counted(first)).toEqual({ spent: BALANCE, '409 points.insufficient': SPENDS - BALANCE });
      expect(await balanceOf(customerId)).toMatchObject({ available: 0, debt: 0, spendable: 0 });

      const spent = [...first].filter(([, { status }]) => status === 200);
      expect(new Set(spent.map(([, { body }]) => body['id'])).size).toBe(BALANCE);
      const left = spent.map(([, { body }]) => Number(body['available'])).sort((a, b) => a - b);
      expect(left).toEqual(Array.from({ length: BALANCE }, (_, i) => i));

      const again = await spendAll('c-1', keys);
      expect(counted(again)).toEqual(counted(first));
      for (const [key, { status, body }] of again) {
        const before = first.get(key);
        expect([key, status]).toEqual([key, before?.status]);
        if (status === 200) expect(body).toEqual({ id: before?.body['id'], amount: 1, available: 0, repeated: true });
      }
      expect(await balanceOf(customerId)).toMatchObject({ available: 0, debt: 0 });
      expect(await shop.app.domain.membership.check()).toEqual([]);
    },
    scaled(60_000, 600_000),
  );

  it('refuse a key that named another spending, and never give more than the balance at once', async () => {
    await customerWith('c-2', 10);
    expect((await spend('c-2', 'big', 11)).body).toMatchObject({ code: 'points.insufficient' });
    expect((await spend('c-2', 'once', 4)).body).toMatchObject({ available: 6, repeated: false });
    expect(await spend('c-2', 'once', 5)).toMatchObject({ status: 409, body: { code: 'points.keyReused' } });
    // A refusal is not kept: the key may spend later, when there is enough.
    expect((await spend('c-2', 'big', 6)).body).toMatchObject({ available: 0, repeated: false });
  });

  it('lets one request with an Idempotency-Key run once, however it is repeated', async () => {
    const customerId = await customerWith('c-3', 5);
    const body = { customer: { source: 'shop', externalId: 'c-3' }, amount: 2, reason: '抵扣', sourceKey: 'idem' };
    const first = await till.post('/points/spend', body, { idempotencyKey: 'try-1' });
    const second = await till.post('/points/spend', body, { idempotencyKey: 'try-1' });
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    const other = await till.post('/points/spend', { ...body, amount: 3 }, { idempotencyKey: 'try-1' });
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency.mismatch' } });
    expect(await balanceOf(customerId)).toMatchObject({ available: 3 });
  });

  it('are as exact in the database alone, where nothing makes them queue', async () => {
    const { app } = shop;
    const customerId = await customerWith('c-4', 10);
    const tryOne = async (key: string): Promise<boolean> => {
      let ok = false;
      await app.act({
        cause: { door: 'clock', task: 'test' },
        change: async (tx) => {
          const person = await app.domain.persons.of(tx, customerId);
          const request = { amount: 1, reason: '抵扣', key };
          const spent = await app.domain.membership.points.spend(tx, person, request, app.clock.now());
          ({ ok } = spent);
          return spent.ok ? spent.owed.events : [];
        },
      });
      return ok;
    };
    const all: boolean[] = [];
    let next = 0;
    const one = async (): Promise<void> => {
      for (let n = next++; n < WITHOUT_QUEUE; n = next++) all.push(await tryOne(`direct-${n}`));
    };
    await Promise.all(Array.from({ length: WITHOUT_QUEUE_IN_FLIGHT }, one));
    expect(all.filter(Boolean)).toHaveLength(10);
    expect(await balanceOf(customerId)).toMatchObject({ available: 0, debt: 0 });
  }, 60_000);
});

describe('without the key that names a spending', () => {
  it('a repeated spend is two, which the answers and the balance show', async () => {
    let tries = 0;
    const careless = await openShop({
      withoutWork: true,
      replace: {
        membership: (real) => ({
          ...real,
          points: {
            ...real.points,
            spend: (tx, person, request, now) =>
              real.points.spend(tx, person, { ...request, key: `${request.key}-${++tries}` }, now),
          },
        }),
      },
    });
    try {
      const at = { shop: careless, till: await careless.shopSystem() };
      await customerWith('c-1', 10, at);
      const body = { customer: { source: 'shop', externalId: 'c-1' }, amount: 1, reason: '抵扣', sourceKey: 'same' };
      const first = await at.till.post('/points/spend', body);
      const again = await at.till.post('/points/spend', body);
      expect(again.body['id']).not.toBe(first.body['id']);
      expect(again.body).toMatchObject({ available: 8, repeated: false });
    } finally {
      await careless.stop();
    }
  }, 60_000);
});
