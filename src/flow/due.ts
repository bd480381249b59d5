/**
 * What the clock owes: rows due at a moment, written with the change that caused them, checked again and deleted in the transaction
 * that does them. So they are done once, or not at all and tried again.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { DueKind, DueRow, NewDomainEvent, Owed } from '../contracts/index.js';
import type { Clock } from '../infra/clock.js';
import type { Logger } from '../infra/logger.js';
import type { Act } from './act.js';
import type { DueRecord, FlowModels } from './models.js';

/** What one kind of row does when its time has come; what it owes further is written in the same transaction. */
export type DueHandler = (tx: ClientSession, row: DueRow) => Promise<Owed>;

export interface DueParts {
  models: Pick<FlowModels, 'due'>;
  clock: Clock;
  log: Logger;
  act: Act;
  handlers: Readonly<Record<DueKind, DueHandler>>;
}

const BATCH = 200;
const REST_MS = 30_000;

/** Writes what a change owes to the clock and takes away what it owes no more. */
export async function writeOwed(
  { due }: Pick<FlowModels, 'due'>,
  tx: ClientSession,
  { due: rows, cancel }: Pick<Owed, 'due' | 'cancel'>,
): Promise<void> {
  const kept = new Map(rows.map((row) => [row.key, row]));
  const gone = cancel.filter((key) => !kept.has(key));
  if (gone.length) await due.deleteMany({ _id: { $in: gone } }, { session: tx });
  if (kept.size === 0) return;
  const writes = [...kept.values()].map(({ key, ...row }) => ({
    replaceOne: {
      filter: { _id: key },
      replacement: { ...row, customerId: new Types.ObjectId(row.customerId) },
      upsert: true,
    },
  }));
  await due.collection.bulkWrite(writes as never, { session: tx, ordered: false });
}

export function createDue({ models, clock, log, act, handlers }: DueParts) {
  /** Rows that failed rest a while, so that one broken row neither floods the log nor hides the rest. */
  const resting = new Map<string, number>();

  /** Everything that is due now, earliest first, however much it is. */
  async function run(): Promise<void> {
    for (;;) {
      const rows = await next();
      for (const row of rows) await runOne(row);
      if (rows.length < BATCH) return;
    }
  }

  function next(): Promise<DueRecord[]> {
    for (const [key, until] of resting) if (until <= Date.now()) resting.delete(key);
    const rest = resting.size ? { _id: { $nin: [...resting.keys()] } } : {};
    return models.due
      .find({ dueAt: { $lte: clock.now() }, ...rest })
      .sort({ dueAt: 1 })
      .limit(BATCH)
      .lean<DueRecord[]>();
  }

  async function runOne({ _id: key }: DueRecord): Promise<void> {
    try {
      await act({ cause: { door: 'clock', task: `due:${key}` }, change: (tx, acting) => take(tx, key, acting.owe) });
    } catch (error) {
      resting.set(key, Date.now() + REST_MS);
      log.error({ err: error, due: key }, 'what was due could not be done; tried again later');
    }
  }

  async function take(
    tx: ClientSession,
    key: string,
    owe: (owed: Pick<Owed, 'due' | 'cancel'>) => void,
  ): Promise<NewDomainEvent[]> {
    const taken = await models.due
      .findOneAndDelete({ _id: key, dueAt: { $lte: clock.now() } }, { session: tx })
      .lean<DueRecord>();
    if (!taken) return [];
    const { _id, customerId, ...row } = taken;
    const owed = await handlers[taken.kind](tx, { ...row, key: _id, customerId: String(customerId) });
    owe(owed);
    return owed.events;
  }

  return { run };
}
