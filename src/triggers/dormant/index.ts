/** A step of the ladder for people who stay away: the last order lies so many cycles back, and not yet as far as the next step. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';
import { atTen, dueExample, hasPassed, isDue, where } from '../clock.js';

const Args = z
  .strictObject({
    /** How long people of this shop usually take to their next order. */
    cycleDays: z.int().min(1).max(365).default(60),
    /** Cycles since the last order from which on … */
    from: z.number().min(1).max(12).default(1.5),
    /** … and before which, so that nobody climbs two steps at once; absent: however long. */
    to: z.number().min(1).max(24).optional(),
    at: atTen,
  })
  .refine(({ from, to }) => to === undefined || to > from, { path: ['to'], message: 'must be after from' });
type Args = z.infer<typeof Args>;

export const dormant: Trigger<Args> = {
  code: 'dormant',
  title: { 'zh-CN': '沉睡客户', en: 'Dormant customer' },
  on: ['strategy.due'],
  args: Args,
  due(instant, { cycleDays, from, to, at }) {
    if (!hasPassed(instant, at)) return undefined;
    const days = (cycles: number): number => Math.round(cycleDays * cycles);
    const ladder = [
      where('orders', 'atLeast', 1),
      where('lastOrderAt', 'beforeDays', days(from)),
      ...(to === undefined ? [] : [where('lastOrderAt', 'withinDays', days(to))]),
    ];
    return { key: instant.local.date, who: { all: ladder }, once: 'lastOrder' };
  },
  matches: isDue,
  example: { event: dueExample, args: { cycleDays: 60, from: 1.5, to: 2, at: '10:00' } },
};
