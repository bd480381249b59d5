/**
 * The chat door. Stores an inbound event once under its natural key, then acts on it, and may answer inside the platform's own
 * request. What is not stored is not acknowledged; what is stored is acted on here or by the schedule.
 */
import { createHash } from 'node:crypto';
import type { ClientSession, Model } from 'mongoose';
import type { InboundEvent, PassiveDoor, Receive, Received } from '../contracts/index.js';
import type { Clock } from '../infra/clock.js';
import type { Logger } from '../infra/logger.js';
import { isDuplicateKey, insertRecords } from '../infra/mongo.js';
import type { Database } from '../infra/mongo.js';
import type { Act, Acted } from './act.js';
import type { AnswerSlot } from './write-decision.js';
import type { ApplyInbound } from './inbound.js';
import type { InboxRecord } from './models.js';
import type { Passive } from './passive.js';
import type { UnderWay } from './under-way.js';

export interface ReceiveParts {
  inbox: Model<InboxRecord>;
  database: Database;
  clock: Clock;
  log: Logger;
  actOnInbox: ActOnInbox;
  passive: Passive;
  /** The document key of an event; equal keys are the same event. */
  inboxKey(event: InboundEvent): string;
  encryptRaw(raw: string, inboxId: string): string;
  /** Told of what may outlast its request. */
  underWay: UnderWay;
  options: { storeWithinMs: number; passiveBudgetMs: number; rawDays: number; keyDays: number };
}

const DAY_MS = 86_400_000;
const STORE_RETRY_MS = 150;

/** Equal exactly for the same event of the same account: the platform's message id, or sender + second + kind + key. */
export function naturalKey(event: InboundEvent): string {
  return createHash('sha256')
    .update(`${event.from.channel}\u0000${event.from.account}\u0000${event.key}`)
    .digest('base64url');
}

export type ActOnInbox = (row: InboxRecord, slot?: AnswerSlot) => Promise<Acted>;

/** Acts on a stored row; the mark on the row is in the same transaction, so a second run finds nothing to do. */
export function createActOnInbox(parts: {
  inbox: Model<InboxRecord>;
  act: Act;
  apply: ApplyInbound;
  clock: Clock;
}): ActOnInbox {
  return (row, slot) =>
    parts.act({
      cause: { door: 'chat', inboxId: row._id },
      ...(slot ? { slot } : {}),
      change: async (tx, acting) => {
        if (!(await markActed(parts.inbox, tx, row._id, parts.clock.now())) || !row.body) return [];
        const { key, from, at, body } = row;
        return parts.apply(tx, row._id, { key, from, at, body, ...(row.opens ? { opens: row.opens } : {}) }, acting);
      },
    });
}

async function markActed(inbox: Model<InboxRecord>, tx: ClientSession, id: string, at: Date): Promise<boolean> {
  const { matchedCount } = await inbox.updateOne(
    { _id: id, actedAt: { $exists: false } },
    { $set: { actedAt: at }, $unset: { body: 1 } },
    { session: tx },
  );
  return matchedCount === 1;
}

export function createReceive(parts: ReceiveParts): Receive {
  const { actOnInbox } = parts;

  return async (event, door) => {
    const row = toRow(event);
    const stored = await storeInTime(row);
    if (stored === 'failed') return { stored: false };
    if (stored === 'duplicate') return withReply(true, door && (await parts.passive.again(row._id)));
    return withReply(false, await actInTime(row, door));
  };

  function toRow(event: InboundEvent): InboxRecord {
    const id = parts.inboxKey(event);
    const receivedAt = parts.database.now();
    const { rawDays, keyDays } = parts.options;
    return {
      _id: id,
      from: event.from,
      key: event.key,
      at: event.at,
      receivedAt,
      body: event.body,
      ...(event.opens ? { opens: event.opens } : {}),
      raw: parts.encryptRaw(event.raw, id),
      rawUntil: new Date(receivedAt.getTime() + rawDays * DAY_MS),
      replyServed: 0,
      keyUntil: new Date(receivedAt.getTime() + keyDays * DAY_MS),
    };
  }

  /** Tries for as long as the platform still waits; a write that ends later than that is found by the schedule. */
  async function storeInTime(row: InboxRecord): Promise<'stored' | 'duplicate' | 'failed'> {
    const deadline = Date.now() + parts.options.storeWithinMs;
    for (;;) {
      const result = await within(deadline - Date.now(), store(row));
      if (result === 'stored' || result === 'duplicate') return result;
      if (Date.now() + STORE_RETRY_MS >= deadline) return 'failed';
      await new Promise((resume) => setTimeout(resume, STORE_RETRY_MS));
    }
  }

  async function store(row: InboxRecord): Promise<'stored' | 'duplicate' | 'failed'> {
    try {
      await insertRecords(parts.inbox, [row]);
      return 'stored';
    } catch (error) {
      if (isDuplicateKey(error)) return 'duplicate';
      parts.log.warn({ err: error, inboxId: row._id }, 'an inbound event could not be stored yet');
      return 'failed';
    }
  }

  async function actInTime(row: InboxRecord, door: PassiveDoor | undefined) {
    const slot = door && parts.passive.slot(row._id, door);
    const acting = actOnInbox(row, slot).catch((error: unknown) => {
      parts.log.error({ err: error, inboxId: row._id }, 'acting on an inbound event failed; the schedule tries again');
      return undefined;
    });
    const acted = await within(parts.options.passiveBudgetMs, acting);
    if (slot && acted) return parts.passive.answer(row._id, acted.rows, slot.body(), door);
    const late = acting.then((done) => (slot && done ? parts.passive.giveUp(row._id, done.rows) : undefined));
    void parts.underWay.add(late);
    return undefined;
  }
}

function withReply(duplicate: boolean, passive: Awaited<ReturnType<Passive['answer']>>): Received {
  return { stored: true, duplicate, ...(passive ? { passive } : {}) };
}

/** The promise's value, or undefined when it takes longer; it goes on all the same. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), Math.max(0, ms))));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
