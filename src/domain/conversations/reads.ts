/** Reading conversations and messages for screens. No writes. */
import type { Types } from 'mongoose';
import { olderThan } from '../../infra/mongo.js';
import type { ConversationModels, ConversationRecord, MessageRecord } from './models.js';

export type Box = 'unassigned' | 'mine' | 'others' | 'closed' | 'all';

export interface BoxRequest {
  box: Box;
  staffId: string;
  limit: number;
  after?: { at: Date; id: string } | undefined;
  customerIds?: string[] | undefined;
}

export type ConversationReads = ReturnType<typeof createConversationReads>;

export function createConversationReads({ conversations, messages }: ConversationModels) {
  const get = (id: string): Promise<ConversationRecord | null> => conversations.findById(id).lean<ConversationRecord>();

  const ofCustomers = (customerIds: readonly Types.ObjectId[]): Promise<ConversationRecord[]> =>
    conversations.find({ customerId: { $in: [...customerIds] } }).lean<ConversationRecord[]>();

  /** Latest first. Conversations in which nobody ever wrote are in no box. */
  function list(request: BoxRequest): Promise<ConversationRecord[]> {
    const filters: Record<string, unknown>[] = [
      boxFilter(request.box, request.staffId),
      { lastMessageAt: { $exists: true } },
    ];
    if (request.customerIds) filters.push({ customerId: { $in: request.customerIds } });
    if (request.after) filters.push(olderThan('lastMessageAt', request.after));
    return conversations
      .find({ $and: filters })
      .sort({ lastMessageAt: -1, _id: -1 })
      .limit(request.limit)
      .lean<ConversationRecord[]>();
  }

  async function counts(
    staffId: string,
  ): Promise<{ unassigned: number; mine: number; others: number; waiting: number }> {
    const [open, unassigned, mine, waiting] = await Promise.all([
      conversations.countDocuments({ status: 'open' }),
      conversations.countDocuments(boxFilter('unassigned', staffId)),
      conversations.countDocuments(boxFilter('mine', staffId)),
      conversations.countDocuments({ ...boxFilter('mine', staffId), unread: { $gt: 0 } }),
    ]);
    return { unassigned, mine, others: Math.max(0, open - unassigned - mine), waiting };
  }

  /** Newest first; `before` goes back in time. */
  function messagesOf(
    conversationId: string,
    limit: number,
    before?: { at: Date; id: string },
  ): Promise<MessageRecord[]> {
    return messages
      .find({ conversationId, ...(before ? olderThan('at', before) : {}) })
      .sort({ at: -1, _id: -1 })
      .limit(limit)
      .lean<MessageRecord[]>();
  }

  return { get, ofCustomers, list, counts, messagesOf };
}

function boxFilter(box: Box, staffId: string): Record<string, unknown> {
  switch (box) {
    case 'unassigned':
      return { status: 'open', 'assignee.id': null };
    case 'mine':
      return { status: 'open', 'assignee.id': staffId };
    case 'others':
      return { status: 'open', 'assignee.id': { $nin: [null, staffId] } };
    case 'closed':
      return { status: 'closed' };
    case 'all':
      return {};
  }
}
