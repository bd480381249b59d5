/** The mass sends of a broadcast: rows that fill while people are decided on and close when the platform's limit of people is reached. */
import type { ClientSession, Types } from 'mongoose';
import type { Address } from '../../contracts/index.js';
import type { BroadcastRecord } from '../../domain/marketing/index.js';
import { insertRecords } from '../../infra/mongo.js';
import type { EarlyTotalsRecord, FlowModels, MassBatchRecord, MassTotals } from '../models.js';
import { rowId } from '../outbox.js';

export type MassBatches = ReturnType<typeof createMassBatches>;

type Account = Pick<Address, 'channel' | 'account'>;

type Settled = Pick<MassBatchRecord, 'state'> &
  Partial<Pick<MassBatchRecord, 'reason' | 'detail' | 'platformId' | 'dueAt'>>;

/** `most`: people a call of this channel takes. */
export function createMassBatches(
  { massBatches: batches, massTotals: early }: Pick<FlowModels, 'massBatches' | 'massTotals'>,
  { most }: { most(channel: string): number },
) {
  /** More people of this account, each with the batch in which they go. */
  async function join<T>(
    tx: ClientSession,
    broadcast: BroadcastRecord,
    to: Account,
    more: readonly T[],
    now: Date,
  ): Promise<Array<[T, string]>> {
    const joined: Array<[T, string]> = [];
    while (joined.length < more.length) {
      const batch = (await fillingOf(tx, broadcast, to)) ?? (await open(tx, broadcast, to, now));
      const people = Math.min(more.length - joined.length, most(to.channel) - batch.people);
      for (const one of more.slice(joined.length, joined.length + people)) joined.push([one, batch._id]);
      const isFull = batch.people + people >= most(to.channel);
      const change = { $inc: { people }, ...(isFull ? { $set: { state: 'ready' as const } } : {}) };
      await batches.updateOne({ _id: batch._id }, change, { session: tx });
    }
    return joined;
  }

  const fillingOf = (tx: ClientSession, { _id }: BroadcastRecord, { account }: Account) =>
    batches
      .findOne({ broadcastId: String(_id), account, state: 'filling' }, null, { session: tx })
      .lean<MassBatchRecord>();

  async function open(
    tx: ClientSession,
    { _id, message }: BroadcastRecord,
    { channel, account }: Account,
    now: Date,
  ): Promise<MassBatchRecord> {
    const content = message.variants['mass-send'];
    if (!content) throw new Error('a mass send without its text');
    const ofAccount = { broadcastId: String(_id), account };
    const number = await batches.countDocuments(ofAccount).session(tx);
    const batch: MassBatchRecord = {
      _id: rowId(...Object.values(ofAccount), number),
      ...ofAccount,
      channel,
      content,
      purpose: message.purpose,
      state: 'filling',
      people: 0,
      dueAt: now,
      attempts: 0,
      createdAt: now,
    };
    await insertRecords(batches, [batch], tx);
    return batch;
  }

  /** Everybody was decided on: what is there goes. */
  const closeAll = async (tx: ClientSession, broadcastId: Types.ObjectId): Promise<void> => {
    const filling = { broadcastId: String(broadcastId), state: 'filling' as const };
    await batches.updateMany(filling, { $set: { state: 'ready' } }, { session: tx });
  };

  /** To be sent, or sent and not known how it went, earliest first. */
  const due = (now: Date, limit: number): Promise<MassBatchRecord[]> =>
    batches
      .find({ state: { $in: ['ready', 'sending'] }, dueAt: { $lte: now } })
      .sort({ dueAt: 1 })
      .limit(limit)
      .lean<MassBatchRecord[]>();

  /**
   * Every call is counted before it is made. From the first on it may have been sent: the people are kept, so that the same call can be made
   * again. False when another process was quicker.
   */
  async function begin(
    tx: ClientSession,
    { _id, state, attempts }: MassBatchRecord,
    users: readonly string[],
  ): Promise<boolean> {
    const { matchedCount } = await batches.updateOne(
      { _id, state, attempts },
      { $set: { state: 'sending', users: [...users] }, $inc: { attempts: 1 } },
      { session: tx },
    );
    return matchedCount === 1;
  }

  const settle = async (
    tx: ClientSession,
    { _id, account }: Pick<MassBatchRecord, '_id' | 'account'>,
    change: Settled,
    now: Date,
  ): Promise<void> => {
    const final = change.state !== 'ready' && change.state !== 'sending';
    const told = change.platformId === undefined ? null : await toldEarly(tx, account, change.platformId);
    const set = { ...change, ...(final ? { settledAt: now } : {}), ...(told ? { totals: told.totals } : {}) };
    const gone = change.state === 'sending' ? {} : { $unset: { users: 1 } };
    await batches.updateOne({ _id }, { $set: set, ...gone }, { session: tx });
  };

  /** Looked at again then, as it is. */
  const postpone = async (
    tx: ClientSession,
    { _id }: Pick<MassBatchRecord, '_id'>,
    until: Pick<MassBatchRecord, 'dueAt' | 'reason'>,
  ): Promise<void> =>
    void (await batches.updateOne({ _id, state: { $in: ['ready', 'sending'] } }, { $set: until }, { session: tx }));

  const unsettled = (broadcastId: Types.ObjectId): Promise<number> =>
    batches.countDocuments({ broadcastId: String(broadcastId), state: { $in: ['filling', 'ready', 'sending'] } });

  const toldEarly = (tx: ClientSession, account: string, platformId: string): Promise<EarlyTotalsRecord | null> =>
    early.findOneAndDelete({ _id: `${account} ${platformId}` }, { session: tx }).lean<EarlyTotalsRecord>();

  /**
   * What the platform tells when it has finished; it may tell before its answer to the call is stored, so what nobody asks for yet is kept.
   * Null when it is none of ours so far.
   */
  async function finished(
    tx: ClientSession,
    account: string,
    platformId: string,
    totals: MassTotals,
  ): Promise<MassBatchRecord | null> {
    const batch = await batches
      .findOneAndUpdate({ platformId, account }, { $set: { totals } }, { session: tx, returnDocument: 'after' })
      .lean<MassBatchRecord>();
    if (!batch)
      await early.updateOne({ _id: `${account} ${platformId}` }, { $set: { totals } }, { session: tx, upsert: true });
    return batch;
  }

  const of = (broadcastId: Types.ObjectId): Promise<MassBatchRecord[]> =>
    batches
      .find({ broadcastId: String(broadcastId) })
      .sort({ account: 1, state: 1 })
      .lean<MassBatchRecord[]>();

  return { join, closeAll, due, begin, settle, postpone, unsettled, finished, of };
}
