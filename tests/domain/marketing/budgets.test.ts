/** A budget is never overrun, however many ask at once, and what comes back can be used again. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createBudgets } from '../../../src/domain/marketing/index.js';
import type { Budgets } from '../../../src/domain/marketing/index.js';
import { openDesk } from './broadcasts-setup.js';
import type { Desk } from './broadcasts-setup.js';

let desk: Desk;
let budgets: Budgets;
beforeAll(async () => {
  desk = await openDesk();
  budgets = createBudgets(desk.models);
}, 60_000);
afterAll(() => desk.close());

const reserve = (campaign: string, asked: { people: number; fen: number }, budget: { people?: number; fen?: number }) =>
  desk.database.transaction((tx) => budgets.reserve(tx, campaign, asked, budget));

describe('a budget', () => {
  it('of ten people, asked for by a hundred at once: exactly ten', async () => {
    const one = { people: 1, fen: 500 };
    const answers = await Promise.all(Array.from({ length: 100 }, () => reserve('broadcast:a', one, { people: 10 })));
    expect(answers.filter(Boolean)).toHaveLength(10);
    expect(await budgets.used('broadcast:a')).toEqual({ people: 10, fen: 5000 });
  }, 60_000);

  it.each([
    ['fen left', { people: 1, fen: 100 }, { people: 9, fen: 100 }, true],
    ['a fen too little', { people: 1, fen: 101 }, { people: 9, fen: 100 }, false],
    ['a person too many', { people: 3, fen: 0 }, { people: 2, fen: 100 }, false],
    ['no budget at all', { people: 1_000_000, fen: 1_000_000 }, {}, true],
  ])('%s', async (name, asked, budget, expected) => {
    expect(await reserve(`broadcast:${name}`, asked, budget)).toBe(expected);
    expect((await budgets.used(`broadcast:${name}`)).people).toBe(expected ? asked.people : 0);
  });

  it('what is given back can be used again', async () => {
    const all = { people: 2, fen: 20 };
    expect(await reserve('strategy:b', all, { people: 2 })).toBe(true);
    expect(await reserve('strategy:b', { people: 1, fen: 0 }, { people: 2 })).toBe(false);
    await desk.database.transaction((tx) => budgets.giveBack(tx, 'strategy:b', { people: 1, fen: 10 }));
    expect(await reserve('strategy:b', { people: 1, fen: 0 }, { people: 2 })).toBe(true);
  });

  it.each([
    [7, 0, { people: 5 }, 5],
    [7, 300, { people: 5, fen: 1000 }, 3],
    [2, 300, { fen: 1000 }, 2],
    [7, 300, { fen: 299 }, 0],
  ])('for up to %i people at %i fen within %j: %i', async (wanted, fenEach, budget, expected) => {
    const campaign = `broadcast:${wanted}-${fenEach}-${JSON.stringify(budget)}`;
    const had = await desk.database.transaction((tx) => budgets.reserveUpTo(tx, campaign, { wanted, fenEach }, budget));
    expect(had).toBe(expected);
    expect(await budgets.used(campaign)).toEqual({ people: expected, fen: expected * fenEach });
  });

  it('a transaction that fails uses nothing', async () => {
    const failing = desk.database.transaction(async (tx) => {
      await budgets.reserve(tx, 'broadcast:failed', { people: 1, fen: 1 }, {});
      throw new Error('after all not');
    });
    await expect(failing).rejects.toThrow('after all not');
    expect(await budgets.used('broadcast:failed')).toEqual({ people: 0, fen: 0 });
  });
});
