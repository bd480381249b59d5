/** How an order's state looks: good once it is paid for, bad once it came back. */
import type { OrderStatus } from '../../api/types.js';

export const orderStates: readonly OrderStatus[] = [
  'pending',
  'paid',
  'dispatched',
  'delivered',
  'completed',
  'closed',
  'refunding',
  'refunded',
];

export function toneOf(status: OrderStatus): string {
  if (status === 'refunding' || status === 'refunded') return 'chip--bad';
  return status === 'pending' || status === 'closed' ? '' : 'chip--good';
}
