/** When an order is still unpaid at one of its two moments: a third of the way to its closing, and ten minutes before it. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';

const Args = z.strictObject({
  /** Which of the two reminders: 1 the early one, 2 the last one. */
  steps: z
    .array(z.union([z.literal(1), z.literal(2)]))
    .min(1)
    .max(2)
    .default([1, 2]),
});
type Args = z.infer<typeof Args>;

export const orderUnpaid: Trigger<Args> = {
  code: 'order-unpaid',
  title: { 'zh-CN': '订单待付款', en: 'Order is unpaid' },
  scene: 'order-unpaid',
  on: ['order.paymentDue'],
  args: Args,
  matches: (event, _facts, args) => args.steps.some((step) => step === event.data['step']),
  example: { event: { kind: 'order.paymentDue', at: new Date(0), data: { step: 1 } }, args: { steps: [1, 2] } },
};
