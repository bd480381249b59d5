/**
 * Answers inside the platform's own request. They take the same exit as everything else: fence, `sending` before the bytes leave,
 * an outcome after. The bytes are kept on the inbox row, so that a platform retry is given the same.
 */
import type { ClientSession, Model } from 'mongoose';
import type { PassiveDoor, Received } from '../contracts/index.js';
import { chooseRoute } from '../domain/contact/index.js';
import type { Conversations } from '../domain/conversations/index.js';
import type { Logger } from '../infra/logger.js';
import type { Database } from '../infra/mongo.js';
import type { InboxRecord, OutboxRecord } from './models.js';
import type { Outbox } from './outbox.js';
import type { Settle } from './settle.js';

export interface PassiveParts {
  inbox: Model<InboxRecord>;
  outbox: Outbox;
  conversations: Conversations;
  database: Database;
  settle: Settle;
  offer(row: OutboxRecord): void;
  log: Logger;
  leaseMs: number;
}

type PassiveAnswer = NonNullable<Extract<Received, { stored: true }>['passive']>;

export interface Passive {
  /** Sends the first of the rows inside the request, if it can go that way; the others go the normal way. */
  take(inboxId: string, rows: readonly OutboxRecord[], door: PassiveDoor): Promise<PassiveAnswer | undefined>;
  /** The same bytes for a platform retry of an event that was answered so. */
  again(inboxId: string): Promise<PassiveAnswer | undefined>;
  releaseAll(rows: readonly OutboxRecord[]): Promise<void>;
}

export function createPassive(parts: PassiveParts): Passive {
  const { inbox, outbox } = parts;

  async function take(
    inboxId: string,
    rows: readonly OutboxRecord[],
    door: PassiveDoor,
  ): Promise<PassiveAnswer | undefined> {
    const [first, ...rest] = rows;
    const body = first && (await mayGoFirst(first)) ? renderFor(first, door) : undefined;
    const begun = first && body && door.writable() ? await begin(inboxId, first, body) : false;
    await releaseAll(begun ? rest : rows);
    if (!first || !body || !begun) return undefined;
    const sending: OutboxRecord = { ...first, route: 'passive-reply', attempts: first.attempts + 1 };
    return { body, written: (ok) => finish(inboxId, sending, ok) };
  }

  const mayGoFirst = async (row: OutboxRecord): Promise<boolean> => !(await outbox.hasEarlier(row));

  function renderFor(row: OutboxRecord, door: PassiveDoor): string | undefined {
    const reach = { following: true, channelRoutes: ['passive-reply' as const], wroteInWindow: true };
    const choice = chooseRoute({ purpose: row.purpose, variants: row.variants }, reach, 'passive-reply');
    const content = choice.ok ? row.variants[choice.route] : undefined;
    return content ? door.render(content) : undefined;
  }

  /** Fence, point of no return and the kept bytes in one transaction. */
  function begin(inboxId: string, row: OutboxRecord, body: string): Promise<boolean> {
    return parts.database.transaction(async (tx: ClientSession) => {
      if (!(await parts.conversations.passFence(tx, String(row.conversationId), row.epoch))) return false;
      if (!(await outbox.turnSending(tx, row, { route: 'passive-reply', leaseMs: parts.leaseMs }))) return false;
      await inbox.updateOne({ _id: inboxId }, { $set: { reply: body, replyRowId: row._id } }, { session: tx });
      return true;
    });
  }

  async function finish(inboxId: string, row: OutboxRecord, ok: boolean): Promise<void> {
    try {
      if (ok || !(await withdraw(inboxId))) await parts.settle(row, { outcome: 'sent' });
      else
        await parts.settle(row, {
          outcome: 'retry',
          reason: 'platform.closedConnection',
          afterMs: 0,
          scope: 'message',
        });
    } catch (error) {
      parts.log.error({ err: error, outboxId: row._id }, 'the outcome of an answer could not be stored');
    }
  }

  /** Takes the kept bytes back, unless a platform retry was given them meanwhile. */
  async function withdraw(inboxId: string): Promise<boolean> {
    const { matchedCount } = await inbox.updateOne(
      { _id: inboxId, replyServed: 0 },
      { $unset: { reply: 1, replyRowId: 1 } },
    );
    return matchedCount === 1;
  }

  async function again(inboxId: string): Promise<PassiveAnswer | undefined> {
    const row = await inbox.findOneAndUpdate(
      { _id: inboxId, reply: { $exists: true } },
      { $inc: { replyServed: 1 } },
      { lean: true, returnDocument: 'after' },
    );
    if (!row?.reply || !row.replyRowId) return undefined;
    const sent = await outbox.get(row.replyRowId);
    return { body: row.reply, written: async (ok) => void (ok && sent && (await finish(inboxId, sent, true))) };
  }

  async function releaseAll(rows: readonly OutboxRecord[]): Promise<void> {
    for (const row of rows) {
      await outbox.release(row);
      parts.offer(row);
    }
  }

  return { take, again, releaseAll };
}
