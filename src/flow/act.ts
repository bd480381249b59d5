/**
 * One transaction: a domain change -> its events stored -> decided on -> messages as outbox rows. All doors call this.
 * Nothing inside touches the network or the queue, and all of it may run twice before it commits.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { Cause, Content, DomainEvent, Facts, NewDomainEvent, Strategy } from '../contracts/index.js';
import type { Conversations } from '../domain/conversations/index.js';
import type { CustomerModels } from '../domain/customers/index.js';
import type { Clock } from '../infra/clock.js';
import { localTime } from '../infra/clock.js';
import type { Database } from '../infra/mongo.js';
import { isListenedTo } from './decide.js';
import type { Decide, Decision, Rules } from './decide.js';
import type { EventRecord, FlowModels, OutboxRecord } from './models.js';
import { rowId } from './outbox.js';
import type { Outbox } from './outbox.js';

export interface ActRequest {
  cause: Cause;
  /** Rows this causes may be answered by the request itself: they are born claimed by it. */
  claimFor?: { owner: string; leaseMs: number };
  /** Writes and returns what it caused. Rows it adds itself (a staff member's reply) go into `rows`. */
  change(tx: ClientSession, rows: OutboxRecord[]): Promise<NewDomainEvent[]>;
}

export interface Acted {
  events: DomainEvent[];
  rows: OutboxRecord[];
}

export type Act = (request: ActRequest) => Promise<Acted>;

export interface ActParts {
  database: Database;
  clock: Clock;
  timeZone: string;
  models: FlowModels;
  customers: CustomerModels;
  conversations: Conversations;
  outbox: Outbox;
  decide: Decide;
  rules: Rules;
  strategiesInForce(): Promise<readonly Strategy[]>;
  /** Called after the commit, with what became due and visible. */
  afterCommit(acted: Acted): void;
}

/** An automatic answer nobody waits for any more is not sent. */
const AUTOMATION_STALE_MS = 10 * 60_000;

export function createAct(parts: ActParts): Act {
  const { database, models } = parts;

  return async (request) => {
    const strategies = await parts.strategiesInForce();
    const acted = await database.transaction(async (tx) => {
      const rows: OutboxRecord[] = [];
      const events = named(await request.change(tx, rows), request.cause, database.now());
      const caused = await react(tx, request, events, strategies, rows);
      const all = [...events, ...named(caused, request.cause, database.now())];
      if (all.length) await models.events.insertMany(all.map(toRecord), { session: tx });
      return { events: all, rows };
    });
    parts.afterCommit(acted);
    return acted;
  };

  async function react(
    tx: ClientSession,
    request: ActRequest,
    events: readonly DomainEvent[],
    strategies: readonly Strategy[],
    rows: OutboxRecord[],
  ): Promise<NewDomainEvent[]> {
    const caused: NewDomainEvent[] = [];
    for (const [index, event] of events.entries()) {
      if (!event.conversationId || !isListenedTo(event, strategies, parts.rules)) continue;
      const facts = await gatherFacts(tx, event.conversationId);
      for (const decision of parts.decide(event, facts, strategies, parts.rules)) {
        caused.push(...(await write(tx, request, `${event.kind}#${index}`, facts, decision, rows)));
      }
    }
    return caused;
  }

  async function gatherFacts(tx: ClientSession, conversationId: string): Promise<Facts> {
    const conversation = await parts.conversations.load(tx, conversationId);
    const { address } = conversation;
    const where = {
      'address.channel': address.channel,
      'address.account': address.account,
      'address.user': address.user,
    };
    const identity = await parts.customers.identities.findOne(where, null, { session: tx }).lean();
    const customer = await parts.customers.customers.findById(conversation.customerId, null, { session: tx }).lean();
    const now = parts.clock.now();
    return {
      now,
      local: localTime(now, parts.timeZone),
      customer: { id: String(conversation.customerId), followUp: customer?.followUp ?? 'none' },
      identity: { address, following: identity?.following ?? false },
      conversation: {
        id: conversationId,
        epoch: conversation.epoch,
        status: conversation.status,
        ...(conversation.assignee ? { assigneeId: conversation.assignee.id } : {}),
        lastAnswers: conversation.lastAnswers ?? {},
      },
    };
  }

  async function write(
    tx: ClientSession,
    request: ActRequest,
    occasion: string,
    facts: Facts,
    decision: Decision,
    rows: OutboxRecord[],
  ): Promise<NewDomainEvent[]> {
    const { strategy, action, part, intent } = decision;
    const id = rowId(causeKey(request.cause), occasion, strategy.code, action, part, facts.customer.id);
    const at = parts.clock.now();
    const conversationId = new Types.ObjectId(facts.conversation.id);
    const queued = await parts.conversations.queue(
      tx,
      conversationId,
      {
        outboxId: id,
        author: { kind: 'automation', id: strategy.code, name: strategy.title['zh-CN'] },
        content: contentToShow(intent.message.variants),
        at,
      },
      { strategyCode: strategy.code },
    );
    const row = await parts.outbox.add(tx, {
      id,
      to: facts.identity.address,
      customerId: new Types.ObjectId(facts.customer.id),
      conversationId,
      seq: queued.seq,
      message: intent.message,
      origin: 'automation',
      epoch: facts.conversation.epoch,
      strategy: { code: strategy.code, version: strategy.version, action },
      facts: { local: facts.local, following: facts.identity.following, status: facts.conversation.status },
      cause: request.cause,
      staleAt: new Date(at.getTime() + AUTOMATION_STALE_MS),
      ...(request.claimFor ? { claimedBy: request.claimFor } : {}),
    });
    rows.push(row);
    return queued.events;
  }
}

/** What the conversation shows for a message with several variants: any of them says the same. */
export function contentToShow(variants: Partial<Record<string, Content>>): Content {
  const content = variants['customer-message'] ?? Object.values(variants)[0];
  if (!content) throw new Error('a message has no variant');
  return content;
}

export function causeKey(cause: Cause): string {
  switch (cause.door) {
    case 'chat':
      return `chat:${cause.inboxId}`;
    case 'http':
      return `http:${cause.requestId}`;
    case 'clock':
      return `clock:${cause.task}`;
    case 'delivery':
      return `delivery:${cause.outboxId}`;
  }
}

function named(events: readonly NewDomainEvent[], cause: Cause, storedAt: Date): DomainEvent[] {
  return events.map((event) => ({ ...event, id: String(new Types.ObjectId()), storedAt, cause }));
}

function toRecord(event: DomainEvent): EventRecord {
  return {
    _id: new Types.ObjectId(event.id),
    kind: event.kind,
    ...(event.customerId ? { customerId: new Types.ObjectId(event.customerId) } : {}),
    ...(event.conversationId ? { conversationId: new Types.ObjectId(event.conversationId) } : {}),
    at: event.at,
    storedAt: event.storedAt,
    cause: event.cause,
    data: event.data,
  };
}
