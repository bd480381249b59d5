/**
 * The chat: conversations, messages, who serves whom, and the fence between people and automation.
 * Writes inside the caller's transaction and returns events. Must not send, decide, or know quotas.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { RequestProblem, notFound } from '../../errors.js';
import { addressKey } from '../../contracts/index.js';
import type { Address, Content, NewDomainEvent, Route } from '../../contracts/index.js';
import type { ConversationModels, ConversationRecord, MessageRecord } from './models.js';
import { previewOf } from './preview.js';
import { insertRecords } from '../../infra/mongo.js';

export { conversationModels } from './models.js';
export type { ConversationModels, ConversationRecord, MessageRecord } from './models.js';
export { createConversationBulk } from './bulk.js';
export type { ConversationBulk, ImportedConversation, ImportedMessage } from './bulk.js';
export { createConversationReads } from './reads.js';
export type { ConversationReads, Box } from './reads.js';
export { createMediaFetches } from './media-fetches.js';
export type { MediaFetches } from './media-fetches.js';
export { previewOf } from './preview.js';
export { isMetered, replyKindsOf } from './replying.js';

export interface StaffActor {
  id: string;
  name: string;
}

export interface InboundMessage {
  inboxId: string;
  at: Date;
  content: Content;
}

/** What an outgoing message shows in the conversation until its outcome is known. */
export interface OutgoingMessage {
  outboxId: string;
  author: MessageRecord['author'];
  content: Content;
  at: Date;
  clientId?: string;
}

export interface Outcome {
  state: MessageRecord['state'];
  reason?: string;
  route?: Route;
}

export type Conversations = ReturnType<typeof createConversations>;

export function createConversations(models: ConversationModels) {
  const { conversations, messages } = models;

  /** The conversation of an address; begun, closed and empty, with the first event. */
  async function ensure(tx: ClientSession, customerId: Types.ObjectId, address: Address): Promise<ConversationRecord> {
    const key = addressKey(address);
    const found = await conversations.findOne({ addressKey: key }, null, { session: tx }).lean<ConversationRecord>();
    if (found) return found;
    const begun: ConversationRecord = {
      _id: new Types.ObjectId(),
      customerId,
      address,
      addressKey: key,
      status: 'closed',
      epoch: 0,
      lastSeq: 0,
      sends: 0,
      unread: 0,
      preview: '',
      lastAnswers: {},
    };
    await insertRecords(conversations, [begun], tx);
    return begun;
  }

  /** Stores what the customer wrote and opens the conversation. The same inbox row twice hits the unique key. */
  async function receive(
    tx: ClientSession,
    from: { customerId: Types.ObjectId; address: Address },
    inbound: InboundMessage,
  ): Promise<{ conversation: ConversationRecord; events: NewDomainEvent[] }> {
    const before = (await markReceived(tx, from.address, inbound)) ?? (await beginReceived(tx, from, inbound));
    const message: MessageRecord = {
      _id: new Types.ObjectId(),
      conversationId: before._id,
      customerId: before.customerId,
      direction: 'in',
      author: { kind: 'customer', name: '' },
      content: inbound.content,
      at: inbound.at,
      state: 'received',
      inboxId: inbound.inboxId,
      ...(needsFetch(inbound.content) ? { fetch: { dueAt: inbound.at, tries: 0 } } : {}),
    };
    await insertRecords(messages, [message], tx);
    // Told late: lists go on showing the newest message.
    if (before.lastMessageAt && before.lastMessageAt > inbound.at) {
      await conversations.updateOne({ _id: before._id }, { $set: { preview: before.preview } }, { session: tx });
    }
    const about = { customerId: String(before.customerId), conversationId: String(before._id), at: inbound.at };
    const text = inbound.content.type === 'text' ? { text: inbound.content.text } : {};
    const received: NewDomainEvent = {
      kind: 'message.received',
      ...about,
      data: { messageId: String(message._id), type: inbound.content.type, ...text },
    };
    const opened: NewDomainEvent = { kind: 'conversation.opened', ...about, data: {} };
    const conversation: ConversationRecord = { ...before, status: 'open' };
    return { conversation, events: before.status === 'closed' ? [opened, received] : [received] };
  }

  /** The conversation as it was before this message; null when there is none yet. */
  function markReceived(
    tx: ClientSession,
    address: Address,
    inbound: InboundMessage,
  ): Promise<ConversationRecord | null> {
    return conversations
      .findOneAndUpdate(
        { addressKey: addressKey(address) },
        {
          $set: { status: 'open', preview: previewOf(inbound.content) },
          // The wait begins with the first message that nobody answered.
          $min: { waitingSince: inbound.at },
          $max: { lastMessageAt: inbound.at, lastInboundAt: inbound.at },
          $inc: { unread: 1 },
        },
        { session: tx, returnDocument: 'before' },
      )
      .lean<ConversationRecord>();
  }

  async function beginReceived(
    tx: ClientSession,
    from: { customerId: Types.ObjectId; address: Address },
    inbound: InboundMessage,
  ): Promise<ConversationRecord> {
    const begun = await ensure(tx, from.customerId, from.address);
    await markReceived(tx, from.address, inbound);
    return begun;
  }

  /**
   * Puts an outgoing message into the conversation and gives its place in the order towards this address.
   * The same outbox or client id twice hits the unique key. A `quiet` one (a notice) stands in the thread but moves no list.
   */
  async function queue(
    tx: ClientSession,
    conversationId: Types.ObjectId,
    outgoing: OutgoingMessage,
    change: { takeOver?: StaffActor; strategyCode?: string; quiet?: boolean } = {},
  ): Promise<{ seq: number; events: NewDomainEvent[] }> {
    const set = {
      ...(change.quiet ? {} : { preview: previewOf(outgoing.content) }),
      ...(change.takeOver ? { assignee: change.takeOver, status: 'open' as const, unread: 0 } : {}),
      ...(change.strategyCode ? { [`lastAnswers.${change.strategyCode}`]: outgoing.at } : {}),
    };
    const before = await conversations.findOneAndUpdate(
      { _id: conversationId },
      {
        ...(Object.keys(set).length ? { $set: set } : {}),
        ...(change.quiet ? {} : { $max: { lastMessageAt: outgoing.at } }),
        $inc: { lastSeq: 1, ...(change.takeOver ? { epoch: 1 } : {}) },
        ...(change.takeOver ? { $unset: { waitingSince: 1 } } : {}),
      },
      { session: tx, returnDocument: 'before', lean: true },
    );
    if (!before) throw notFound('conversation');
    const message: MessageRecord = {
      _id: new Types.ObjectId(),
      conversationId,
      customerId: before.customerId,
      direction: 'out',
      author: outgoing.author,
      content: outgoing.content,
      at: outgoing.at,
      state: 'pending',
      outboxId: outgoing.outboxId,
      ...(outgoing.clientId ? { clientId: outgoing.clientId } : {}),
    };
    await insertRecords(messages, [message], tx);
    const taken = change.takeOver ? takenOver(before, change.takeOver, outgoing.at) : [];
    return { seq: before.lastSeq + 1, events: [...taken, eventOf(message, 'message.queued', outgoing.at, {})] };
  }

  /** The fence: counts a send of this conversation; false when the automation's epoch is no longer the conversation's. */
  async function passFence(tx: ClientSession, conversationId: string, epoch: number | undefined): Promise<boolean> {
    const filter = epoch === undefined ? { _id: conversationId } : { _id: conversationId, epoch };
    const { matchedCount } = await conversations.updateOne(filter, { $inc: { sends: 1 } }, { session: tx });
    return matchedCount === 1;
  }

  async function markOutcome(
    tx: ClientSession,
    outboxId: string,
    at: Date,
    outcome: Outcome,
  ): Promise<NewDomainEvent[]> {
    const set = {
      state: outcome.state,
      ...(outcome.reason ? { reason: outcome.reason } : {}),
      ...(outcome.route ? { route: outcome.route } : {}),
    };
    const message = await messages.findOneAndUpdate(
      { outboxId },
      { $set: set, ...(outcome.reason ? {} : { $unset: { reason: 1 } }) },
      { session: tx, lean: true },
    );
    if (!message) return [];
    const kind =
      outcome.state === 'pending' ? 'message.retrying' : (`message.${outcome.state}` as NewDomainEvent['kind']);
    return [eventOf(message, kind, at, { reason: outcome.reason ?? null, route: outcome.route ?? null })];
  }

  async function markReceipt(
    tx: ClientSession,
    outboxId: string,
    at: Date,
    receipt: 'delivered' | 'blocked' | 'failed',
  ): Promise<NewDomainEvent[]> {
    const message = await messages.findOneAndUpdate({ outboxId }, { $set: { receipt } }, { session: tx, lean: true });
    return message ? [eventOf(message, 'message.receipt', at, { receipt })] : [];
  }

  /** Takes an unassigned conversation; refused when somebody else holds it. Raises the epoch: what the bot has under way stays unsent. */
  async function claim(tx: ClientSession, id: string, by: StaffActor, at: Date): Promise<NewDomainEvent[]> {
    const conversation = await load(tx, id);
    if (conversation.assignee?.id === by.id && conversation.status === 'open') return [];
    if (conversation.status === 'open' && conversation.assignee) throw alreadyClaimed(conversation.assignee.name);
    return assign(tx, id, by, by, at);
  }

  async function assign(
    tx: ClientSession,
    id: string,
    to: StaffActor,
    by: StaffActor,
    at: Date,
  ): Promise<NewDomainEvent[]> {
    const conversation = await conversations.findOneAndUpdate(
      { _id: id },
      { $set: { assignee: to, status: 'open' }, $inc: { epoch: 1 }, $max: { lastMessageAt: at } },
      { session: tx, lean: true },
    );
    if (!conversation) throw notFound('conversation');
    return [about(conversation, 'conversation.assigned', at, { staffId: to.id, staffName: to.name, by: by.id })];
  }

  async function release(tx: ClientSession, id: string, at: Date): Promise<NewDomainEvent[]> {
    const conversation = await load(tx, id);
    if (conversation.status === 'closed') throw closedAlready();
    if (!conversation.assignee) return [];
    await conversations.updateOne({ _id: id }, { $unset: { assignee: 1 } }, { session: tx });
    return [about(conversation, 'conversation.released', at, {})];
  }

  async function close(tx: ClientSession, id: string, at: Date): Promise<NewDomainEvent[]> {
    const conversation = await load(tx, id);
    if (conversation.status === 'closed') throw closedAlready();
    await conversations.updateOne(
      { _id: id },
      { $set: { status: 'closed', unread: 0 }, $unset: { assignee: 1, waitingSince: 1 } },
      { session: tx },
    );
    return [about(conversation, 'conversation.closed', at, {})];
  }

  async function markRead(tx: ClientSession, id: string, at: Date): Promise<NewDomainEvent[]> {
    const conversation = await load(tx, id);
    if (conversation.unread === 0) return [];
    await conversations.updateOne({ _id: id }, { $set: { unread: 0 } }, { session: tx });
    return [about(conversation, 'conversation.read', at, {})];
  }

  async function addNote(
    tx: ClientSession,
    id: string,
    by: StaffActor,
    note: { clientId: string; text: string; at: Date },
  ): Promise<NewDomainEvent[]> {
    const conversation = await load(tx, id);
    const message: MessageRecord = {
      _id: new Types.ObjectId(),
      conversationId: conversation._id,
      customerId: conversation.customerId,
      direction: 'note',
      author: { kind: 'staff', id: by.id, name: by.name },
      content: { type: 'text', text: note.text },
      at: note.at,
      state: 'note',
      clientId: note.clientId,
    };
    await insertRecords(messages, [message], tx);
    return [eventOf(message, 'note.added', note.at, { staffId: by.id })];
  }

  /** Reads inside the transaction, so that what is decided on it conflicts with whoever changes it. */
  async function load(tx: ClientSession, id: string): Promise<ConversationRecord> {
    const conversation = await conversations.findById(id, null, { session: tx }).lean<ConversationRecord>();
    if (!conversation) throw notFound('conversation');
    return conversation;
  }

  const findByClientId = (conversationId: string, clientId: string): Promise<MessageRecord | null> =>
    messages.findOne({ conversationId, clientId }).lean<MessageRecord>();

  return {
    ensure,
    receive,
    queue,
    passFence,
    markOutcome,
    markReceipt,
    claim,
    assign,
    release,
    close,
    markRead,
    addNote,
    load,
    findByClientId,
  };
}

/** What a reply of the staff changes beside the message: whose conversation it is, and that it is open. */
function takenOver(before: ConversationRecord, by: StaffActor, at: Date): NewDomainEvent[] {
  const assigned = { staffId: by.id, staffName: by.name, by: by.id };
  return [
    ...(before.status === 'closed' ? [about(before, 'conversation.opened', at, {})] : []),
    ...(before.assignee?.id === by.id ? [] : [about(before, 'conversation.assigned', at, assigned)]),
  ];
}

const closedAlready = (): RequestProblem =>
  new RequestProblem(409, 'conversation.closed', 'This conversation is closed already.');

export function alreadyClaimed(name: string): RequestProblem {
  return new RequestProblem(409, 'conversation.alreadyClaimed', `${name} is serving this conversation.`);
}

/** Pictures, voice, videos and files that still lie at the platform. */
const needsFetch = (content: Content): boolean => 'media' in content && !content.media.id;

function eventOf(
  message: MessageRecord,
  kind: NewDomainEvent['kind'],
  at: Date,
  data: Record<string, unknown>,
): NewDomainEvent {
  return {
    kind,
    customerId: String(message.customerId),
    conversationId: String(message.conversationId),
    at,
    data: { messageId: String(message._id), author: message.author.kind, ...data },
  };
}

function about(
  conversation: ConversationRecord,
  kind: NewDomainEvent['kind'],
  at: Date,
  data: Record<string, unknown>,
): NewDomainEvent {
  return { kind, customerId: String(conversation.customerId), conversationId: String(conversation._id), at, data };
}
