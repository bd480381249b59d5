/** Rehearsals as jobs: started, followed by their progress, kept for a while. They run in the process that was asked. */
import { Types } from 'mongoose';
import type { Connection, Model } from 'mongoose';
import { Schema } from 'mongoose';
import type { Route, Strategy } from '../contracts/index.js';
import type { Clock } from '../infra/clock.js';
import type { Logger } from '../infra/logger.js';
import { RehearsalTooLarge } from './rehearse.js';
import type { Rehearsed, Rehearsing } from './rehearse.js';

export interface RehearsalRecord {
  _id: Types.ObjectId;
  code: string;
  state: 'running' | 'done' | 'failed';
  /** Of a failed one: rehearsal.tooLarge or rehearsal.interrupted. */
  reason?: string;
  from: Date;
  to: Date;
  events: number;
  done: number;
  total: number;
  outcomes: Array<{ outcome: Rehearsed['outcome']; reason?: string; route?: Route; people: number }>;
  /** The first of them. */
  items: Rehearsed[];
  startedBy: string;
  /** Real time of the last sign of life. */
  aliveAt: Date;
}

export const rehearsalModel = (connection: Connection): Model<RehearsalRecord> => {
  const { ObjectId, Mixed } = Schema.Types;
  const schema = new Schema<RehearsalRecord>(
    {
      ...{ _id: ObjectId, code: String, state: String, reason: String, from: Date, to: Date, events: Number },
      ...{ done: Number, total: Number, outcomes: [Mixed], items: [Mixed], startedBy: String, aliveAt: Date },
    },
    { strict: 'throw', versionKey: false },
  );
  schema.index({ aliveAt: 1 }, { expireAfterSeconds: 30 * 86_400 });
  return connection.model<RehearsalRecord>('Rehearsal', schema, 'rehearsals');
};

export interface RehearsalsParts {
  rehearsals: Model<RehearsalRecord>;
  rehearse(asked: Rehearsing): Promise<void>;
  clock: Clock;
  log: Logger;
}

const SHOWN = 500;
const SIGN_OF_LIFE_MS = 1000;
/** Without one for so long nobody works on it any more. */
const DEAD_MS = 60_000;
const DAY_MS = 86_400_000;

export type Rehearsals = ReturnType<typeof createRehearsals>;

export function createRehearsals({ rehearsals, rehearse, clock, log }: RehearsalsParts) {
  const running = new Set<Promise<void>>();

  /** @returns its id */
  async function start(strategy: Strategy, days: number, by: { staffId: string }): Promise<string> {
    const to = clock.now();
    const record: RehearsalRecord = {
      _id: new Types.ObjectId(),
      code: strategy.code,
      state: 'running',
      from: new Date(to.getTime() - days * DAY_MS),
      to,
      ...{ events: 0, done: 0, total: 0, outcomes: [], items: [], startedBy: by.staffId, aliveAt: new Date() },
    };
    await rehearsals.insertMany([record]);
    const run = go(record, strategy).finally(() => running.delete(run));
    running.add(run);
    return String(record._id);
  }

  async function go(record: RehearsalRecord, strategy: Strategy): Promise<void> {
    const counts = new Map<string, RehearsalRecord['outcomes'][number]>();
    let last = Date.now();
    const save = async (change: Partial<RehearsalRecord>): Promise<void> => {
      const { _id: id, items } = record;
      const set = { ...change, outcomes: [...counts.values()], items, aliveAt: new Date() };
      await rehearsals.updateOne({ _id: id }, { $set: set });
    };
    try {
      await rehearse({
        strategy: { ...strategy, enabled: true },
        from: record.from,
        to: record.to,
        onProgress: (progress) => {
          Object.assign(record, progress);
          if (Date.now() - last < SIGN_OF_LIFE_MS) return;
          last = Date.now();
          save(progress).catch((error: unknown) =>
            log.warn({ err: error }, 'the progress of a rehearsal was not kept'),
          );
        },
        onOutcome: (one) => {
          count(counts, one);
          if (record.items.length < SHOWN) record.items.push(one);
        },
      });
      const { done, total, events } = record;
      await save({ state: 'done', done, total, events });
    } catch (error) {
      const tooLarge = error instanceof RehearsalTooLarge;
      if (!tooLarge) log.error({ err: error, code: strategy.code }, 'a rehearsal failed');
      await save({ state: 'failed', reason: tooLarge ? 'rehearsal.tooLarge' : 'rehearsal.interrupted' });
    }
  }

  async function get(id: string): Promise<RehearsalRecord | null> {
    if (!Types.ObjectId.isValid(id)) return null;
    const found = await rehearsals.findById(id).lean<RehearsalRecord>();
    const isDead = found?.state === 'running' && Date.now() - found.aliveAt.getTime() > DEAD_MS;
    return found && isDead ? { ...found, state: 'failed', reason: 'rehearsal.interrupted' } : found;
  }

  return { start, get, idle: async () => void (await Promise.allSettled(running)) };
}

function count(counts: Map<string, RehearsalRecord['outcomes'][number]>, { outcome, reason, route }: Rehearsed): void {
  const key = [outcome, reason, route].join(' ');
  const known = counts.get(key);
  if (known) known.people++;
  else counts.set(key, { outcome, ...(reason ? { reason } : {}), ...(route ? { route } : {}), people: 1 });
}
