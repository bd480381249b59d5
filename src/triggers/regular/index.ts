/** Every day, week or month at a time, for the strategy's audience: a member day, a weekly return visit. */
import { z } from 'zod';
import type { Instant, Trigger } from '../../contracts/index.js';
import { atTen, dayOf, daysIn, dueExample, hasPassed, isDue } from '../clock.js';

const Args = z.strictObject({
  every: z.enum(['day', 'week', 'month']),
  /** Of a week: 1 Monday … 7 Sunday. */
  weekday: z.int().min(1).max(7).default(1),
  /** Of a month; the last day in months that are shorter. */
  day: z.int().min(1).max(31).default(1),
  at: atTen,
});
type Args = z.infer<typeof Args>;

export const regular: Trigger<Args> = {
  code: 'regular',
  title: { 'zh-CN': '定期', en: 'Regularly' },
  on: ['strategy.due'],
  args: Args,
  due(instant, args) {
    if (!isToday(instant, args) || !hasPassed(instant, args.at)) return undefined;
    return { key: instant.local.date, who: { all: [] }, once: 'occasion' };
  },
  matches: isDue,
  example: { event: dueExample, args: { every: 'month', weekday: 1, day: 8, at: '10:00' } },
};

function isToday(instant: Instant, { every, weekday, day }: Args): boolean {
  const today = dayOf(instant);
  if (every === 'week') return instant.local.weekday === weekday;
  return every === 'day' || today.day === Math.min(day, daysIn(today.year, today.month));
}
