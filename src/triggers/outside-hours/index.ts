/** When a customer writes while nobody works, at most once in a while per conversation. Times are the shop's zone. */
import { z } from 'zod';
import type { LocalTime, Trigger } from '../../contracts/index.js';

const Time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected HH:mm');
const Args = z.strictObject({
  /** When somebody is there. `to` before `from` runs over midnight; days are those on which the span begins, 1 Monday. */
  hours: z
    .array(z.strictObject({ days: z.array(z.number().int().min(1).max(7)).min(1).max(7), from: Time, to: Time }))
    .min(1)
    .max(14),
  repeatAfterHours: z.number().min(0).max(168).default(8),
  /** This strategy's own code, filled in when it is stored: its last answer stands in the facts. */
  strategyCode: z.string().default(''),
});
type Args = z.infer<typeof Args>;

const HOUR_MS = 3_600_000;

export const outsideHours: Trigger<Args> = {
  code: 'outside-hours',
  title: { 'zh-CN': '非营业时间来消息', en: 'Writes outside opening hours' },
  on: ['message.received'],
  args: Args,
  matches(_event, facts, args) {
    if (facts.conversation?.assigneeId || isOpen(facts.local, args.hours)) return false;
    const last = facts.conversation?.lastAnswers[args.strategyCode];
    return !last || facts.now.getTime() - last.getTime() >= args.repeatAfterHours * HOUR_MS;
  },
  example: {
    event: { kind: 'message.received', at: new Date(0), data: { type: 'text', text: '在吗' } },
    args: {
      hours: [{ days: [1, 2, 3, 4, 5], from: '09:00', to: '18:00' }],
      repeatAfterHours: 8,
      strategyCode: 'closed',
    },
  },
};

function isOpen(local: LocalTime, hours: Args['hours']): boolean {
  return hours.some(({ days, from, to }) => {
    const today = days.includes(local.weekday);
    if (from <= to) return today && local.time >= from && local.time < to;
    const yesterday = days.includes(((local.weekday + 5) % 7) + 1);
    return (today && local.time >= from) || (yesterday && local.time < to);
  });
}
