/** So many days after the first order arrived, while there is no second one. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';
import { atTen, dueExample, hasPassed, isDue, where } from '../clock.js';

const Args = z
  .strictObject({
    /** Days since the order arrived from which on … */
    afterDays: z.int().min(1).max(180).default(3),
    /** … and up to which it is still worth saying. */
    untilDays: z.int().min(1).max(365).default(45),
    at: atTen,
  })
  .refine(({ afterDays, untilDays }) => untilDays >= afterDays, {
    path: ['untilDays'],
    message: 'must not be before afterDays',
  });
type Args = z.infer<typeof Args>;

export const secondOrder: Trigger<Args> = {
  code: 'second-order',
  title: { 'zh-CN': '首单签收后未复购', en: 'First order arrived, no second one' },
  on: ['strategy.due'],
  args: Args,
  due(instant, { afterDays, untilDays, at }) {
    if (!hasPassed(instant, at)) return undefined;
    const one = [where('orders', 'atLeast', 1), where('orders', 'atMost', 1)];
    const arrived = [
      where('lastReceivedAt', 'beforeDays', afterDays),
      // Today is one of them, so the last of so many days ago needs one more.
      where('lastReceivedAt', 'withinDays', untilDays + 1),
    ];
    return { key: instant.local.date, who: { all: [...one, ...arrived] }, once: 'ever' };
  },
  matches: isDue,
  example: { event: dueExample, args: { afterDays: 3, untilDays: 45, at: '10:00' } },
};
