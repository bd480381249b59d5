/**
 * One transaction: a domain change -> its events stored -> decided on -> messages as outbox rows. All doors call this.
 * Nothing inside touches the network or the queue, and all of it may run twice before it commits.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type {
  Address,
  Cause,
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
import { listenersOf } from './decide.js';
import type { Decide, Rules } from './decide.js';
import type { EventRecord, FlowModels, OutboxRecord } from './models.js';
import { writeOwed } from './due.js';
import type { AnswerSlot, WriteDecision } from './write-decision.js';

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
  decide: Decide;
  rules: Rules;
  strategiesInForce(): Promise<readonly Strategy[]>;
  /** What the strategies that listen want to know of the person. */
  learn(
    tx: ClientSession,
    customerId: string,
    strategies: readonly Strategy[],
  ): Promise<Pick<Facts, 'person' | 'audiences'>>;
  write: WriteDecision;
  /** Called after the commit, with what became due and visible. */
  afterCommit(acted: Acted): void;
}

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
    const events = named([...changed, ...reacted], request.cause, database.now());
    const caused: NewDomainEvent[] = [];
    for (const [index, event] of events.entries()) {
      const listening = listenersOf(event, strategies, parts.rules);
      const situation = listening.length ? await factsFor(tx, event, known) : undefined;
      if (!situation) continue;
      const facts = { ...situation, ...(await parts.learn(tx, situation.customer.id, listening)) };
      for (const decision of parts.decide(event, facts, listening, parts.rules)) {
        const written = await parts.write(tx, request, { event, index, facts, decision, isFirst: rows.length === 0 });
        rows.push(...written.rows);
        caused.push(...written.events);
        owe(written);
      }
    }
    if (due.length + cancel.length) await writeOwed(models, tx, { due, cancel });
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
