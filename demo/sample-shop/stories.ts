/** What the people one plays on the phone have bought, and whether they joined: each in another situation worth looking at. */
import type { OrderInput } from '../../src/contracts/index.js';
import { goods } from './goods.js';
import type { PlannedCustomer } from './plan.js';
import { vivid } from './vivid.js';

export interface Story {
  /** Absent: not a member yet, so that joining can be tried. */
  joinedDaysAgo?: number;
  opening?: { points: number; daysAgo: number };
  /** Days in a row up to yesterday. */
  checkins?: number;
  vouchers?: ReadonlyArray<'spring' | 'hundred'>;
  orders: readonly StoryOrder[];
}

export interface StoryOrder {
  hoursAgo: number;
  lines: ReadonlyArray<[sku: string, quantity: number]>;
  stage: 'pending' | 'paid' | 'dispatched' | 'delivered' | 'completed';
  /** Fen given back, two days after receipt. */
  refund?: number;
}

const HOUR_MS = 3_600_000;
const DAY = 24;
const SHANGHAI_MS = 8 * HOUR_MS;
const bought = (daysAgo: number, ...lines: Array<[string, number]>): StoryOrder => ({
  hoursAgo: daysAgo * DAY,
  lines,
  stage: 'completed',
});

const stories: Readonly<Record<string, Story>> = {
  // Silver; a parcel on its way; points that expire soon.
  苏晴: {
    joinedDaysAgo: 355,
    opening: { points: 120, daysAgo: 355 },
    checkins: 3,
    vouchers: ['spring'],
    orders: [
      bought(205, ['TEX-01', 1]),
      bought(102, ['TEX-03', 1], ['KIT-05', 1]),
      { hoursAgo: 40, lines: [['KIT-01', 3]], stage: 'dispatched' },
    ],
  },
  // Gold by tea.
  老周: {
    joinedDaysAgo: 470,
    opening: { points: 400, daysAgo: 340 },
    vouchers: ['hundred', 'spring'],
    orders: [
      ...[331, 268, 211, 149, 92].map((days) => bought(days, ['TEA-01', 4])),
      { ...bought(17, ['TEA-01', 2]), stage: 'delivered' },
    ],
  },
  // Bought, and no member yet.
  林可: { orders: [{ hoursAgo: 5 * DAY, lines: [['SCT-01', 2]], stage: 'delivered' }] },
  // Part of an order came back.
  王女士: {
    joinedDaysAgo: 90,
    orders: [
      bought(60, ['KIT-03', 1]),
      { hoursAgo: 7 * DAY, lines: [['KIT-05', 2]], stage: 'delivered', refund: 9_900 },
    ],
  },
  '阿杰 Kevin': {
    joinedDaysAgo: 280,
    orders: [bought(250, ['KIT-01', 6]), { hoursAgo: 20, lines: [['SCT-01', 10]], stage: 'paid' }],
  },
  // Gold for some days still: nothing big since a year.
  豆豆妈: {
    joinedDaysAgo: 600,
    opening: { points: 260, daysAgo: 358 },
    checkins: 1,
    orders: [bought(371, ['FUR-01', 2], ['TEX-01', 3]), bought(64, ['STO-03', 2])],
  },
  // Followed yesterday, and has not paid yet: the first reminder comes within minutes.
  陈屿舟: { orders: [{ hoursAgo: 1.6, lines: [['TEX-02', 1]], stage: 'pending' }] },
  赵奶奶: { orders: [bought(21, ['KIT-01', 2])] },
};

/** Of somebody who has one of their own. */
export const storyOf = ({ openid, name }: Pick<PlannedCustomer, 'openid' | 'name'>): Story | undefined =>
  vivid.some((person) => person.openid === openid) ? stories[name] : undefined;

type Whole = Omit<OrderInput, 'source' | 'orderNo' | 'customer'>;

/** What has become of it by `now`. */
export function storyOrder({ hoursAgo, lines, stage, refund }: StoryOrder, now: number): Whole {
  const items = lines.map(([sku, quantity]) => {
    const good = goods.find((one) => one.sku === sku);
    if (!good) throw new Error(`the shop does not sell ${sku}`);
    return { ...good, quantity };
  });
  const list = items.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
  const placed = now - hoursAgo * HOUR_MS;
  const after = (hours: number): Date => new Date(placed + hours * HOUR_MS);
  const placedAt = new Date(placed);
  const base = { placedAt, currency: 'CNY' as const, amount: list, paid: list, freight: 0, discount: 0, items };
  const paidAt = after(0.2);
  const dispatchedAt = after(20);
  const receivedAt = after(70);
  const completedAt = after(70 + 7 * DAY);
  const parcel = { carrier: '顺丰速运', trackingNo: `SF15${String(placed).slice(0, 10)}` };
  const sent = { paidAt, dispatchedAt, shipments: [{ ...parcel, status: 'dispatched' as const, at: dispatchedAt }] };
  const came = { ...sent, receivedAt, shipments: [{ ...parcel, status: 'delivered' as const, at: receivedAt }] };
  const back =
    refund === undefined ? [] : [{ refundNo: 'RF1', amount: refund, status: 'succeeded' as const, at: after(118) }];
  switch (stage) {
    case 'pending':
      return { ...base, status: stage, paid: 0, closesAt: closingAfter(placed, now), updatedAt: placedAt };
    case 'paid':
      return { ...base, status: stage, paidAt, updatedAt: paidAt };
    case 'dispatched':
      return { ...base, status: stage, ...sent, updatedAt: dispatchedAt };
    case 'delivered':
      return { ...base, status: stage, ...came, refunds: back, updatedAt: back[0]?.at ?? receivedAt };
    case 'completed':
      return { ...base, status: stage, ...came, refunds: back, completedAt, updatedAt: completedAt };
  }
}

/**
 * So that a third of the time it may be paid in is over in a few minutes, and the first reminder is due; where that would be at night, when
 * nobody is reminded, the order stays open until the next morning at eleven.
 */
function closingAfter(placed: number, now: number): Date {
  const reminder = now + 3 * 60_000;
  const hour = new Date(reminder + SHANGHAI_MS).getUTCHours();
  if (hour >= 9 && hour < 21) return new Date(placed + 3 * (reminder - placed));
  const midnight = Math.floor((now + SHANGHAI_MS) / (DAY * HOUR_MS)) * DAY * HOUR_MS - SHANGHAI_MS;
  const eleven = midnight + 11 * HOUR_MS;
  return new Date(hour < 9 && eleven > now ? eleven : eleven + DAY * HOUR_MS);
}
