/** Random operations on the little shop, for fast-check. */
import fc from 'fast-check';
import type { Op, Settings } from './world.js';
import { CUSTOMERS } from './world.js';

const who = fc.nat(CUSTOMERS - 1);
const order = fc.nat(9);
const report = fc.boolean();
/** Often all of it, often nothing that divides well. */
const permille = fc.oneof(fc.constant(1000), fc.constant(333), fc.integer({ min: 1, max: 1000 }));
const fen = fc.oneof(fc.integer({ min: 1, max: 300_000 }), fc.integer({ min: 1, max: 500 }));

const op = (min: number): fc.Arbitrary<Op> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        days: fc.oneof(
          { weight: 12, arbitrary: fc.integer({ min, max: 40 }) },
          { weight: 1, arbitrary: fc.integer({ min: 300, max: 370 }) },
        ),
        timers: fc.boolean(),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('order' as const),
        ...{
          who,
          fen,
          daysAgo: fc.nat(60),
          paid: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
          report: fc.constant(true),
        },
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constantFrom(
          'pay' as const,
          'receive' as const,
          'complete' as const,
          'complete' as const,
          'close' as const,
          'report' as const,
        ),
        ...{ order, report },
      }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('refund' as const), order, permille, report }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('spend' as const),
        who,
        permille: fc.oneof(permille, fc.constant(1001)),
        order: fc.option(order, { nil: undefined }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('adjust' as const), who, amount: fc.integer({ min: -300, max: 300 }) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('checkin' as const), who }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('link' as const, 'unlink' as const), a: who, b: who }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('again' as const), which: fc.nat(30) }) },
  );

export const opsOf = (length: number): fc.Arbitrary<Op[]> =>
  fc.array(op(0), { minLength: length / 2, maxLength: length, size: 'max' });

export const settings: fc.Arbitrary<Settings> = fc.record({
  halvesPerYuan: fc.constantFrom(1, 2, 4),
  window: fc.constantFrom(0, 0, 7),
  months: fc.constantFrom(1, 3, 12),
});
