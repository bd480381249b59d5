/** Bodies of /console/v1 about a person's membership and orders, the programme, coupons, links, service scenes and keys. */
import { z } from 'zod';
import {
  consentChannels,
  consentPurposes,
  genders,
  Profile,
  orderStatuses,
  refundStatuses,
  shipmentStatuses,
} from '../commerce.js';
import { CouponRules, LevelRule, ProgrammeRules, voucherStates } from '../membership.js';
import { Sender, ServiceScene } from '../strategy.js';
import { Titles } from '../titles.js';
import { PageQuery, page } from './console.js';

const Id = z.string().regex(/^[0-9a-f]{24}$/, 'expected a 24-digit hexadecimal id');
const Time = z.iso.datetime();
const RequestKey = z.string().min(8).max(64);
const Reason = z.string().trim().min(2, 'say why').max(200);

// ---- the person
/** Private data are masked; the whole number is never shown. `of`: the customer record it was written with. */
export const PersonProfile = z.object({
  name: z.string().nullable(),
  phone: z.string().nullable(),
  phoneVerifiedAt: Time.nullable(),
  gender: z.enum(genders).nullable(),
  birthday: z.string().nullable(),
  province: z.string().nullable(),
  city: z.string().nullable(),
  address: z.string().nullable(),
  minor: z.boolean(),
  joinedAt: Time.nullable(),
});
export const ConsentState = z.object({
  purpose: z.enum(consentPurposes),
  channel: z.enum(consentChannels),
  given: z.boolean(),
  textVersion: z.string(),
  at: Time,
});
export const ConsentEvidence = ConsentState.extend({ page: z.string().nullable(), by: z.string(), customerId: Id });
/** Two records that are one person, and why. */
export const LinkView = z.object({
  id: Id,
  customerIds: z.array(Id),
  kind: z.string(),
  /** One sentence of evidence, without private data. */
  evidence: z.string(),
  at: Time,
  by: z.string().nullable(),
  undoneAt: Time.nullable(),
  /** Why it was undone, in the words of whoever did it. */
  undoneReason: z.string().nullable(),
  frozenUntil: Time.nullable(),
});
export const LinkProposal = z.object({
  id: Id,
  customers: z.array(z.object({ id: Id, name: z.string(), phone: z.string().nullable(), orders: z.int() })),
  kind: z.string(),
  evidence: z.string(),
  at: Time,
});
export const PersonFigures = z.object({
  orders: z.int(),
  spent: z.int(),
  items: z.int(),
  firstOrderAt: Time.nullable(),
  lastOrderAt: Time.nullable(),
  lastBehaviourAt: Time.nullable(),
});
export const PersonLevel = z.object({
  code: z.string(),
  title: Titles,
  vip: z.boolean(),
  growth: z.int(),
  since: Time.nullable(),
  validUntil: Time.nullable(),
  next: z.object({ title: Titles, missing: z.int() }).nullable(),
});
export const PersonPoints = z.object({
  available: z.int(),
  pending: z.int(),
  debt: z.int(),
  spendable: z.int(),
  frozenUntil: Time.nullable(),
});
/** Everything beside the conversation: one call fills the customer page. */
export const PersonView = z.object({
  personId: Id,
  /** How screens call them: a remark, a name, a nickname, else a neutral name. */
  name: z.string(),
  customerIds: z.array(Id),
  profile: PersonProfile,
  figures: PersonFigures,
  level: PersonLevel,
  points: PersonPoints,
  consents: z.array(ConsentState),
  links: z.array(LinkView),
  proposals: z.array(LinkProposal),
  /** The most that whoever asks may move at once by hand: points, and the value of a voucher in fen. Absent: nothing. */
  limits: z.object({ points: z.int(), voucherFen: z.int() }).optional(),
});
export type PersonView = z.infer<typeof PersonView>;
/** Only the fields to be changed. */
export const ChangeProfile = Profile;
export const LinkBody = z.strictObject({ with: Id, reason: Reason });
export const UnlinkBody = z.strictObject({ reason: Reason });
export const DecideBody = z.strictObject({ accept: z.boolean(), reason: Reason });

export const PointsLot = z.object({
  id: z.string(),
  customerId: Id,
  earnedAt: Time,
  availableAt: Time,
  expiresAt: Time,
  remaining: z.int(),
  pending: z.boolean(),
  orderNo: z.string().nullable(),
});
export const PointsEntry = z.object({
  id: z.string(),
  customerId: Id,
  at: Time,
  kind: z.string(),
  available: z.int(),
  pending: z.int(),
  debt: z.int(),
  orderNo: z.string().nullable(),
  reason: z.string().nullable(),
  by: z.string().nullable(),
  after: z.object({ available: z.int(), pending: z.int(), debt: z.int() }),
});
export const PointsView = z.object({ lots: z.array(PointsLot), asOf: PersonPoints });
/** `asOf` shows the balance as it was at a moment. */
export const PointsQuery = z.strictObject({ asOf: z.iso.datetime({ offset: true }).optional() });
export const AdjustBody = z.strictObject({
  amount: z
    .int()
    .min(-1_000_000)
    .max(1_000_000)
    .refine((amount) => amount !== 0, 'must not be 0'),
  reason: Reason,
  requestKey: RequestKey,
});
export const GrantBody = z.strictObject({ couponId: Id, reason: Reason, requestKey: RequestKey });
export const RevokeBody = z.strictObject({ reason: Reason });
export const VoucherView = z.object({
  id: z.string(),
  customerId: Id,
  /** Only its end: whoever knows the whole code can redeem it. */
  code: z.string(),
  couponId: Id,
  title: z.string(),
  amountOff: z.int(),
  threshold: z.int(),
  state: z.enum(voucherStates),
  grantedAt: Time,
  expiresAt: Time,
  usedAt: Time.nullable(),
  orderNo: z.string().nullable(),
});
export const OrderView = z.object({
  id: Id,
  customerId: Id,
  customerName: z.string(),
  source: z.string(),
  orderNo: z.string(),
  status: z.enum(orderStatuses),
  placedAt: Time,
  paidAt: Time.nullable(),
  dispatchedAt: Time.nullable(),
  receivedAt: Time.nullable(),
  completedAt: Time.nullable(),
  closedAt: Time.nullable(),
  amount: z.int(),
  paid: z.int(),
  freight: z.int(),
  discount: z.int(),
  refunded: z.int(),
  items: z.array(
    z.object({ sku: z.string(), name: z.string(), category: z.string(), quantity: z.int(), price: z.int() }),
  ),
  shipments: z.array(
    z.object({ carrier: z.string(), trackingNo: z.string(), status: z.enum(shipmentStatuses), at: Time }),
  ),
  refunds: z.array(z.object({ refundNo: z.string(), amount: z.int(), status: z.enum(refundStatuses), at: Time })),
});
export type OrderView = z.infer<typeof OrderView>;
/** `search`: an order number, whole. */
export const OrdersQuery = PageQuery.extend({
  search: z.string().trim().max(128).optional(),
  status: z.enum(orderStatuses).optional(),
});

// ---- the programme
export const ProgrammeView = z.object({ version: z.int(), from: Time.nullable(), rules: ProgrammeRules });
export const PutProgramme = ProgrammeRules;
export const LevelView = LevelRule;
export const CouponView = z.object({
  id: Id,
  rules: z.object({ ...CouponRules.shape, endsAt: z.string().optional() }),
  granted: z.int(),
  used: z.int(),
  createdAt: Time,
});
export const PutCoupon = CouponRules;

// ---- service scenes: who tells the customer
export const SenderView = z.object({ scene: ServiceScene, sender: Sender.nullable(), changedAt: Time.nullable() });
export const ChooseSender = z.strictObject({ sender: Sender });

export const ordersPage = page(OrderView);
