/**
 * How many mass sends each follower may still get this month. The platform counts by its own calendar in Asia/Shanghai and, past the limit,
 * leaves the follower out without a word; so we count with it. Writes in the caller's transaction.
 * https://developers.weixin.qq.com/doc/service/guide/product/message/Batch_Sends.html
 */
import type { ClientSession, Model } from 'mongoose';
import { addressKey } from '../../contracts/index.js';
import type { Address } from '../../contracts/index.js';
import { localTime } from '../../infra/clock.js';
import { IN_ONE_ANSWER } from '../../infra/mongo.js';
import type { MassSendRecord } from './contact-models.js';

const PLATFORM_ZONE = 'Asia/Shanghai';

/** The number in force on a channel at a moment; 0 where there is no mass send. */
export type MassSendsPerMonth = (channel: string, at: Date) => number;

export type MassSends = ReturnType<typeof createMassSends>;

export function createMassSends(massSends: Model<MassSendRecord>, perMonth: MassSendsPerMonth) {
  async function read(tx: ClientSession | null, addresses: readonly Address[]): Promise<Map<string, MassSendRecord>> {
    const found = await massSends
      .find({ _id: { $in: addresses.map(addressKey) } }, null, { session: tx, ...IN_ONE_ANSWER })
      .lean<MassSendRecord[]>();
    return new Map(found.map((one) => [one._id, one]));
  }

  /** By addressKey. */
  async function left(
    tx: ClientSession | null,
    addresses: readonly Address[],
    now: Date,
  ): Promise<ReadonlyMap<string, number>> {
    if (addresses.length === 0) return new Map();
    const known = await read(tx, addresses);
    const month = monthOf(now);
    return new Map(
      addresses.map((address) => {
        const key = addressKey(address);
        return [key, Math.max(0, perMonth(address.channel, now) - usedIn(month, known.get(key)))];
      }),
    );
  }

  /** Takes one from each that has one left, and returns these. An address that is named twice is taken once. */
  async function take(tx: ClientSession, addresses: readonly Address[], now: Date): Promise<Address[]> {
    const once = [...new Map(addresses.map((address) => [addressKey(address), address])).values()];
    const known = await read(tx, once);
    const month = monthOf(now);
    const taken = once.filter(
      (address) => usedIn(month, known.get(addressKey(address))) < perMonth(address.channel, now),
    );
    await write(
      tx,
      taken.map((address) => {
        const _id = addressKey(address);
        return { _id, month, used: usedIn(month, known.get(_id)) + 1 };
      }),
    );
    return taken;
  }

  /** These surely got nothing of what was taken at `takenAt`. What was taken in a month that is over is worth nothing. */
  async function giveBack(tx: ClientSession, addresses: readonly Address[], takenAt: Date): Promise<void> {
    const month = monthOf(takenAt);
    const known = [...(await read(tx, addresses)).values()];
    const back = known.filter((one) => usedIn(month, one) > 0);
    await write(
      tx,
      back.map((one) => ({ ...one, used: one.used - 1 })),
    );
  }

  async function write(tx: ClientSession, records: readonly MassSendRecord[]): Promise<void> {
    if (records.length === 0) return;
    const writes = records.map(({ _id, month, used }) => ({
      updateOne: { filter: { _id }, update: { $set: { month, used } }, upsert: true },
    }));
    await massSends.collection.bulkWrite(writes as never, { session: tx, ordered: false });
  }

  /** Everything about these people goes, as when they are erased. */
  async function forget(tx: ClientSession, addresses: readonly Address[]): Promise<void> {
    await massSends.deleteMany({ _id: { $in: addresses.map(addressKey) } }, { session: tx });
  }

  return { left, take, giveBack, forget };
}

const monthOf = (at: Date): string => localTime(at, PLATFORM_ZONE).date.slice(0, 7);

const usedIn = (month: string, record: MassSendRecord | undefined): number =>
  record?.month === month ? record.used : 0;
