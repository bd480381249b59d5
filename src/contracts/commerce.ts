/**
 * What shop systems report: orders, behaviour, products, customers. The open API and the importers check with these schemas.
 * Amounts are integer fen; times are moments (ISO 8601 with an offset on the wire, Date inside).
 */
import { z } from 'zod';

const Fen = z.int().min(0).max(100_000_000_00);
const Key = z.string().trim().min(1).max(128);
/** A moment with its offset; inside the product a Date. */
export const Moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** Mainland mobile numbers, with or without +86, spaces and dashes; inside always the 11 digits. */
export const Phone = z
  .string()
  .transform((text) => text.replace(/[\s-]/g, '').replace(/^(\+|00)?86(?=1\d{10}$)/, ''))
  .refine((digits) => /^1[3-9]\d{9}$/.test(digits), 'expected a mobile number of 11 digits');

/**
 * By what a shop system names a person; at least one of them besides the name. `externalId` is the member id in `source`.
 * `phoneVerifiedAt`: when the shop saw this person receive a code on that number; without it a phone links nobody by itself.
 */
export const CustomerRef = z
  .strictObject({
    phone: Phone.optional(),
    phoneVerifiedAt: Moment.optional(),
    unionid: Key.optional(),
    openid: Key.optional(),
    externalId: Key.optional(),
    name: z.string().trim().min(1).max(60).optional(),
  })
  .refine((ref) => ref.phone ?? ref.unionid ?? ref.openid ?? ref.externalId, {
    message: 'expected at least one of phone, unionid, openid, externalId',
  });
export type CustomerRef = z.output<typeof CustomerRef>;

export const orderStatuses = [
  'pending',
  'paid',
  'dispatched',
  'delivered',
  'completed',
  'closed',
  'refunding',
  'refunded',
] as const;
export const OrderStatus = z.enum(orderStatuses);
export type OrderStatus = z.infer<typeof OrderStatus>;

export const OrderItem = z.strictObject({
  sku: Key,
  name: z.string().trim().min(1).max(200),
  category: z.string().trim().min(1).max(100),
  quantity: z.int().min(1).max(100_000),
  /** Of one piece. */
  price: Fen,
});
export type OrderItem = z.output<typeof OrderItem>;

/** As the courier's state words are few everywhere: what is known of the parcel. */
export const shipmentStatuses = ['dispatched', 'in-transit', 'out-for-delivery', 'delivered', 'returned'] as const;
export const Shipment = z.strictObject({
  carrier: z.string().trim().min(1).max(60),
  trackingNo: Key,
  status: z.enum(shipmentStatuses),
  at: Moment,
});
export type Shipment = z.output<typeof Shipment>;

/** `amount` is money given back, freight included when it was. Only `succeeded` moves points and figures. */
export const refundStatuses = ['requested', 'approved', 'succeeded', 'rejected', 'cancelled'] as const;
export const Refund = z.strictObject({
  refundNo: Key,
  amount: Fen,
  status: z.enum(refundStatuses),
  at: Moment,
  items: z
    .array(z.strictObject({ sku: Key, quantity: z.int().min(1).max(100_000) }))
    .max(200)
    .optional(),
});
export type Refund = z.output<typeof Refund>;

/**
 * One report of an order; key (source, orderNo). Reports arrive late and out of order: `updatedAt` and the named times decide, never the
 * order of arrival. `amount` is what the goods and freight cost before discount; `paid` what the customer paid, freight included.
 */
export const OrderInput = z.strictObject({
  source: Key,
  orderNo: Key,
  customer: CustomerRef,
  status: OrderStatus,
  placedAt: Moment,
  paidAt: Moment.optional(),
  /** When an unpaid order closes by itself. */
  closesAt: Moment.optional(),
  dispatchedAt: Moment.optional(),
  receivedAt: Moment.optional(),
  currency: z.literal('CNY'),
  amount: Fen,
  paid: Fen,
  freight: Fen,
  discount: Fen,
  items: z.array(OrderItem).min(1).max(200),
  shipments: z.array(Shipment).max(50).optional(),
  refunds: z.array(Refund).max(50).optional(),
  completedAt: Moment.optional(),
  closedAt: Moment.optional(),
  updatedAt: Moment,
});
export type OrderInput = z.output<typeof OrderInput>;

export const behaviourTypes = ['view', 'dwell', 'cart.add', 'cart.remove', 'search', 'favourite', 'checkin'] as const;
/** One thing a person did in the shop; key (source, eventId). */
export const BehaviourInput = z.strictObject({
  source: Key,
  eventId: Key,
  type: z.union([
    z.enum(behaviourTypes),
    z.string().regex(/^custom:[a-z0-9][a-z0-9._-]{0,39}$/, 'expected custom:<name>'),
  ]),
  at: Moment,
  customer: CustomerRef,
  product: z.strictObject({ sku: Key, category: z.string().trim().min(1).max(100) }).optional(),
  /** How long they stayed, for `dwell`. */
  seconds: z.int().min(0).max(86_400).optional(),
  data: z
    .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/), z.union([z.string().max(500), z.number(), z.boolean()]))
    .refine((data) => Object.keys(data).length <= 20, 'expected at most 20 entries')
    .optional(),
});
export type BehaviourInput = z.output<typeof BehaviourInput>;

export const ProductInput = z.strictObject({
  sku: Key,
  name: z.string().trim().min(1).max(200),
  category: z.string().trim().min(1).max(100),
  price: Fen,
  status: z.enum(['on', 'off']),
});
export type ProductInput = z.output<typeof ProductInput>;

export const genders = ['female', 'male', 'other'] as const;
/** MM-DD, or YYYY-MM-DD where the year is known. */
export const Birthday = z
  .string()
  .regex(/^(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'expected YYYY-MM-DD or MM-DD')
  .refine((text) => {
    const day = text.length === 5 ? `2000-${text}` : text;
    return new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) === day;
  }, 'expected a day that the calendar has');

/** What is known of the person. Phone and address are stored encrypted and shown masked. */
export const Profile = z.strictObject({
  name: z.string().trim().min(1).max(60).optional(),
  phone: Phone.optional(),
  gender: z.enum(genders).optional(),
  birthday: Birthday.optional(),
  province: z.string().trim().min(1).max(30).optional(),
  city: z.string().trim().min(1).max(30).optional(),
  address: z.string().trim().min(1).max(200).optional(),
});
export type Profile = z.output<typeof Profile>;

export const consentPurposes = ['care', 'promotion', 'personalisation'] as const;
export const consentChannels = ['wechat', 'sms', 'email', 'all'] as const;
/** Purpose x channel x version of the text that was shown, and when. */
export const ConsentInput = z.strictObject({
  purpose: z.enum(consentPurposes),
  channel: z.enum(consentChannels),
  textVersion: z.string().trim().min(1).max(40),
  at: Moment,
  /** Absent: given. */
  withdrawn: z.boolean().optional(),
});
export type ConsentInput = z.output<typeof ConsentInput>;

/** A value of one of the shop's own fields: a date as YYYY-MM-DD or a moment with its offset; null takes the value away. */
const CustomFieldValue = z.union([z.string().max(200), z.number(), z.boolean(), z.null()]);

/** A customer as another system knows them; key (source, externalId). Tags and fields that are not named stay. */
export const CustomerInput = Profile.extend({
  source: Key,
  externalId: Key,
  unionid: Key.optional(),
  openid: Key.optional(),
  phoneVerifiedAt: Moment.optional(),
  /** When they became a customer there. */
  createdAt: Moment.optional(),
  consents: z.array(ConsentInput).max(20).optional(),
  /** Put on the customer besides those that are there. */
  tags: z.array(z.string().trim().min(1).max(20)).max(50).optional(),
  /** By the key under which the shop defined the field. */
  fields: z
    .record(z.string().regex(/^[a-zA-Z0-9][\w-]{0,39}$/), CustomFieldValue)
    .refine((fields) => Object.keys(fields).length <= 100, 'expected at most 100 fields')
    .optional(),
  updatedAt: Moment.optional(),
});
export type CustomerInput = z.output<typeof CustomerInput>;
