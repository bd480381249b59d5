/** The ledger against a reference of its own, under random operations of four customers who become one person and part again. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scaled } from '../../helpers/scale.js';
import { faults } from './faults.js';
import { opsOf, settings } from './ops.js';
import { openWorld } from './world.js';
import type { Op } from './world.js';

const OPS = 80;

describe('random operations', () => {
  it('leave what the reference says, at every moment', async () => {
    let operations = 0;
    const runs = scaled(40, 2_000);
    await fc.assert(
      fc.asyncProperty(settings, opsOf(OPS), async (rules, ops) => {
        const world = openWorld(rules);
        for (const op of ops) await world.run(op);
        await world.finish();
        operations += ops.length;
      }),
      { numRuns: runs, endOnFailure: true },
    );
    console.log(`${operations} operations`);
    expect(operations).toBeGreaterThanOrEqual(scaled(1_000, 100_000));
  }, 600_000);
});

describe('a planted fault is noticed:', () => {
  it.each(Object.keys(faults))(
    '%s',
    async (name) => {
      const fault = faults[name];
      const broken = fc.asyncProperty(settings, opsOf(OPS), async (rules, ops) => {
        const world = openWorld(rules, fault);
        for (const op of ops) await world.run(op);
        await world.finish();
      });
      const found = await fc.check(broken, { numRuns: 300, endOnFailure: true, seed: 20_251_122 });
      expect(found.failed).toBe(true);
    },
    120_000,
  );
});

const whole = { halvesPerYuan: 2, window: 0, months: 12 };
const yuan = fc.integer({ min: 1, max: 500_000 });

describe('refunds', () => {
  const parts = fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 1, maxLength: 6 });

  it('in any parts end where one full refund ends', async () => {
    await fc.assert(
      fc.asyncProperty(yuan, parts, settings, async (fen, permilles, rules) => {
        const inParts = openWorld(rules);
        const atOnce = openWorld(rules);
        const order: Op = { do: 'order', who: 0, fen, daysAgo: 0, paid: true, report: true };
        for (const world of [inParts, atOnce]) await world.run(order);
        for (const permille of permilles) await inParts.run({ do: 'refund', order: 0, permille, report: true });
        for (const world of [inParts, atOnce])
          await world.run({ do: 'refund', order: 0, permille: 1000, report: true });
        expect(inParts.totals()).toEqual(atOnce.totals());
        expect(inParts.totals()[0]).toEqual({ available: 0, pending: 0, debt: 0 });
        await inParts.finish();
      }),
      { numRuns: scaled(50, 2_000) },
    );
  });

  it('of all of an order right after it leave available and debt as they were', async () => {
    await fc.assert(
      fc.asyncProperty(yuan, opsOf(30), async (fen, ops) => {
        const world = openWorld(whole);
        for (const op of ops) await world.run(op);
        const before = world.totals();
        const index = world.orderCount();
        await world.run({ do: 'order', who: 0, fen, daysAgo: 0, paid: true, report: true });
        await world.run({ do: 'refund', order: index, permille: 1000, report: true });
        expect(world.totals()).toEqual(before);
      }),
      { numRuns: scaled(50, 1_000), endOnFailure: true },
    );
  });
});

describe('reports', () => {
  const day = fc.integer({ min: 0, max: 30 });
  const story = fc.record({
    fen: yuan,
    steps: fc.array(
      fc.oneof(
        fc.record({ do: fc.constantFrom('receive' as const, 'complete' as const), order: fc.constant(0) }),
        fc.record({
          do: fc.constant('refund' as const),
          order: fc.constant(0),
          permille: fc.integer({ min: 1, max: 1000 }),
        }),
        fc.record({ do: fc.constant('wait' as const), days: day, timers: fc.boolean() }),
      ),
      { maxLength: 12 },
    ),
    told: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  });

  it('that come late, in part or twice end in the same place', async () => {
    await fc.assert(
      fc.asyncProperty(settings, story, async (rules, { fen, steps, told }) => {
        const prompt = openWorld(rules);
        const late = openWorld(rules);
        const order: Op = { do: 'order', who: 0, fen, daysAgo: 0, paid: true, report: true };
        await prompt.run(order);
        await late.run({ ...order, report: told[0] ?? false });
        for (const [i, step] of steps.entries()) {
          await prompt.run({ ...step, report: true } as Op);
          // A receipt is told when it happens: points that became available keep the dates they got then.
          await late.run({ ...step, report: step.do === 'receive' || (told[i] ?? false) } as Op);
        }
        for (const world of [prompt, late, late]) await world.run({ do: 'report', order: 0, report: true });
        expect(late.totals()).toEqual(prompt.totals());
        for (const world of [prompt, late]) await world.finish();
      }),
      { numRuns: scaled(60, 2_000), endOnFailure: true },
    );
  });
});
