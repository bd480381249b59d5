/** What we say and by which way: purpose, route, and one variant of the content for each permitted route. */
import { z } from 'zod';
import { Address } from './address.js';
import { Content } from './content.js';

/**
 * Why a message is sent: `reply` answers this person now; `contract` is owed to the customer (order, refund, level …);
 * `care` is a return visit or a survey; `promotion` wants to sell.
 */
export const purposes = ['reply', 'contract', 'care', 'promotion'] as const;
export const Purpose = z.enum(purposes);
export type Purpose = z.infer<typeof Purpose>;

/** The ways a message can take. What may be said where is the table in domain/contact/routes.ts. */
export const routes = [
  'passive-reply',
  'customer-message',
  'template',
  'subscription-notice',
  'mass-send',
  'member-inbox',
  'wechaty',
] as const;
export const Route = z.enum(routes);
export type Route = z.infer<typeof Route>;

export const Message = z.strictObject({
  purpose: Purpose,
  variants: z.partialRecord(Route, Content),
  /** A variant named here is good for this account only: templates belong to accounts. */
  variantAccounts: z.partialRecord(Route, z.string()).optional(),
});
export type Message = z.infer<typeof Message>;

/** Who speaks: a person of the shop's staff, or the shop's automation (bot answers, welcomes, playbooks, surveys). */
export const Origin = z.enum(['staff', 'automation']);
export type Origin = z.infer<typeof Origin>;

/** What leaves through a channel: one row's content on the one route that `contact` picked. */
export interface OutboundMessage {
  /** The outbox row's id; stable over retries, so a channel may use it where the platform has an idempotency key. */
  id: string;
  to: Address;
  route: Route;
  content: Content;
}

/** Why a person or an account cannot be reached; `contact` stores it. `message` concerns this one message only. */
export type RefusalScope = 'message' | 'window' | 'person' | 'account';

/**
 * What became of one attempt. `retry` only where the platform surely did nothing; everything that may have had effect is `unknown`.
 * `reason` is a stable code listed in docs/errors.md; `detail` is for operators (platform code, request id), never message text.
 */
export type SendResult =
  | { outcome: 'sent'; platformId?: string }
  | { outcome: 'submitted'; platformId: string }
  | { outcome: 'retry'; reason: string; detail?: string; afterMs: number; scope: 'message' | 'account' }
  | {
      outcome: 'refused';
      reason: string;
      detail?: string;
      scope: RefusalScope;
      blocked?: 'unfollowed' | 'blocked' | 'frozen';
    }
  | { outcome: 'unknown'; reason: string; detail?: string };
