/** What the inbox's routes mean: reads of conversations, and every change through `act`. */
import type { ClientSession } from 'mongoose';
import type * as c from '../../contracts/index.js';
import { addressKey, safeFileName } from '../../contracts/index.js';
import type { Address, Content, Message } from '../../contracts/index.js';
import type { QuotaLedger } from '../../domain/contact/index.js';
import { alreadyClaimed, isMetered, replyKindsOf } from '../../domain/conversations/index.js';
import type { ConversationReads, ConversationRecord, Conversations } from '../../domain/conversations/index.js';
import { customerName } from '../../domain/customers/index.js';
import type { CustomerReads, Customers } from '../../domain/customers/index.js';
import { RequestProblem, notFound } from '../../errors.js';
import type { Act } from '../../flow/act.js';
import type { OutboxRecord } from '../../flow/models.js';
import { rowId } from '../../flow/outbox.js';
import type { Outbox } from '../../flow/outbox.js';
import type { Clock } from '../../infra/clock.js';
import { isDuplicateKey } from '../../infra/mongo.js';
import type { Actor, InboxPort } from '../ports.js';
import { cursorOf, positionOf, toPage } from './cursor.js';
import { presentConversation, presentMessage, presentSummary } from './present.js';

export interface InboxServiceParts {
  act: Act;
  clock: Clock;
  conversations: Conversations;
  reads: ConversationReads;
  customers: Customers;
  customerReads: CustomerReads;
  ledger: Pick<QuotaLedger, 'window'>;
  outbox: Outbox;
  mediaExists(id: string): Promise<boolean>;
  /** In bytes; undefined where nobody knows. */
  mediaSize(id: string): Promise<number | undefined>;
  /** Undefined when there is no such member, or they may not sign in. */
  staffName(id: string): Promise<string | undefined>;
}

export function createInboxService(parts: InboxServiceParts): InboxPort {
  const { act, clock, conversations, reads, customers, customerReads, ledger } = parts;
  const asStaff = (by: Actor) => ({ id: by.staffId, name: by.name });
  const cause = (by: Actor) => ({ door: 'http' as const, staffId: by.staffId, requestId: by.requestId });

  async function get(id: string): Promise<c.Conversation> {
    const conversation = await reads.get(id);
    if (!conversation) throw notFound('conversation');
    const [[customer], identities, window] = await Promise.all([
      customerReads.getMany([conversation.customerId]),
      customerReads.identitiesOf([conversation.customerId]),
      ledger.window(conversation.address, clock.now()),
    ]);
    return presentConversation(conversation, customer, identityOf(conversation, identities), window);
  }

  /** One change of one conversation, then its new state. */
  async function change(
    id: string,
    by: Actor,
    work: (tx: ClientSession) => ReturnType<Conversations['claim']>,
  ): Promise<c.Conversation> {
    await act({ cause: cause(by), change: work });
    return get(id);
  }

  async function list(query: Parameters<InboxPort['list']>[0], by: Actor) {
    const after = positionOf(query.cursor);
    const customerIds = query.search ? await customerReads.idsByName(query.search) : undefined;
    const found = await reads.list({ box: query.box, staffId: by.staffId, limit: query.limit + 1, after, customerIds });
    const ids = found.map((conversation) => conversation.customerId);
    const [people, identities] = await Promise.all([customerReads.getMany(ids), customerReads.identitiesOf(ids)]);
    const byId = new Map(people.map((customer) => [String(customer._id), customer]));
    return toPage(
      found,
      query.limit,
      (conversation) =>
        presentSummary(conversation, byId.get(String(conversation.customerId)), identityOf(conversation, identities)),
      (conversation) => cursorOf(conversation.lastMessageAt ?? new Date(0), conversation._id),
    );
  }

  async function messages(id: string, page: { limit: number; cursor?: string | undefined }) {
    const conversation = await reads.get(id);
    if (!conversation) throw notFound('conversation');
    const [found, customer] = await Promise.all([
      reads.messagesOf(id, page.limit + 1, positionOf(page.cursor)),
      customerReads.get(String(conversation.customerId)),
    ]);
    const name = customer ? customerName(customer) : '';
    const place = (message: { at: Date; _id: unknown }) => cursorOf(message.at, message._id);
    return toPage(found, page.limit, (message) => presentMessage(message, name), place);
  }

  async function reply(id: string, body: c.ReplyBody, by: Actor): Promise<c.ChatMessage> {
    const before = await conversations.findByClientId(id, body.clientId);
    if (before) return presentMessage(before);
    const content = await contentOf(body);
    try {
      await act({ cause: cause(by), change: (tx, { rows }) => writeReply(tx, rows, id, content, body.clientId, by) });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const written = await conversations.findByClientId(id, body.clientId);
    if (!written) throw new Error('a reply was written and is not there');
    return presentMessage(written);
  }

  /** Taking over, the message and the row it is owed by, in one transaction. */
  async function writeReply(
    tx: ClientSession,
    rows: OutboxRecord[],
    id: string,
    content: Content,
    clientId: string,
    by: Actor,
  ) {
    const conversation = await conversations.load(tx, id);
    refuseIfHeld(conversation, by);
    refuseIfNotCarried(conversation, content);
    const at = clock.now();
    const window = await ledger.window(conversation.address, at, tx);
    if (isMetered(conversation.address.channel) && !window.open) {
      throw new RequestProblem(
        409,
        'window.closed',
        'The customer has to write first: no customer message is left in the window.',
      );
    }
    const outboxId = rowId('reply', id, clientId);
    const queued = await conversations.queue(
      tx,
      conversation._id,
      { outboxId, author: { kind: 'staff', id: by.staffId, name: by.name }, content, at, clientId },
      { takeOver: asStaff(by) },
    );
    const message: Message = { purpose: 'reply', variants: { 'customer-message': content, wechaty: content } };
    const row = await parts.outbox.add(tx, {
      id: outboxId,
      to: conversation.address,
      customerId: conversation.customerId,
      thread: { conversationId: conversation._id, seq: queued.seq },
      message,
      origin: 'staff',
      cause: cause(by),
    });
    rows.push(row);
    return queued.events;
  }

  async function contentOf(body: c.ReplyBody): Promise<Content> {
    if (body.content.type === 'text') return body.content;
    if (!(await parts.mediaExists(body.content.mediaId))) throw notFound('media');
    const media = { id: body.content.mediaId };
    if (body.content.type === 'image') return { type: 'image', media };
    const size = await parts.mediaSize(media.id);
    const name = safeFileName(body.content.name);
    return { type: 'file', media, name, ...(size === undefined ? {} : { size }) };
  }

  async function note(id: string, body: { clientId: string; text: string }, by: Actor): Promise<c.ChatMessage> {
    // Ids of notes are apart: a reply under the same id must not be taken for written.
    const clientId = `note/${body.clientId}`;
    const before = await conversations.findByClientId(id, clientId);
    if (before) return presentMessage(before);
    const write = (tx: ClientSession) =>
      conversations.addNote(tx, id, asStaff(by), { ...body, clientId, at: clock.now() });
    await act({ cause: cause(by), change: write }).catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    });
    const written = await conversations.findByClientId(id, clientId);
    if (!written) throw new Error('a note was written and is not there');
    return presentMessage(written);
  }

  async function assign(id: string, staffId: string, by: Actor): Promise<c.Conversation> {
    const name = await parts.staffName(staffId);
    if (!name) throw notFound('staff');
    return change(id, by, (tx) => conversations.assign(tx, id, { id: staffId, name }, asStaff(by), clock.now()));
  }

  /** The holder, or whoever may assign, gives a conversation back or closes it. */
  async function asHolder(tx: ClientSession, id: string, by: Actor): Promise<void> {
    if (by.role === 'agent' || by.role === 'marketer') refuseIfHeld(await conversations.load(tx, id), by);
  }

  return {
    list,
    counts: (by) => reads.counts(by.staffId),
    get,
    messages,
    claim: (id, by) => change(id, by, (tx) => conversations.claim(tx, id, asStaff(by), clock.now())),
    release: (id, by) =>
      change(id, by, async (tx) => {
        await asHolder(tx, id, by);
        return conversations.release(tx, id, clock.now());
      }),
    close: (id, by) =>
      change(id, by, async (tx) => {
        await asHolder(tx, id, by);
        return conversations.close(tx, id, clock.now());
      }),
    read: (id, by) => change(id, by, (tx) => conversations.markRead(tx, id, clock.now())),
    assign,
    reply,
    note,
    followUp: (id, body, by) =>
      change(id, by, async (tx) => {
        const conversation = await conversations.load(tx, id);
        const events = await customers.setFollowUp(tx, String(conversation.customerId), clock.now(), body);
        return events.map((event) => ({ ...event, conversationId: id }));
      }),
  };
}

function refuseIfHeld(conversation: ConversationRecord, by: Actor): void {
  const holder = conversation.assignee;
  if (conversation.status === 'open' && holder && holder.id !== by.staffId) {
    throw new RequestProblem(409, 'conversation.notYours', alreadyClaimed(holder.name).message);
  }
}

/** Refused here, where somebody waits for the answer, and not by the platform after it was asked. */
function refuseIfNotCarried({ address }: ConversationRecord, { type }: Content): void {
  if (replyKindsOf(address.channel).some((kind) => kind === type)) return;
  throw new RequestProblem(
    409,
    'content.notForRoute',
    'Customer messages of official accounts and mini-programs carry no files: the platform has no form for them.',
  );
}

function identityOf<T extends { address: Address }>(
  conversation: ConversationRecord,
  identities: readonly T[],
): T | undefined {
  return identities.find(({ address }) => addressKey(address) === conversation.addressKey);
}
