/**
 * Vouchers: granted or claimed once per request key within budget, used for one order, given back when that order is released or wholly
 * undone. A voucher past its last moment counts as expired whether or not the clock has come round to it.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { NewDomainEvent, Owed } from '../../contracts/index.js';
import type { Person } from '../customers/index.js';
import { insertRecords, olderThan } from '../../infra/mongo.js';
import { endOfDayAfter } from './calendar.js';
import { codeEnd, newCode, tidyCode } from './codes.js';
import type { Coupons } from './coupons.js';
import type { CouponRecord, MembershipModels, VoucherRecord } from './models.js';
import { nothingOwed, voucherKey } from './owed.js';
import type { OrderName } from './shapes.js';

export interface VoucherParts {
  coupons: Coupons;
  timeZone: string;
  /** The code of the person's level now. */
  levelOf(tx: ClientSession, person: Person, now: Date): Promise<string>;
  take?: Coupons['take'];
}

export interface GrantVoucher {
  couponId: Types.ObjectId;
  /** Names this grant for ever. */
  key: string;
  reason?: string;
  by?: string;
}

export const grantRefusals = [
  'coupon.notFound',
  'coupon.disabled',
  'coupon.notClaimable',
  'coupon.ended',
  'coupon.exhausted',
  'coupon.perPersonReached',
  'coupon.levelNotEntitled',
  'voucher.keyReused',
] as const;
export type GrantRefusal = (typeof grantRefusals)[number];

export type GrantedVoucher =
  { ok: true; repeated: boolean; voucher: VoucherRecord; owed: Owed } | { ok: false; reason: GrantRefusal };

export const redeemRefusals = [
  'voucher.expired',
  'voucher.revoked',
  'voucher.used',
  'voucher.frozen',
  'voucher.belowThreshold',
  'voucher.orderHasAnother',
] as const;
export type RedeemRefusal = (typeof redeemRefusals)[number];

export interface RedeemRequest {
  source: string;
  orderNo: string;
  /** What the order costs before the voucher, in fen. */
  amount: number;
  at: Date;
}

export type Redeemed =
  | { ok: true; repeated: boolean; voucher: VoucherRecord; owed: Owed }
  | { ok: false; reason: Exclude<RedeemRefusal, 'voucher.frozen'> }
  | { ok: false; reason: 'voucher.frozen'; until: Date };

export type Released =
  { ok: true; repeated: boolean; voucher: VoucherRecord; owed: Owed } | { ok: false; reason: 'voucher.usedElsewhere' };

export type Revoked =
  | { ok: true; repeated: boolean; voucher: VoucherRecord; owed: Owed }
  | { ok: false; reason: 'voucher.used' | 'voucher.expired' };

export type Vouchers = ReturnType<typeof createVouchers>;

export function createVouchers({ vouchers }: Pick<MembershipModels, 'vouchers'>, parts: VoucherParts) {
  const { coupons } = parts;
  const take = parts.take ?? coupons.take;

  /** By a member of staff or a rule. */
  const grant = (tx: ClientSession, person: Person, request: GrantVoucher, now: Date): Promise<GrantedVoucher> =>
    give(tx, person, { ...request, key: `grant:${request.key}` }, now);

  /** By the member, of a coupon that is offered to members. */
  async function claim(tx: ClientSession, person: Person, request: GrantVoucher, now: Date): Promise<GrantedVoucher> {
    const key = `claim:${String(person.customerIds[0])}:${request.key}`;
    return give(tx, person, { ...request, key, claimed: true }, now);
  }

  async function give(
    tx: ClientSession,
    person: Person,
    request: GrantVoucher & { claimed?: boolean },
    now: Date,
  ): Promise<GrantedVoucher> {
    const before = await vouchers.findOne({ key: request.key }, null, { session: tx }).lean<VoucherRecord>();
    if (before) return repeatedGrant(before, person, request.couponId);
    const coupon = await coupons.get(request.couponId, tx);
    if (!coupon) return { ok: false, reason: 'coupon.notFound' };
    const reason = await refusalOf(tx, person, { coupon, claimed: request.claimed ?? false }, now);
    if (reason) return { ok: false, reason };
    if (!(await take(tx, coupon))) return { ok: false, reason: 'coupon.exhausted' };
    const voucher = made(coupon, person, request, now);
    await insertRecords(vouchers, [voucher], tx);
    const owed: Owed = { events: [eventOf('voucher.granted', voucher, now)], due: [expiryDue(voucher)], cancel: [] };
    return { ok: true, repeated: false, voucher, owed };
  }

  function repeatedGrant(voucher: VoucherRecord, person: Person, couponId: Types.ObjectId): GrantedVoucher {
    const isSame = voucher.couponId.equals(couponId) && person.customerIds.some((id) => id.equals(voucher.customerId));
    if (!isSame) return { ok: false, reason: 'voucher.keyReused' };
    return { ok: true, repeated: true, voucher, owed: nothingOwed() };
  }

  /** Why this person cannot have one now; null when they can. */
  async function refusalOf(
    tx: ClientSession | null,
    person: Person,
    { coupon, claimed }: { coupon: CouponRecord; claimed: boolean },
    now: Date,
    level?: string,
  ): Promise<GrantRefusal | null> {
    if (!coupon.enabled) return 'coupon.disabled';
    if (claimed && !coupon.claimable) return 'coupon.notClaimable';
    if (coupon.endsAt && new Date(coupon.endsAt) <= now) return 'coupon.ended';
    const customerId = { $in: [...person.customerIds] };
    const filter: Record<string, unknown> = { couponId: coupon._id, customerId, state: { $ne: 'revoked' } };
    const had = await vouchers.countDocuments(filter, { limit: coupon.perPerson, ...(tx ? { session: tx } : {}) });
    if (had >= coupon.perPerson) return 'coupon.perPersonReached';
    if (coupon.granted >= coupon.budget) return 'coupon.exhausted';
    if (coupon.levels.length === 0) return null;
    const code = level ?? (tx ? await parts.levelOf(tx, person, now) : undefined);
    return code !== undefined && coupon.levels.includes(code) ? null : 'coupon.levelNotEntitled';
  }

  function made(coupon: CouponRecord, person: Person, { key, reason, by }: GrantVoucher, now: Date): VoucherRecord {
    const customerId = person.customerIds[0];
    if (!customerId) throw new Error('a person without customers');
    const { title, amountOff, threshold } = coupon;
    const byDays = endOfDayAfter(now, coupon.validDays, parts.timeZone);
    const ends = coupon.endsAt ? new Date(coupon.endsAt) : byDays;
    return {
      _id: new Types.ObjectId(),
      key,
      code: newCode(),
      couponId: coupon._id,
      customerId,
      ...{ title, amountOff, threshold },
      state: 'granted',
      grantedAt: now,
      expiresAt: ends < byDays ? ends : byDays,
      ...(reason ? { reason } : {}),
      ...(by ? { by } : {}),
    };
  }

  const find = async (tx: ClientSession | null, filter: Record<string, unknown>): Promise<VoucherRecord | null> =>
    vouchers.findOne(filter, null, { session: tx }).lean<VoucherRecord>();

  const byCode = (code: string, tx: ClientSession | null = null): Promise<VoucherRecord | null> =>
    find(tx, { code: tidyCode(code) });

  const get = (id: Types.ObjectId, tx: ClientSession | null = null): Promise<VoucherRecord | null> =>
    find(tx, { _id: id });

  /** `person`: whose the voucher is. Used for one order once; told again, nothing moves. */
  async function redeem(
    tx: ClientSession,
    person: Person,
    voucher: VoucherRecord,
    { source, orderNo, amount, at }: RedeemRequest,
    now: Date,
  ): Promise<Redeemed> {
    const isRepeated =
      voucher.state === 'used'
        ? isFor(voucher.order, { source, orderNo })
        : voucher.released !== undefined &&
          isFor(voucher.released.order, { source, orderNo }) &&
          at <= voucher.released.at;
    if (isRepeated) return { ok: true, repeated: true, voucher, owed: nothingOwed() };
    if (voucher.state === 'used') return { ok: false, reason: 'voucher.used' };
    if (voucher.state === 'revoked') return { ok: false, reason: 'voucher.revoked' };
    if (voucher.state === 'expired' || voucher.expiresAt < now) return { ok: false, reason: 'voucher.expired' };
    if (person.frozenUntil && person.frozenUntil > now)
      return { ok: false, reason: 'voucher.frozen', until: person.frozenUntil };
    if (amount < voucher.threshold) return { ok: false, reason: 'voucher.belowThreshold' };
    const other = await find(tx, { 'order.source': source, 'order.orderNo': orderNo });
    if (other) return { ok: false, reason: 'voucher.orderHasAnother' };
    const used = { state: 'used' as const, order: { source, orderNo }, usedAt: at };
    await change(tx, voucher, { $set: used });
    const after = { ...voucher, ...used };
    const owed: Owed = {
      events: [eventOf('voucher.redeemed', after, at)],
      due: [],
      cancel: [voucherKey(voucher._id)],
    };
    return { ok: true, repeated: false, voucher: after, owed };
  }

  /** The shop system takes the use back: the order was never placed, or cancelled. */
  async function release(
    tx: ClientSession,
    voucher: VoucherRecord,
    { source, orderNo, at }: Pick<RedeemRequest, 'source' | 'orderNo' | 'at'>,
    now: Date,
  ): Promise<Released> {
    if (voucher.state !== 'used') return { ok: true, repeated: true, voucher, owed: nothingOwed() };
    if (!isFor(voucher.order, { source, orderNo })) return { ok: false, reason: 'voucher.usedElsewhere' };
    return { ok: true, repeated: false, ...(await giveBack(tx, voucher, at, now)) };
  }

  /** The order closed unpaid or was wholly refunded: its voucher goes back to the person, or expires where its time is over. */
  async function giveBackFor(tx: ClientSession, { source, orderNo }: OrderName, now: Date): Promise<Owed> {
    const voucher = await find(tx, { 'order.source': source, 'order.orderNo': orderNo });
    return voucher ? (await giveBack(tx, voucher, now, now)).owed : nothingOwed();
  }

  async function giveBack(
    tx: ClientSession,
    voucher: VoucherRecord,
    at: Date,
    now: Date,
  ): Promise<{ voucher: VoucherRecord; owed: Owed }> {
    const { order, usedAt, ...rest } = voucher;
    if (!order) throw new Error(`voucher ${String(voucher._id)} is not used for an order`);
    const holds = voucher.expiresAt >= now;
    const back = {
      state: holds ? ('granted' as const) : ('expired' as const),
      released: { order, at: usedAt && usedAt > at ? usedAt : at },
    };
    await change(tx, voucher, { $set: back, $unset: { order: 1, usedAt: 1 } });
    const after: VoucherRecord = { ...rest, ...back };
    const returned = { ...eventOf('voucher.returned', after, now) };
    const data = { ...returned.data, source: order.source, orderNo: order.orderNo };
    const events = [{ ...returned, data }, ...(holds ? [] : [eventOf('voucher.expired', after, now)])];
    return { voucher: after, owed: { events, due: holds ? [expiryDue(after)] : [], cancel: [] } };
  }

  async function revoke(
    tx: ClientSession,
    voucher: VoucherRecord,
    { reason, by }: { reason: string; by: string },
    now: Date,
  ): Promise<Revoked> {
    if (voucher.state === 'revoked') return { ok: true, repeated: true, voucher, owed: nothingOwed() };
    if (voucher.state === 'used') return { ok: false, reason: 'voucher.used' };
    if (voucher.state === 'expired') return { ok: false, reason: 'voucher.expired' };
    const revoked = { state: 'revoked' as const, revokedAt: now };
    await change(tx, voucher, { $set: revoked });
    const after = { ...voucher, ...revoked };
    const event = eventOf('voucher.revoked', after, now);
    const owed: Owed = {
      events: [{ ...event, data: { ...event.data, reason, by } }],
      due: [],
      cancel: [voucherKey(voucher._id)],
    };
    return { ok: true, repeated: false, voucher: after, owed };
  }

  /** When the due row of a voucher comes round. */
  async function expire(tx: ClientSession, voucherId: Types.ObjectId, now: Date): Promise<Owed> {
    const voucher = await get(voucherId, tx);
    if (!voucher || voucher.state !== 'granted') return nothingOwed();
    if (voucher.expiresAt >= now) return { events: [], due: [expiryDue(voucher)], cancel: [] };
    await change(tx, voucher, { $set: { state: 'expired' } });
    return { events: [eventOf('voucher.expired', voucher, voucher.expiresAt)], due: [], cancel: [] };
  }

  /** Writes the voucher, which must still be as it was read: two changes at once conflict on it. */
  async function change(
    tx: ClientSession,
    { _id, state }: VoucherRecord,
    update: Record<string, object>,
  ): Promise<void> {
    const written = await vouchers.collection.updateOne({ _id, state }, update, { session: tx });
    if (written.matchedCount !== 1) throw new Error(`voucher ${String(_id)} is no longer ${state}`);
  }

  /** Of a person, newest first, as they are now. */
  async function list(
    customerIds: readonly Types.ObjectId[],
    { limit, after, now }: { limit: number; after?: { at: Date; id: string } | undefined; now: Date },
  ): Promise<VoucherRecord[]> {
    const place = after ? olderThan('grantedAt', { at: after.at, id: after.id }) : {};
    const found = await vouchers
      .find({ customerId: { $in: [...customerIds] }, ...place })
      .sort({ grantedAt: -1, _id: -1 })
      .limit(limit)
      .lean<VoucherRecord[]>();
    return found.map((voucher) => asOfNow(voucher, now));
  }

  const usableBy = (customerIds: readonly Types.ObjectId[], now: Date) => ({
    ...{ customerId: { $in: [...customerIds] }, state: 'granted' as const, expiresAt: { $gte: now } },
  });

  /** Those that can be used now, however old; what expires first comes first. */
  const usable = (
    customerIds: readonly Types.ObjectId[],
    { limit, now }: { limit: number; now: Date },
  ): Promise<VoucherRecord[]> =>
    vouchers.find(usableBy(customerIds, now)).sort({ expiresAt: 1, _id: 1 }).limit(limit).lean<VoucherRecord[]>();

  const usableCount = (customerIds: readonly Types.ObjectId[], now: Date): Promise<number> =>
    vouchers.countDocuments(usableBy(customerIds, now));

  /** What members may take themselves, each with the reason why this person cannot take it now. */
  async function offers(
    person: Person,
    level: string,
    now: Date,
  ): Promise<Array<{ coupon: CouponRecord; refusal: GrantRefusal | null }>> {
    const offered = [];
    for (const coupon of await coupons.claimable()) {
      offered.push({ coupon, refusal: await refusalOf(null, person, { coupon, claimed: true }, now, level) });
    }
    return offered;
  }

  return { grant, claim, byCode, get, redeem, release, revoke, list, usable, usableCount, offers, giveBackFor, expire };
}

/** A voucher whose time is over is expired, also before the clock has written so. */
export const asOfNow = (voucher: VoucherRecord, now: Date): VoucherRecord =>
  voucher.state === 'granted' && voucher.expiresAt < now ? { ...voucher, state: 'expired' } : voucher;

const isFor = (order: OrderName | undefined, { source, orderNo }: OrderName): boolean =>
  order?.source === source && order.orderNo === orderNo;

function expiryDue({ _id, customerId, expiresAt }: VoucherRecord): Owed['due'][number] {
  return {
    key: voucherKey(_id),
    kind: 'voucher.expire',
    customerId: String(customerId),
    dueAt: new Date(expiresAt.getTime() + 1),
    data: { voucherId: String(_id) },
  };
}

/** Never the whole code: whoever knows it can use it. */
function eventOf(kind: NewDomainEvent['kind'], voucher: VoucherRecord, at: Date): NewDomainEvent {
  const { title, amountOff, threshold, expiresAt, order, reason, by } = voucher;
  return {
    kind,
    customerId: String(voucher.customerId),
    at,
    data: {
      voucherId: String(voucher._id),
      couponId: String(voucher.couponId),
      code: codeEnd(voucher.code),
      ...{ title, amountOff, threshold, expiresAt: expiresAt.toISOString() },
      ...(order ? { source: order.source, orderNo: order.orderNo } : {}),
      ...(kind === 'voucher.granted' && reason ? { reason } : {}),
      ...(kind === 'voucher.granted' && by ? { by } : {}),
    },
  };
}
