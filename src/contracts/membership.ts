/** The membership programme: points, growth value, levels, coupons and vouchers. Points, growth and fen are integers. */
import { z } from 'zod';
import { Titles } from './titles.js';

const count = z.int().min(0);
const atLeastOne = z.int().min(1);

/** A level by its lowest growth value. The first one starts at 0. */
export const LevelRule = z.strictObject({
  code: z.string().regex(/^[a-z][a-z0-9-]{0,19}$/, 'small letters, digits and dashes'),
  title: Titles,
  growth: count,
  /** Times the points of an order, in per cent: 120 earns a fifth more. */
  pointsPercent: z.int().min(100).max(1000),
  /** Treated as VIP by rules. */
  vip: z.boolean(),
  benefits: z.array(Titles).max(20),
});
export type LevelRule = z.infer<typeof LevelRule>;

export const PointsRules = z.strictObject({
  perYuan: z.number().min(0).max(100),
  /** Days after receipt in which goods may come back; points are pending so long. 0: available at once. */
  returnWindowDays: z.int().min(0).max(90),
  /** An order never reported as received counts as received so many days after payment. */
  receivedAfterDays: z.int().min(1).max(90),
  /** Points live to the end of the so-manieth month after they became available (shop's zone). */
  validMonths: z.int().min(1).max(120),
  checkin: count.max(10_000),
  join: count.max(100_000),
  /** A birthday may be changed once in so many days. */
  birthdayChangeDays: z.int().min(0).max(3650),
});

export const GrowthRules = z.strictObject({
  perYuan: z.number().min(0).max(100),
  join: count,
  /** Growth of so many days counts for the level. */
  windowDays: atLeastOne,
  /** A level holds so long from the day it was reached. */
  validDays: atLeastOne,
});

export const LevelRules = z
  .array(LevelRule)
  .min(1)
  .max(10)
  .refine((levels) => levels[0]?.growth === 0, 'the first level starts at a growth value of 0')
  .refine(
    (levels) => levels.every((level, i) => i === 0 || level.growth > (levels[i - 1]?.growth ?? 0)),
    'each level needs more growth than the one before',
  )
  .refine((levels) => new Set(levels.map(({ code }) => code)).size === levels.length, 'a code is used twice');

/**
 * The programme's numbers. Every change is a new version that holds from its moment on; what was earned under an older one stays.
 * Points of an order = floor(cash paid without freight in yuan x pointsPerYuan x level's percentage), pending until the return window ends.
 */
export const ProgrammeRules = z.strictObject({ points: PointsRules, growth: GrowthRules, levels: LevelRules });
export type ProgrammeRules = z.infer<typeof ProgrammeRules>;

/** A template of vouchers with a fixed money value. */
export const CouponRules = z
  .strictObject({
    title: z.string().trim().min(1).max(40),
    /** Taken off the price. */
    amountOff: z.int().min(1).max(10_000_00),
    /** The order must cost at least so much; 0: any. */
    threshold: z.int().min(0).max(1_000_000_00),
    /** A voucher holds so many days from its grant, to the end of that day in the shop's zone … */
    validDays: z.int().min(1).max(730),
    /** … but no longer than this. */
    endsAt: z.iso.datetime({ offset: true }).optional(),
    /** How many may be granted in all. */
    budget: z.int().min(1).max(10_000_000),
    perPerson: z.int().min(1).max(1000).default(1),
    /** Only these levels; empty: everybody. */
    levels: z.array(z.string()).max(10).default([]),
    /** May be taken by members themselves in the mini-program. */
    claimable: z.boolean().default(false),
    enabled: z.boolean().default(true),
  })
  .refine((coupon) => coupon.threshold === 0 || coupon.threshold >= coupon.amountOff, {
    path: ['threshold'],
    message: 'must be at least amountOff, or 0',
  });
export type CouponRules = z.infer<typeof CouponRules>;

/** `used`: redeemed for one order; it goes back to `granted` when that order is released or refunded and the voucher still holds. */
export const voucherStates = ['granted', 'used', 'expired', 'revoked'] as const;
export type VoucherState = (typeof voucherStates)[number];
