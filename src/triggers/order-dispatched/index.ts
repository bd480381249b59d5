/** When the first parcel of an order is on its way. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';

const Args = z.strictObject({});
type Args = z.infer<typeof Args>;

export const orderDispatched: Trigger<Args> = {
  code: 'order-dispatched',
  title: { 'zh-CN': '订单已发货', en: 'Order is dispatched' },
  scene: 'order-dispatched',
  on: ['order.dispatched'],
  args: Args,
  matches: () => true,
  example: { event: { kind: 'order.dispatched', at: new Date(0), data: {} }, args: {} },
};
