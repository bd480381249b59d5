/** On the day itself. Who was born on 29 February is greeted on the 28th in years that have no 29th. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';
import { atTen, dayOf, daysIn, dueExample, hasPassed, isDue, where } from '../clock.js';

const Args = z.strictObject({ at: atTen });
type Args = z.infer<typeof Args>;

export const birthday: Trigger<Args> = {
  code: 'birthday',
  title: { 'zh-CN': '生日当天', en: 'Birthday' },
  on: ['strategy.due'],
  args: Args,
  due(instant, args) {
    if (!hasPassed(instant, args.at)) return undefined;
    const { year } = dayOf(instant);
    const today = instant.local.date.slice(5);
    const days = today === '02-28' && daysIn(year, 2) === 28 ? [today, '02-29'] : [today];
    return { key: instant.local.date, who: where('birthday', 'is', days), once: 'occasion' };
  },
  matches: isDue,
  example: { event: dueExample, args: { at: '10:00' } },
};
