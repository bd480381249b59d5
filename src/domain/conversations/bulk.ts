/**
 * Brings in many conversations with their messages at once. What lists show of a conversation (preview, unread, since when somebody
 * waits) is computed from its messages by the rules of the live chat, never taken from the import. Must not send.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { addressKey } from '../../contracts/index.js';
import type { Address, Content, NewDomainEvent } from '../../contracts/index.js';
import type { ConversationModels, ConversationRecord, MessageRecord } from './models.js';
import { previewOf } from './preview.js';

/** What was said, or noted. Sent messages are those of staff and automation. */
export interface ImportedMessage {
  author: MessageRecord['author'];
  note?: boolean;
  content: Content;
  at: Date;
}

export interface ImportedConversation {
  customerId: Types.ObjectId;
  address: Address;
  status: 'open' | 'closed';
  assignee?: { id: string; name: string } | undefined;
  /** Oldest first; at least one. */
  messages: readonly ImportedMessage[];
}

export type ConversationBulk = ReturnType<typeof createConversationBulk>;

export function createConversationBulk({ conversations, messages }: ConversationModels) {
  /** An address that has a conversation already ends the transaction with the unique key's error. */
  async function add(
    tx: ClientSession,
    batch: readonly ImportedConversation[],
  ): Promise<{ events: NewDomainEvent[]; messages: number }> {
    const made = batch.map((one) => {
      const _id = new Types.ObjectId();
      const records = one.messages.map((message) => messageOf(message, _id, one.customerId));
      return { one, records, conversation: conversationOf(_id, one) };
    });
    await conversations.insertMany(
      made.map(({ conversation }) => conversation),
      { session: tx },
    );
    const written = made.flatMap(({ records }) => records);
    if (written.length > 0) await messages.insertMany(written, { session: tx });
    return {
      events: made.flatMap(({ one, conversation, records }) => eventsOf(one, conversation, records)),
      messages: written.length,
    };
  }

  /** One sentence for each rule that does not hold over all conversations; `known` tells which of these customers exist. */
  async function check(known: (ids: readonly Types.ObjectId[]) => Promise<ReadonlySet<string>>): Promise<string[]> {
    const all = await conversations.find().lean<ConversationRecord[]>();
    const existing = await known(all.map((conversation) => conversation.customerId));
    const problems: string[] = [];
    for (const conversation of all) {
      const id = String(conversation._id);
      if (!existing.has(String(conversation.customerId))) problems.push(`conversation ${id} has no customer`);
      const found = await messages
        .find({ conversationId: conversation._id })
        .sort({ at: 1, _id: 1 })
        .lean<MessageRecord[]>();
      if (found.some((message) => String(message.customerId) !== String(conversation.customerId))) {
        problems.push(`conversation ${id} has a message of another customer`);
      }
      problems.push(
        ...differences(conversation, found).map((field) => `conversation ${id}: ${field} differs from a recount`),
      );
    }
    return problems;
  }

  return { add, check };
}

function conversationOf(_id: Types.ObjectId, one: ImportedConversation): ConversationRecord {
  const { customerId, address, status, assignee } = one;
  const said = countersOf(
    status,
    one.messages.map(({ author, note, content, at }) => ({ author, note: note ?? false, content, at })),
  );
  return {
    _id,
    customerId,
    address,
    addressKey: addressKey(address),
    status,
    ...(assignee && status === 'open' ? { assignee } : {}),
    epoch: assignee ? 1 : 0,
    lastSeq: one.messages.filter(({ author, note }) => author.kind !== 'customer' && !note).length,
    sends: 0,
    ...said,
    lastAnswers: {},
  };
}

type Said = Pick<MessageRecord, 'author' | 'content' | 'at'> & { note: boolean };
type Counters = Pick<ConversationRecord, 'unread' | 'preview' | 'waitingSince' | 'lastMessageAt' | 'lastInboundAt'>;

/** The customer's messages since the staff last wrote are unread, and the first of them is since when they wait; closing ends both. */
function countersOf(status: 'open' | 'closed', messages: readonly Said[]): Counters {
  const spoken = messages.filter(({ note }) => !note);
  const lastStaff = spoken.findLastIndex(({ author }) => author.kind === 'staff');
  const waiting =
    status === 'closed' ? [] : spoken.slice(lastStaff + 1).filter(({ author }) => author.kind === 'customer');
  const last = spoken.at(-1);
  const lastInbound = spoken.findLast(({ author }) => author.kind === 'customer');
  return {
    unread: waiting.length,
    preview: last ? previewOf(last.content) : '',
    ...(waiting[0] ? { waitingSince: waiting[0].at } : {}),
    ...(last ? { lastMessageAt: last.at } : {}),
    ...(lastInbound ? { lastInboundAt: lastInbound.at } : {}),
  };
}

function differences(conversation: ConversationRecord, found: readonly MessageRecord[]): string[] {
  const recount = countersOf(
    conversation.status,
    found.map(({ author, content, at, state }) => ({ author, content, at, note: state === 'note' })),
  );
  const fields = ['unread', 'preview', 'waitingSince', 'lastMessageAt', 'lastInboundAt'] as const;
  return fields.filter((field) => plain(recount[field]) !== plain(conversation[field]));
}

const plain = (value: string | number | Date | undefined): string | number | undefined =>
  value instanceof Date ? value.getTime() : value;

function messageOf(
  message: ImportedMessage,
  conversationId: Types.ObjectId,
  customerId: Types.ObjectId,
): MessageRecord {
  const { author, content, at } = message;
  const base = { _id: new Types.ObjectId(), conversationId, customerId, author, content, at };
  if (message.note) return { ...base, direction: 'note', state: 'note' };
  if (author.kind === 'customer') return { ...base, direction: 'in', state: 'received' };
  return { ...base, direction: 'out', state: 'sent', route: 'customer-message' };
}

function eventsOf(
  one: ImportedConversation,
  conversation: ConversationRecord,
  records: readonly MessageRecord[],
): NewDomainEvent[] {
  const ids = { customerId: String(conversation.customerId), conversationId: String(conversation._id) };
  const first = records[0]?.at ?? new Date(0);
  const last = records.at(-1)?.at ?? first;
  const events: NewDomainEvent[] = [{ kind: 'conversation.opened', ...ids, at: first, data: {} }];
  for (const record of records) events.push({ ...ids, at: record.at, ...saidEvent(record) });
  if (one.status === 'closed') events.push({ kind: 'conversation.closed', ...ids, at: last, data: {} });
  if (conversation.assignee) {
    const { id, name } = conversation.assignee;
    events.push({ kind: 'conversation.assigned', ...ids, at: last, data: { staffId: id, staffName: name, by: id } });
  }
  return events;
}

function saidEvent({ _id, author, content, state }: MessageRecord): Pick<NewDomainEvent, 'kind' | 'data'> {
  const data = { messageId: String(_id), author: author.kind };
  if (state === 'note') return { kind: 'note.added', data: { ...data, staffId: author.id ?? null } };
  if (author.kind !== 'customer') return { kind: 'message.sent', data };
  const text = content.type === 'text' ? { text: content.text } : {};
  return { kind: 'message.received', data: { ...data, type: content.type, ...text } };
}
