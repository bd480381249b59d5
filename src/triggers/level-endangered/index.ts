/** When a person's level is about to end and the growth value does not keep it: 30 and 7 days before, as the programme warns. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';

const Args = z.strictObject({
  /** Which of the warnings, by their days; empty: all. */
  days: z.array(z.int().min(1).max(365)).max(10).default([]),
});
type Args = z.infer<typeof Args>;

export const levelEndangered: Trigger<Args> = {
  code: 'level-endangered',
  title: { 'zh-CN': '会员等级即将到期', en: 'Level in danger' },
  on: ['level.endangered'],
  args: Args,
  matches: ({ data }, _facts, args) => args.days.length === 0 || args.days.some((one) => one === data['days']),
  example: { event: { kind: 'level.endangered', at: new Date(0), data: { days: 7 } }, args: { days: [30, 7] } },
};
