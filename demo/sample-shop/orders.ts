/**
 * Two years of orders for the planned customers: everybody has a category they come back for at its own pace, with the big sales of June and
 * November in between; some send things back, some never pay. Made from a seed of its own and the moment of the first start. Writes nothing.
 */
import type { OrderInput } from '../../src/contracts/index.js';
import { categories, categoryNames, goods } from './goods.js';
import type { Category } from './goods.js';
import type { PlannedCustomer } from './plan.js';
import { createRandom } from './random.js';
import type { Random } from './random.js';
import { storyOf, storyOrder } from './stories.js';

export const SHOP_SOURCE = 'qimu-shop';

export interface PlannedOrder {
  /** Whose: the place in the plan's customers. */
  customer: number;
  input: OrderInput;
}

const SEED = 20_240_602;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SHANGHAI_MS = 8 * HOUR_MS;
const BUYERS = 0.66;
const LOST_AFTER_AN_ORDER = 0.24;
const MOST_ORDERS = 40;

/** In the order of their placing. People with a story of their own have its orders and no others. */
export function planOrders(customers: readonly PlannedCustomer[], filledAt: Date): PlannedOrder[] {
  const random = createRandom(SEED);
  const now = filledAt.getTime();
  const moments = customers.flatMap((customer, index) =>
    storyOf(customer) ? [] : momentsOf(customer, now, random).map((moment) => ({ ...moment, index, customer })),
  );
  moments.sort((a, b) => a.at - b.at || a.index - b.index);
  const invented = moments.map(({ index, customer, at, category }, place) => ({
    customer: index,
    input: orderAt({ at, category, customer, number: place + 1, now }, random),
  }));
  const told = customers.flatMap((customer, index) =>
    (storyOf(customer)?.orders ?? []).map((order, place) => ({
      customer: index,
      input: {
        source: SHOP_SOURCE,
        orderNo: `QM88${String(index).padStart(4, '0')}${String(place + 1).padStart(4, '0')}`,
        customer: refOf(customer),
        ...storyOrder(order, now),
      },
    })),
  );
  return [...invented, ...told].sort((a, b) => a.input.placedAt.getTime() - b.input.placedAt.getTime());
}

/** As the shop's own mini-program knows them; whoever left the official account, by the openid alone. */
export const refOf = ({ openid, unionid, unfollowedAt }: PlannedCustomer): OrderInput['customer'] =>
  unfollowedAt ? { openid } : { openid, unionid };

interface Moment {
  at: number;
  category: Category;
}

function momentsOf(customer: PlannedCustomer, now: number, random: Random): Moment[] {
  if (!random.chance(BUYERS)) return [];
  const favourite = favouriteOf(random);
  const pace = 0.7 + random.next() * 0.9;
  const moments: Moment[] = [];
  let at = customer.followedAt.getTime() + random.next() * 20 * DAY_MS;
  while (at < now && moments.length < MOST_ORDERS) {
    moments.push({ at: inDaytime(at, random), category: random.chance(0.75) ? favourite : favouriteOf(random) });
    if (random.chance(LOST_AFTER_AN_ORDER)) break;
    at = nearSale(at + categories[favourite].cycleDays * pace * (0.6 + random.next() * 0.8) * DAY_MS, random);
  }
  return moments.filter((moment) => moment.at < now);
}

function favouriteOf(random: Random): Category {
  let left = random.next();
  return categoryNames.find((name) => (left -= categories[name].share) < 0) ?? '餐厨';
}

/** Who would buy within three weeks of 18 June or 11 November often waits for it, or hurries. */
function nearSale(at: number, random: Random): number {
  const year = new Date(at + SHANGHAI_MS).getUTCFullYear();
  const sales = [Date.UTC(year, 5, 18), Date.UTC(year, 10, 11)].map((day) => day - SHANGHAI_MS);
  const sale = sales.find((day) => Math.abs(day - at) < 21 * DAY_MS);
  return sale !== undefined && random.chance(0.55) ? sale + random.between(-1, 1) * DAY_MS : at;
}

function inDaytime(ms: number, random: Random): number {
  const midnight = Math.floor((ms + SHANGHAI_MS) / DAY_MS) * DAY_MS - SHANGHAI_MS;
  return midnight + 8 * HOUR_MS + random.between(0, 15 * 3600 - 1) * 1000;
}

interface Placed extends Moment {
  customer: PlannedCustomer;
  number: number;
  now: number;
}

function orderAt({ at, category, customer, number, now }: Placed, random: Random): OrderInput {
  const items = itemsOf(category, random);
  const list = items.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
  const discount = random.chance(0.3) ? Math.round((list * random.between(5, 15)) / 10_000) * 100 : 0;
  const freight = list - discount >= 9900 ? 0 : 1000;
  const paid = list - discount + freight;
  const base = {
    source: SHOP_SOURCE,
    orderNo: `QM${String(20_240_000 + number).padStart(10, '0')}`,
    customer: refOf(customer),
    placedAt: new Date(at),
    currency: 'CNY' as const,
    amount: list + freight,
    paid,
    freight,
    discount,
    items,
  };
  return { ...base, ...lifeOf(at, now, { paid, number }, random) };
}

function itemsOf(category: Category, random: Random): OrderInput['items'] {
  const count = random.chance(0.7) ? 1 : random.between(2, 3);
  const chosen = Array.from({ length: count }, (_, index) => {
    const from = index === 0 || random.chance(0.5) ? goods.filter((one) => one.category === category) : goods;
    return { ...random.pick(from), quantity: random.chance(0.82) ? 1 : random.between(2, 3) };
  });
  return [...new Map(chosen.map((item) => [item.sku, item])).values()];
}

type Life = Omit<
  OrderInput,
  'source' | 'orderNo' | 'customer' | 'placedAt' | 'currency' | 'amount' | 'paid' | 'freight' | 'discount' | 'items'
> &
  Partial<Pick<OrderInput, 'paid'>>;

/** What has become of an order by now. */
function lifeOf(at: number, now: number, { paid, number }: { paid: number; number: number }, random: Random): Life {
  const age = now - at;
  const closesAt = new Date(at + DAY_MS);
  if (random.chance(0.05)) {
    if (age < DAY_MS) return { status: 'pending', paid: 0, closesAt, updatedAt: new Date(at) };
    return { status: 'closed', paid: 0, closesAt, closedAt: closesAt, updatedAt: closesAt };
  }
  const paidAt = new Date(at + random.between(1, 25) * 60_000);
  if (paidAt.getTime() > now) return { status: 'pending', paid: 0, closesAt, updatedAt: new Date(at) };
  const dispatchedAt = new Date(paidAt.getTime() + random.between(5, 30) * HOUR_MS);
  if (dispatchedAt.getTime() > now) return { status: 'paid', paidAt, updatedAt: paidAt };
  const receivedAt = new Date(dispatchedAt.getTime() + random.between(40, 90) * HOUR_MS);
  const trackingNo = `SF14${String(10_000_000_000 + number * 37)}`;
  const parcel = (status: 'dispatched' | 'delivered', when: Date) => [
    { carrier: '顺丰速运', trackingNo, status, at: when },
  ];
  if (receivedAt.getTime() > now) {
    const shipments = parcel('dispatched', dispatchedAt);
    return { status: 'dispatched', paidAt, dispatchedAt, shipments, updatedAt: dispatchedAt };
  }
  const shipments = parcel('delivered', receivedAt);
  const received = { paidAt, dispatchedAt, receivedAt, shipments };
  const refund = refundOf({ paid, number, receivedAt, now }, random);
  const completedAt = new Date(receivedAt.getTime() + 7 * DAY_MS);
  if (refund?.whole) {
    return { status: 'refunded', ...received, refunds: [refund.refund], updatedAt: refund.refund.at };
  }
  const refunds = refund ? { refunds: [refund.refund] } : {};
  if (completedAt.getTime() > now) {
    return { status: 'delivered', ...received, ...refunds, updatedAt: refund?.refund.at ?? receivedAt };
  }
  return { status: 'completed', ...received, ...refunds, completedAt, updatedAt: completedAt };
}

function refundOf(
  { paid, number, receivedAt, now }: { paid: number; number: number; receivedAt: Date; now: number },
  random: Random,
): { whole: boolean; refund: NonNullable<OrderInput['refunds']>[number] } | undefined {
  const chance = random.next();
  const at = new Date(receivedAt.getTime() + random.between(10, 120) * HOUR_MS);
  if (chance > 0.08 || at.getTime() > now) return undefined;
  const whole = chance < 0.035;
  const amount = whole ? paid : Math.max(100, Math.round((paid * random.between(15, 50)) / 10_000) * 100);
  return { whole, refund: { refundNo: `RF${String(number).padStart(8, '0')}`, amount, status: 'succeeded', at } };
}
