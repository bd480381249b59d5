/** When what somebody bought last of a category should be used up soon, by that category's cycle. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';
import { atTen, dueExample, hasPassed, isDue, where } from '../clock.js';

const Args = z
  .strictObject({
    category: z.string().trim().min(1).max(100),
    /** Shares of the cycle since the last order of the category: 0.8 is a little before it ends. */
    from: z.number().min(0.1).max(10).default(0.8),
    to: z.number().min(0.1).max(20).default(1),
    at: atTen,
  })
  .refine(({ from, to }) => to > from, { path: ['to'], message: 'must be after from' });
type Args = z.infer<typeof Args>;

export const repurchaseDue: Trigger<Args> = {
  code: 'repurchase-due',
  title: { 'zh-CN': '到了复购周期', en: 'Time to buy again' },
  on: ['strategy.due'],
  args: Args,
  due(instant, { category, from, to, at }) {
    if (!hasPassed(instant, at)) return undefined;
    const who = where('repurchase', 'inside', { category, from, to });
    return { key: instant.local.date, who, once: 'lastOrder', data: { category } };
  },
  matches: isDue,
  example: { event: dueExample, args: { category: '香薰', from: 0.8, to: 1, at: '10:00' } },
};
