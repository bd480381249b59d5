/**
 * Portraits: one document a person, put together from what the other modules hold. Builds them, keeps them and builds all of them anew; asks
 * nothing of them. Whoever writes something that a portrait shows need not know of it: the follower of events has it looked at again.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ClientSession, Types } from 'mongoose';
import { IN_ONE_ANSWER, isDuplicateKey } from '../../infra/mongo.js';
import type { Database } from '../../infra/mongo.js';
import { createPurchases } from '../commerce/index.js';
import { shiftDay } from './days.js';
import type { PortraitRecord } from './portrait.js';
import { BEHAVIOUR_DAYS, portraitOf } from './portraits-build.js';
import { createDays } from './portraits-days.js';
import { createPortraitReads } from './portraits-read.js';
import type { ListsOf, PortraitSources, When } from './portraits-read.js';

/** Most customers looked at together. */
export const PORTRAIT_BATCH = 500;

export interface PortraitOptions {
  timeZone: string;
  transaction: Database['transaction'];
  /** On which static lists customers are; absent: on none. */
  listsOf?: ListsOf;
}

export type Portraits = ReturnType<typeof createPortraits>;

export function createPortraits(models: PortraitSources, { timeZone, transaction, listsOf }: PortraitOptions) {
  const { portraits, customers } = models;
  const dayOf = createDays(timeZone);
  const purchases = createPurchases(models, { timeZone });
  const { read } = createPortraitReads(models, {
    purchases,
    listsOf: listsOf ?? (() => Promise.resolve([])),
    behaviourFrom: (at) => shiftDay(dayOf(at), 1 - BEHAVIOUR_DAYS),
  });

  async function portray(
    tx: ClientSession | null,
    personIds: readonly Types.ObjectId[],
    when: When,
  ): Promise<PortraitRecord[]> {
    const built: PortraitRecord[] = [];
    for (let start = 0; start < personIds.length; start += PORTRAIT_BATCH) {
      const known = await read(tx, personIds.slice(start, start + PORTRAIT_BATCH), when);
      for (const one of known) built.push(portraitOf(one, when, dayOf));
    }
    return built;
  }

  /**
   * The portraits as they were at `asOf`, stored nowhere. Orders, refunds, behaviour, consents, joining, vouchers, following, records and
   * scores of later are not seen, nor a last visit after it. What is kept only as it is now cannot be known as of then and is shown as it
   * is now: names and profile, points, growth value, level, tags, the shop's own fields, lists, and who is one person with whom.
   * Persons without a record then are left out.
   */
  const build = (personIds: readonly Types.ObjectId[], asOf: Date): Promise<PortraitRecord[]> =>
    portray(null, personIds, { at: asOf, past: true });

  /**
   * Brings the portraits of these customers' persons up to date, and takes away those of persons that are none any more after a link or
   * its undo. One transaction a batch reads and writes, so that of two at once the one that saw less runs again. Idempotent.
   */
  async function refresh(customerIds: readonly Types.ObjectId[], now: Date): Promise<void> {
    for (let start = 0; start < customerIds.length; start += PORTRAIT_BATCH) {
      const batch = customerIds.slice(start, start + PORTRAIT_BATCH);
      await again(() => transaction((tx) => refreshIn(tx, batch, now)));
    }
  }

  async function refreshIn(tx: ClientSession, touched: readonly Types.ObjectId[], now: Date): Promise<void> {
    const held = await stored(tx, touched);
    const ids = unique([...touched, ...held.flatMap(({ customerIds }) => customerIds)]);
    const persons = await customers.collection
      .find({ _id: { $in: ids } }, { projection: { personId: 1 }, session: tx, ...IN_ONE_ANSWER })
      .toArray();
    const personIds = unique(persons.map(({ personId }) => personId as Types.ObjectId));
    const built = await portray(tx, personIds, { at: now, past: false });
    // Whoever was linked to them since has a portrait of their own yet, which none of the touched ones led to.
    const before = await stored(tx, unique([...ids, ...built.flatMap(({ customerIds }) => customerIds)]));
    const kept = new Set(built.map(idOf));
    const gone = before.filter((one) => !kept.has(idOf(one))).map(({ _id }) => _id);
    const known = new Map(before.map((one) => [idOf(one), one]));
    const changed = built.filter((one) => !isSame(known.get(idOf(one)), one));
    await write(tx, changed, gone);
  }

  const stored = async (tx: ClientSession, customerIds: readonly Types.ObjectId[]): Promise<PortraitRecord[]> =>
    (await portraits.collection
      .find({ customerIds: { $in: [...customerIds] } }, { session: tx, ...IN_ONE_ANSWER })
      .toArray()) as unknown as PortraitRecord[];

  async function write(
    tx: ClientSession,
    changed: readonly PortraitRecord[],
    gone: readonly Types.ObjectId[],
  ): Promise<void> {
    const writes = changed.map(({ _id, ...replacement }) => ({
      replaceOne: { filter: { _id }, replacement, upsert: true },
    }));
    if (writes.length) await portraits.collection.bulkWrite(writes, { session: tx, ordered: true });
    if (gone.length) await portraits.collection.deleteMany({ _id: { $in: [...gone] } }, { session: tx });
  }

  /**
   * Everybody's portrait anew, in the order of their ids, in bounded memory; what is served meanwhile stays. For a shop that had none,
   * and after writing past the events. Time alone never calls for it: conditions are asked with the moment they are asked at, and days
   * that have become too old are only dropped by the next refresh. `onProgress` hears how many persons are done.
   */
  async function rebuildAll(now: Date, onProgress: (persons: number) => void | Promise<void>): Promise<number> {
    let done = 0;
    for await (const batch of inBatches(
      customers.collection.find({}, { projection: { personId: 1 } }).sort({ _id: 1 }),
    )) {
      const heads = batch.filter(({ _id, personId }) => _id.equals(personId as Types.ObjectId)).map(({ _id }) => _id);
      await refresh(heads, now);
      done += heads.length;
      await onProgress(done);
    }
    await dropLost();
    return done;
  }

  /** Portraits whose person is none: nothing points to them, so nothing else would take them away. */
  async function dropLost(): Promise<void> {
    for await (const batch of inBatches(portraits.collection.find({}, { projection: { _id: 1 } }).sort({ _id: 1 }))) {
      const ids = batch.map(({ _id }) => _id);
      const found = await customers.collection
        .find({ _id: { $in: ids } }, { projection: { personId: 1 }, ...IN_ONE_ANSWER })
        .toArray();
      const heads = new Set(found.filter(({ _id, personId }) => _id.equals(personId as Types.ObjectId)).map(idOf));
      const lost = batch.filter((one) => !heads.has(idOf(one))).map(({ _id }) => _id);
      if (lost.length) await portraits.collection.deleteMany({ _id: { $in: lost } });
    }
  }

  return { build, refresh, rebuildAll, recordedSince: purchases.recordedSince };
}

const idOf = ({ _id }: { _id: Types.ObjectId }): string => String(_id);

async function* inBatches<T>(rows: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < PORTRAIT_BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length) yield batch;
}

function unique(ids: readonly Types.ObjectId[]): Types.ObjectId[] {
  return [...new Map(ids.map((id) => [String(id), id])).values()];
}

/** Nothing but the moment differs: most events change nothing that a portrait shows. */
function isSame(before: PortraitRecord | undefined, after: PortraitRecord): boolean {
  if (!before) return false;
  return isDeepStrictEqual(plain(before), plain(after));
}

/** Ids as text, since two of one value need not be equal as objects. */
function plain({ _id, builtAt: _, customerIds, ...rest }: PortraitRecord): Record<string, unknown> {
  return { ...rest, _id: String(_id), customerIds: customerIds.map(String) };
}

/** Two first portraits of one person at once collide on its id: one runs again. */
async function again(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}
