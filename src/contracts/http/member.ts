/** Bodies of /member/v1, which the mini-program asks. What a member may see of themselves; amounts in fen, points integers. */
import { z } from 'zod';
import { Birthday, genders, orderStatuses, shipmentStatuses } from '../commerce.js';
import { voucherStates } from '../membership.js';
import { PageQuery } from './console.js';

const Time = z.iso.datetime();

/** `account` names the mini-program where the shop has several. `scene` is what the opening QR code held. */
export const MemberLogin = z.strictObject({
  code: z.string().min(1).max(200),
  account: z.string().max(64).optional(),
  scene: z.string().max(64).optional(),
});
export const MemberSession = z.object({ token: z.string(), expiresAt: Time, joined: z.boolean() });

/** The texts a person reads before joining, by version; shown unticked. */
export const MemberTexts = z.object({
  privacy: z.object({ version: z.string(), text: z.string() }),
  consents: z.array(
    z.object({
      purpose: z.enum(['care', 'promotion', 'personalisation']),
      channel: z.enum(['wechat', 'sms', 'email', 'all']),
      version: z.string(),
      text: z.string(),
    }),
  ),
  /** Templates of one-time notices the person may ask for, by scene. */
  notices: z.array(z.object({ scene: z.string(), templateId: z.string() })),
});

export const ageBands = ['under14', '14to17', 'adult'] as const;
/** Privacy notice first; `phoneCode` comes from the platform's phone button and is not needed to join. */
export const JoinBody = z.strictObject({
  privacyVersion: z.string().min(1).max(40),
  age: z.enum(ageBands),
  /** Under 14: the guardian agreed. Without it nothing is kept. */
  guardianConsent: z.boolean().optional(),
  consents: z
    .array(
      z.strictObject({
        purpose: z.enum(['care', 'promotion', 'personalisation']),
        channel: z.enum(['wechat', 'sms', 'email', 'all']),
        version: z.string().min(1).max(40),
      }),
    )
    .max(10),
  phoneCode: z.string().min(1).max(200).optional(),
  page: z.string().max(100).optional(),
});

export const MemberLevel = z.object({
  code: z.string(),
  title: z.string(),
  vip: z.boolean(),
  /** Growth counted for the level now. */
  growth: z.int(),
  since: Time.nullable(),
  validUntil: Time.nullable(),
  /** Absent on the highest level. */
  next: z.object({ code: z.string(), title: z.string(), growth: z.int(), missing: z.int() }).nullable(),
  benefits: z.array(z.string()),
});
export const MemberPoints = z.object({
  available: z.int(),
  pending: z.int(),
  debt: z.int(),
  /** What can be used now: nothing while there is debt or a freeze. */
  spendable: z.int(),
  frozenUntil: Time.nullable(),
  /** What expires when, soonest first. */
  expiring: z.array(z.object({ amount: z.int(), at: Time })),
});
export const MemberMe = z.object({
  joined: z.boolean(),
  name: z.string().nullable(),
  /** 138****8000 */
  phone: z.string().nullable(),
  gender: z.enum(['female', 'male', 'other']).nullable(),
  birthday: z.string().nullable(),
  province: z.string().nullable(),
  city: z.string().nullable(),
  level: MemberLevel,
  points: MemberPoints,
  vouchers: z.int(),
  /** 18 digits for the counter, good until `expiresAt`, and the same as a QR picture (data: URL of a PNG). */
  card: z.object({ code: z.string(), picture: z.string(), expiresAt: Time }).nullable(),
  checkin: z.object({ today: z.boolean(), points: z.int(), days: z.int() }),
  privacy: z.object({
    /** Behaviour is looked at for offers. */
    personalisation: z.boolean(),
    promotion: z.boolean(),
    care: z.boolean(),
    minor: z.boolean(),
  }),
});
export type MemberMe = z.input<typeof MemberMe>;

export const MemberEntry = z.object({
  id: z.string(),
  at: Time,
  kind: z.string(),
  /** Signed; of available points, or of pending ones where `pending`. */
  amount: z.int(),
  pending: z.boolean(),
  title: z.string(),
  orderNo: z.string().nullable(),
  expiresAt: Time.nullable(),
});
export const MemberVoucher = z.object({
  code: z.string(),
  title: z.string(),
  amountOff: z.int(),
  threshold: z.int(),
  state: z.enum(voucherStates),
  grantedAt: Time,
  expiresAt: Time,
  usedAt: Time.nullable(),
});
export const MemberOffer = z.object({
  couponId: z.string(),
  title: z.string(),
  amountOff: z.int(),
  threshold: z.int(),
  validDays: z.int(),
  /** Why it cannot be claimed now, or null. */
  refusal: z.string().nullable(),
});
export const ClaimBody = z.strictObject({
  couponId: z.string().regex(/^[0-9a-f]{24}$/),
  requestKey: z.string().min(8).max(64),
});
export const MemberOrder = z.object({
  id: z.string(),
  source: z.string(),
  orderNo: z.string(),
  status: z.enum(orderStatuses),
  placedAt: Time,
  paid: z.int(),
  refunded: z.int(),
  items: z.array(z.object({ name: z.string(), quantity: z.int(), price: z.int() })),
  shipments: z.array(
    z.object({ carrier: z.string(), trackingNo: z.string(), status: z.enum(shipmentStatuses), at: Time }),
  ),
  /** What this order earned or will earn. */
  points: z.object({ amount: z.int(), pending: z.boolean(), availableAt: Time.nullable() }).nullable(),
});
export const MemberLevels = z.object({
  items: z.array(z.object({ code: z.string(), title: z.string(), growth: z.int(), benefits: z.array(z.string()) })),
});
/** A message kept in the mini-program. `page` opens there; `unread`: newer than what the member has read. */
export const MemberMessage = z.object({
  id: z.string(),
  at: Time,
  title: z.string(),
  text: z.string(),
  page: z.string().nullable(),
  purpose: z.enum(['contract', 'care', 'promotion']).optional(),
  unread: z.boolean().optional(),
});
/** Everything up to this moment was shown and read. */
export const MessagesReadBody = z.strictObject({ until: z.iso.datetime({ offset: true }) });
export const CheckedIn = z.object({ points: z.int(), days: z.int(), repeated: z.boolean() });
export const ChangeMe = z.strictObject({
  name: z.string().trim().min(1).max(20).optional(),
  gender: z.enum(genders).optional(),
  birthday: Birthday.optional(),
  province: z.string().trim().min(1).max(30).optional(),
  city: z.string().trim().min(1).max(30).optional(),
});
export const PhoneBody = z.strictObject({ phoneCode: z.string().min(1).max(200) });
/** A switch of the privacy page: given or withdrawn, with the version of the text shown. */
export const PrivacyBody = z.strictObject({
  purpose: z.enum(['care', 'promotion', 'personalisation']),
  channel: z.enum(['wechat', 'sms', 'email', 'all']),
  given: z.boolean(),
  version: z.string().min(1).max(40),
  page: z.string().max(100).optional(),
});
/** What wx.requestSubscribeMessage told; `reportId` makes a repeated report count once. */
export const NoticesBody = z.strictObject({
  reportId: z.string().min(8).max(64),
  answers: z
    .array(z.strictObject({ templateId: z.string().min(1).max(64), answer: z.string().max(40) }))
    .min(1)
    .max(5),
});
export const NoticesTaken = z.object({ granted: z.int(), repeated: z.boolean() });
export const MemberPageQuery = PageQuery;

export type MemberLogin = z.output<typeof MemberLogin>;
export type MemberSession = z.input<typeof MemberSession>;
export type MemberTexts = z.input<typeof MemberTexts>;
export type JoinBody = z.output<typeof JoinBody>;
export type ChangeMe = z.output<typeof ChangeMe>;
export type PhoneBody = z.output<typeof PhoneBody>;
export type PrivacyBody = z.output<typeof PrivacyBody>;
export type NoticesBody = z.output<typeof NoticesBody>;
export type NoticesTaken = z.input<typeof NoticesTaken>;
export type MemberEntry = z.input<typeof MemberEntry>;
export type MemberVoucher = z.input<typeof MemberVoucher>;
export type MemberLevels = z.input<typeof MemberLevels>;
export type MemberOffer = z.input<typeof MemberOffer>;
export type ClaimBody = z.output<typeof ClaimBody>;
export type CheckedIn = z.input<typeof CheckedIn>;
export type MemberOrder = z.input<typeof MemberOrder>;
export type MessagesReadBody = z.output<typeof MessagesReadBody>;
export type MemberMessage = z.input<typeof MemberMessage>;
