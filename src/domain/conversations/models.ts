/** Stored shapes of the chat: one conversation per address, its messages, and the files still to be fetched. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';
import type { Address, Content, Route } from '../../contracts/index.js';

export interface ConversationRecord {
  _id: Types.ObjectId;
  customerId: Types.ObjectId;
  address: Address;
  /** addressKey(address); one conversation per address. */
  addressKey: string;
  status: 'open' | 'closed';
  assignee?: { id: string; name: string };
  /** Raised whenever a person takes over; what the automation decided under an older epoch is refused at the door. */
  epoch: number;
  /** Order of what leaves towards this address. */
  lastSeq: number;
  /** Written by every row that turns `sending`, so that a take-over and a send at the same moment conflict. */
  sends: number;
  unread: number;
  waitingSince?: Date;
  lastMessageAt?: Date;
  lastInboundAt?: Date;
  preview: string;
  /** Last automatic answer by strategy code. */
  lastAnswers: Record<string, Date>;
}

export interface MessageRecord {
  _id: Types.ObjectId;
  conversationId: Types.ObjectId;
  customerId: Types.ObjectId;
  direction: 'in' | 'out' | 'note';
  author: { kind: 'customer' | 'staff' | 'automation'; id?: string; name: string };
  content: Content;
  at: Date;
  state: 'received' | 'pending' | 'held' | 'sent' | 'skipped' | 'refused' | 'unknown' | 'note';
  reason?: string;
  route?: Route;
  receipt?: 'delivered' | 'blocked' | 'failed';
  /** Where it came from: the inbox row, the outbox row or the client's own id. Each is unique. */
  inboxId?: string;
  outboxId?: string;
  clientId?: string;
  /** A platform file still to be copied to our store: when it is due next, how often it was tried. */
  fetch?: { dueAt: Date; tries: number };
}

export interface ConversationModels {
  conversations: Model<ConversationRecord>;
  messages: Model<MessageRecord>;
}

export function conversationModels(connection: Connection): ConversationModels {
  const conversation = new Schema<ConversationRecord>(
    {
      customerId: Schema.Types.ObjectId,
      address: { channel: String, account: String, user: String },
      addressKey: String,
      status: String,
      assignee: { type: { _id: false, id: String, name: String }, default: undefined },
      epoch: Number,
      lastSeq: Number,
      sends: Number,
      unread: Number,
      waitingSince: Date,
      lastMessageAt: Date,
      lastInboundAt: Date,
      preview: String,
      lastAnswers: Schema.Types.Mixed,
    },
    { strict: 'throw', versionKey: false, minimize: false },
  );
  conversation.index({ addressKey: 1 }, { unique: true });
  conversation.index({ customerId: 1 });
  conversation.index({ status: 1, 'assignee.id': 1, lastMessageAt: -1, _id: -1 });
  conversation.index({ status: 1, lastMessageAt: -1, _id: -1 });
  conversation.index({ lastMessageAt: -1, _id: -1 });
  const message = new Schema<MessageRecord>(
    {
      conversationId: Schema.Types.ObjectId,
      customerId: Schema.Types.ObjectId,
      direction: String,
      author: { _id: false, kind: { type: String }, id: String, name: String },
      content: Schema.Types.Mixed,
      at: Date,
      state: String,
      reason: String,
      route: String,
      receipt: String,
      inboxId: String,
      outboxId: String,
      clientId: String,
      fetch: { type: { _id: false, dueAt: Date, tries: Number }, default: undefined },
    },
    { strict: 'throw', versionKey: false },
  );
  message.index({ conversationId: 1, at: -1, _id: -1 });
  message.index({ customerId: 1, at: -1 });
  message.index({ inboxId: 1 }, { unique: true, sparse: true });
  message.index({ outboxId: 1 }, { unique: true, sparse: true });
  message.index(
    { conversationId: 1, clientId: 1 },
    { unique: true, partialFilterExpression: { clientId: { $exists: true } } },
  );
  message.index({ 'fetch.dueAt': 1 }, { sparse: true });
  return {
    conversations: connection.model<ConversationRecord>('Conversation', conversation, 'conversations'),
    messages: connection.model<MessageRecord>('Message', message, 'messages'),
  };
}
