/** Bodies of /console/v1. The routes validate with these, the OpenAPI document is made from them, the console imports their types. */
import { z } from 'zod';
import { CampaignBudget, Metric } from '../campaign.js';
import { Content } from '../content.js';
import { SegmentRule } from '../segment.js';
import { Titles } from '../titles.js';

const Id = z.string().regex(/^[0-9a-f]{24}$/, 'expected a 24-digit hexadecimal id');
const Time = z.iso.datetime();

export const staffRoles = ['admin', 'manager', 'marketer', 'agent'] as const;
export const StaffRole = z.enum(staffRoles);
export type StaffRole = z.infer<typeof StaffRole>;

export const permissions = [
  'inbox.read',
  'inbox.reply',
  'inbox.assign',
  'customers.read',
  'customers.edit',
  'strategies.read',
  'strategies.edit',
  'scenes.read',
  'scenes.edit',
  'segments.read',
  'segments.edit',
  'broadcasts.read',
  'broadcasts.edit',
  'broadcasts.approve',
  'promotion.stop',
  'dashboard.read',
  'membership.read',
  'membership.edit',
  'points.adjust',
  'vouchers.grant',
  'persons.link',
  'imports.manage',
  'keys.manage',
  'staff.read',
  'staff.manage',
  'audit.read',
  'system.read',
] as const;
export const Permission = z.enum(permissions);
export type Permission = z.infer<typeof Permission>;

export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(30),
  cursor: z.string().max(200).optional(),
});

// ---- session and staff
export const SignIn = z.strictObject({
  account: z.string().min(1).max(64),
  password: z.string().min(1).max(200),
  /** Asked for after several failures: the id from GET captcha and what the picture says. */
  captcha: z.strictObject({ id: z.string().max(64), answer: z.string().max(16) }).optional(),
  /** Reserved for a second factor. */
  code: z.string().max(16).optional(),
});
export type SignIn = z.infer<typeof SignIn>;
export const Captcha = z.object({ id: z.string(), svg: z.string(), expiresAt: Time });
export const Staff = z.object({
  id: Id,
  account: z.string(),
  name: z.string(),
  role: StaffRole,
  disabled: z.boolean(),
  createdAt: Time,
  lastSignInAt: Time.nullable(),
});
export type Staff = z.infer<typeof Staff>;
export const Session = z.object({
  staff: Staff,
  permissions: z.array(Permission),
  csrfToken: z.string(),
  expiresAt: Time,
  /** Business time at the server: windows end by it, not by the browser's clock. */
  now: Time,
  /** Whether all promotion is stopped, for every role: also for who may not read the contact policy. */
  promotionStopped: z.boolean(),
});
export type Session = z.infer<typeof Session>;
export const NewPassword = z.string().min(10, 'at least 10 characters').max(200);
export const AddStaff = z.strictObject({
  account: z.string().regex(/^[a-z0-9._-]{3,64}$/, '3 to 64 of a-z 0-9 . _ -'),
  name: z.string().trim().min(1).max(40),
  role: StaffRole,
  password: NewPassword,
});
export const ChangeStaff = z.strictObject({
  name: z.string().trim().min(1).max(40).optional(),
  role: StaffRole.optional(),
  disabled: z.boolean().optional(),
});
export const ResetPassword = z.strictObject({ password: NewPassword });
export const ChangePassword = z.strictObject({ current: z.string().min(1).max(200), password: NewPassword });
export const AccessToken = z.object({
  id: Id,
  name: z.string(),
  createdAt: Time,
  expiresAt: Time,
  lastUsedAt: Time.nullable(),
});
export const AddAccessToken = z.strictObject({
  name: z.string().trim().min(1).max(40),
  expiresInDays: z.number().int().min(1).max(365),
});
/** The token itself is shown once. */
export const NewAccessToken = AccessToken.extend({ token: z.string() });
export const AuditEntry = z.object({
  id: Id,
  at: Time,
  staffId: Id.nullable(),
  staffName: z.string().nullable(),
  action: z.string(),
  subject: z.string().nullable(),
  address: z.string(),
  outcome: z.enum(['done', 'refused']),
});

// ---- conversations
/** The 48-hour and one-minute credits of customer messages, added up; `left` counts what a person may still send. */
export const Window = z.object({ open: z.boolean(), left: z.number().int(), endsAt: Time.nullable() });
export type Window = z.infer<typeof Window>;
/** Where the customer's matter stands: nobody yet, somebody serves, we wait for the customer, done. */
export const followUps = ['none', 'serving', 'waiting', 'done'] as const;
export const FollowUp = z.enum(followUps);
export type FollowUp = z.infer<typeof FollowUp>;

export const ConversationSummary = z.object({
  id: Id,
  customerId: Id,
  customerName: z.string(),
  channel: z.string(),
  account: z.string(),
  status: z.enum(['open', 'closed']),
  assignee: z.object({ id: Id, name: z.string() }).nullable(),
  /** Messages of the customer that nobody of the staff has read. */
  unread: z.number().int(),
  /** Real wait: since when the customer has been waiting for an answer; null when we spoke last. */
  waitingSince: Time.nullable(),
  lastMessageAt: Time.nullable(),
  preview: z.string(),
  followUp: FollowUp,
  following: z.boolean(),
});
export type ConversationSummary = z.infer<typeof ConversationSummary>;
/** What staff can answer with; platforms do not take every kind in every conversation. */
export const replyKinds = ['text', 'image', 'file'] as const;
export type ReplyKind = (typeof replyKinds)[number];
export const Conversation = ConversationSummary.extend({
  window: Window,
  /** False: one may answer at any time, nothing is counted, and `window` tells nothing. */
  metered: z.boolean(),
  epoch: z.number().int(),
  replyKinds: z.array(z.enum(replyKinds)),
});
export type Conversation = z.infer<typeof Conversation>;
export const boxes = ['unassigned', 'mine', 'others', 'closed', 'all'] as const;
export const ConversationsQuery = PageQuery.extend({
  box: z.enum(boxes).default('unassigned'),
  search: z.string().trim().max(60).optional(),
});
export const BoxCounts = z.object({
  unassigned: z.number().int(),
  mine: z.number().int(),
  others: z.number().int(),
  waiting: z.number().int(),
});

/** Outcome of something we sent, as staff see it. `pending` covers queued, claimed and being sent. */
export const messageStates = ['received', 'pending', 'held', 'sent', 'skipped', 'refused', 'unknown', 'note'] as const;
export const ChatMessage = z.object({
  id: Id,
  conversationId: Id,
  direction: z.enum(['in', 'out', 'note']),
  /** Who wrote it. */
  author: z.object({ kind: z.enum(['customer', 'staff', 'automation']), id: z.string().nullable(), name: z.string() }),
  content: Content,
  at: Time,
  state: z.enum(messageStates),
  /** Stable code of why it was held, skipped, refused or is unknown. */
  reason: z.string().nullable(),
  route: z.string().nullable(),
  /** Later receipt of the platform. */
  receipt: z.enum(['delivered', 'blocked', 'failed']).nullable(),
});
export type ChatMessage = z.infer<typeof ChatMessage>;

/** WeChat takes 2,048 bytes of UTF-8 in one customer message, about 680 Chinese characters. */
const CHAT_TEXT_BYTES = 2048;
const ChatText = z
  .string()
  .trim()
  .min(1)
  .refine((text) => new TextEncoder().encode(text).length <= CHAT_TEXT_BYTES, {
    message: `longer than ${CHAT_TEXT_BYTES} bytes (about 680 Chinese characters): send it in parts`,
  });

const MediaId = z.string().regex(/^[0-9a-f]{64}$/);

export const ReplyBody = z.strictObject({
  /** Made by the client; the same id twice is one reply. */
  clientId: z.string().min(8).max(64),
  content: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text'), text: ChatText }),
    z.strictObject({ type: z.literal('image'), mediaId: MediaId }),
    /** Where the conversation's `replyKinds` have it. The name is kept without what could deceive. */
    z.strictObject({ type: z.literal('file'), mediaId: MediaId, name: z.string().trim().min(1).max(255) }),
  ]),
});
export type ReplyBody = z.infer<typeof ReplyBody>;
export const NoteBody = z.strictObject({
  clientId: z.string().min(8).max(64),
  text: z.string().trim().min(1).max(2000),
});
export const AssignBody = z.strictObject({ staffId: Id });
export const FollowUpBody = z.strictObject({ followUp: FollowUp, note: z.string().trim().max(200).optional() });
export const UploadedMedia = z.object({ mediaId: z.string(), mimeType: z.string(), bytes: z.number().int() });

// ---- customers
export const Identity = z.object({
  channel: z.string(),
  account: z.string(),
  /** Shown shortened to those who may not see it whole. */
  user: z.string(),
  unionid: z.string().nullable(),
  following: z.boolean(),
  followedAt: Time.nullable(),
  scene: z.string().nullable(),
});
export const Customer = z.object({
  id: Id,
  name: z.string(),
  nickname: z.string().nullable(),
  remark: z.string().nullable(),
  createdAt: Time,
  lastSeenAt: Time.nullable(),
  followUp: FollowUp,
  followUpNote: z.string().nullable(),
  identities: z.array(Identity),
  conversationIds: z.array(Id),
});
export type Customer = z.infer<typeof Customer>;
export const CustomersQuery = PageQuery.extend({ search: z.string().trim().max(60).optional() });
export const CustomerSummary = Customer.pick({
  id: true,
  name: true,
  createdAt: true,
  lastSeenAt: true,
  followUp: true,
}).extend({
  following: z.boolean(),
  channel: z.string(),
});
export const ChangeCustomer = z.strictObject({ remark: z.string().trim().max(40).nullable().optional() });
export const TimelineEntry = z.object({
  id: Id,
  kind: z.string(),
  at: Time,
  conversationId: Id.nullable(),
  data: z.record(z.string(), z.unknown()),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

// ---- strategies, scenes, channels
export const StrategyView = z.object({
  code: z.string(),
  version: z.number().int(),
  enabled: z.boolean(),
  title: Titles,
  metric: z.string(),
  group: z.string(),
  priority: z.number().int(),
  trigger: z.object({ code: z.string(), args: z.record(z.string(), z.unknown()) }),
  actions: z.array(z.object({ code: z.string(), args: z.record(z.string(), z.unknown()) })),
  /** Only these people; absent: everybody the trigger names. */
  audience: SegmentRule.optional(),
  holdoutPercent: z.number().optional(),
  budget: CampaignBudget.optional(),
  changedAt: Time,
});
export type StrategyView = z.infer<typeof StrategyView>;
export const triggerCodes = [
  'follow',
  'keyword',
  'outside-hours',
  'order-unpaid',
  'order-paid',
  'order-dispatched',
  'level-reached',
  'joined',
  'opted-out',
  'points-expiring',
  'level-endangered',
  'birthday-month',
  'birthday',
  'second-order',
  'repurchase-due',
  'active-no-order',
  'dormant',
  'regular',
] as const;
export const actionCodes = ['reply', 'notice', 'send'] as const;
/** PUT strategies/:code makes the next version; the trigger's and the actions' args are checked by their own schemas. */
export const PutStrategy = z.strictObject({
  enabled: z.boolean(),
  title: z.strictObject({ 'zh-CN': z.string().trim().min(1).max(60), en: z.string().trim().min(1).max(60) }),
  priority: z.number().int().min(0).max(1000),
  trigger: z.strictObject({ code: z.enum(triggerCodes), args: z.record(z.string(), z.unknown()) }),
  actions: z
    .array(z.strictObject({ code: z.enum(actionCodes), args: z.record(z.string(), z.unknown()) }))
    .min(1)
    .max(3),
  /** Absent: everybody the trigger names. */
  audience: SegmentRule.optional(),
  /** Share that is left alone so that the effect can be measured. */
  holdoutPercent: z.int().min(0).max(50).optional(),
  budget: CampaignBudget.optional(),
  /** Absent: the usual one of the trigger. */
  metric: Metric.optional(),
});
/** A ready strategy: `body` can be put as it is once what it names in `asks` has been chosen. */
export const LibraryEntry = z.object({
  code: z.string(),
  why: Titles,
  body: PutStrategy,
  /** `coupon`: a coupon like `coupon` has to be made, its id goes into the args of every promotion as `couponId`. `category`: of the trigger. */
  asks: z.array(z.enum(['coupon', 'category'])),
  /** Suggested; money in fen. */
  coupon: z.object({ title: z.string(), amountOff: z.int(), threshold: z.int(), validDays: z.int() }).nullable(),
});
export type LibraryEntry = z.infer<typeof LibraryEntry>;
export const SceneView = z.object({
  id: Id,
  account: z.string(),
  scene: z.string(),
  name: z.string(),
  /** People who followed, and scans by those who followed already. */
  follows: z.number().int(),
  scans: z.number().int(),
  imageUrl: z.string(),
  createdAt: Time,
});
export const AddScene = z.strictObject({
  account: z.string().min(1).max(64),
  scene: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, '1 to 64 of A-Z a-z 0-9 _ -'),
  name: z.string().trim().min(1).max(40),
});
/** A personal account run by software, and how its login stands. `qrcode`: an image as a data URL, to be scanned with the phone. */
export const ChannelBotView = z.object({
  state: z.enum(['off', 'starting', 'scan', 'online', 'elsewhere']),
  name: z.string().nullable(),
  since: Time,
  reason: z.string().nullable(),
  qrcode: z.string().nullable(),
});

export const ChannelAccountView = z.object({
  channel: z.string(),
  account: z.string(),
  state: z.enum(['unknown', 'ok', 'failing']),
  reason: z.string().nullable(),
  webhookUrl: z.string().nullable(),
  /** Null where the platform calls us and nobody has to sign in. */
  bot: ChannelBotView.nullable(),
});

// ---- live stream
/** One server-sent event: `id:` resumes from Last-Event-ID, `event:` is the domain event's kind, `data:` this. */
export const StreamEvent = z.object({
  id: z.string(),
  kind: z.string(),
  at: Time,
  customerId: Id.nullable(),
  conversationId: Id.nullable(),
  data: z.record(z.string(), z.unknown()),
});
export type StreamEvent = z.infer<typeof StreamEvent>;
