/** Bodies of /open/v1 beside those of contracts/commerce.ts: look-up, points and vouchers. */
import { z } from 'zod';
import { Moment, Phone } from '../commerce.js';
import { voucherStates } from '../membership.js';

const Key = z.string().trim().min(1).max(128);
const Time = z.iso.datetime();
const Id = z.string().regex(/^[0-9a-f]{24}$/, 'expected a 24-digit hexadecimal id');

/** One way to name a person that is known already. */
export const CustomerLookup = z.union(
  [
    z.strictObject({ id: Id }),
    z.strictObject({ phone: Phone }),
    z.strictObject({ unionid: Key }),
    z.strictObject({ openid: Key }),
    z.strictObject({ source: Key, externalId: Key }),
    /** What the card in the mini-program shows at the counter. */
    z.strictObject({ cardCode: z.string().regex(/^\d{18}$/, 'expected the 18 digits of the card') }),
  ],
  { error: 'expected one of {id}, {phone}, {unionid}, {openid}, {source, externalId}, {cardCode}' },
);
export type CustomerLookup = z.output<typeof CustomerLookup>;
export const LookupBody = z.strictObject({ customer: CustomerLookup });

export const OpenVoucher = z.object({
  code: z.string(),
  title: z.string(),
  amountOff: z.int(),
  threshold: z.int(),
  state: z.enum(voucherStates),
  expiresAt: Time,
});
/** A person as shop systems may know them: the phone masked, nothing of what the platform gave. */
export const OpenCustomer = z.object({
  id: z.string(),
  name: z.string().nullable(),
  phone: z.string().nullable(),
  member: z.boolean(),
  points: z.object({ available: z.int(), pending: z.int(), debt: z.int(), spendable: z.int() }),
  level: z.object({ code: z.string(), title: z.string(), growth: z.int(), validUntil: Time.nullable() }),
  vouchers: z.array(OpenVoucher),
});
export type OpenCustomer = z.input<typeof OpenCustomer>;

export const OrderRef = z.strictObject({ source: Key, orderNo: Key });
/** `sourceKey` names this spending for ever: the same again changes nothing. */
export const SpendBody = z.strictObject({
  customer: CustomerLookup,
  amount: z.int().min(1).max(100_000_000),
  reason: z.string().trim().min(1).max(100),
  sourceKey: Key,
  order: OrderRef.optional(),
});
export const Spent = z.object({ id: z.string(), amount: z.int(), available: z.int(), repeated: z.boolean() });
/** `amount`: what the order costs before the voucher, in fen; compared with its threshold. */
export const RedeemBody = z.strictObject({ source: Key, orderNo: Key, amount: z.int().min(0), at: Moment });
export const ReleaseBody = z.strictObject({ source: Key, orderNo: Key, at: Moment });
/** `repeated`: it had happened already; nothing moved now. */
export const OpenReceipt = z.object({ id: z.string(), repeated: z.boolean() });
export const BatchLine = z.object({
  line: z.int(),
  ok: z.boolean(),
  id: z.string().optional(),
  error: z
    .object({
      code: z.string(),
      detail: z.string(),
      errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
    })
    .optional(),
});
export type LookupBody = z.output<typeof LookupBody>;
export type SpendBody = z.output<typeof SpendBody>;
export type RedeemBody = z.output<typeof RedeemBody>;
export type ReleaseBody = z.output<typeof ReleaseBody>;
export type OpenReceipt = z.input<typeof OpenReceipt>;
export type Spent = z.input<typeof Spent>;
export type BatchLine = z.input<typeof BatchLine>;

// ---- the keys of shop systems, as the console sees them
export const ApiKey = z.object({
  /** Sent as X-Huike-Key. */
  id: z.string(),
  name: z.string(),
  /** This shop system verifies its customers' phones by a code: phones in its reports count as verified. */
  verifiesPhones: z.boolean(),
  /** The sources it may report for; empty: any. */
  sources: z.array(z.string()),
  createdAt: Time,
  /** The name of who made it. */
  createdBy: z.string(),
  /** Within ten minutes. */
  lastUsedAt: Time.nullable(),
  revokedAt: Time.nullable(),
});
export type ApiKey = z.input<typeof ApiKey>;
export const AddApiKey = z.strictObject({
  name: z.string().trim().min(1).max(60),
  verifiesPhones: z.boolean().default(false),
  sources: z.array(Key).max(20).default([]),
});
export type AddApiKey = z.output<typeof AddApiKey>;
/** The secret is shown once. */
export const NewApiKey = ApiKey.extend({ secret: z.string() });
