/**
 * What became of a broadcast: the outcome of everybody in the shape of the forecast, the platform's totals of mass sends, and what those who
 * were told and the hold-out did since. Reads only; the last part is counted in batches, kept a minute, and for many people counted behind.
 */
import type { Model, Types } from 'mongoose';
import type * as c from '../../../contracts/index.js';
import type { CountByReason, Reach } from '../../../contracts/index.js';
import type { OrderRecord } from '../../../domain/commerce/index.js';
import type { Persons } from '../../../domain/customers/index.js';
import type { Audience, AudienceRecord, BroadcastRecord, Broadcasts } from '../../../domain/marketing/index.js';
import type { VoucherRecord } from '../../../domain/membership/index.js';
import type { MassBatchRecord } from '../../../flow/models.js';
import type { Clock } from '../../../infra/clock.js';
import { IN_ONE_ANSWER } from '../../../infra/mongo.js';

type Effect = c.BroadcastResults['effect'];
type Did = Effect['told'];

export interface ResultsParts {
  clock: Clock;
  broadcasts: Pick<Broadcasts, 'get'>;
  audience: Pick<Audience, 'counts' | 'byRoute'>;
  rows: Model<AudienceRecord>;
  orders: Model<OrderRecord>;
  vouchers: Model<VoucherRecord>;
  persons: Pick<Persons, 'ofMany'>;
  massBatches: { of(broadcastId: Types.ObjectId): Promise<MassBatchRecord[]> };
  /** Told what could not be counted; whoever asks next has it counted again. */
  onFailure(error: unknown, broadcastId: string): void;
}

const BATCH = 500;
const KEPT_MS = 60_000;
/** So many are counted while somebody waits. */
const AT_ONCE = 2000;
const REMEMBERED = 200;
const REACHED = new Set<string>(['sent', 'submitted', 'unknown']);
const NOBODY: Did = { people: 0, buyers: 0, orders: 0, spent: 0 };

interface Kept {
  effect?: Effect;
  /** Reached and held out when it was counted. */
  people?: number;
  /** Business time. */
  countedAt: number;
  counting?: Promise<void>;
}

export function createResults(parts: ResultsParts) {
  const kept = new Map<string, Kept>();

  /** @throws 404 broadcast.notFound */
  async function results(id: string): Promise<c.BroadcastResults> {
    const broadcast = await parts.broadcasts.get(id);
    const counts = await parts.audience.counts(broadcast._id);
    const byRoute = await parts.audience.byRoute(broadcast._id);
    const massSends = (await parts.massBatches.of(broadcast._id)).map(presentMassSend);
    return {
      actual: reachOf(broadcast, counts, byRoute),
      counts,
      massSends,
      effect: await effectOf(broadcast, counts),
    };
  }

  async function effectOf(broadcast: BroadcastRecord, counts: readonly CountByReason[]): Promise<Effect> {
    const { begunAt } = broadcast;
    if (!begunAt) return nothingYet(parts.clock.now(), false);
    const one = remembered(String(broadcast._id));
    const people = sum(counts, ({ state }) => REACHED.has(state) || state === 'heldOut');
    const isFew = people <= AT_ONCE;
    const isSame = !isFew || one.people === people;
    const isFresh = one.effect && isSame && parts.clock.now().getTime() - one.countedAt < KEPT_MS;
    if (!isFresh) one.counting ??= count(broadcast, one, people).finally(() => delete one.counting);
    if (!isFresh && isFew) await one.counting;
    return { ...(one.effect ?? nothingYet(begunAt, true)), counting: one.counting !== undefined };
  }

  function remembered(id: string): Kept {
    const one = kept.get(id) ?? { countedAt: 0 };
    kept.delete(id);
    kept.set(id, one);
    const [oldest] = kept.keys();
    if (kept.size > REMEMBERED && oldest !== undefined) kept.delete(oldest);
    return one;
  }

  async function count(broadcast: BroadcastRecord, one: Kept, people: number): Promise<void> {
    try {
      const until = parts.clock.now();
      const told = await didOf(broadcast, ['sent', 'submitted']);
      const heldOut = await didOf(broadcast, ['heldOut']);
      const vouchersUsed = await usedOf(broadcast);
      one.effect = { told, heldOut, vouchersUsed, until: until.toISOString(), counting: false };
      one.people = people;
      one.countedAt = until.getTime();
    } catch (error) {
      parts.onFailure(error, String(broadcast._id));
    }
  }

  async function didOf(
    { _id, begunAt }: BroadcastRecord,
    states: ReadonlyArray<AudienceRecord['state']>,
  ): Promise<Did> {
    const total = { ...NOBODY };
    for (const state of states) {
      for await (const rows of rowsOf(_id, state)) {
        const did = await boughtBy(rows, begunAt ?? new Date(0));
        total.people += rows.length;
        total.buyers += did.buyers;
        total.orders += did.orders;
        total.spent += did.spent;
      }
    }
    return total;
  }

  /** By the index of the outcome list, a batch at a time. */
  async function* rowsOf(broadcastId: Types.ObjectId, state: AudienceRecord['state']) {
    let after = { reason: '', _id: '' };
    for (;;) {
      const beyond = [{ reason: after.reason, _id: { $gt: after._id } }, { reason: { $gt: after.reason } }];
      const rows: AudienceRecord[] = [];
      for (const range of beyond) {
        if (rows.length >= BATCH) break;
        const found = await parts.rows
          .find({ broadcastId, state, ...range }, { customerId: 1, personId: 1, reason: 1 }, IN_ONE_ANSWER)
          .sort({ state: 1, reason: 1, _id: 1 })
          .limit(BATCH - rows.length)
          .lean<AudienceRecord[]>();
        rows.push(...found);
      }
      const last = rows.at(-1);
      if (!last) return;
      after = last;
      yield rows;
    }
  }

  /** Effective orders since; those of linked records are the person's. */
  async function boughtBy(rows: readonly AudienceRecord[], since: Date): Promise<Omit<Did, 'people'>> {
    const persons = await parts.persons.ofMany(
      null,
      rows.map(({ customerId }) => customerId),
    );
    const owner = new Map(
      [...persons.values()].flatMap(({ id, customerIds }) => customerIds.map((one) => [String(one), String(id)])),
    );
    const found = await parts.orders
      .find(
        { customerId: { $in: [...owner.keys()] }, placedAt: { $gte: since }, counted: { $exists: true } },
        { customerId: 1, counted: 1 },
        IN_ONE_ANSWER,
      )
      .lean<Array<Pick<OrderRecord, 'customerId' | 'counted'>>>();
    const buyers = new Set(found.map(({ customerId }) => owner.get(String(customerId))));
    const spent = found.reduce((all, { counted }) => all + (counted?.spent ?? 0), 0);
    return { buyers: buyers.size, orders: found.length, spent };
  }

  /** Vouchers are granted under the broadcast's name. */
  function usedOf({ _id, couponId }: BroadcastRecord): Promise<number> | number {
    if (!couponId) return 0;
    const prefix = `grant:broadcast:${String(_id)}:`;
    return parts.vouchers.countDocuments({ key: { $gte: prefix, $lt: `${prefix}g` }, state: 'used' });
  }

  return { results };
}

function reachOf(
  { audienceSize, granted }: BroadcastRecord,
  counts: readonly CountByReason[],
  byRoute: Reach['byRoute'],
): Reach {
  return {
    people: audienceSize ?? sum(counts, () => true),
    heldOut: sum(counts, ({ state }) => state === 'heldOut'),
    byRoute: byRoute.toSorted((a, b) => b.people - a.people),
    byReason: counts
      .filter(({ state }) => !REACHED.has(state) && state !== 'heldOut')
      .toSorted((a, b) => b.people - a.people),
    costFen: granted.fen,
  };
}

const sum = (counts: readonly CountByReason[], is: (one: CountByReason) => boolean): number =>
  counts.filter(is).reduce((all, { people }) => all + people, 0);

const nothingYet = (until: Date, counting: boolean): Effect => ({
  ...{ told: NOBODY, heldOut: NOBODY, vouchersUsed: 0, until: until.toISOString(), counting },
});

function presentMassSend({ account, state, people, reason, totals }: MassBatchRecord) {
  return { account, state, people, reason: reason ?? null, totals: totals ?? null };
}
