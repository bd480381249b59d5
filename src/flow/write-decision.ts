/**
 * A decision becomes an outbox row: in the thread where it answers or is owed, in none where it woos. What a campaign says is admitted first
 * (hold-out, budget, contact policy, offer); what is not ends as a row with its reason, so that nobody is passed over in silence.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { addressKey } from '../contracts/index.js';
import type { Address, Cause, Content, DomainEvent, Facts, Owed } from '../contracts/index.js';
import type { Conversations } from '../domain/conversations/index.js';
import { byAddress } from '../domain/customers/index.js';
import type { CustomerModels } from '../domain/customers/index.js';
import type { Clock } from '../infra/clock.js';
import type { Admit } from './admit.js';
import type { Decision } from './decide.js';
import type { OutboxRecord } from './models.js';
import { rowId } from './outbox.js';
import type { NewRow, Outbox } from './outbox.js';

/** An answer inside the platform's own request, for the first row the request causes. */
export interface AnswerSlot {
  leaseMs: number;
  /** Keeps the bytes and says true when this row can go that way. */
  take(tx: ClientSession, row: Pick<OutboxRecord, '_id' | 'lane' | 'seq' | 'purpose' | 'variants'>): Promise<boolean>;
}

export interface Occasioned {
  event: DomainEvent;
  /** Of the event among those of its cause. */
  index: number;
  facts: Facts;
  decision: Decision;
  /** No row was caused before it. */
  isFirst: boolean;
}

export interface Written extends Owed {
  rows: OutboxRecord[];
}

export type WriteDecision = (
  tx: ClientSession,
  request: { cause: Cause; slot?: AnswerSlot },
  occasioned: Occasioned,
) => Promise<Written>;

export interface WriteDecisionParts {
  clock: Clock;
  customers: Pick<CustomerModels, 'identities'>;
  conversations: Conversations;
  outbox: Outbox;
  admit: Admit;
}

/** Nobody waits any more for an automatic answer to what happened so long ago. */
const AUTOMATION_STALE_MS = 10 * 60_000;

/** Reasons that pass by themselves. */
const PASSING: ReadonlySet<string> = new Set(['contact.capped', 'campaign.budgetUsed', 'offer.coupon.exhausted']);

const nothing = (): Written => ({ rows: [], events: [], due: [], cancel: [] });

export function createWriteDecision(parts: WriteDecisionParts): WriteDecision {
  return async (tx, request, occasioned) => {
    const { facts, decision, event } = occasioned;
    const { message, occurrence, staleAt } = decision.intent;
    const to = facts.identity?.address ?? facts.addresses[0];
    if (!to) throw new Error('a message was decided for nobody');
    const id = idOf(request.cause, occasioned);
    if (occurrence !== undefined && (await parts.outbox.exists(tx, id))) return nothing();
    const { strategy, action } = decision;
    const row: Omit<NewRow, 'thread'> = {
      id,
      to,
      ...(facts.conversation ? {} : { also: facts.addresses.slice(1) }),
      customerId: new Types.ObjectId(facts.customer.id),
      message,
      origin: 'automation',
      strategy: { code: strategy.code, version: strategy.version, action },
      facts: decidedOn(facts),
      cause: request.cause,
      staleAt: staleAt ?? new Date(event.at.getTime() + AUTOMATION_STALE_MS),
    };
    const woos = message.purpose === 'promotion' || message.purpose === 'care';
    return woos ? woo(tx, row, occasioned) : say(tx, request, row, occasioned);
  };

  /** Care and promotion: admitted, or refused with the reason kept. */
  async function woo(
    tx: ClientSession,
    row: Omit<NewRow, 'thread'>,
    { facts, decision }: Occasioned,
  ): Promise<Written> {
    const admitted = await parts.admit(tx, { id: row.id, facts, ...decision });
    if (!admitted.ok) {
      const { reason } = admitted;
      // What only today stands against it is told under a name of today's, so that the occasion is still open tomorrow.
      const id = PASSING.has(reason) ? rowId(row.id, facts.local.date) : row.id;
      if (id !== row.id && (await parts.outbox.exists(tx, id))) return nothing();
      return { ...nothing(), rows: [await parts.outbox.add(tx, { ...row, id, born: { state: 'skipped', reason } })] };
    }
    const { owed, voucherId } = admitted;
    const written = await parts.outbox.add(tx, { ...row, ...(voucherId ? { voucherId } : {}) });
    return { ...owed, rows: [written] };
  }

  /** Answers and what is owed stand in the thread, and go inside the platform's own request where they can. */
  async function say(
    tx: ClientSession,
    { slot }: { slot?: AnswerSlot },
    row: Omit<NewRow, 'thread'>,
    { facts, decision, isFirst }: Occasioned,
  ): Promise<Written> {
    const { strategy } = decision;
    const at = parts.clock.now();
    const conversation = facts.conversation ?? (await threadOf(tx, row.customerId, row.to));
    const conversationId = new Types.ObjectId(conversation.id);
    const author = { kind: 'automation' as const, id: strategy.code, name: strategy.title['zh-CN'] };
    const outgoing = { outboxId: row.id, author, content: contentToShow(row.message.variants), at };
    const how = facts.conversation ? { strategyCode: strategy.code } : { quiet: true };
    const queued = await parts.conversations.queue(tx, conversationId, outgoing, how);
    const first = { _id: row.id, lane: addressKey(row.to), seq: queued.seq, ...row.message };
    const mayAnswer = isFirst && facts.identity?.following === true;
    const answersNow = mayAnswer && slot !== undefined && (await slot.take(tx, first));
    const written = await parts.outbox.add(tx, {
      ...row,
      thread: { conversationId, seq: queued.seq },
      ...(facts.conversation ? { epoch: facts.conversation.epoch } : {}),
      ...(answersNow ? { answeringNow: { leaseMs: slot.leaseMs } } : {}),
    });
    return { ...nothing(), rows: [written], events: queued.events };
  }

  /** The thread in which a notice stands: that of its first address, which nobody need have written in yet. */
  async function threadOf(tx: ClientSession, customerId: Types.ObjectId, to: Address): Promise<{ id: string }> {
    const identity = await parts.customers.identities.findOne(byAddress(to), null, { session: tx }).lean();
    const conversation = await parts.conversations.ensure(tx, identity?.customerId ?? customerId, to);
    return { id: String(conversation._id) };
  }
}

/** The same decision twice is one row: by what it is about where the intent names it, else by what caused it. */
function idOf(cause: Cause, { event, index, facts, decision }: Occasioned): string {
  const { strategy, action, part, intent } = decision;
  const about = intent.occurrence === undefined ? [causeKey(cause), `${event.kind}#${index}`] : [intent.occurrence];
  return decisionId(about, { strategy: strategy.code, action, part, customerId: facts.customer.id });
}

/** Of what is decided once for each occurrence; the runs of the clock ask by it who was told before. */
export function decisionId(
  about: readonly string[],
  { strategy, action, part, customerId }: { strategy: string; action: number; part: number; customerId: string },
): string {
  return rowId(...about, strategy, action, part, customerId);
}

function decidedOn({ local, identity, conversation, addresses }: Facts): Record<string, unknown> {
  if (!identity || !conversation) return { local, addresses };
  return { local, following: identity.following, status: conversation.status };
}

/** What the conversation shows for a message with several variants: any of them says the same. */
function contentToShow(variants: Partial<Record<string, Content>>): Content {
  const content = variants['customer-message'] ?? Object.values(variants)[0];
  if (!content) throw new Error('a message has no variant');
  return content;
}

function causeKey(cause: Cause): string {
  switch (cause.door) {
    case 'chat':
      return `chat:${cause.inboxId}`;
    case 'http':
      return `http:${cause.requestId}`;
    case 'open':
      return `open:${cause.requestId}`;
    case 'member':
      return `member:${cause.requestId}`;
    case 'import':
      return `import:${cause.importId}`;
    case 'clock':
      return `clock:${cause.task}`;
    case 'delivery':
      return `delivery:${cause.outboxId}`;
  }
}
