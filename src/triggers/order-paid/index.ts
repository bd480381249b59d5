/** When an order was paid. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';

const Args = z.strictObject({});
type Args = z.infer<typeof Args>;

export const orderPaid: Trigger<Args> = {
  code: 'order-paid',
  title: { 'zh-CN': '订单已付款', en: 'Order is paid' },
  scene: 'order-paid',
  on: ['order.paid'],
  args: Args,
  matches: () => true,
  example: { event: { kind: 'order.paid', at: new Date(0), data: {} }, args: {} },
};
