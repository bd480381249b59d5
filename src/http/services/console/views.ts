/** A person, their points, vouchers and orders as the console shows them. Phones and addresses masked, codes by their end. Pure. */
import type { z } from 'zod';
import type * as c from '../../../contracts/index.js';
import type { OrderRecord } from '../../../domain/commerce/index.js';
import type { ConsentRecord, CustomerRecord, ProfileView } from '../../../domain/customers/index.js';
import type {
  Balance,
  CouponRecord,
  Entry,
  Lot,
  PersonLevel,
  ProgrammeVersion,
  VoucherRecord,
} from '../../../domain/membership/index.js';
import { codeEnd } from '../../../domain/membership/index.js';
import { iso } from './acting.js';

type Names = ReadonlyMap<string, string>;

export function presentProfile(profile: ProfileView): c.PersonView['profile'] {
  const { name, phone, gender, birthday, province, city, address, minor } = profile;
  return {
    ...{ name, phone, gender, birthday, province, city, address, minor },
    phoneVerifiedAt: iso(profile.phoneVerifiedAt),
    joinedAt: iso(profile.joinedAt),
  };
}

/** Figures are kept for each record; a person's are their sum. */
export function presentFigures(customers: readonly CustomerRecord[]): c.PersonView['figures'] {
  const figures = customers.map((one) => one.figures ?? {});
  const total = (of: 'orders' | 'spent' | 'items'): number => figures.reduce((all, one) => all + (one[of] ?? 0), 0);
  const moments = (of: 'firstOrderAt' | 'lastOrderAt' | 'lastBehaviourAt'): Date[] =>
    figures.flatMap((one) => one[of] ?? []).sort((a, b) => a.getTime() - b.getTime());
  return {
    orders: total('orders'),
    spent: total('spent'),
    items: total('items'),
    firstOrderAt: iso(moments('firstOrderAt')[0]),
    lastOrderAt: iso(moments('lastOrderAt').at(-1)),
    lastBehaviourAt: iso(moments('lastBehaviourAt').at(-1)),
  };
}

export function presentLevel({ level, growth, since, validUntil, next }: PersonLevel): c.PersonView['level'] {
  const { code, title, vip } = level;
  return {
    ...{ code, title, vip, growth },
    since: iso(since),
    validUntil: iso(validUntil),
    next: next ? { title: next.level.title, missing: next.missing } : null,
  };
}

export function presentBalance(balance: Balance): c.PersonView['points'] {
  const { available, pending, debt, spendable } = balance;
  return { available, pending, debt, spendable, frozenUntil: iso(balance.frozenUntil) };
}

/** `by` is who told it: a member, the staff member by name, or a system by its name. */
export function presentConsent(record: ConsentRecord, names: Names): z.infer<typeof c.ConsentEvidence> {
  const { purpose, channel, withdrawn, textVersion, at, page, by, customerId } = record;
  return {
    ...{ purpose, channel, textVersion },
    given: !withdrawn,
    at: at.toISOString(),
    page: page ?? null,
    by: by.id ? `${by.kind}: ${names.get(by.id) ?? by.id}` : by.kind,
    customerId: String(customerId),
  };
}

export function presentLot(lot: Lot & { customerId: unknown }): z.infer<typeof c.PointsLot> {
  const { id, customerId, earnedAt, availableAt, expiresAt, remaining, pending, order } = lot;
  return {
    id: String(id),
    customerId: String(customerId),
    earnedAt: earnedAt.toISOString(),
    availableAt: availableAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    ...{ remaining, pending },
    orderNo: order?.orderNo ?? null,
  };
}

export function presentEntry(entry: Entry, names: Names): z.infer<typeof c.PointsEntry> {
  const { id, customerId, at, kind, available, pending, debt, order, reason, by, after } = entry;
  return {
    ...{ id, kind, available, pending, debt, after },
    customerId: String(customerId),
    at: at.toISOString(),
    orderNo: order?.orderNo ?? null,
    reason: reason ?? null,
    by: by === undefined ? null : (names.get(by) ?? by),
  };
}

export function presentVoucher(voucher: VoucherRecord): z.infer<typeof c.VoucherView> {
  const { _id, customerId, code, couponId, title, amountOff, threshold, state, grantedAt, expiresAt } = voucher;
  return {
    id: String(_id),
    customerId: String(customerId),
    code: codeEnd(code),
    couponId: String(couponId),
    ...{ title, amountOff, threshold, state },
    grantedAt: grantedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    usedAt: iso(voucher.usedAt),
    orderNo: voucher.order?.orderNo ?? null,
  };
}

export function presentOrder(order: OrderRecord, customerName: string): c.OrderView {
  const { source, orderNo, status, amount, paid, freight, discount, items, shipments, refunds } = order;
  return {
    id: String(order._id),
    customerId: String(order.customerId),
    customerName,
    ...{ source, orderNo, status, amount, paid, freight, discount },
    placedAt: order.placedAt.toISOString(),
    paidAt: iso(order.paidAt),
    dispatchedAt: iso(order.dispatchedAt),
    receivedAt: iso(order.receivedAt),
    completedAt: iso(order.completedAt),
    closedAt: iso(order.closedAt),
    refunded: refunds.reduce((all, refund) => all + (refund.status === 'succeeded' ? refund.amount : 0), 0),
    items: items.map(({ sku, name, category, quantity, price }) => ({ sku, name, category, quantity, price })),
    shipments: shipments.map(({ at, ...parcel }) => ({ ...parcel, at: at.toISOString() })),
    refunds: refunds.map(({ refundNo, amount: back, status: state, at }) => ({
      ...{ refundNo, amount: back, status: state },
      at: at.toISOString(),
    })),
  };
}

/** The rules of the configuration hold from the beginning. */
export function presentProgramme({ version, from, rules }: ProgrammeVersion): z.infer<typeof c.ProgrammeView> {
  return { version, from: version === 0 ? null : from.toISOString(), rules };
}

export function presentCoupon(coupon: CouponRecord, used: number): z.input<typeof c.CouponView> {
  const { _id, granted, createdAt, version: _v, changedAt: _a, changedBy: _b, ...rules } = coupon;
  return { id: String(_id), rules, granted, used, createdAt: createdAt.toISOString() };
}
