/** What orders, points, vouchers, levels and links add to an entry of the timeline. Data fields are looked at only where they are what they should be. */
import { currentLocale, i18n, textIfAny } from '../i18n.js';
import { count, signed, yuan } from './money.js';

export type Data = Readonly<Record<string, unknown>>;
type Tell = (data: Data) => string | undefined;

const text = (data: Data, key: string): string | undefined => {
  const value = data[key];
  return typeof value === 'string' && value ? value : undefined;
};
const number = (data: Data, key: string): number | undefined => {
  const value = data[key];
  return typeof value === 'number' ? value : undefined;
};
const money = (data: Data, key: string): string | undefined => {
  const fen = number(data, key);
  return fen === undefined ? undefined : yuan(fen);
};
const joined = (...parts: Array<string | undefined>): string | undefined =>
  parts.filter(Boolean).join(' · ') || undefined;
const orderNo = (data: Data): string | undefined => {
  const no = text(data, 'orderNo');
  return no && i18n.global.t('orders.no', { no });
};
const pieces = (data: Data): string | undefined => {
  const [item, n] = [text(data, 'item'), number(data, 'pieces')];
  return item && n !== undefined && n > 1 ? i18n.global.t('orders.andMore', { item, n }) : item;
};

/** A title in both languages, as levels and coupons carry it. */
function titleOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const titles = ('title' in value ? value.title : value) as Record<string, unknown> | undefined;
  const title = titles?.[currentLocale()];
  return typeof title === 'string' ? title : undefined;
}

const known = (group: string, code: string | undefined): string | undefined =>
  code && (textIfAny(`${group}.${code}`) ?? code);

const order: Tell = (data) => joined(orderNo(data), pieces(data), money(data, 'amount'));
const parcel: Tell = (data) => joined(orderNo(data), text(data, 'carrier'), text(data, 'trackingNo'));
const points: Tell = (data) =>
  joined(
    signed(number(data, 'amount') ?? 0),
    data['pending'] === true ? i18n.global.t('points.pending') : undefined,
    known('points.for', text(data, 'for')),
    data['debtPaid'] === true ? i18n.global.t('points.debtPaid') : undefined,
    orderNo(data),
    text(data, 'reason'),
  );
const level: Tell = (data) => {
  const [from, to] = [titleOf(data['from']), titleOf(data['level'])];
  return from && to ? `${from} → ${to}` : to;
};
const voucher: Tell = (data) =>
  joined(text(data, 'title'), money(data, 'amountOff'), orderNo(data), text(data, 'reason'));
const consent: Tell = (data) =>
  joined(known('consents.purposes', text(data, 'purpose')), known('consents.channels', text(data, 'channel')));
const link: Tell = (data) =>
  joined(known('links.kinds', text(data, 'evidence')), known('links.weak', text(data, 'reason')), text(data, 'source'));

const behaviour: Tell = (data) =>
  joined(known('behaviour', text(data, 'type')?.replace('.', '-')), text(data, 'category'), text(data, 'sku'));

const fields: Tell = (data) => {
  const names = Array.isArray(data['fields']) ? data['fields'].filter((one) => typeof one === 'string') : [];
  return names.map((name) => known('profile.fields', name)).join(currentLocale() === 'en' ? ', ' : '、') || undefined;
};

export const membershipDetails: Readonly<Record<string, Tell>> = {
  'customer.updated': fields,
  'order.placed': order,
  'order.paymentDue': order,
  'order.paid': (data) => joined(orderNo(data), pieces(data), money(data, 'paid')),
  'order.dispatched': parcel,
  'order.outForDelivery': parcel,
  'order.delivered': parcel,
  'order.completed': order,
  'order.closed': order,
  'order.refundChanged': (data) =>
    joined(known('orders.refundStates', text(data, 'refundStatus')), money(data, 'refundAmount'), orderNo(data)),
  'order.imported': (data) => {
    const [orders, paid] = [number(data, 'orders'), money(data, 'paid')];
    return joined(orders === undefined ? undefined : i18n.global.t('orders.imported', { n: count(orders) }), paid);
  },
  'points.earned': points,
  'points.released': points,
  'points.spent': points,
  'points.returned': points,
  'points.clawedBack': points,
  'points.expired': points,
  'points.adjusted': points,
  'growth.changed': (data) => {
    const growth = number(data, 'growth');
    const total = growth === undefined ? undefined : i18n.global.t('level.growthNow', { n: count(growth) });
    return joined(signed(number(data, 'amount') ?? 0), total, orderNo(data));
  },
  'level.reached': level,
  'level.lost': level,
  'voucher.granted': voucher,
  'voucher.redeemed': voucher,
  'voucher.returned': voucher,
  'voucher.revoked': voucher,
  'voucher.expired': voucher,
  'consent.given': consent,
  'consent.withdrawn': consent,
  'person.linked': link,
  'person.unlinked': link,
  'person.linkProposed': link,
  'person.linkRejected': link,
  'member.checkedIn': (data) => {
    const days = number(data, 'days');
    return joined(days === undefined ? undefined : i18n.global.t('points.daysInRow', { n: days }), points(data));
  },
  'behaviour.recorded': behaviour,
};

export const goodKinds: readonly string[] = [
  'member.joined',
  'member.checkedIn',
  'consent.given',
  'order.paid',
  'order.completed',
  'order.delivered',
  'points.earned',
  'points.released',
  'level.reached',
  'voucher.granted',
  'voucher.redeemed',
  'person.linked',
];
export const warmKinds: readonly string[] = [
  'order.paymentDue',
  'order.refundChanged',
  'points.adjusted',
  'points.clawedBack',
  'level.lost',
  'consent.withdrawn',
  'person.linkProposed',
];
