/** Records as the pages show them: every word and number ready, nothing left to work out in a template. Pure. */
import { day, daysUntil, moment, percent, price, signed, thousands, yuan } from './format';
import { texts } from './texts';
import type { Entry, Level, LevelStep, Me, Message, Offer, Order, Points, Voucher } from './types';

export interface CardView {
  name: string;
  level: string;
  /** 0 to 3: which of the card's colours. */
  tone: number;
  growth: string;
  progress: number;
  /** What is missing for the next level, or that there is none. */
  hint: string;
  validUntil: string;
}

const tones = 4;
const toneOf = (code: string, steps: readonly LevelStep[]): number =>
  Math.min(
    tones - 1,
    Math.max(
      0,
      steps.findIndex((step) => step.code === code),
    ),
  );

export function cardView(me: Me, steps: readonly LevelStep[]): CardView {
  const { level } = me;
  const from = steps.find(({ code }) => code === level.code)?.growth ?? 0;
  return {
    name: me.name ?? texts.home.guest,
    level: level.title,
    tone: toneOf(level.code, steps),
    growth: thousands(level.growth),
    progress: level.next ? percent(level.growth, from, level.next.growth) : 100,
    hint: hintOf(level),
    validUntil: level.validUntil ? day(level.validUntil) : '',
  };
}

const hintOf = ({ next }: Level): string =>
  next ? texts.home.missing(thousands(next.missing), next.title) : texts.home.top;

export interface TicketView {
  key: string;
  title: string;
  /** Yuan. */
  amount: string;
  condition: string;
  note: string;
  soon: boolean;
}

/** Expiring within so many days is worth a word. */
const soonDays = 7;
const conditionOf = (threshold: number): string =>
  threshold > 0 ? texts.vouchers.threshold(yuan(threshold)) : texts.vouchers.noThreshold;

export function voucherView(voucher: Voucher, now = new Date()): TicketView {
  const left = daysUntil(voucher.expiresAt, now);
  const soon = voucher.state === 'granted' && left <= soonDays;
  return {
    key: voucher.code,
    title: voucher.title,
    amount: yuan(voucher.amountOff),
    condition: conditionOf(voucher.threshold),
    note: soon ? texts.points.inDays(left) : noteOf(voucher),
    soon,
  };
}

function noteOf(voucher: Voucher): string {
  switch (voucher.state) {
    case 'granted':
      return texts.vouchers.until(day(voucher.expiresAt));
    case 'used':
      return texts.vouchers.used(day(voucher.usedAt ?? voucher.expiresAt));
    case 'expired':
      return texts.vouchers.expired(day(voucher.expiresAt));
    case 'revoked':
      return texts.vouchers.revoked;
  }
}

export interface OfferView extends TicketView {
  /** Why it cannot be claimed, or empty. */
  refusal: string;
}
export function offerView(offer: Offer): OfferView {
  const known: Record<string, string> = texts.refusals;
  return {
    key: offer.couponId,
    title: offer.title,
    amount: yuan(offer.amountOff),
    condition: conditionOf(offer.threshold),
    note: texts.vouchers.validDays(offer.validDays),
    soon: false,
    refusal: offer.refusal === null ? '' : (known[offer.refusal] ?? texts.refusals.other),
  };
}

export interface EntryView {
  id: string;
  title: string;
  when: string;
  amount: string;
  gain: boolean;
  pending: boolean;
  note: string;
}
export const entryView = (entry: Entry): EntryView => ({
  id: entry.id,
  title: entry.title,
  when: moment(entry.at),
  amount: signed(entry.amount),
  gain: entry.amount > 0,
  pending: entry.pending,
  note: entry.expiresAt
    ? texts.points.expires(day(entry.expiresAt))
    : entry.orderNo
      ? texts.points.order(entry.orderNo)
      : '',
});

export interface PointsView {
  available: string;
  pending: string;
  hasPending: boolean;
  warning: string;
  expiring: Array<{ key: string; amount: string; day: string; left: string; soon: boolean }>;
}
export function pointsView(points: Points, now = new Date()): PointsView {
  return {
    available: thousands(points.available),
    pending: thousands(points.pending),
    hasPending: points.pending > 0,
    warning: warningOf(points),
    expiring: points.expiring.map(({ amount, at }) => {
      const left = daysUntil(at, now);
      return { key: at, amount: thousands(amount), day: day(at), left: texts.points.inDays(left), soon: left <= 30 };
    }),
  };
}

function warningOf({ debt, frozenUntil }: Points): string {
  if (debt > 0) return texts.points.debt(thousands(debt));
  return frozenUntil ? texts.points.frozen(moment(frozenUntil)) : '';
}

export interface OrderView {
  id: string;
  orderNo: string;
  status: string;
  /** `on`: under way; `off`: over without goods. */
  tone: 'on' | 'done' | 'off';
  when: string;
  paid: string;
  refunded: string;
  count: string;
  items: Array<{ key: number; name: string; quantity: number; price: string }>;
  parcels: Array<{ key: string; carrier: string; trackingNo: string; status: string; when: string }>;
  points: string;
  pointsPending: boolean;
}
export function orderView(order: Order): OrderView {
  return {
    id: order.id,
    orderNo: order.orderNo,
    status: texts.orders.status[order.status],
    tone: toneOfOrder(order),
    when: moment(order.placedAt),
    paid: price(order.paid),
    refunded: order.refunded > 0 ? price(order.refunded) : '',
    count: texts.orders.count(order.items.reduce((sum, { quantity }) => sum + quantity, 0)),
    items: order.items.map((item, key) => ({ ...item, key, price: price(item.price) })),
    parcels: order.shipments.map(({ carrier, trackingNo, status, at }) => ({
      ...{ key: trackingNo, carrier, trackingNo },
      status: texts.orders.shipment[status],
      when: moment(at),
    })),
    points: earnedOf(order),
    pointsPending: order.points?.pending ?? false,
  };
}

function toneOfOrder({ status }: Order): OrderView['tone'] {
  if (status === 'closed' || status === 'refunded') return 'off';
  return status === 'completed' || status === 'delivered' ? 'done' : 'on';
}

function earnedOf({ points }: Order): string {
  if (!points || points.amount === 0) return '';
  const amount = thousands(points.amount);
  if (!points.pending) return texts.orders.earned(amount);
  return texts.orders.pending(amount, points.availableAt ? day(points.availableAt) : '');
}

export interface MessageView {
  id: string;
  title: string;
  text: string;
  when: string;
  /** Empty: a tap opens nothing. */
  url: string;
  kind: 'contract' | 'care' | 'promotion';
  tag: string;
  unread: boolean;
}
/** A page of the mini-program may be written with or without its first slash. */
export const messageView = ({ id, title, text, at, page, purpose = 'contract', unread }: Message): MessageView => ({
  ...{ id, title, text, when: moment(at), kind: purpose, tag: texts.messages.kinds[purpose] },
  url: page ? `/${page.replace(/^\//, '')}` : '',
  unread: unread === true,
});
