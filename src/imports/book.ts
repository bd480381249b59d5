/**
 * The book of imports: who runs which, how far it is, what came of it. The place in the file moves in the transaction that wrote the
 * batch, and only for the process that holds the lease, from exactly where it was: two processes can never write the same rows twice.
 */
import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { ImportCounts } from '../contracts/http/imports.js';
import type { Clock } from '../infra/clock.js';
import type { Database } from '../infra/mongo.js';
import { insertRecords } from '../infra/mongo.js';
import type { ImportModels, ImportRecord } from './models.js';
import type { StoreEvents } from './ports.js';
import { ImportProblem } from './problem.js';
import type { ImportRequest } from './run.js';

export interface BookParts {
  database: Database;
  clock: Clock;
  models: ImportModels;
  storeEvents: StoreEvents;
}

/** A run under way, as this process knows it. */
export interface Entry {
  record: ImportRecord;
  owner: string;
}

export interface Move {
  /** Of the batch, to be added. */
  counts: ImportCounts;
  reasons: Map<string, number>;
  line: number;
  reportBytes: number;
  progress: number;
}

const LEASE_MS = 60_000;
const nothing: ImportCounts = { rows: 0, ok: 0, unchanged: 0, bad: 0 };

export function createBook({ database, clock, models, storeEvents }: BookParts) {
  const { imports } = models;

  /** Goes on with the run that is named or was cut short, or begins one. @throws ImportProblem `import.busy`, `file.changed` */
  async function begin(request: ImportRequest & { fileHash: string; bytes: number }): Promise<Entry> {
    const key = keyOf(request);
    const owner = `${hostname()}/${process.pid}/${randomUUID()}`;
    const id = request.id ?? String((await unfinished(key))?._id ?? (await create(request, key)));
    const known = await imports.findById(id).lean<ImportRecord>();
    if (!known) throw new Error(`there is no import ${id}`);
    if (known.fileHash !== request.fileHash) throw new ImportProblem('file.changed');
    if (isHeld(known, database.now())) throw new ImportProblem('import.busy');
    const underWay = known.state === 'running' || known.state === 'checking';
    const goesOn = underWay && known.key === key;
    const fresh = goesOn
      ? {}
      : { key, line: 0, counts: nothing, reasons: [], reportBytes: 0, progress: 0, mapping: request.mapping };
    const { mode, dryRun } = request;
    const record = await imports
      .findOneAndUpdate(
        { _id: known._id, ...leaseFilter(known) },
        {
          $set: { ...fresh, mode, dryRun, state: dryRun ? 'checking' : 'running', lease: leaseOf(owner) },
          $unset: { failure: 1, finishedAt: 1, ...(underWay ? {} : { stopAsked: 1 }) },
        },
        { returnDocument: 'after' },
      )
      .lean<ImportRecord>();
    if (!record) throw new ImportProblem('import.busy');
    return { record, owner };
  }

  const unfinished = (key: string): Promise<ImportRecord | null> =>
    imports
      .findOne({ key, state: { $in: ['running', 'checking'] } })
      .sort({ _id: -1 })
      .lean<ImportRecord>()
      .exec();

  async function create(
    request: ImportRequest & { fileHash: string; bytes: number },
    key: string,
  ): Promise<Types.ObjectId> {
    const { mapping, fileName, fileHash, bytes, by, dryRun, mode } = request;
    const record: ImportRecord = {
      _id: new Types.ObjectId(),
      ...{ key, kind: mapping.kind, fileName, fileHash, bytes, mapping, mode, dryRun, by },
      ...{ state: 'mapped', line: 0, counts: nothing, reasons: [], reportBytes: 0, progress: 0 },
      createdAt: clock.now(),
    };
    await insertRecords(imports, [record]);
    return record._id;
  }

  /** Inside the batch's transaction. May run twice: the numbers are worked out anew from what this process last saw kept. */
  async function move(tx: ClientSession | null, { record, owner }: Entry, step: Move): Promise<ImportRecord> {
    const moved = await imports
      .findOneAndUpdate(
        { _id: record._id, 'lease.owner': owner, line: record.line },
        {
          $set: {
            line: step.line,
            counts: sumOf(record.counts, step.counts),
            reasons: sumOfReasons(record.reasons, step.reasons),
            reportBytes: step.reportBytes,
            progress: step.progress,
            lease: leaseOf(owner),
          },
        },
        { returnDocument: 'after', ...(tx ? { session: tx } : {}) },
      )
      .lean<ImportRecord>();
    if (!moved) throw new ImportProblem('import.busy');
    return moved;
  }

  /** After the commit. */
  function keep(entry: Entry, moved: ImportRecord): ImportRecord {
    entry.record = moved;
    return moved;
  }

  async function end(
    entry: Entry,
    state: 'done' | 'checked' | 'stopped' | 'failed',
    failure: ImportRecord['failure'],
  ): Promise<ImportRecord> {
    const { _id, kind, fileName, mapping, counts, line } = entry.record;
    const at = clock.now();
    const events =
      state === 'done'
        ? [{ kind: 'import.finished' as const, at, data: { kind, fileName, source: mapping?.source ?? '', ...counts } }]
        : [];
    return database.transaction(async (tx) => {
      const ended = await imports
        .findOneAndUpdate(
          { _id, 'lease.owner': entry.owner, line },
          {
            $set: {
              state,
              finishedAt: at,
              ...(failure ? { failure } : {}),
              ...(state === 'done' ? { progress: 100 } : {}),
            },
            $unset: { lease: 1, stopAsked: 1 },
          },
          { returnDocument: 'after', session: tx },
        )
        .lean<ImportRecord>();
      if (!ended) throw new ImportProblem('import.busy');
      if (events.length > 0) await storeEvents(tx, events, { door: 'import', importId: String(_id) });
      return ended;
    });
  }

  /** So that the next process need not wait for the lease to end. */
  async function release({ record, owner }: Entry): Promise<void> {
    await imports.updateOne({ _id: record._id, 'lease.owner': owner }, { $unset: { lease: 1 } });
  }

  const leaseOf = (owner: string) => ({ owner, until: new Date(database.now().getTime() + LEASE_MS) });

  return { begin, move, keep, end, release };
}

/** Only from the very lease that was looked at: of two processes that both see it ended, one gets it. */
const leaseFilter = ({ lease }: ImportRecord): Record<string, unknown> => ({
  'lease.owner': lease ? lease.owner : { $exists: false },
});

export function isHeld({ lease }: Pick<ImportRecord, 'lease'>, now: Date): boolean {
  return lease !== undefined && lease.until > now && !isDead(lease.owner);
}

/** A process of this machine that is gone need not be waited for. */
function isDead(owner: string): boolean {
  const [host, pid] = owner.split('/');
  if (host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

function keyOf({ fileHash, mapping, mode, dryRun }: ImportRequest & { fileHash: string }): string {
  return createHash('sha256')
    .update(JSON.stringify([fileHash, mapping, mode, dryRun]))
    .digest('hex');
}

function sumOf(a: ImportCounts, b: ImportCounts): ImportCounts {
  return { rows: a.rows + b.rows, ok: a.ok + b.ok, unchanged: a.unchanged + b.unchanged, bad: a.bad + b.bad };
}

function sumOfReasons(known: ImportRecord['reasons'], more: Map<string, number>): ImportRecord['reasons'] {
  const all = new Map(known.map(({ code, count }) => [code, count]));
  for (const [code, count] of more) all.set(code, (all.get(code) ?? 0) + count);
  return [...all].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count);
}
