/**
 * Counts that take too long for a request: kept as records, worked on in the background by one process at a time, gone on with by the next when
 * that one dies. Knows no queue: whoever runs the background work calls `runNext`.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { SegmentRule } from '../../contracts/index.js';
import { notFound } from '../../errors.js';
import { insertRecords } from '../../infra/mongo.js';
import type { People } from './people.js';
import type { RuleContext } from './question.js';
import type { ByWhom } from './saved.js';
import type { CountRecord, SegmentModels } from './segment-models.js';

const LEASE_MS = 60_000;

export interface CountOptions {
  people: Pick<People, 'countInBatches'>;
  context(now: Date): Promise<RuleContext>;
  /** Real time, by the database's clock. */
  realNow(): Date;
}

export function createCounts({ counts }: Pick<SegmentModels, 'counts'>, { people, context, realNow }: CountOptions) {
  /** `by.at`: the moment of the question. */
  async function begin(tx: ClientSession, rule: SegmentRule, by: ByWhom): Promise<CountRecord> {
    const now = realNow();
    const record: CountRecord = {
      ...{ _id: new Types.ObjectId(), rule, state: 'waiting', asOf: by.at, people: 0, done: 0, total: 0 },
      ...{ askedBy: by.staffId, leaseUntil: now, createdAt: now },
    };
    await insertRecords(counts, [record], tx);
    return record;
  }

  /** 404 count.notFound; they are kept for a day. */
  async function get(id: string): Promise<CountRecord> {
    const found = await counts.findById(id).lean<CountRecord>();
    if (!found) throw notFound('count');
    return found;
  }

  /** Takes the count that waits longest and finishes it. False: there was none. */
  async function runNext(): Promise<boolean> {
    const now = realNow();
    const taken = await counts
      .findOneAndUpdate(
        { state: { $in: ['waiting', 'running'] }, leaseUntil: { $lte: now } },
        { $set: { state: 'running', leaseUntil: leaseFrom(now) } },
        { sort: { leaseUntil: 1 }, returnDocument: 'after' },
      )
      .lean<CountRecord>();
    if (!taken) return false;
    await run(taken);
    return true;
  }

  /** Whoever finds that its lease was taken over leaves the rest to the other. */
  async function run(taken: CountRecord): Promise<void> {
    let { leaseUntil } = taken;
    const from = taken.after && { done: taken.done, people: taken.people, after: taken.after };
    const mine = async (change: Partial<CountRecord>): Promise<boolean> => {
      const next = leaseFrom(realNow());
      const kept = { _id: taken._id, state: 'running' as const, leaseUntil };
      const { matchedCount } = await counts.updateOne(kept, { $set: { ...change, leaseUntil: next } });
      leaseUntil = next;
      return matchedCount === 1;
    };
    let held = true;
    const total = await people.countInBatches(
      taken.rule,
      await context(taken.asOf),
      async (progress) => (held = await mine(progress)),
      from,
    );
    if (held) await mine({ people: total, state: 'done' });
  }

  return { begin, get, runNext };
}

const leaseFrom = (at: Date): Date => new Date(at.getTime() + LEASE_MS);
