/**
 * One transaction: a domain change -> its events stored -> decided on -> messages as outbox rows. All doors call this.
 * Nothing inside touches the network or the queue, and all of it may run twice before it commits.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { addressKey } from '../contracts/index.js';
import type {
  Address,
  Cause,
  Content,
  DomainEvent,
  DomainEventKind,
  Facts,
  NewDomainEvent,
  Owed,
  Strategy,
} from '../contracts/index.js';
import type { ConversationRecord, Conversations } from '../domain/conversations/index.js';
import { byAddress } from '../domain/customers/index.js';
import type { CustomerModels, IdentityRecord, Persons } from '../domain/customers/index.js';
import type { Clock } from '../infra/clock.js';
import { localTime } from '../infra/clock.js';
import { insertRecords, isDuplicateKey } from '../infra/mongo.js';
import type { Database } from '../infra/mongo.js';
import { isListenedTo } from './decide.js';
import type { Decide, Decision, Rules } from './decide.js';
import type { EventRecord, FlowModels, OutboxRecord } from './models.js';
import { rowId } from './outbox.js';
import type { Outbox } from './outbox.js';
import { writeOwed } from './due.js';

/** What a change tells `act` beside its events. */
export interface Acting {
  /** Rows the change added itself (a staff member's reply). */
  rows: OutboxRecord[];
  /** What the change has just read or written anyway, so that facts need not be read again. */
  know(known: { conversation: ConversationRecord; following: boolean }): void;
  /** What the clock owes because of the change, and what it owes no more. */
  owe(owed: Pick<Owed, 'due' | 'cancel'>): void;
}

/** What a module must do in the same transaction when another module's event happens, whatever door it came by. */
export type Reaction = (tx: ClientSession, event: NewDomainEvent) => Promise<Owed>;

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
  persons: Pick<Persons, 'of'>;
  reactions: Partial<Record<DomainEventKind, Reaction>>;
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
    const acted = await onceMore(() => database.transaction((tx) => run(tx, request, strategies)));
    parts.afterCommit(acted);
    return acted;
  };

  async function run(tx: ClientSession, request: ActRequest, strategies: readonly Strategy[]): Promise<Acted> {
    const rows: OutboxRecord[] = [];
    const known = new Map<string, Known>();
    const know: Acting['know'] = (one) => void known.set(String(one.conversation._id), one);
    const due: Owed['due'] = [];
    const cancel: string[] = [];
    const owe: Acting['owe'] = (owed) => {
      due.push(...owed.due);
      cancel.push(...owed.cancel);
    };
    const changed = await request.change(tx, { rows, know, owe });
    const reacted = await react(tx, changed, owe);
    if (due.length + cancel.length) await writeOwed(models, tx, { due, cancel });
    const events = named([...changed, ...reacted], request.cause, database.now());
    const caused: NewDomainEvent[] = [];
    for (const [index, event] of events.entries()) {
      if (!isListenedTo(event, strategies, parts.rules)) continue;
      const facts = await factsFor(tx, event, known);
      if (!facts) continue;
      for (const decision of parts.decide(event, facts, strategies, parts.rules)) {
        caused.push(...(await write(tx, request, { event, index }, facts, decision, rows)));
      }
    }
    const all = [...events, ...named(caused, request.cause, database.now())];
    if (all.length) await insertRecords(models.events, all.map(toRecord), tx);
    return { events: all, rows };
  }

  async function react(
    tx: ClientSession,
    events: readonly NewDomainEvent[],
    owe: Acting['owe'],
  ): Promise<NewDomainEvent[]> {
    const caused: NewDomainEvent[] = [];
    for (const event of events) {
      const owed = await parts.reactions[event.kind]?.(tx, event);
      if (!owed) continue;
      owe(owed);
      caused.push(...owed.events);
    }
    return caused;
  }

  /** Undefined where nobody could be told anything. */
  async function factsFor(
    tx: ClientSession,
    event: DomainEvent,
    known: ReadonlyMap<string, Known>,
  ): Promise<Facts | undefined> {
    if (event.conversationId) {
      return factsOf(known.get(event.conversationId) ?? (await read(tx, event.conversationId)));
    }
    if (!event.customerId) return undefined;
    const addresses = await addressesOf(tx, event.customerId);
    return addresses.length ? { ...situation(event.customerId), addresses } : undefined;
  }

  /** Addresses at which the person can be reached, the one heard of last first. */
  async function addressesOf(tx: ClientSession, customerId: string): Promise<Address[]> {
    const person = await parts.persons.of(tx, new Types.ObjectId(customerId));
    const identities = await parts.customers.identities
      .find({ customerId: { $in: person.customerIds } }, null, { session: tx })
      .lean<IdentityRecord[]>();
    return identities
      .filter(({ following, blocked }) => following && !blocked)
      .toSorted((a, b) => (b.followedAt ?? b.createdAt).getTime() - (a.followedAt ?? a.createdAt).getTime())
      .map(({ address }) => address);
  }

  function situation(customerId: string): Pick<Facts, 'now' | 'local' | 'timeZone' | 'customer'> {
    const now = parts.clock.now();
    const { timeZone } = parts;
    return { now, local: localTime(now, timeZone), timeZone, customer: { id: customerId } };
  }

  async function read(tx: ClientSession, conversationId: string): Promise<Known> {
    const conversation = await parts.conversations.load(tx, conversationId);
    const identity = await parts.customers.identities
      .findOne(byAddress(conversation.address), null, { session: tx })
      .lean();
    return { conversation, following: identity?.following ?? false };
  }

  function factsOf({ conversation, following }: Known): Facts {
    return {
      ...situation(String(conversation.customerId)),
      addresses: [conversation.address],
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
    decision: Decision,
    rows: OutboxRecord[],
  ): Promise<NewDomainEvent[]> {
    const { strategy, action, intent } = decision;
    const { message } = intent;
    const to = facts.identity?.address ?? facts.addresses[0];
    if (!to) throw new Error('a message was decided for nobody');
    const id = idOf(request.cause, occasion, facts, decision);
    if (intent.occurrence !== undefined && (await parts.outbox.exists(tx, id))) return [];
    const at = parts.clock.now();
    const customerId = new Types.ObjectId(facts.customer.id);
    const conversation = facts.conversation ?? (await threadOf(tx, customerId, to));
    const conversationId = new Types.ObjectId(conversation.id);
    const author = { kind: 'automation' as const, id: strategy.code, name: strategy.title['zh-CN'] };
    const outgoing = { outboxId: id, author, content: contentToShow(message.variants), at };
    const how = facts.conversation ? { strategyCode: strategy.code } : { quiet: true };
    const queued = await parts.conversations.queue(tx, conversationId, outgoing, how);
    const { slot } = request;
    const first = { _id: id, lane: addressKey(to), seq: queued.seq, ...message };
    const mayAnswer = rows.length === 0 && facts.identity?.following === true;
    const answersNow = mayAnswer && slot !== undefined && (await slot.take(tx, first));
    const row = await parts.outbox.add(tx, {
      id,
      to,
      ...(facts.conversation ? {} : { also: facts.addresses.slice(1) }),
      customerId,
      conversationId,
      seq: queued.seq,
      message,
      origin: 'automation',
      ...(facts.conversation ? { epoch: facts.conversation.epoch } : {}),
      strategy: { code: strategy.code, version: strategy.version, action },
      facts: decidedOn(facts),
      cause: request.cause,
      staleAt: intent.staleAt ?? new Date(occasion.event.at.getTime() + AUTOMATION_STALE_MS),
      ...(answersNow ? { answeringNow: { leaseMs: slot.leaseMs } } : {}),
    });
    rows.push(row);
    return queued.events;
  }

  /** The thread in which a notice stands: that of its first address, which nobody need have written in yet. */
  async function threadOf(tx: ClientSession, customerId: Types.ObjectId, to: Address): Promise<{ id: string }> {
    const identity = await parts.customers.identities.findOne(byAddress(to), null, { session: tx }).lean();
    const conversation = await parts.conversations.ensure(tx, identity?.customerId ?? customerId, to);
    return { id: String(conversation._id) };
  }
}

/** The same decision twice is one row: by what it is about where the intent names it, else by what caused it. */
function idOf(
  cause: Cause,
  { event, index }: { event: DomainEvent; index: number },
  facts: Facts,
  { strategy, action, part, intent }: Decision,
): string {
  const about = intent.occurrence === undefined ? [causeKey(cause), `${event.kind}#${index}`] : [intent.occurrence];
  return rowId(...about, strategy.code, action, part, facts.customer.id);
}

function decidedOn({ local, identity, conversation, addresses }: Facts): Record<string, unknown> {
  if (!identity || !conversation) return { local, addresses };
  return { local, following: identity.following, status: conversation.status };
}

interface Known {
  conversation: ConversationRecord;
  following: boolean;
}

/** Two that begin the same thing at once collide on its unique key; the one that lost now finds it there. */
async function onceMore<T>(transact: () => Promise<T>): Promise<T> {
  try {
    return await transact();
  } catch (error) {
    if (isDuplicateKey(error)) return transact();
    throw error;
  }
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
