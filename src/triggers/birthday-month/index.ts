/** On the first of the month, for everybody whose birthday is in it. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';
import { atTen, dayOf, dueExample, hasPassed, isDue, where } from '../clock.js';

const Args = z.strictObject({ at: atTen });
type Args = z.infer<typeof Args>;

export const birthdayMonth: Trigger<Args> = {
  code: 'birthday-month',
  title: { 'zh-CN': '生日月', en: 'Birthday month' },
  on: ['strategy.due'],
  args: Args,
  due(instant, args) {
    const { month, day } = dayOf(instant);
    if (day !== 1 || !hasPassed(instant, args.at)) return undefined;
    return { key: instant.local.date.slice(0, 7), who: where('birthMonth', 'is', [month]), once: 'occasion' };
  },
  matches: isDue,
  example: { event: dueExample, args: { at: '10:00' } },
};
