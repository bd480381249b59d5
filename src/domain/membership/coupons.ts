/** Coupons: the templates of vouchers, each with a budget that counts every voucher granted in all. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { CouponRules, NewDomainEvent } from '../../contracts/index.js';
import { insertRecords, olderThan } from '../../infra/mongo.js';
import type { CouponRecord, MembershipModels } from './models.js';

export type PutCoupon =
  | { ok: true; coupon: CouponRecord; events: NewDomainEvent[] }
  | { ok: false; reason: 'coupon.notFound' }
  | { ok: false; reason: 'coupon.budgetBelowGranted'; granted: number };

export type Coupons = ReturnType<typeof createCoupons>;

export function createCoupons({ coupons, vouchers }: Pick<MembershipModels, 'coupons' | 'vouchers'>) {
  /** Without `id` a new one. Vouchers that were granted keep what they were worth then. */
  async function put(
    tx: ClientSession,
    { id, rules, by }: { id?: Types.ObjectId; rules: CouponRules; by: string },
    now: Date,
  ): Promise<PutCoupon> {
    if (!id) {
      const begun = {
        _id: new Types.ObjectId(),
        version: 1,
        granted: 0,
        createdAt: now,
        changedAt: now,
        changedBy: by,
      };
      const coupon: CouponRecord = { ...rules, ...begun };
      await insertRecords(coupons, [coupon], tx);
      return { ok: true, coupon, events: [changed(coupon, now)] };
    }
    const before = await get(id, tx);
    if (!before) return { ok: false, reason: 'coupon.notFound' };
    if (rules.budget < before.granted)
      return { ok: false, reason: 'coupon.budgetBelowGranted', granted: before.granted };
    const { _id, granted, createdAt } = before;
    const coupon: CouponRecord = {
      ...rules,
      ...{ _id, granted, createdAt },
      version: before.version + 1,
      changedAt: now,
      changedBy: by,
    };
    const { _id: _, ...replacement } = coupon;
    await coupons.collection.replaceOne({ _id }, replacement, { session: tx });
    return { ok: true, coupon, events: [changed(coupon, now)] };
  }

  const get = (id: Types.ObjectId, tx: ClientSession | null = null): Promise<CouponRecord | null> =>
    coupons.findById(id, null, { session: tx }).lean<CouponRecord>();

  /** Newest first. */
  const list = (limit: number, after?: { at: Date; id: string }): Promise<CouponRecord[]> =>
    coupons
      .find(after ? olderThan('createdAt', after) : {})
      .sort({ createdAt: -1, _id: -1 })
      .limit(limit)
      .lean<CouponRecord[]>();

  const claimable = (): Promise<CouponRecord[]> =>
    coupons.find({ claimable: true, enabled: true }).lean<CouponRecord[]>();

  /** How many vouchers of each coupon are used now. */
  async function usedOf(ids: readonly Types.ObjectId[]): Promise<Map<string, number>> {
    const rows = await vouchers.aggregate<{ _id: Types.ObjectId; used: number }>([
      { $match: { couponId: { $in: [...ids] }, state: 'used' } },
      { $group: { _id: '$couponId', used: { $sum: 1 } } },
    ]);
    return new Map(rows.map(({ _id, used }) => [String(_id), used]));
  }

  /** Takes one voucher out of the budget; false when it is used up. The count and the limit are one conditional write. */
  async function take(tx: ClientSession, coupon: CouponRecord): Promise<boolean> {
    const taken = await coupons.collection.updateOne(
      { _id: coupon._id, granted: { $lt: coupon.budget } },
      { $inc: { granted: 1 } },
      { session: tx },
    );
    return taken.modifiedCount === 1;
  }

  return { put, get, list, claimable, usedOf, take };
}

function changed(coupon: CouponRecord, at: Date): NewDomainEvent {
  const { title, amountOff, threshold, budget, enabled, version } = coupon;
  return {
    kind: 'coupon.changed',
    at,
    data: { couponId: String(coupon._id), title, amountOff, threshold, budget, enabled, version, by: coupon.changedBy },
  };
}
