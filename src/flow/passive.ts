/**
 * Answers inside the platform's own request. They take the same exit as everything else: `sending` is stored before the bytes leave
 * (in the very transaction that decided, which passed the fence by writing the conversation), an outcome after. The bytes are kept on the inbox row, so that a platform retry is given the same.
 */
import type { Model } from 'mongoose';
import type { PassiveDoor, Received } from '../contracts/index.js';
import { chooseRoute } from '../domain/contact/index.js';
import type { Logger } from '../infra/logger.js';
import type { AnswerSlot } from './write-decision.js';
import type { InboxRecord, OutboxRecord } from './models.js';
import type { Outbox } from './outbox.js';
import type { Result, Settle } from './settle.js';
import type { UnderWay } from './under-way.js';

export interface PassiveParts {
  inbox: Model<InboxRecord>;
  outbox: Outbox;
  settle: Settle;
  log: Logger;
  leaseMs: number;
  /** Told of outcomes, which come after the request was answered. */
  underWay: UnderWay;
}

type PassiveAnswer = NonNullable<Extract<Received, { stored: true }>['passive']>;

export interface Passive {
  /** The place for one answer inside the platform's request. */
  slot(inboxId: string, door: PassiveDoor): AnswerSlot & { body(): string | undefined };
  /** The answer that the committed rows hold, when the connection still takes it; else its row goes the normal way. */
  answer(
    inboxId: string,
    rows: readonly OutboxRecord[],
    body: string | undefined,
    door: PassiveDoor,
  ): Promise<PassiveAnswer | undefined>;
  /** The request is over: whatever was to be answered in it goes the normal way. */
  giveUp(inboxId: string, rows: readonly OutboxRecord[]): Promise<void>;
  /** The same bytes for a platform retry of an event that was answered so. */
  again(inboxId: string): Promise<PassiveAnswer | undefined>;
}

const normalWay: Result = { outcome: 'retry', reason: 'platform.closedConnection', afterMs: 0, scope: 'message' };

export function createPassive(parts: PassiveParts): Passive {
  const { inbox, outbox } = parts;

  /** Pure but for the kept bytes: the transaction around it may run twice. */
  function slot(inboxId: string, door: PassiveDoor): ReturnType<Passive['slot']> {
    let body: string | undefined;
    return {
      leaseMs: parts.leaseMs,
      body: () => body,
      take: async (tx, row) => {
        body = (await outbox.hasEarlier(row, tx)) ? undefined : renderFor(row, door);
        if (body === undefined) return false;
        await inbox.updateOne({ _id: inboxId }, { $set: { reply: body, replyRowId: row._id } }, { session: tx });
        return true;
      },
    };
  }

  function renderFor(row: Pick<OutboxRecord, 'purpose' | 'variants'>, door: PassiveDoor): string | undefined {
    const reach = { following: true, channelRoutes: ['passive-reply' as const], wroteInWindow: true };
    const choice = chooseRoute({ purpose: row.purpose, variants: row.variants }, reach, 'passive-reply');
    const content = choice.ok ? row.variants[choice.route] : undefined;
    return content ? door.render(content) : undefined;
  }

  const answering = (rows: readonly OutboxRecord[]): OutboxRecord | undefined =>
    rows.find((row) => row.state === 'sending' && row.route === 'passive-reply');

  async function answer(
    inboxId: string,
    rows: readonly OutboxRecord[],
    body: string | undefined,
    door: PassiveDoor,
  ): Promise<PassiveAnswer | undefined> {
    const row = answering(rows);
    if (!row || body === undefined) return undefined;
    if (door.writable()) return { body, written: (ok) => finish(inboxId, row, ok) };
    await finish(inboxId, row, false);
    return undefined;
  }

  async function giveUp(inboxId: string, rows: readonly OutboxRecord[]): Promise<void> {
    const row = answering(rows);
    if (row) await finish(inboxId, row, false);
  }

  /** Bytes that a platform retry was given meanwhile are that request's to finish; if it never does, the lease ends in `unknown`. */
  const finish = (inboxId: string, row: OutboxRecord, ok: boolean): Promise<void> =>
    parts.underWay.add(storeOutcome(inboxId, row, ok));

  async function storeOutcome(inboxId: string, row: OutboxRecord, ok: boolean): Promise<void> {
    try {
      if (ok) await parts.settle(row, { outcome: 'sent' });
      else if (await withdraw(inboxId)) await parts.settle(row, normalWay);
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
    return { body: row.reply, written: async (ok) => void (ok && sent && (await finish(inboxId, sent, ok))) };
  }

  return { slot, answer, giveUp, again };
}
