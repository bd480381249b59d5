/**
 * Sends the mass sends that are ready. The people are asked for once more before every call, since they may have refused meanwhile; the call
 * goes under the batch's id, which the platform knows again, so a call of unknown end is made again while its broadcast runs. Its people end
 * `submitted`: the platform answers with totals only.
 */
import type { ClientSession } from 'mongoose';
import { addressKey } from '../../contracts/index.js';
import type { Channel, MassResult, NewDomainEvent } from '../../contracts/index.js';
import type { ContactBook, MassSends, Standing, Verdict } from '../../domain/contact/index.js';
import type { Persons } from '../../domain/customers/index.js';
import { broadcastCampaign, isLimited } from '../../domain/marketing/index.js';
import type { AudienceChange, AudienceRecord, BroadcastRecord } from '../../domain/marketing/index.js';
import type { Clock } from '../../infra/clock.js';
import type { Logger } from '../../infra/logger.js';
import type { MassBatchRecord } from '../models.js';
import type { MassBatches } from './mass-batches.js';
import { endOf } from './ports.js';
import type { CampaignParts } from './ports.js';
import type { TakeBack } from './take-back.js';

export interface MassParts extends CampaignParts {
  massBatches: MassBatches;
  book: Pick<ContactBook, 'giveBack'>;
  massSends: Pick<MassSends, 'giveBack'>;
  persons: Pick<Persons, 'ofMany'>;
  takeBack: TakeBack;
  /** Stops the broadcast with a reason, as the watch does. */
  pause(broadcastId: string, reason: string): Promise<void>;
  channel(name: string): Channel | undefined;
  clock: Clock;
  log: Logger;
  sendTimeoutMs: number;
  maxAttempts: number;
  broadcastDays: number;
}

const AT_ONCE = 5;
const CHUNK = 500;
const AGAIN_MS = 60_000;

export function createMassSender(parts: MassParts) {
  async function run(): Promise<void> {
    for (const batch of await parts.massBatches.due(parts.clock.now(), AT_ONCE)) {
      try {
        await sendOne(batch);
      } catch (error) {
        parts.log.error({ err: error, massBatch: batch._id }, 'a mass send failed; tried again');
        await postpone(batch, {});
      }
    }
  }

  async function sendOne(batch: MassBatchRecord): Promise<void> {
    const broadcast = await parts.broadcasts.get(batch.broadcastId);
    if (broadcast.state === 'cancelled') return giveUp(batch, 'cancelled', 'broadcast.cancelled');
    const ends = endOf(broadcast, parts.broadcastDays);
    if (ends && ends <= parts.clock.now()) return giveUp(batch, 'skipped', 'message.stale');
    if (broadcast.state === 'paused') return postpone(batch, { reason: 'broadcast.paused' });
    if (batch.attempts >= parts.maxAttempts) return giveUp(batch, 'refused', 'retry.exhausted', batch.reason);
    const massSend = parts.channel(batch.channel)?.capabilities.massSend;
    if (!massSend) return giveUp(batch, 'refused', 'channel.missing');
    const users = await choose(batch, broadcast, massSend.fewest);
    if (users.length === 0) return;
    let begun = false;
    await inOne(batch, async (tx) => void (begun = await parts.massBatches.begin(tx, batch, users)));
    if (!begun) return;
    const signal = AbortSignal.timeout(parts.sendTimeoutMs);
    const message = { account: batch.account, users, content: batch.content, clientId: batch._id };
    const result = await massSend.send(message, signal).catch((error: unknown): MassResult => {
      parts.log.error({ err: error, massBatch: batch._id }, 'a channel threw while sending');
      return { outcome: 'unknown', reason: 'channel.threw' };
    });
    await settle(batch, result);
  }

  /** Out of the way of the others for a while. */
  function postpone(batch: MassBatchRecord, { reason, until }: { reason?: string; until?: Date }): Promise<void> {
    const dueAt = until ?? later(parts.clock.now(), AGAIN_MS);
    const change = { dueAt, ...(reason === undefined ? {} : { reason }) };
    return inOne(batch, (tx) => parts.massBatches.postpone(tx, batch, change));
  }

  /** Those who may still be written to; the others end, or wait on their own, with their reason. Empty when the batch does not go now. */
  async function choose(batch: MassBatchRecord, broadcast: BroadcastRecord, fewest: number): Promise<string[]> {
    const users = new Set(isUnknown(batch) ? batch.users : []);
    for await (const rows of parts.audience.ofBatch(batch._id, CHUNK)) {
      const verdicts = await judged(batch, broadcast, rows);
      const wait = verdicts.find(
        ({ verdict }) => !verdict.ok && verdict.outcome === 'held' && isForAll(verdict.reason),
      );
      if (wait && !wait.verdict.ok && wait.verdict.outcome === 'held') {
        await postpone(batch, wait.verdict);
        return [];
      }
      await drop(
        batch,
        verdicts.flatMap(({ row, verdict }) => (verdict.ok ? [] : { row, change: changeFor(verdict) })),
      );
      for (const { row, verdict } of verdicts) {
        if (row.user && verdict.ok) users.add(row.user);
        else if (row.user) users.delete(row.user);
      }
    }
    if (users.size >= fewest) return [...users];
    await giveUp(batch, 'skipped', 'massSend.tooFew');
    return [];
  }

  /** The policy once more, without counting what this very send has reserved. */
  async function judged(
    { channel, account }: MassBatchRecord,
    { message }: BroadcastRecord,
    rows: readonly AudienceRecord[],
  ): Promise<Array<{ row: AudienceRecord; verdict: Verdict }>> {
    const massOnly = { ...message, variants: { 'mass-send': message.variants['mass-send'] } } as typeof message;
    const more = { ownRows: rows.map(({ _id }) => _id) };
    const customerIds = rows.map(({ customerId }) => customerId);
    const standings = await parts.judging.gather(null, customerIds, massOnly, more);
    return rows.map((row) => {
      const standing = standings.get(String(row.customerId));
      if (!standing || !row.user)
        return { row, verdict: { ok: false, outcome: 'skipped', reason: 'person.noAddress' } };
      const key = addressKey({ channel, account, user: row.user });
      return { row, verdict: parts.judging.judge(massOnly, roomFor(standing, key)) };
    });
  }

  async function settle(batch: MassBatchRecord, result: MassResult): Promise<void> {
    const now = parts.clock.now();
    switch (result.outcome) {
      case 'submitted':
        await spread(batch, { state: 'submitted', reason: '' });
        return finish(batch, { state: 'submitted', platformId: result.platformId });
      case 'refused':
        await giveUp({ ...batch, state: 'ready' }, 'refused', result.reason, result.detail);
        if (result.scope === 'account') await parts.pause(batch.broadcastId, `platform.${result.reason}`);
        return;
      case 'retry':
        // As it was before this call: an earlier one may have got through, and without one nobody has it.
        return finish(batch, { state: batch.state, dueAt: later(now, result.afterMs), reason: result.reason });
      case 'unknown':
        return finish(batch, { state: 'sending', dueAt: later(now, AGAIN_MS), reason: result.reason });
    }
  }

  const finish = (batch: MassBatchRecord, change: Parameters<MassBatches['settle']>[2]): Promise<void> =>
    inOne(batch, (tx) => parts.massBatches.settle(tx, batch, change, parts.clock.now()));

  /**
   * It goes no more. Where no call was made, or none got through, its people get back what was reserved for them; after a call of unknown end
   * nobody knows whether they have it, and it counts as if they had.
   */
  async function giveUp(batch: MassBatchRecord, state: Ended, reason: string, detail?: string): Promise<void> {
    for await (const rows of parts.audience.ofBatch(batch._id, CHUNK)) {
      await drop(
        batch,
        rows.map((row) => ({ row, change: { state, reason } })),
      );
    }
    const end = state === 'refused' || isUnknown(batch) ? 'refused' : 'empty';
    await finish(batch, { state: end, reason, ...(detail ? { detail } : {}) });
  }

  async function drop(
    batch: MassBatchRecord,
    dropped: ReadonlyArray<{ row: AudienceRecord; change: AudienceChange }>,
  ): Promise<void> {
    if (dropped.length === 0) return;
    if (isUnknown(batch)) {
      const changes = dropped.map(({ row, change }) => ({
        _id: row._id,
        state: 'unknown' as const,
        ...reasonOf(change),
      }));
      return mark(batch, changes);
    }
    const { channel, account, purpose, createdAt } = batch;
    const changeOf = new Map(dropped.map(({ row, change }) => [row._id, change]));
    const broadcast = await parts.broadcasts.get(batch.broadcastId);
    await inOne(batch, async (tx) => {
      // Only whom nobody dropped meanwhile: what was reserved comes back once.
      const rows = await parts.audience.stillGoing(tx, batch._id, [...changeOf.keys()]);
      const addresses = rows.flatMap(({ user }) => (user ? { channel, account, user } : []));
      const customerIds = rows.map(({ customerId }) => customerId);
      const persons = await parts.persons.ofMany(tx, customerIds);
      for (const row of purpose === 'promotion' ? rows : []) {
        const of = persons.get(String(row.customerId))?.customerIds ?? [row.customerId];
        await parts.book.giveBack(tx, of, row._id);
      }
      await parts.massSends.giveBack(tx, addresses, createdAt);
      const events = await takeBackFrom(tx, broadcast, rows);
      const changes = rows.map(({ _id }) => ({ _id, ...(changeOf.get(_id) ?? { state: 'skipped' as const }) }));
      await parts.audience.markEach(tx, changes, parts.clock.now());
      return events;
    });
  }

  /** Their vouchers, and their part of the budget. */
  async function takeBackFrom(
    tx: ClientSession,
    broadcast: BroadcastRecord,
    rows: readonly AudienceRecord[],
  ): Promise<NewDomainEvent[]> {
    const { _id, budget, couponId } = broadcast;
    const hasBudget = isLimited(budget);
    if (!hasBudget && couponId === undefined) return [];
    const events: NewDomainEvent[] = [];
    const total = { vouchers: 0, fen: 0 };
    for (const { voucherId } of rows) {
      const given = { campaign: hasBudget ? broadcastCampaign(_id) : undefined, voucherId };
      const back = await parts.takeBack(tx, given, parts.clock.now());
      total.vouchers -= back.vouchers;
      total.fen -= back.fen;
      events.push(...back.events);
    }
    if (total.vouchers < 0) await parts.broadcasts.granted(tx, _id, total);
    return events;
  }

  async function spread(
    batch: MassBatchRecord,
    change: { state: 'submitted' | 'unknown'; reason: string },
  ): Promise<void> {
    for await (const rows of parts.audience.ofBatch(batch._id, CHUNK)) {
      const changes = rows.map(({ _id }) => ({ _id, ...change }));
      await mark(batch, changes);
    }
  }

  const mark = (batch: MassBatchRecord, changes: Parameters<CampaignParts['audience']['markEach']>[1]): Promise<void> =>
    inOne(batch, async (tx) => void (await parts.audience.markEach(tx, changes, parts.clock.now())));

  async function inOne(
    { _id }: MassBatchRecord,
    work: (tx: ClientSession) => Promise<NewDomainEvent[] | void>,
  ): Promise<void> {
    await parts.act({
      cause: { door: 'clock', task: `mass:${_id}` },
      change: async (tx) => (await work(tx)) ?? [],
    });
  }

  return { run };
}

type Ended = 'skipped' | 'refused' | 'cancelled';

/** A call was begun and nobody knows how it ended. */
const isUnknown = ({ state }: MassBatchRecord): boolean => state === 'sending';
const reasonOf = ({ reason }: AudienceChange): { reason?: string } => (reason === undefined ? {} : { reason });

const later = (now: Date, ms: number): Date => new Date(now.getTime() + ms);

/** Quiet hours and the switch hold everybody; one person's own hold lets the others go. */
const isForAll = (reason: string): boolean => !reason.startsWith('contact.hold.');

const changeFor = (verdict: Exclude<Verdict, { ok: true }>): AudienceChange =>
  verdict.outcome === 'held'
    ? { state: 'held', reason: verdict.reason, dueAt: verdict.until }
    : { state: 'skipped', reason: verdict.reason };

/** This account only, and what is left of the month without the one that was taken for this send. */
function roomFor(standing: Standing, key: string): Standing {
  const places = standing.places.filter(({ address }) => addressKey(address) === key);
  return {
    ...standing,
    places: places.map(({ spent: { 'mass-send': _taken, ...spent }, ...place }) => ({ ...place, spent })),
  };
}
