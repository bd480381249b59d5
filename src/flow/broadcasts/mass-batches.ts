/** The mass sends of a broadcast: rows that fill while people are decided on and close when the platform's limit of people is reached. */
import type { ClientSession, Types } from 'mongoose';
import type { Address } from '../../contracts/index.js';
import type { BroadcastRecord } from '../../domain/marketing/index.js';
import { insertRecords } from '../../infra/mongo.js';
import type { EarlyTotalsRecord, FlowModels, MassBatchRecord, MassTotals } from '../models.js';
import { rowId } from '../outbox.js';

export type MassBatches = ReturnType<typeof createMassBatches>;

type Settled = Pick<MassBatchRecord, 'state'> &
  Partial<Pick<MassBatchRecord, 'reason' | 'detail' | 'platformId' | 'dueAt'>>;

/** `most`: people a call of this channel takes. */
export function createMassBatches(
  { massBatches: batches, massTotals: early }: Pick<FlowModels, 'massBatches' | 'massTotals'>,
  { most }: { most(channel: string): number },
) {
  /** The batch in which one more person of this account goes. */
  async function join(tx: ClientSession, broadcast: BroadcastRecord, to: Address, now: Date): Promise<string> {
    const ofAccount = { broadcastId: String(broadcast._id), account: to.account };
    const filling = await batches
      .findOneAndUpdate(
        { ...ofAccount, state: 'filling' },
        { $inc: { people: 1 } },
        { session: tx, returnDocument: 'after' },
      )
      .lean<MassBatchRecord>();
    if (!filling) return open(tx, broadcast, to, now);
    if (filling.people >= most(to.channel)) await close(tx, { _id: filling._id });
    return filling._id;
  }

  async function open(
    tx: ClientSession,
    { _id, message }: BroadcastRecord,
    { channel, account }: Address,
    now: Date,
  ): Promise<string> {
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
      people: 1,
      dueAt: now,
      attempts: 0,
      createdAt: now,
    };
    await insertRecords(batches, [batch], tx);
    return batch._id;
  }

  const close = async (tx: ClientSession, which: { _id: string } | { broadcastId: string }): Promise<void> =>
    void (await batches.updateMany({ ...which, state: 'filling' }, { $set: { state: 'ready' } }, { session: tx }));

  /** Everybody was decided on: what is there goes. */
  const closeAll = (tx: ClientSession, broadcastId: Types.ObjectId): Promise<void> =>
    close(tx, { broadcastId: String(broadcastId) });

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
