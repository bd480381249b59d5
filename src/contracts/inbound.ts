/** What a channel hands to the corridor after proving the sender: one event, in words that belong to no platform. */
import { z } from 'zod';
import { Address } from './address.js';
import { Content } from './content.js';

const message = z.strictObject({
  kind: z.literal('message'),
  content: Content,
  platformMessageId: z.string(),
  /** Set when the person tapped an entry of a menu message instead of typing. */
  menuEntryId: z.string().optional(),
});
const followed = z.strictObject({
  kind: z.literal('followed'),
  scene: z.string().optional(),
  ticket: z.string().optional(),
});
const unfollowed = z.strictObject({ kind: z.literal('unfollowed') });
const scanned = z.strictObject({ kind: z.literal('scanned'), scene: z.string(), ticket: z.string().optional() });
const menuTapped = z.strictObject({
  kind: z.literal('menu-tapped'),
  /** The platform's name of the menu action in lower case: click, scancode_push, pic_weixin, location_select … */
  action: z.string(),
  key: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
});
const linkOpened = z.strictObject({
  kind: z.literal('link-opened'),
  target: z.enum(['web', 'mini-program']),
  url: z.string(),
});
const located = z.strictObject({
  kind: z.literal('located'),
  latitude: z.number(),
  longitude: z.number(),
  precision: z.number().optional(),
});
/** The person opened the chat with customer service in a mini-program; `from` is what the page said about where. */
const chatEntered = z.strictObject({ kind: z.literal('chat-entered'), from: z.string() });
/**
 * What the person answered when asked for notices. `popup`: asked just now, an acceptance is one notice more; `settings`: changed in the
 * platform's own settings, where only refusals are told.
 */
const noticesAnswered = z.strictObject({
  kind: z.literal('notices-answered'),
  where: z.enum(['popup', 'settings']),
  answers: z.array(z.strictObject({ templateId: z.string(), accepted: z.boolean() })).min(1),
});
/** The person took back what they allowed the platform to hand out; `cancelled`: all of it, they want to be forgotten. */
const authorizationRevoked = z.strictObject({ kind: z.literal('authorization-revoked'), cancelled: z.boolean() });
/** A later receipt for one accepted send. */
const sendFinished = z.strictObject({
  kind: z.literal('send-finished'),
  platformId: z.string(),
  status: z.enum(['delivered', 'blocked', 'failed']),
  detail: z.string(),
});
/** The totals of one mass send, by the id that the call gave; who got it is never told. */
const massSendFinished = z.strictObject({
  kind: z.literal('mass-send-finished'),
  platformId: z.string(),
  /** `send success`, `send fail` or `err(n)` when the platform's censors refused the content. */
  status: z.string(),
  /** People that the call named. */
  total: z.number().int(),
  /** People who were left after the platform's own filter (blocked, unfollowed, the month's four): about `sent` + `failed`. */
  filtered: z.number().int(),
  sent: z.number().int(),
  failed: z.number().int(),
});
/** Proved to come from the platform but of a kind this version does not know; kept, answered, not acted on. */
const unknown = z.strictObject({ kind: z.literal('unknown'), platformKind: z.string() });

export const InboundBody = z.discriminatedUnion('kind', [
  message,
  followed,
  unfollowed,
  scanned,
  menuTapped,
  linkOpened,
  located,
  chatEntered,
  noticesAnswered,
  authorizationRevoked,
  sendFinished,
  massSendFinished,
  unknown,
]);
export type InboundBody = z.infer<typeof InboundBody>;

/** Which of the person's actions this is in the platform's quota table, if any: it opens a credit of customer messages. */
export const CreditKind = z.enum(['message', 'menu', 'follow', 'scan', 'enter', 'pay']);
export type CreditKind = z.infer<typeof CreditKind>;

export const InboundEvent = z.strictObject({
  /**
   * Natural key, unique within channel and account: the message id for messages; for events sender + second + kind + key
   * (+ message id where there is one), so that two different events of one second stay apart.
   */
  key: z.string().min(1),
  from: Address,
  /** The platform's time of the event, to the second. */
  at: z.date(),
  body: InboundBody,
  opens: CreditKind.optional(),
  /** The payload as proved (decrypted); stored encrypted for a limited time. */
  raw: z.string(),
});
export type InboundEvent = z.infer<typeof InboundEvent>;
