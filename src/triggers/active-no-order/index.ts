/** Every day, for people who came by lately and have not ordered for a while. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';
import { atTen, dueExample, hasPassed, isDue, where } from '../clock.js';

const Args = z.strictObject({
  /** Seen in so many days. */
  activeDays: z.int().min(1).max(180).default(30),
  /** No order in so many days. */
  noOrderDays: z.int().min(1).max(730).default(30),
  /** `bought`: have ordered before; `never`: never have. */
  who: z.enum(['all', 'bought', 'never']).default('all'),
  /** Told again after another order, or once for ever. */
  again: z.enum(['afterOrder', 'never']).default('afterOrder'),
  at: atTen,
});
type Args = z.infer<typeof Args>;

export const activeNoOrder: Trigger<Args> = {
  code: 'active-no-order',
  title: { 'zh-CN': '近期活跃但未下单', en: 'Active without an order' },
  on: ['strategy.due'],
  args: Args,
  due(instant, { activeDays, noOrderDays, who, again, at }) {
    if (!hasPassed(instant, at)) return undefined;
    const ordered = where('orders', 'atLeast', 1);
    const had = { all: [], bought: [ordered], never: [{ not: ordered }] }[who];
    return {
      key: instant.local.date,
      who: {
        all: [
          where('lastBehaviourAt', 'withinDays', activeDays),
          { not: where('lastOrderAt', 'withinDays', noOrderDays) },
          ...had,
        ],
      },
      once: again === 'afterOrder' ? 'lastOrder' : 'ever',
    };
  },
  matches: isDue,
  example: {
    event: dueExample,
    args: { activeDays: 30, noOrderDays: 30, who: 'all', again: 'afterOrder', at: '10:00' },
  },
};
