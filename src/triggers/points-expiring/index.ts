/** When points of a person are about to expire: 60, 30, 7 and 1 days before, as the programme warns. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';

const Args = z.strictObject({
  /** Which of the warnings, by their days; empty: all. */
  days: z.array(z.int().min(1).max(365)).max(10).default([]),
  /** Points below which it is not worth a word. */
  atLeast: z.int().min(1).max(1_000_000).default(1),
});
type Args = z.infer<typeof Args>;

export const pointsExpiring: Trigger<Args> = {
  code: 'points-expiring',
  title: { 'zh-CN': '积分即将过期', en: 'Points about to expire' },
  on: ['points.expiring'],
  args: Args,
  matches({ data }, _facts, args) {
    const { amount, days } = data;
    const isWorth = typeof amount === 'number' && amount >= args.atLeast;
    return isWorth && (args.days.length === 0 || args.days.some((one) => one === days));
  },
  example: {
    event: { kind: 'points.expiring', at: new Date(0), data: { amount: 120, days: 7 } },
    args: { days: [30, 7], atLeast: 100 },
  },
};
