/** The ledger on the real database: random operations, many spendings at once, what a movement costs, history by the hundred. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Types } from 'mongoose';
import { createKeyedLock } from '../../../src/infra/keyed-lock.js';
import { createStore } from '../../../src/domain/membership/store.js';
import type { LedgerStore } from '../../../src/domain/membership/store.js';
import { scaled } from '../../helpers/scale.js';
import type { MemoryStore } from './memory-store.js';
import { opsOf, settings } from './ops.js';
import { alone, noon, openBench, orderOf, refundOf, rulesWith, together } from './shop.js';
import type { Bench } from './shop.js';
import { openWorld } from './world.js';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
}, 60_000);
afterAll(() => bench.close());
beforeEach(async () => {
  for (const model of Object.values(bench.models)) await model.collection.deleteMany({});
});

/** Reads from the database and keeps a copy beside it, by which the little shop compares. */
function inDatabase(copy: MemoryStore): MemoryStore {
  const stored = createStore(bench.models);
  const none = undefined as never;
  const calls: LedgerStore = {
    lock: (_tx, ids) => stored.lock(none, ids),
    posting: (_tx, key) => stored.posting(none, key),
    ofOrder: (_tx, order) => stored.ofOrder(none, order),
    ofLots: (_tx, lots) => stored.ofLots(none, lots),
    growth: (_tx, ids) => stored.growth(none, ids),
    save: async (tx, changes) => {
      await stored.save(none, changes);
      await copy.save(tx, changes);
    },
  };
  return { ...copy, ...calls };
}

it('random operations leave in the database what the reference says', async () => {
  await fc.assert(
    fc.asyncProperty(settings, opsOf(40), async (rules, ops) => {
      for (const model of Object.values(bench.models)) await model.collection.deleteMany({});
      const world = openWorld(rules, { store: inDatabase });
      for (const op of ops) await world.run(op);
      await world.finish();
    }),
    { numRuns: scaled(6, 100), endOnFailure: true },
  );
}, 300_000);

describe('many spendings at once', () => {
  const IN_FLIGHT = 64;
  const spendings = scaled(150, 1_000);
  const points = scaled(20, 100);

  async function spendAll(guard: <T>(work: () => Promise<T>) => Promise<T>): Promise<number> {
    const who = await bench.customer();
    const { adjust, spend } = bench.membership.points;
    const gift = { amount: points, reason: 'gift', key: String(who), by: 'staff' };
    await bench.tx((tx) => adjust(tx, who, gift, noon('2025-01-10')));
    let next = 0;
    let succeeded = 0;
    const worker = async (): Promise<void> => {
      while (next < spendings) {
        const key = `${String(who)} ${(next += 1)}`;
        const spent = await guard(() =>
          bench.tx((tx) => spend(tx, alone(who), { amount: 1, key, reason: 'tea' }, noon('2025-01-11'))),
        );
        if (spent.ok) succeeded += 1;
        else expect(spent.reason).toBe('points.insufficient');
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    expect(await bench.membership.points.balance(alone(who), noon('2025-01-11'))).toMatchObject({ available: 0 });
    return succeeded;
  }

  it('exactly as many succeed as there are points, with a queue per account', async () => {
    const lock = createKeyedLock();
    expect(await spendAll((work) => lock('account', work))).toBe(points);
    expect(await bench.membership.check()).toEqual([]);
  }, 300_000);

  it('and without one: the database is the truth', async () => {
    expect(await spendAll((work) => work())).toBe(points);
    expect(await bench.membership.check()).toEqual([]);
  }, 300_000);
});

describe('history', () => {
  const day = noon('2025-03-01');

  it('grows many customers at once, once, without points or events', async () => {
    const { growHistory, levels, points } = bench.membership;
    const ids = await Promise.all(Array.from({ length: 50 }, () => bench.customer()));
    const items = Array.from({ length: 500 }, (_, i) => {
      const customerId = ids[i % 50] as Types.ObjectId;
      const at = noon(`2025-0${1 + (i % 2)}-1${i % 10}`);
      const refunds = i % 5 === 0 ? [refundOf('r', 40, at)] : [];
      return { customerId, facts: orderOf(customerId, at, 80, { completedAt: at, refunds }) };
    });
    const owed = await bench.tx((tx) => growHistory(tx, items, day));
    expect(owed.events).toEqual([]);
    expect(owed.due.every(({ kind }) => kind === 'level.expire' || kind === 'level.warn')).toBe(true);
    const [first] = ids;
    if (!first) throw new Error('nobody');
    expect(await levels.of([first], day)).toMatchObject({ growth: 400, rank: 0 });
    expect(await levels.of([ids[1] as Types.ObjectId], day)).toMatchObject({ growth: 800, level: { code: 'silver' } });
    expect(await points.balance(alone(first), day)).toMatchObject({ available: 0, pending: 0 });
    const stored = await bench.customers.customers.findById(ids[1]).lean();
    expect(stored?.figures).toMatchObject({ growth: 800, level: 'silver' });
    const again = await bench.tx((tx) => growHistory(tx, items, day));
    expect(again).toEqual({ events: [], due: [], cancel: [] });
    expect(await bench.models.growth.countDocuments()).toBe(600);
    expect(await bench.membership.check()).toEqual([]);
  }, 60_000);

  it('gives the level of a person over all their customers', async () => {
    const [a, b] = [await bench.customer(), await bench.customer()];
    const person = [a, b];
    const items = person.map((customerId) => ({
      ...{ customerId, person },
      facts: orderOf(customerId, noon('2025-01-10'), 400, { completedAt: noon('2025-01-10') }),
    }));
    const owed = await bench.tx((tx) => bench.membership.growHistory(tx, items, day, { events: true }));
    expect(owed.events.map(({ kind }) => kind)).toEqual(['level.reached']);
    for (const id of person) expect((await bench.models.accounts.findById(id).lean())?.level?.code).toBe('silver');
    expect(await bench.membership.check()).toEqual([]);
  });
});

describe('the check', () => {
  it.each([
    ['a sum', { $inc: { available: 1 } }, 'says available'],
    ['a lot', { $set: { 'lots.0.remaining': 3 } }, 'other lots'],
    ['the growth value', { $inc: { growth: 5 } }, 'growth value of'],
    ['the level', { $set: { 'level.code': 'gold' } }, 'is gold'],
  ])('finds %s that was changed by hand', async (_what, update, sentence) => {
    const who = await bench.customer();
    const order = orderOf(who, noon('2025-01-10'), 500, { completedAt: noon('2025-01-11') });
    await bench.tx((tx) => bench.membership.settleOrder(tx, alone(who), order, noon('2025-01-11')));
    expect(await bench.membership.check()).toEqual([]);
    await bench.models.accounts.collection.updateOne({ _id: who }, update);
    expect((await bench.membership.check()).join()).toContain(sentence);
  });

  it('finds a posting that is missing and one whose legs do not sum to 0', async () => {
    const who = await bench.customer();
    const { adjust } = bench.membership.points;
    for (const key of ['a', 'b', 'c']) {
      await bench.tx((tx) => adjust(tx, who, { amount: 10, key, reason: 'gift', by: 'staff' }, noon('2025-01-10')));
    }
    await bench.models.postings.collection.updateOne({ key: 'adjust:c' }, { $set: { 'legs.0.amount': -9 } });
    expect((await bench.membership.check()).join()).toContain('do not sum to 0');
    await bench.models.postings.collection.deleteOne({ key: 'adjust:b' });
    expect((await bench.membership.check()).join()).toContain('2 was next');
    await bench.models.accounts.collection.deleteMany({});
    expect(await bench.membership.check()).toEqual(['2 postings are of customers without an account']);
  });
});

it('a link and its undo give back the levels each would have alone', async () => {
  const [a, b] = [await bench.customer(), await bench.customer()];
  const now = noon('2025-02-01');
  const { settleOrder, regroup } = bench.membership;
  for (const who of [a, b]) {
    const order = orderOf(who, noon('2025-01-10'), 400, { completedAt: noon('2025-01-10') });
    await bench.tx((tx) => settleOrder(tx, alone(who), order, now));
  }
  const level = async (id: Types.ObjectId) => (await bench.models.accounts.findById(id).lean())?.level?.code;
  const linked = await bench.tx((tx) => regroup(tx, together(a, b), now));
  expect(linked.events.map(({ kind, data }) => [kind, data['growth']])).toEqual([['level.reached', 800]]);
  // The level was earned long ago, and they have it from now on: a notice of it is of today.
  expect(linked.events.map(({ at }) => at)).toEqual([now]);
  expect((await bench.membership.levels.of([a, b], now)).since).not.toEqual(now);
  expect([await level(a), await level(b)]).toEqual(['silver', 'silver']);
  expect(linked.due.map(({ key }) => key)).toEqual([`level.expire:${String(a)}`, `level.warn:${String(a)}`]);
  for (const who of [a, b]) {
    const parted = await bench.tx((tx) => regroup(tx, alone(who), now));
    expect(parted.events.map(({ kind, at }) => [kind, at])).toEqual([['level.lost', now]]);
  }
  expect([await level(a), await level(b)]).toEqual(['member', 'member']);
  expect(await bench.membership.check()).toEqual([]);
});

it('new rules hold for what is paid from then on', async () => {
  const who = await bench.customer();
  const { programme, settleOrder, points } = bench.membership;
  const put = await bench.tx((tx) => programme.put(tx, rulesWith({ perYuan: 3 }), 'staff', noon('2025-02-01')));
  expect(put).toMatchObject({ version: 1, events: [{ kind: 'programme.changed' }] });
  expect((await programme.current(noon('2025-01-31'))).version).toBe(0);
  expect((await programme.current(noon('2025-02-01'))).rules.points.perYuan).toBe(3);
  for (const day of ['2025-01-31', '2025-02-02']) {
    await bench.tx((tx) => settleOrder(tx, alone(who), orderOf(who, noon(day), 100), noon('2025-02-03')));
  }
  const lots = await points.lots([who], noon('2025-02-03'));
  expect(lots.map(({ remaining }) => remaining)).toEqual([100, 300]);
});
