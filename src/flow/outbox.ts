/**
 * The rows of what is owed: add, claim under a lease, turn `sending`, settle, and find what was left lying.
 * Knows states and leases; nothing of channels, quotas or people.
 */
import { createHash } from 'node:crypto';
import type { ClientSession, Model, Types } from 'mongoose';
import { addressKey } from '../contracts/index.js';
import type { Address, Cause, Message, Origin, Route } from '../contracts/index.js';
import type { Clock } from '../infra/clock.js';
import { insertRecords, olderThan } from '../infra/mongo.js';
import type { Database } from '../infra/mongo.js';
import type { OutboxRecord, OutboxState } from './models.js';

/** States in which a row keeps the rows behind it waiting. */
const UNDER_WAY: OutboxState[] = ['pending', 'claimed', 'sending'];

export interface NewRow {
  id: string;
  to: Address;
  also?: readonly Address[];
  customerId: Types.ObjectId;
  /** Where it stands in a thread, and its place there; absent: it stands in none. */
  thread?: { conversationId: Types.ObjectId; seq: number };
  message: Message;
  origin: Origin;
  epoch?: number;
  strategy?: NonNullable<OutboxRecord['strategy']>;
  broadcastId?: string;
  testOf?: string;
  voucherId?: string;
  facts?: Record<string, unknown>;
  cause: Cause;
  staleAt?: Date;
  /** Born `sending`: it is the answer to the platform's own request, whose transaction passed the fence. */
  answeringNow?: { leaseMs: number };
  /** Born with its outcome: what the policy refused, or what is there once it is stored (the mini-program's own messages). */
  born?: { state: 'sent' | 'skipped'; reason?: string; route?: Route };
}

/** A row's outcome or its return to the queue. */
export interface Settlement {
  state: OutboxState;
  reason?: string | undefined;
  detail?: string | undefined;
  dueAt?: Date;
  platformId?: string | undefined;
  /** Ways that were refused; the row goes on by another. */
  tried?: string[] | undefined;
}

/** Where a sweep through the due rows has got to. */
export type DuePlace = Pick<OutboxRecord, 'dueAt' | '_id'>;

export type Outbox = ReturnType<typeof createOutbox>;

export function createOutbox(
  outbox: Model<OutboxRecord>,
  { database, clock }: { database: Pick<Database, 'now'>; clock: Clock },
) {
  async function add(tx: ClientSession, row: NewRow): Promise<OutboxRecord> {
    const record = recordOf(row, clock.now());
    await insertRecords(outbox, [record], tx);
    return record;
  }

  /** Many at once, none of them in a thread. */
  async function addMany(tx: ClientSession, rows: readonly NewRow[]): Promise<OutboxRecord[]> {
    const now = clock.now();
    const records = rows.map((row) => recordOf(row, now));
    if (records.length) await insertRecords(outbox, records, tx);
    return records;
  }

  function recordOf(row: NewRow, now: Date): OutboxRecord {
    return {
      _id: row.id,
      lane: row.thread ? addressKey(row.to) : `bulk ${addressKey(row.to)}`,
      seq: row.thread?.seq ?? 0,
      to: row.to,
      ...(row.also ? { also: [...row.also] } : {}),
      customerId: row.customerId,
      ...(row.thread ? { conversationId: row.thread.conversationId } : {}),
      queue: row.message.purpose === 'promotion' || !row.thread ? 'bulk' : 'replies',
      purpose: row.message.purpose,
      variants: row.message.variants,
      ...(row.message.variantAccounts ? { variantAccounts: row.message.variantAccounts } : {}),
      origin: row.origin,
      ...(row.epoch === undefined ? {} : { epoch: row.epoch }),
      ...(row.strategy ? { strategy: row.strategy } : {}),
      ...(row.broadcastId ? { broadcastId: row.broadcastId } : {}),
      ...(row.testOf ? { testOf: row.testOf } : {}),
      ...(row.voucherId ? { voucherId: row.voucherId } : {}),
      ...(row.facts ? { facts: row.facts } : {}),
      cause: row.cause,
      state: 'pending',
      attempts: 0,
      dueAt: now,
      ...(row.staleAt ? { staleAt: row.staleAt } : {}),
      fence: 0,
      createdAt: now,
      ...(row.answeringNow ? bornSending(now, row.answeringNow.leaseMs) : {}),
      ...(row.born ? { ...row.born, settledAt: now } : {}),
    };
  }

  function bornSending(now: Date, leaseMs: number): Partial<OutboxRecord> {
    const lease = { owner: 'request', until: leaseEnd(leaseMs) };
    return { state: 'sending', route: 'passive-reply', attempts: 1, sendingAt: now, lease, fence: 1 };
  }

  const exists = async (tx: ClientSession, id: string): Promise<boolean> =>
    (await outbox.exists({ _id: id }).session(tx)) !== null;

  /** Which of these rows there are. */
  async function known(ids: readonly string[]): Promise<Set<string>> {
    const found = await outbox.find({ _id: { $in: [...ids] } }, { _id: 1 }).lean<Array<{ _id: string }>>();
    return new Set(found.map(({ _id }) => _id));
  }

  /** Of these customers, those whom a strategy is about to woo. */
  async function wooed(tx: ClientSession | null, customerIds: readonly Types.ObjectId[]): Promise<Set<string>> {
    const found = await outbox
      .find(
        {
          customerId: { $in: [...customerIds] },
          purpose: 'promotion',
          state: { $in: ['pending', 'claimed', 'held'] },
          strategy: { $exists: true },
        },
        { customerId: 1 },
        { session: tx },
      )
      .lean<Array<Pick<OutboxRecord, 'customerId'>>>();
    return new Set(found.map(({ customerId }) => String(customerId)));
  }

  const get = (id: string): Promise<OutboxRecord | null> => outbox.findById(id).lean<OutboxRecord>();

  /** Takes a due row, unless an earlier row of its lane is still under way. */
  async function claim(id: string, owner: string, leaseMs: number): Promise<OutboxRecord | undefined> {
    const row = await get(id);
    if (!row || (await hasEarlier(row))) return undefined;
    const claimed = await outbox.findOneAndUpdate(
      { _id: id, state: { $in: ['pending', 'held'] }, dueAt: { $lte: clock.now() } },
      { $set: { state: 'claimed', lease: { owner, until: leaseEnd(leaseMs) } }, $inc: { fence: 1 } },
      { returnDocument: 'after', lean: true },
    );
    return claimed ?? undefined;
  }

  async function hasEarlier(
    row: Pick<OutboxRecord, 'lane' | 'seq'>,
    tx: ClientSession | null = null,
  ): Promise<boolean> {
    // What stands in no thread has no place in a line: it waits for nobody.
    if (row.seq === 0) return false;
    const before = { lane: row.lane, seq: { $lt: row.seq } };
    const underWay = { ...before, state: { $in: UNDER_WAY } };
    // A row whose hold has ended takes its place again; one still held lets the others pass.
    const heldNoMore = { ...before, state: 'held' as const, dueAt: { $lte: clock.now() } };
    return (
      (await outbox.exists(underWay).session(tx)) !== null || (await outbox.exists(heldNoMore).session(tx)) !== null
    );
  }

  /** The point of no return, written before the call. False when the row was lost to another claim meanwhile. */
  async function turnSending(
    tx: ClientSession,
    row: OutboxRecord,
    {
      leaseMs,
      ...change
    }: Pick<OutboxRecord, 'to' | 'also' | 'credit' | 'grantId'> & { route: Route; leaseMs: number },
  ): Promise<boolean> {
    const { matchedCount } = await outbox.updateOne(
      { _id: row._id, state: 'claimed', fence: row.fence },
      {
        $set: {
          ...change,
          state: 'sending',
          sendingAt: clock.now(),
          'lease.until': leaseEnd(leaseMs),
        },
        $inc: { attempts: 1 },
      },
      { session: tx },
    );
    return matchedCount === 1;
  }

  /** Writes an outcome. False when the row is no longer ours; a late certain outcome may still replace `unknown`. */
  async function settle(tx: ClientSession, row: OutboxRecord, settlement: Settlement): Promise<boolean> {
    const from: OutboxState[] =
      settlement.state === 'sent' ? ['claimed', 'sending', 'unknown'] : ['claimed', 'sending'];
    const final = settlement.state !== 'pending' && settlement.state !== 'held';
    const { matchedCount } = await outbox.updateOne(
      { _id: row._id, fence: row.fence, state: { $in: from } },
      {
        $set: {
          state: settlement.state,
          ...(settlement.reason ? { reason: settlement.reason } : {}),
          ...(settlement.detail ? { detail: settlement.detail } : {}),
          ...(settlement.dueAt ? { dueAt: settlement.dueAt } : {}),
          ...(settlement.platformId ? { platformId: settlement.platformId } : {}),
          ...(settlement.tried ? { tried: settlement.tried } : {}),
          ...(final ? { settledAt: clock.now() } : {}),
        },
        $unset: {
          lease: 1,
          ...(settlement.reason ? {} : { reason: 1, detail: 1 }),
          ...(final ? {} : { credit: 1, grantId: 1 }),
        },
      },
      { session: tx },
    );
    return matchedCount === 1;
  }

  /** Gives a claimed row back untouched. */
  async function release(row: OutboxRecord): Promise<void> {
    const claimed = { _id: row._id, state: 'claimed' as const, fence: row.fence };
    await outbox.updateOne(claimed, { $set: { state: 'pending' }, $unset: { lease: 1 } });
  }

  /** Rows of a state that are due, earliest first, from a place on; jobs for them may have been lost. */
  const due = (state: 'pending' | 'held', limit: number, after?: DuePlace): Promise<OutboxRecord[]> =>
    outbox
      .find({ state, dueAt: { $lte: clock.now(), ...(after ? { $gte: after.dueAt } : {}) }, ...later(after) })
      .sort({ dueAt: 1, _id: 1 })
      .limit(limit)
      .lean<OutboxRecord[]>();

  /** Rows whose holder died or hangs. */
  const expired = (limit: number): Promise<OutboxRecord[]> =>
    outbox
      .find({ 'lease.until': { $lte: database.now() } })
      .limit(limit)
      .lean<OutboxRecord[]>();

  const nextInLane = (lane: string): Promise<OutboxRecord | null> =>
    outbox.findOne({ lane, state: 'pending' }).sort({ seq: 1 }).lean<OutboxRecord>();

  const byPlatformId = (tx: ClientSession, account: Pick<Address, 'channel' | 'account'>, platformId: string) =>
    outbox
      .findOne({ platformId, 'to.channel': account.channel, 'to.account': account.account }, null, { session: tx })
      .lean<OutboxRecord>();

  function leaseEnd(leaseMs: number): Date {
    return new Date(database.now().getTime() + leaseMs);
  }

  /** What the mini-program shows: what was owed to the person, and what came by its own messages. Newest first; also where nobody knows whether it arrived. */
  function notices(
    customerIds: readonly Types.ObjectId[],
    limit: number,
    after: { at: Date; id: string } | undefined,
  ): Promise<OutboxRecord[]> {
    const place = after ? olderThan('createdAt', after) : {};
    return outbox
      .find({
        customerId: { $in: [...customerIds] },
        purpose: { $in: ['contract', 'care', 'promotion'] },
        'variants.member-inbox': { $exists: true },
        state: { $in: ['sent', 'unknown'] },
        ...place,
      })
      .sort({ createdAt: -1, _id: -1 })
      .limit(limit)
      .lean<OutboxRecord[]>();
  }

  return {
    notices,
    add,
    addMany,
    exists,
    known,
    wooed,
    get,
    claim,
    hasEarlier,
    turnSending,
    settle,
    release,
    due,
    expired,
    nextInLane,
    byPlatformId,
  };
}

const later = (after: DuePlace | undefined) =>
  after ? { $or: [{ dueAt: { $gt: after.dueAt } }, { _id: { $gt: after._id } }] } : {};

/** A stable id for one decision; the same parts always make the same row. */
export function rowId(...parts: ReadonlyArray<string | number>): string {
  return createHash('sha256').update(parts.join('\u0000')).digest('base64url');
}
