/** Figures that several modules change in one transaction, written together. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import { createFigures } from '../../../src/domain/customers/index.js';
import type { FigureChange, FigureWriter } from '../../../src/domain/customers/index.js';
import { at, daysBefore, openPeople } from './people.js';
import type { People } from './people.js';

let people: People;
let figures: FigureWriter;
let writes: number;
beforeAll(async () => {
  people = await openPeople();
  figures = createFigures(people.models);
}, 60_000);
afterAll(() => people.close());
beforeEach(async () => {
  await people.clear();
  writes = 0;
  people.database.connection.set('debug', (_collection: string, method: string) => {
    if (method === 'bulkWrite' || method === 'updateOne') writes += 1;
  });
});

const figuresOf = async (id: Types.ObjectId) => (await people.models.customers.findById(id).lean())?.figures;

/** Once as one after the other, once at once: the same must come of it. */
async function both(changesOf: (id: Types.ObjectId) => FigureChange[]) {
  const [apart, together] = [await people.addCustomer(), await people.addCustomer()];
  await people.tx(async (tx) => {
    for (const change of changesOf(apart)) await figures(tx, [change]);
  });
  writes = 0;
  await people.tx((tx) =>
    figures.atOnce(tx, async () => {
      for (const change of changesOf(together)) await figures(tx, [change]);
    }),
  );
  const result = await figuresOf(together);
  expect(result).toEqual(await figuresOf(apart));
  return { result, writes };
}

describe('at once', () => {
  it('what different modules change is one write', async () => {
    const { result, writes: times } = await both((customerId) => [
      { customerId, inc: { orders: 1, spent: 500, items: 2 }, firstOrderAt: daysBefore(3), lastOrderAt: daysBefore(3) },
      { customerId, set: { growth: 7, level: 'gold' } },
      { customerId, lastBehaviourAt: at },
    ]);
    expect(times).toBe(1);
    expect(result).toEqual({
      ...{ orders: 1, spent: 500, items: 2, growth: 7, level: 'gold' },
      ...{ firstOrderAt: daysBefore(3), lastOrderAt: daysBefore(3), lastBehaviourAt: at },
    });
  });

  it('what touches the same figure keeps its order', async () => {
    const { result } = await both((customerId) => [
      { customerId, inc: { orders: 2 }, firstOrderAt: daysBefore(9), set: { points: 1 } },
      { customerId, inc: { orders: 3 }, firstOrderAt: daysBefore(5), set: { points: 2 } },
      { customerId, unset: ['firstOrderAt', 'points'] },
      { customerId, set: { points: 4 }, unset: ['lastOrderAt'] },
    ]);
    expect(result).toEqual({ orders: 5, points: 4 });
  });

  it('writes nothing of work that fails, and the same transaction writes as usual after it', async () => {
    const customerId = await people.addCustomer();
    await people.tx(async (tx) => {
      const failing = figures.atOnce(tx, async () => {
        await figures(tx, [{ customerId, set: { points: 1 } }]);
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      await figures(tx, [{ customerId, set: { growth: 2 } }]);
    });
    expect(await figuresOf(customerId)).toEqual({ growth: 2 });
  });
});
