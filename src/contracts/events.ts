/** Domain events: what was true at a moment, append-only. The timeline, the live stream, rehearsal and audit read them. */
import { z } from 'zod';

export const domainEventKinds = [
  'customer.created',
  'customer.updated',
  'customer.platformDataErased',
  'identity.followed',
  'identity.unfollowed',
  'identity.blocked',
  'scene.scanned',
  'menu.tapped',
  'link.opened',
  'location.shared',
  'message.received',
  'message.queued',
  'message.sent',
  'message.held',
  'message.skipped',
  'message.refused',
  'message.unknown',
  'message.retrying',
  'message.receipt',
  'media.stored',
  'conversation.opened',
  'conversation.assigned',
  'conversation.released',
  'conversation.closed',
  'conversation.read',
  'note.added',
  'followUp.changed',
  'quota.drifted',
  'strategy.changed',
  'scene.created',
  'person.linked',
  'person.unlinked',
  'person.linkProposed',
  'person.linkRejected',
  'member.joined',
  'member.checkedIn',
  'consent.given',
  'consent.withdrawn',
  'notice.granted',
  'notice.refused',
  'chat.entered',
  'order.placed',
  'order.paymentDue',
  'order.paid',
  'order.dispatched',
  'order.outForDelivery',
  'order.delivered',
  'order.completed',
  'order.closed',
  'order.refundChanged',
  'order.imported',
  'behaviour.recorded',
  'product.changed',
  'points.earned',
  'points.released',
  'points.spent',
  'points.returned',
  'points.clawedBack',
  'points.expired',
  'points.adjusted',
  'growth.changed',
  'level.reached',
  'level.lost',
  'coupon.changed',
  'voucher.granted',
  'voucher.redeemed',
  'voucher.returned',
  'voucher.revoked',
  'voucher.expired',
  'programme.changed',
  'sender.chosen',
  'import.finished',
  'customer.tagged',
  'points.expiring',
  'level.endangered',
  'strategy.due',
  'segment.changed',
  'segment.moved',
  'plan.changed',
  'broadcast.changed',
  'massSend.finished',
  'promotion.stopped',
  'promotion.resumed',
  'hold.placed',
  'hold.lifted',
] as const;
export const DomainEventKind = z.enum(domainEventKinds);
export type DomainEventKind = z.infer<typeof DomainEventKind>;

/** What caused an event: an inbound event, a staff member's request, the clock, or an outbox row's outcome. */
export type Cause =
  | { door: 'chat'; inboxId: string }
  | { door: 'http'; staffId: string; requestId: string }
  | { door: 'open'; keyId: string; requestId: string }
  | { door: 'member'; requestId: string }
  | { door: 'import'; importId: string }
  | { door: 'clock'; task: string }
  | { door: 'delivery'; outboxId: string };

/** An event as a domain function returns it; `act` adds id, storedAt and cause. */
export interface NewDomainEvent {
  kind: DomainEventKind;
  /** Absent only for events about the shop itself. */
  customerId?: string;
  conversationId?: string;
  /** When it happened, business time. */
  at: Date;
  data: Readonly<Record<string, unknown>>;
}

export interface DomainEvent extends NewDomainEvent {
  id: string;
  /** Real time of the database, set in the transaction; the live stream reads by it. */
  storedAt: Date;
  cause: Cause;
}
