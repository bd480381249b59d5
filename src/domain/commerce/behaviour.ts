/** What people do in the shop: each thing once, counted by day in the same transaction. Counters outlive the events they came from. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { BehaviourInput, NewDomainEvent } from '../../contracts/index.js';
import { localTime } from '../../infra/clock.js';
import { insertRecords } from '../../infra/mongo.js';
import type { WriteFigures } from '../customers/index.js';
import type { BehaviourDayRecord, BehaviourRecord, CommerceModels } from './models.js';
import { behaviourProblems } from './refusals.js';
import type { CommerceProblem } from './refusals.js';

/** `repeated`: it had been recorded before; nothing moved now. */
export type Recorded =
  { ok: true; id: string; repeated: boolean; events: NewDomainEvent[] } | { ok: false; problems: CommerceProblem[] };

export interface BehaviourOptions {
  writeFigures: WriteFigures;
  /** The shop's zone: what a day is. */
  timeZone: string;
}

export function createBehaviours(
  { behaviours, behaviourDays }: Pick<CommerceModels, 'behaviours' | 'behaviourDays'>,
  { writeFigures, timeZone }: BehaviourOptions,
) {
  async function recordBehaviour(
    tx: ClientSession,
    customerId: Types.ObjectId,
    input: BehaviourInput,
    now: Date,
  ): Promise<Recorded> {
    const problems = behaviourProblems(input, now);
    if (problems.length > 0) return { ok: false, problems };
    const { source, eventId } = input;
    const known = await behaviours.findOne({ source, eventId }, { _id: 1 }, { session: tx }).lean();
    if (known) return { ok: true, id: String(known._id), repeated: true, events: [] };
    const record = recordOf(customerId, input);
    await insertRecords(behaviours, [record], tx);
    await count(tx, record);
    await writeFigures(tx, [{ customerId, lastBehaviourAt: input.at }]);
    return { ok: true, id: String(record._id), repeated: false, events: eventsOf(record) };
  }

  async function count(tx: ClientSession, { customerId, type, at, seconds }: BehaviourRecord): Promise<void> {
    await behaviourDays.updateOne(
      { customerId, type, day: localTime(at, timeZone).date },
      { $inc: { count: 1, seconds: seconds ?? 0 } },
      { session: tx, upsert: true },
    );
  }

  /** Days from `from` to `to`, both included (YYYY-MM-DD in the shop's zone), oldest first. */
  function behaviourDaysOf(
    customerIds: readonly Types.ObjectId[],
    { from, to }: { from: string; to: string },
  ): Promise<BehaviourDayRecord[]> {
    return behaviourDays
      .find({ customerId: { $in: [...customerIds] }, day: { $gte: from, $lte: to } })
      .sort({ day: 1, type: 1 })
      .lean<BehaviourDayRecord[]>();
  }

  return { recordBehaviour, behaviourDaysOf };
}

function recordOf(customerId: Types.ObjectId, input: BehaviourInput): BehaviourRecord {
  const { source, eventId, type, at, product, seconds, data } = input;
  return {
    _id: new Types.ObjectId(),
    ...{ customerId, source, eventId, type, at },
    ...(product ? { product } : {}),
    ...(seconds === undefined ? {} : { seconds }),
    ...(data ? { data } : {}),
  };
}

/** Views and searches are too many for the timeline; the counters have them. */
function eventsOf({ customerId, source, type, at, product }: BehaviourRecord): NewDomainEvent[] {
  if (type !== 'cart.add' && type !== 'checkin' && !type.startsWith('custom:')) return [];
  const data = { source, type, ...(product ? { sku: product.sku, category: product.category } : {}) };
  return [{ kind: 'behaviour.recorded', customerId: String(customerId), at, data }];
}
