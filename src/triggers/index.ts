/** The list of triggers, one line each. */
import type { Trigger } from '../contracts/index.js';
import { follow } from './follow/index.js';
import { keyword } from './keyword/index.js';
import { levelReached } from './level-reached/index.js';
import { orderDispatched } from './order-dispatched/index.js';
import { orderPaid } from './order-paid/index.js';
import { orderUnpaid } from './order-unpaid/index.js';
import { outsideHours } from './outside-hours/index.js';

export const triggers = [
  follow,
  keyword,
  outsideHours,
  orderUnpaid,
  orderPaid,
  orderDispatched,
  levelReached,
] as unknown as readonly Trigger[];
