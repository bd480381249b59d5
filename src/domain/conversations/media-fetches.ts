/**
 * Files that customers sent and that still lie at the platform, where they expire. The due time stands on the message itself,
 * so that a crash loses no fetch. Knows when and how often; the copying is the caller's.
 */
import type { ClientSession } from 'mongoose';
import type { NewDomainEvent } from '../../contracts/index.js';
import type { ConversationModels, MessageRecord } from './models.js';

/** Over two days: platforms keep such files for three. */
const MAX_TRIES = 15;
const FIRST_WAIT_MS = 10_000;

export type MediaFetches = ReturnType<typeof createMediaFetches>;

export function createMediaFetches({ messages, conversations }: ConversationModels) {
  const due = (now: Date, limit: number): Promise<MessageRecord[]> =>
    messages
      .find({ 'fetch.dueAt': { $lte: now } })
      .sort({ 'fetch.dueAt': 1 })
      .limit(limit)
      .lean<MessageRecord[]>();

  async function addressOf(message: MessageRecord) {
    const conversation = await conversations.findById(message.conversationId, { address: 1 }).lean();
    return conversation?.address;
  }

  async function stored(
    tx: ClientSession,
    message: MessageRecord,
    mediaId: string,
    at: Date,
  ): Promise<NewDomainEvent[]> {
    const { matchedCount } = await messages.updateOne(
      { _id: message._id, 'fetch.dueAt': { $exists: true } },
      { $set: { 'content.media.id': mediaId }, $unset: { fetch: 1 } },
      { session: tx },
    );
    if (matchedCount === 0) return [];
    const about = { customerId: String(message.customerId), conversationId: String(message.conversationId), at };
    return [{ kind: 'media.stored', ...about, data: { messageId: String(message._id), mediaId } }];
  }

  /** Waits doubling from ten seconds; after the last try the message keeps the platform's address only. */
  async function failed(message: MessageRecord, now: Date): Promise<void> {
    const tries = (message.fetch?.tries ?? 0) + 1;
    const next = { dueAt: new Date(now.getTime() + FIRST_WAIT_MS * 2 ** (tries - 1)), tries };
    const change = tries >= MAX_TRIES ? { $unset: { fetch: 1 } } : { $set: { fetch: next } };
    await messages.updateOne({ _id: message._id }, change);
  }

  return { due, addressOf, stored, failed };
}
