/**
 * Counts wrong passwords by account and by address, in the database, so that all processes agree.
 * An attempt is counted *before* the password is looked at: however many arrive at once, no more than the limit are tried.
 */
import type { Model } from 'mongoose';
import { hashToken } from '../../infra/crypto.js';
import { isDuplicateKey } from '../../infra/mongo.js';
import type { AttemptsRecord } from './models.js';

export interface AttemptsRule {
  limit: number;
  windowMs: number;
}

export type Counted = { ok: true; failures: number } | { ok: false; until: Date };

export interface Attempts {
  failures(key: string, now: Date): Promise<number>;
  /** Until when no attempt is let through, or undefined. */
  lockedUntil(key: string, limit: number, now: Date): Promise<Date | undefined>;
  /** Counts one; refused when the limit was reached before. The lock then holds for a whole window from the last try. */
  count(key: string, rule: AttemptsRule, now: Date): Promise<Counted>;
  /** The password was right: takes one back (address), or forgets all (account). */
  takeBack(key: string): Promise<void>;
  forget(key: string): Promise<void>;
}

export function attemptsIn(model: Model<AttemptsRecord>): Attempts {
  // What people type as an account may be a password: only its hash is kept.
  const idOf = (key: string): string => hashToken(key);
  return {
    failures: async (key, now) => {
      const row = await model.findOne({ _id: idOf(key), expiresAt: { $gt: now } }).lean();
      return row?.failures ?? 0;
    },
    lockedUntil: async (key, limit, now) => {
      const row = await model.findOne({ _id: idOf(key), expiresAt: { $gt: now }, failures: { $gte: limit } }).lean();
      return row?.expiresAt;
    },
    count: (key, rule, now) => countOne(model, { id: idOf(key), rule, now }),
    takeBack: async (key) => {
      await model.updateOne({ _id: idOf(key), failures: { $gt: 0 } }, { $inc: { failures: -1 } });
    },
    forget: async (key) => {
      await model.deleteOne({ _id: idOf(key) });
    },
  };
}

async function countOne(
  model: Model<AttemptsRecord>,
  { id, rule, now }: { id: string; rule: AttemptsRule; now: Date },
): Promise<Counted> {
  const expiresAt = new Date(now.getTime() + rule.windowMs);
  // Two rounds: another request may begin the window between our look and our insert.
  for (let round = 0; round < 2; round += 1) {
    const open = await model
      .findOneAndUpdate(
        { _id: id, expiresAt: { $gt: now }, failures: { $lt: rule.limit } },
        { $inc: { failures: 1 }, $set: { expiresAt } },
        { returnDocument: 'after' },
      )
      .lean();
    if (open) return { ok: true, failures: open.failures };
    const begun = await begin(model, { id, expiresAt, now });
    if (begun) return { ok: true, failures: 1 };
  }
  const locked = await model.findById(id).lean();
  return { ok: false, until: locked?.expiresAt ?? expiresAt };
}

/** Starts a window where none is open. False when one is: the insert then meets the row's own key. */
async function begin(
  model: Model<AttemptsRecord>,
  { id, expiresAt, now }: { id: string; expiresAt: Date; now: Date },
): Promise<boolean> {
  try {
    await model.updateOne(
      { _id: id, expiresAt: { $lte: now } },
      { $set: { failures: 1, expiresAt } },
      { upsert: true },
    );
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
