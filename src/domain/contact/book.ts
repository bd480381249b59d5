/**
 * Who was sent how much promotion: reserved in the transaction that sends, so that two sends to one person conflict on their documents and
 * the second is counted against the first. Knows nothing of messages; writes in the caller's transaction.
 */
import type { ClientSession, Model, Types } from 'mongoose';
import { IN_ONE_ANSWER } from '../../infra/mongo.js';
import { isCapped, isWithin, longestOf } from './caps.js';
import type { Cap } from './caps.js';
import type { ContactBookRecord } from './contact-models.js';

export type CapReserved = { ok: true } | { ok: false; reason: 'contact.capped' };

/** One outbox row, and the customers that are the person it goes to. */
export interface CapAsked {
  row: string;
  customerIds: readonly Types.ObjectId[];
}

export type Send = ContactBookRecord['sends'][number];
export type Sends = readonly Send[];

export type ContactBook = ReturnType<typeof createContactBook>;

export function createContactBook(books: Model<ContactBookRecord>, { caps }: { caps: readonly Cap[] }) {
  const keptDays = longestOf(caps);

  /**
   * Counts a send of each row at `at` against the caps of its person, in their order; returns the rows that are one too many and were not
   * counted. The same row again is counted once, at its first moment, and always allowed.
   */
  async function reserveMany(tx: ClientSession, asked: readonly CapAsked[], at: Date): Promise<ReadonlySet<string>> {
    const capped = new Set<string>();
    if (asked.length === 0) return capped;
    const everybody = asked.flatMap(({ customerIds }) => customerIds);
    const known = new Map(await of(tx, everybody));
    const changed = new Map<string, { _id: Types.ObjectId; sends: Sends }>();
    for (const { row, customerIds } of asked) {
      const sends = together(customerIds.map((id) => known.get(String(id)) ?? []));
      if (sends.some((one) => one.row === row)) continue;
      if (isCapped(timesOf(sends), at, caps)) {
        capped.add(row);
        continue;
      }
      const kept = [...sends.filter((one) => isWithin(one.at, at, keptDays)), { row, at }];
      for (const _id of customerIds) {
        known.set(String(_id), kept);
        changed.set(String(_id), { _id, sends: kept });
      }
    }
    await write(tx, [...changed.values()]);
    return capped;
  }

  async function write(
    tx: ClientSession,
    changed: ReadonlyArray<{ _id: Types.ObjectId; sends: Sends }>,
  ): Promise<void> {
    if (changed.length === 0) return;
    const writes = changed.map(({ _id, sends }) => ({
      updateOne: { filter: { _id }, update: { $set: { sends } }, upsert: true },
    }));
    await books.collection.bulkWrite(writes, { session: tx, ordered: false });
  }

  /** One row, as reserveMany. Refused: contact.capped. */
  async function reserve(
    tx: ClientSession,
    customerIds: readonly Types.ObjectId[],
    row: string,
    at: Date,
  ): Promise<CapReserved> {
    const capped = await reserveMany(tx, [{ row, customerIds }], at);
    return capped.has(row) ? { ok: false, reason: 'contact.capped' } : { ok: true };
  }

  /** The row surely was not sent. A second time it changes nothing. */
  async function giveBack(tx: ClientSession, customerIds: readonly Types.ObjectId[], row: string): Promise<void> {
    const mine = { _id: { $in: [...customerIds] }, 'sends.row': row };
    await books.updateMany(mine, { $pull: { sends: { row } } }, { session: tx });
  }

  /** By customer id; whoever was never sent anything is left out. */
  async function of(
    tx: ClientSession | null,
    customerIds: readonly Types.ObjectId[],
  ): Promise<ReadonlyMap<string, Sends>> {
    const found = await books
      .find({ _id: { $in: [...customerIds] } }, null, { session: tx, ...IN_ONE_ANSWER })
      .lean<ContactBookRecord[]>();
    return new Map(found.map(({ _id, sends }) => [String(_id), sends]));
  }

  /** Everything about these people goes, as when they are erased. */
  async function forget(tx: ClientSession, customerIds: readonly Types.ObjectId[]): Promise<void> {
    await books.deleteMany({ _id: { $in: [...customerIds] } }, { session: tx });
  }

  return { reserve, reserveMany, giveBack, of, forget };
}

/** Linked customers hold the same sends: each row once. */
export function together(books: ReadonlyArray<readonly Send[]>): Send[] {
  return [...new Map(books.flat().map((send) => [send.row, send])).values()];
}

const timesOf = (sends: Sends): Date[] => sends.map(({ at }) => at);
