/** Stored shapes of the membership: the points ledger, growth value, coupons, vouchers and the versions of the programme. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';
import type { CouponRules, ProgrammeRules, VoucherState } from '../../contracts/index.js';
import type { Account, GrowthRow, OrderName, Posting } from './shapes.js';

export interface CouponRecord extends CouponRules {
  _id: Types.ObjectId;
  /** Counts the changes of its settings. */
  version: number;
  /** How many were granted in all; never above the budget. */
  granted: number;
  createdAt: Date;
  changedAt: Date;
  changedBy: string;
}

/** One customer's copy of a coupon; what it is worth was settled when it was granted. */
export interface VoucherRecord {
  _id: Types.ObjectId;
  /** Natural key of the grant: the same request again makes no second one. */
  key: string;
  code: string;
  couponId: Types.ObjectId;
  customerId: Types.ObjectId;
  title: string;
  amountOff: number;
  threshold: number;
  state: VoucherState;
  grantedAt: Date;
  /** The last moment at which it holds. */
  expiresAt: Date;
  /** Why and by whom it was granted. */
  reason?: string;
  by?: string;
  /** The order it is used for; one order uses one voucher. */
  order?: OrderName;
  usedAt?: Date;
  /** The order it was last given back by, and until when what is told of that order is old news. */
  released?: { order: OrderName; at: Date };
  revokedAt?: Date;
}

export interface ProgrammeRecord {
  /** The version's number. */
  _id: number;
  from: Date;
  rules: ProgrammeRules;
  by: string;
}

export interface MembershipModels {
  accounts: Model<Account>;
  postings: Model<Posting>;
  growth: Model<GrowthRow>;
  coupons: Model<CouponRecord>;
  vouchers: Model<VoucherRecord>;
  programmes: Model<ProgrammeRecord>;
}

const options = { strict: 'throw', versionKey: false } as const;
const { ObjectId, Mixed } = Schema.Types;
const order = { type: { _id: false, id: String, source: String, orderNo: String }, default: undefined };
const terms = { _id: false, id: ObjectId, earnedAt: Date, availableAt: Date, expiresAt: Date, order };
const totals = { available: Number, pending: Number, debt: Number };

export function membershipModels(connection: Connection): MembershipModels {
  const postings = postingSchema();
  const growth = new Schema<GrowthRow>(
    { _id: String, customerId: ObjectId, amount: Number, at: Date, from: Date, order },
    options,
  );
  growth.index({ customerId: 1, at: 1 });
  const programme = new Schema<ProgrammeRecord>({ _id: Number, from: Date, rules: Mixed, by: String }, options);
  return {
    accounts: connection.model<Account>('PointsAccount', accountSchema(), 'points_accounts'),
    postings: connection.model<Posting>('PointsPosting', postings, 'points_postings'),
    growth: connection.model<GrowthRow>('GrowthRow', growth, 'growth_rows'),
    coupons: connection.model<CouponRecord>('Coupon', couponSchema(), 'coupons'),
    vouchers: connection.model<VoucherRecord>('Voucher', voucherSchema(), 'vouchers'),
    programmes: connection.model<ProgrammeRecord>('Programme', programme, 'programmes'),
  };
}

function accountSchema() {
  const lot = { ...terms, remaining: Number, pending: Boolean };
  const level = {
    _id: false,
    code: String,
    since: Date,
    validUntil: Date,
    at: Date,
    of: { type: [ObjectId], default: undefined },
  };
  return new Schema<Account>(
    {
      ...totals,
      seq: Number,
      at: Date,
      touches: Number,
      lots: [lot],
      expiryDueAt: Date,
      warnDueAt: Date,
      checkin: { type: { _id: false, date: String, days: Number }, default: undefined },
      growth: Number,
      level: { type: level, default: undefined },
    },
    options,
  );
}

function postingSchema() {
  const posting = new Schema<Posting>(
    {
      key: String,
      customerId: ObjectId,
      seq: Number,
      kind: String,
      at: Date,
      legs: [{ _id: false, account: String, amount: Number, lot: ObjectId }],
      lots: { type: [terms], default: undefined },
      order,
      reason: String,
      by: String,
      asked: Number,
      partOf: ObjectId,
      basis: { type: { _id: false, perYuan: Number, percent: Number }, default: undefined },
      claw: { type: { _id: false, total: Number, forgiven: Number, debt: Number }, default: undefined },
      after: totals,
    },
    options,
  );
  posting.index({ key: 1 }, { unique: true });
  posting.index({ customerId: 1, seq: 1 }, { unique: true });
  posting.index({ customerId: 1, at: -1, _id: -1 });
  posting.index({ 'order.source': 1, 'order.orderNo': 1 }, { sparse: true });
  posting.index({ 'legs.lot': 1 });
  return posting;
}

function couponSchema() {
  const coupon = new Schema<CouponRecord>(
    {
      version: Number,
      granted: Number,
      createdAt: Date,
      changedAt: Date,
      changedBy: String,
      title: String,
      amountOff: Number,
      threshold: Number,
      validDays: Number,
      endsAt: String,
      budget: Number,
      perPerson: Number,
      levels: [String],
      claimable: Boolean,
      enabled: Boolean,
    },
    options,
  );
  coupon.index({ createdAt: -1, _id: -1 });
  coupon.index({ claimable: 1, enabled: 1 });
  return coupon;
}

function voucherSchema() {
  const voucher = new Schema<VoucherRecord>(
    {
      key: String,
      code: String,
      couponId: ObjectId,
      customerId: ObjectId,
      title: String,
      amountOff: Number,
      threshold: Number,
      state: String,
      grantedAt: Date,
      expiresAt: Date,
      reason: String,
      by: String,
      order,
      usedAt: Date,
      released: { type: { _id: false, order, at: Date }, default: undefined },
      revokedAt: Date,
    },
    options,
  );
  voucher.index({ key: 1 }, { unique: true });
  voucher.index({ code: 1 }, { unique: true });
  voucher.index(
    { 'order.source': 1, 'order.orderNo': 1 },
    { unique: true, partialFilterExpression: { 'order.source': { $exists: true } } },
  );
  voucher.index({ couponId: 1, customerId: 1 });
  voucher.index({ couponId: 1, state: 1 });
  voucher.index({ customerId: 1, grantedAt: -1, _id: -1 });
  voucher.index({ customerId: 1, state: 1, expiresAt: 1, _id: 1 });
  return voucher;
}
