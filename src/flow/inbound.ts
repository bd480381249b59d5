/** What each kind of inbound event changes in the domain. One function a kind; runs inside `act`. */
import type { ClientSession } from 'mongoose';
import type { InboundEvent, NewDomainEvent } from '../contracts/index.js';
import type { QuotaLedger } from '../domain/contact/index.js';
import type { ConversationRecord, Conversations } from '../domain/conversations/index.js';
import { customerName } from '../domain/customers/index.js';
import type { Customers, Met } from '../domain/customers/index.js';
import type { Scenes } from '../domain/marketing/index.js';
import type { Outbox } from './outbox.js';

export interface InboundParts {
  customers: Customers;
  conversations: Conversations;
  ledger: Pick<QuotaLedger, 'open' | 'clear'>;
  scenes: Scenes;
  outbox: Outbox;
  /** Drops the stored raw payloads of an address: the platform wants its data gone when a person leaves. */
  dropRaw(tx: ClientSession, address: InboundEvent['from']): Promise<void>;
  now(): Date;
}

export type ApplyInbound = (
  tx: ClientSession,
  inboxId: string,
  event: Omit<InboundEvent, 'raw'>,
) => Promise<NewDomainEvent[]>;

export function createInbound(parts: InboundParts): ApplyInbound {
  const { customers, conversations, ledger, scenes, outbox } = parts;

  return async (tx, inboxId, event) => {
    switch (event.body.kind) {
      case 'send-finished':
        return receipt(tx, event, event.body.platformId, event.body.status);
      case 'mass-send-finished':
      case 'unknown':
        return [];
      default:
        return fromPerson(tx, inboxId, event);
    }
  };

  async function fromPerson(
    tx: ClientSession,
    inboxId: string,
    event: Omit<InboundEvent, 'raw'>,
  ): Promise<NewDomainEvent[]> {
    const met = await customers.meet(tx, event.from, event.at);
    const conversation = await conversations.ensure(tx, met.customer._id, event.from);
    if (event.body.kind !== 'unfollowed' && event.body.kind !== 'followed') await customers.markActive(tx, met);
    if (event.opens) await ledger.open(tx, event.from, event.opens, event.at);
    const caused = await byKind(tx, inboxId, event, met, conversation);
    return [...met.events, ...caused].map((one) => ({ ...one, conversationId: String(conversation._id) }));
  }

  async function byKind(
    tx: ClientSession,
    inboxId: string,
    event: Omit<InboundEvent, 'raw'>,
    met: Met,
    conversation: ConversationRecord,
  ): Promise<NewDomainEvent[]> {
    const { body, at } = event;
    const happened = (kind: NewDomainEvent['kind'], data: Record<string, unknown>): NewDomainEvent[] => [
      { kind, customerId: String(met.customer._id), at, data },
    ];
    switch (body.kind) {
      case 'message':
        return conversations.receive(tx, conversation, {
          inboxId,
          at: momentOf(at, parts.now()),
          content: body.content,
          customerName: customerName(met.customer),
        });
      case 'followed':
        if (body.scene) await scenes.count(tx, event.from.account, body.scene, 'follows');
        return customers.follow(tx, met, at, body.scene);
      case 'unfollowed':
        await ledger.clear(tx, event.from);
        await parts.dropRaw(tx, event.from);
        return customers.unfollow(tx, met, at);
      case 'scanned':
        await scenes.count(tx, event.from.account, body.scene, 'scans');
        return happened('scene.scanned', { scene: body.scene });
      case 'menu-tapped':
        return happened('menu.tapped', { action: body.action, key: body.key });
      case 'link-opened':
        return happened('link.opened', { target: body.target, url: body.url });
      case 'located':
        return happened('location.shared', {});
      case 'send-finished':
      case 'mass-send-finished':
      case 'unknown':
        return [];
    }
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

/**
 * The platform tells the second only. A message of this very second is placed at our own time, so that it does not
 * jump before an answer that was written between its second and its arrival.
 */
function momentOf(at: Date, now: Date): Date {
  return new Date(Math.max(at.getTime(), Math.min(at.getTime() + 999, now.getTime())));
}
