/** What each kind of inbound event changes in the domain. One function a kind; runs inside `act`. */
import type { ClientSession } from 'mongoose';
import type { InboundBody, InboundEvent, NewDomainEvent } from '../contracts/index.js';
import type { NoticeLedger, NoticesTold, QuotaLedger } from '../domain/contact/index.js';
import type { Conversations } from '../domain/conversations/index.js';
import { hasLeftSince } from '../domain/customers/index.js';
import type { Customers, Met } from '../domain/customers/index.js';
import type { Scenes } from '../domain/marketing/index.js';
import type { Acting } from './act.js';
import type { MassBatches } from './broadcasts/mass-batches.js';
import type { OptOut } from './inbound-opt-out.js';
import type { Outbox } from './outbox.js';

export interface InboundParts {
  customers: Customers;
  conversations: Conversations;
  ledger: Pick<QuotaLedger, 'open'>;
  notices: Pick<NoticeLedger, 'pushed'>;
  scenes: Scenes;
  outbox: Outbox;
  optOut: OptOut;
  massBatches: Pick<MassBatches, 'finished'>;
  now(): Date;
}

export type ApplyInbound = (
  tx: ClientSession,
  inboxId: string,
  event: Omit<InboundEvent, 'raw'>,
  acting: Acting,
) => Promise<NewDomainEvent[]>;

export function createInbound(parts: InboundParts): ApplyInbound {
  const { customers, conversations, scenes, outbox } = parts;

  return async (tx, inboxId, event, acting) => {
    const { body } = event;
    if (body.kind === 'send-finished') return receipt(tx, event, body.platformId, body.status);
    if (body.kind === 'mass-send-finished') return massFinished(tx, event, body);
    if (body.kind === 'unknown') return [];
    return fromPerson(tx, inboxId, event, acting);
  };

  async function fromPerson(
    tx: ClientSession,
    inboxId: string,
    event: Omit<InboundEvent, 'raw'>,
    acting: Acting,
  ): Promise<NewDomainEvent[]> {
    const met = await customers.meet(tx, event.from, event.at);
    const { conversation, events } = await inConversation(tx, inboxId, event, met);
    const leaving = event.body.kind === 'unfollowed';
    const late = hasLeftSince(met, event.at);
    if (late) await customers.forget(tx, met, event.at);
    else if (!leaving) await presence(tx, event, met);
    acting.know({ conversation, following: !leaving && !late });
    return [...met.events, ...events].map((one) => ({ ...one, conversationId: String(conversation._id) }));
  }

  async function presence(tx: ClientSession, event: Omit<InboundEvent, 'raw'>, met: Met): Promise<void> {
    if (event.body.kind !== 'followed') await customers.markActive(tx, met, event.at);
    if (event.opens) await parts.ledger.open(tx, event.from, event.opens, event.at);
  }

  async function inConversation(tx: ClientSession, inboxId: string, event: Omit<InboundEvent, 'raw'>, met: Met) {
    const { body, at, from } = event;
    if (body.kind === 'message') {
      const who = { customerId: met.customerId, address: from };
      const moment = momentOf(at, parts.now());
      const received = await conversations.receive(tx, who, { inboxId, at: moment, content: body.content });
      const refused = await parts.optOut(tx, met.customerId, body, moment);
      return { ...received, events: [...received.events, ...refused] };
    }
    const conversation = await conversations.ensure(tx, met.customerId, from);
    return { conversation, events: await byKind(tx, event, met, conversation.lastInboundAt) };
  }

  async function byKind(
    tx: ClientSession,
    event: Omit<InboundEvent, 'raw'>,
    met: Met,
    lastInboundAt: Date | undefined,
  ): Promise<NewDomainEvent[]> {
    const { body, at } = event;
    const happened = (kind: NewDomainEvent['kind'], data: Record<string, unknown>): NewDomainEvent[] => [
      { kind, customerId: String(met.customerId), at, data },
    ];
    switch (body.kind) {
      case 'followed':
        if (body.scene) await scenes.count(tx, event.from.account, body.scene, 'follows');
        return customers.follow(tx, met, at, body.scene);
      case 'unfollowed':
        return customers.unfollow(tx, met, at, lastInboundAt);
      case 'scanned':
        await scenes.count(tx, event.from.account, body.scene, 'scans');
        return happened('scene.scanned', { scene: body.scene });
      case 'menu-tapped':
        return happened('menu.tapped', { action: body.action, key: body.key });
      case 'link-opened':
        return happened('link.opened', { target: body.target, url: body.url });
      case 'located':
        return happened('location.shared', {});
      case 'chat-entered':
        return happened('chat.entered', { from: body.from });
      case 'notices-answered':
        return told(await parts.notices.pushed(tx, event.from, { ...body, key: event.key, at }), met, at);
      case 'authorization-revoked':
        return customers.forgetPlatformData(tx, event.from, at);
      case 'message':
      case 'send-finished':
      case 'mass-send-finished':
      case 'unknown':
        return [];
    }
  }

  /** Totals are all the platform tells of a mass send. */
  async function massFinished(
    tx: ClientSession,
    { from, at }: Omit<InboundEvent, 'raw'>,
    { platformId, ...told }: Extract<InboundBody, { kind: 'mass-send-finished' }>,
  ): Promise<NewDomainEvent[]> {
    const { status, total, filtered, sent, failed } = told;
    const totals = { status, total, filtered, sent, failed };
    const batch = await parts.massBatches.finished(tx, from.account, platformId, totals);
    if (!batch) return [];
    return [{ kind: 'massSend.finished', at, data: { broadcastId: batch.broadcastId, ...totals } }];
  }

  async function receipt(
    tx: ClientSession,
    event: Omit<InboundEvent, 'raw'>,
    platformId: string,
    status: 'delivered' | 'blocked' | 'failed',
  ): Promise<NewDomainEvent[]> {
    const row = await outbox.byPlatformId(tx, event.from, platformId);
    if (!row) return [];
    const marked = await conversations.markReceipt(tx, row._id, event.at, status);
    if (status !== 'blocked') return marked;
    return [...marked, ...(await customers.markReachability(tx, row.to, event.at, 'blocked'))];
  }
}

/** What the person asked for, or will not have any more. */
export function told(
  { granted, refused }: Pick<NoticesTold, 'granted' | 'refused'>,
  { customerId }: Pick<Met, 'customerId'>,
  at: Date,
): NewDomainEvent[] {
  const about = { customerId: String(customerId), at };
  return [
    ...granted.map((templateId) => ({ kind: 'notice.granted' as const, ...about, data: { templateId } })),
    ...refused.map((templateId) => ({ kind: 'notice.refused' as const, ...about, data: { templateId } })),
  ];
}

/**
 * The platform tells the second only. A message of this very second is placed at our own time, so that it does not
 * jump before an answer that was written between its second and its arrival.
 */
function momentOf(at: Date, now: Date): Date {
  return new Date(Math.max(at.getTime(), Math.min(at.getTime() + 999, now.getTime())));
}
