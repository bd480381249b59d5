/** What marketers make: broadcasts and plans; how a strategy is limited; and the states in which everybody of an audience ends. */
import { z } from 'zod';
import { Address } from './address.js';
import { Message, Route } from './message.js';
import { SegmentRule } from './segment.js';

/** What a strategy or a broadcast is to move, and how it is measured. */
export const metrics = [
  'first-message-rate',
  'first-response-time',
  'payment-rate',
  'delivered-notices',
  'first-order-rate',
  'second-order-rate',
  'repurchase-rate',
  'reactivation-rate',
  'conversion-rate',
  'voucher-use-rate',
  'points-use-rate',
  'level-kept-rate',
] as const;
export const Metric = z.enum(metrics);
export type Metric = z.infer<typeof Metric>;

/** What a campaign may use up at most. Reserved in the transaction that uses it. */
export const CampaignBudget = z.strictObject({
  /** People it may speak to. */
  people: z.int().min(1).max(10_000_000).optional(),
  /** Fen of vouchers it may hand out, at their full value. */
  fen: z.int().min(1).max(1_000_000_000).optional(),
});
export type CampaignBudget = z.infer<typeof CampaignBudget>;

/** A broadcast speaks once, to many, of care or promotion; texts may hold {name|fallback} except in a mass send. */
export const BroadcastMessage = Message.refine(
  ({ purpose }) => purpose === 'care' || purpose === 'promotion',
  'a broadcast is care or promotion',
);

export const BroadcastDraft = z.strictObject({
  name: z.string().trim().min(1).max(60),
  /** Step 1: the aim. */
  metric: Metric,
  aim: z.string().trim().max(500).default(''),
  /** Step 2: the people. How they were chosen is kept for the summary. */
  audience: SegmentRule,
  audienceNote: z.string().trim().max(500).default(''),
  holdoutPercent: z.int().min(0).max(50).default(0),
  /** Step 3: what they get. */
  message: BroadcastMessage,
  couponId: z
    .string()
    .regex(/^[0-9a-f]{24}$/)
    .optional(),
  budget: CampaignBudget.default({}),
  designNote: z.string().trim().max(500).default(''),
  /** Absent: as soon as it is started. */
  startAt: z.iso.datetime({ offset: true }).optional(),
  /** What has not left by then is dropped. */
  endsAt: z.iso.datetime({ offset: true }).optional(),
});
export type BroadcastDraft = z.infer<typeof BroadcastDraft>;

/**
 * `draft` edited freely · `submitted` waits for a second person · `approved` its audience is being frozen or waits for startAt ·
 * `running` ↔ `paused` · `finished` everybody has an outcome · `cancelled`.
 */
export const broadcastStates = [
  'draft',
  'submitted',
  'approved',
  'running',
  'paused',
  'finished',
  'cancelled',
] as const;
export const BroadcastState = z.enum(broadcastStates);
export type BroadcastState = z.infer<typeof BroadcastState>;

/**
 * Everybody of a frozen audience is in exactly one. `waiting` not decided on yet; `queued` a row of the outbox has it; `heldOut` the hold-out;
 * `submitted` taken by a mass send, which answers with totals only.
 */
export const audienceStates = [
  'waiting',
  'queued',
  'held',
  'sent',
  'submitted',
  'skipped',
  'refused',
  'unknown',
  'heldOut',
  'cancelled',
] as const;
export const AudienceState = z.enum(audienceStates);
export type AudienceState = z.infer<typeof AudienceState>;

export const CountByReason = z.object({ state: AudienceState, reason: z.string().nullable(), people: z.int() });
export type CountByReason = z.infer<typeof CountByReason>;

/** Before launch what is expected, afterwards in the same shape what was. Money in fen. */
export const Reach = z.object({
  people: z.int(),
  heldOut: z.int(),
  byRoute: z.array(z.object({ route: Route, people: z.int() })),
  /** Why the rest is not reached, or not yet. */
  byReason: z.array(CountByReason),
  /** Full value of the vouchers, at most. */
  costFen: z.int(),
});
export type Reach = z.infer<typeof Reach>;

export const PutPlan = z.strictObject({
  name: z.string().trim().min(1).max(60),
  note: z.string().trim().max(500).default(''),
  from: z.iso.date(),
  to: z.iso.date(),
  strategies: z.array(z.string().max(40)).max(50).default([]),
  broadcasts: z
    .array(z.string().regex(/^[0-9a-f]{24}$/))
    .max(50)
    .default([]),
});
export type PutPlan = z.infer<typeof PutPlan>;

/**
 * A test goes to one of the shop's own people, outside caps and audience, and says that it is one. Either `to` this address, or to where this
 * customer, who is a colleague, can be written to.
 */
export const TestSend = z
  .strictObject({
    to: Address.optional(),
    customerId: z
      .string()
      .regex(/^[0-9a-f]{24}$/)
      .optional(),
  })
  .refine(({ to, customerId }) => (to === undefined) !== (customerId === undefined), {
    path: ['to'],
    message: 'either an address or a customer',
  });
export type TestSend = z.infer<typeof TestSend>;
