/** The list of triggers, one line each. */
import type { Trigger } from '../contracts/index.js';
import { activeNoOrder } from './active-no-order/index.js';
import { birthday } from './birthday/index.js';
import { birthdayMonth } from './birthday-month/index.js';
import { dormant } from './dormant/index.js';
import { follow } from './follow/index.js';
import { joined } from './joined/index.js';
import { keyword } from './keyword/index.js';
import { levelEndangered } from './level-endangered/index.js';
import { levelReached } from './level-reached/index.js';
import { optedOut } from './opted-out/index.js';
import { orderDispatched } from './order-dispatched/index.js';
import { orderPaid } from './order-paid/index.js';
import { orderUnpaid } from './order-unpaid/index.js';
import { outsideHours } from './outside-hours/index.js';
import { pointsExpiring } from './points-expiring/index.js';
import { regular } from './regular/index.js';
import { repurchaseDue } from './repurchase-due/index.js';
import { secondOrder } from './second-order/index.js';

export const triggers = [
  follow,
  keyword,
  outsideHours,
  orderUnpaid,
  orderPaid,
  orderDispatched,
  levelReached,
  joined,
  optedOut,
  pointsExpiring,
  levelEndangered,
  birthdayMonth,
  birthday,
  secondOrder,
  repurchaseDue,
  activeNoOrder,
  dormant,
  regular,
] as unknown as readonly Trigger[];
