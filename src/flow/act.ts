/**
 * One transaction: a domain change -> its events stored -> decided on -> messages as outbox rows. All doors call this.
 * Nothing inside touches the network or the queue, and all of it may run twice before it commits.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { addressKey } from '../contracts/index.js';
import type { Cause, Content, DomainEvent, Facts, NewDomainEvent, Strategy } from '../contracts/index.js';
import type { ConversationRecord, Conversations } from '../domain/conversations/index.js';
import { byAddress } from '../domain/customers/index.js';
import type { CustomerModels } from '../domain/customers/index.js';
import type { Clock } from '../infra/clock.js';
import { localTime } from '../infra/clock.js';
import type { Database } from '../infra/mongo.js';
import { isListenedTo } from './decide.js';
import type { Decide, Decision, Rules } from './decide.js';
import type { EventRecord, FlowModels, OutboxRecord } from './models.js';
import { rowId } from './outbox.js';
import type { Outbox } from './outbox.js';
import { insertRecords } from '../infra/mongo.js';

/** What a change tells `act` beside its events. */
export interface Acting {
  /** Rows the change added itself (a staff member's reply). */
  rows: OutboxRecord[];
  /** What the change has just read or written anyway, so that facts need not be read again. */
  know(known: { conversation: ConversationRecord; following: boolean }): void;
}

/** An answer inside the platform's own request, for the first row the request causes. */
export interface AnswerSlot {
  leaseMs: number;
  /** Keeps the bytes and says true when this row can go that way. */
  take(tx: ClientSession, row: Pick<OutboxRecord, '_id' | 'lane' | 'seq' | 'purpose' | 'variants'>): Promise<boolean>;
}

export interface ActRequest {
  cause: Cause;
  slot?: AnswerSlot;
  /** Writes and returns what it caused. */
  change(tx: ClientSession, acting: Acting): Promise<NewDomainEvent[]>;
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

/** Nobody waits any more for an automatic answer to what happened so long ago. */
const AUTOMATION_STALE_MS = 10 * 60_000;

export function createAct(parts: ActParts): Act {
  const { database, models } = parts;

  return async (request) => {
    const strategies = await parts.strategiesInForce();
    const acted = await database.transaction((tx) => run(tx, request, strategies));
    parts.afterCommit(acted);
    return acted;
  };

  async function run(tx: ClientSession, request: ActRequest, strategies: readonly Strategy[]): Promise<Acted> {
    const rows: OutboxRecord[] = [];
    const known = new Map<string, Known>();
    const know: Acting['know'] = (one) => void known.set(String(one.conversation._id), one);
    const events = named(await request.change(tx, { rows, know }), request.cause, database.now());
    const caused: NewDomainEvent[] = [];
    for (const [index, event] of events.entries()) {
      if (!event.conversationId || !isListenedTo(event, strategies, parts.rules)) continue;
      const facts = factsOf(known.get(event.conversationId) ?? (await read(tx, event.conversationId)));
      for (const decision of parts.decide(event, facts, strategies, parts.rules)) {
        caused.push(...(await write(tx, request, { event, index }, facts, decision, rows)));
      }
    }
    const all = [...events, ...named(caused, request.cause, database.now())];
    if (all.length) await insertRecords(models.events, all.map(toRecord), tx);
    return { events: all, rows };
  }

  async function read(tx: ClientSession, conversationId: string): Promise<Known> {
    const conversation = await parts.conversations.load(tx, conversationId);
    const identity = await parts.customers.identities
      .findOne(byAddress(conversation.address), null, { session: tx })
      .lean();
    return { conversation, following: identity?.following ?? false };
  }

  function factsOf({ conversation, following }: Known): Facts {
    const now = parts.clock.now();
    return {
      now,
      local: localTime(now, parts.timeZone),
      customer: { id: String(conversation.customerId) },
      identity: { address: conversation.address, following },
      conversation: {
        id: String(conversation._id),
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
    occasion: { event: DomainEvent; index: number },
    facts: Facts,
    { strategy, action, part, intent }: Decision,
    rows: OutboxRecord[],
  ): Promise<NewDomainEvent[]> {
    const { message } = intent;
    const { event, index } = occasion;
    const place = `${event.kind}#${index}`;
    const id = rowId(causeKey(request.cause), place, strategy.code, action, part, facts.customer.id);
    const at = parts.clock.now();
    const conversationId = new Types.ObjectId(facts.conversation.id);
    const author = { kind: 'automation' as const, id: strategy.code, name: strategy.title['zh-CN'] };
    const outgoing = { outboxId: id, author, content: contentToShow(message.variants), at };
    const queued = await parts.conversations.queue(tx, conversationId, outgoing, { strategyCode: strategy.code });
    const { slot } = request;
    const first = { _id: id, lane: addressKey(facts.identity.address), seq: queued.seq, ...message };
    const mayAnswer = rows.length === 0 && facts.identity.following;
    const answersNow = mayAnswer && slot !== undefined && (await slot.take(tx, first));
    const row = await parts.outbox.add(tx, {
      id,
      to: facts.identity.address,
      customerId: new Types.ObjectId(facts.customer.id),
      conversationId,
      seq: queued.seq,
      message,
      origin: 'automation',
      epoch: facts.conversation.epoch,
      strategy: { code: strategy.code, version: strategy.version, action },
      facts: { local: facts.local, following: facts.identity.following, status: facts.conversation.status },
      cause: request.cause,
      staleAt: new Date(event.at.getTime() + AUTOMATION_STALE_MS),
      ...(answersNow ? { answeringNow: { leaseMs: slot.leaseMs } } : {}),
    });
    rows.push(row);
    return queued.events;
  }
}

interface Known {
  conversation: ConversationRecord;
  following: boolean;
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
