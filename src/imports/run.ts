/**
 * Runs one import: reads, makes records, writes them in batches of one transaction each, and keeps its place in the file in that same
 * transaction. Killed at any moment and started again, it loses nothing and doubles nothing. What a record means is the ports' matter.
 */
import { join } from 'node:path';
import type { ClientSession } from 'mongoose';
import type { Cause, CustomerInput, OrderInput } from '../contracts/index.js';
import type { ImportCounts, ImportMapping, ImportMode } from '../contracts/http/imports.js';
import type { Clock } from '../infra/clock.js';
import type { Database } from '../infra/mongo.js';
import { withTightHeap } from '../infra/tight-heap.js';
import { batchesOf } from './batches.js';
import type { Batch } from './batches.js';
import { createBook } from './book.js';
import type { Entry } from './book.js';
import type { ImportModels, ImportRecord } from './models.js';
import type { BatchResult, Fate, HistoryPort, LivePort, StoreEvents } from './ports.js';
import { ImportProblem } from './problem.js';
import { fileSize, hashFile, openRows } from './read.js';
import type { BadRow } from './reasons.js';
import { findScattered, readRecords } from './records.js';
import type { RecordInput } from './records.js';
import { openReport } from './report.js';
import type { Report } from './report.js';

export interface ImporterParts {
  database: Database;
  clock: Clock;
  models: ImportModels;
  history: HistoryPort;
  /** Absent: imports of the past only. */
  live?: LivePort;
  storeEvents: StoreEvents;
  /** Where reports are kept; made when it is missing. */
  folder: string;
}

export interface ImportRequest {
  file: string;
  fileName: string;
  mapping: ImportMapping;
  mode: ImportMode;
  dryRun: boolean;
  /** Who started it, for the list. */
  by: string;
  /** The document that waits for this run; without it an unfinished run of the same file goes on, or a new one begins. */
  id?: string | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: ImportProgress) => void) | undefined;
}

export interface ImportProgress {
  counts: ImportCounts;
  bytes: number;
  totalBytes: number;
}

export interface ImportOutcome {
  id: string;
  state: 'done' | 'checked' | 'stopped' | 'failed';
  counts: ImportCounts;
  reasons: Array<{ code: string; count: number }>;
  /** The refused rows, when there are any. */
  report?: string;
  failure?: { code: string; detail: string };
  /** The run went on from this line, after an earlier one that was cut short. */
  resumedAfterLine: number;
}

/** The reason of a signal that leaves a run where it is, for the next process to go on with. */
export class LeaveOff extends Error {
  constructor() {
    super('the import goes on later');
  }
}

export type Importer = ReturnType<typeof createImporter>;

export function createImporter(parts: ImporterParts) {
  const { database, clock, models } = parts;
  const book = createBook({ database, clock, models, storeEvents: parts.storeEvents });

  /** @throws ImportProblem `import.busy` when another process runs it; what else is wrong with the file is in the outcome. */
  async function run(request: ImportRequest): Promise<ImportOutcome> {
    if (request.mode === 'live' && !parts.live) throw new Error('this importer has no live way');
    const totalBytes = await fileSize(request.file);
    const fileHash = await hashFile(request.file);
    const entry = await book.begin({ ...request, fileHash, bytes: totalBytes });
    const resumedAfterLine = entry.record.line;
    const report = await openReport(reportFile(entry.record), entry.record.reportBytes);
    let failure: ImportRecord['failure'];
    let stopped = false;
    try {
      stopped = (await withTightHeap(() => runBatches(request, entry, report, totalBytes))) === 'stopped';
    } catch (error) {
      if (request.signal?.reason instanceof LeaveOff) {
        await book.release(entry);
        throw request.signal.reason;
      }
      stopped = request.signal?.aborted ?? false;
      if (!stopped && (!(error instanceof ImportProblem) || error.code === 'import.busy')) throw error;
      if (!stopped && error instanceof ImportProblem) failure = { code: error.code, detail: error.message };
    } finally {
      await report.close();
    }
    const state = failure ? 'failed' : stopped ? 'stopped' : request.dryRun ? 'checked' : 'done';
    const ended = await book.end(entry, state, failure);
    return {
      id: String(ended._id),
      state,
      counts: ended.counts,
      reasons: ended.reasons,
      ...(ended.reportBytes > 0 ? { report: reportFile(ended) } : {}),
      ...(failure ? { failure } : {}),
      resumedAfterLine,
    };
  }

  const reportFile = ({ _id }: Pick<ImportRecord, '_id'>): string => join(parts.folder, `${String(_id)}.report.csv`);

  async function runBatches(
    request: ImportRequest,
    entry: Entry,
    report: Report,
    totalBytes: number,
  ): Promise<'stopped' | 'ended'> {
    const { file, mapping, signal } = request;
    const now = clock.now();
    let bytes = 0;
    const reading = { signal, onBytes: (piece: number) => void (bytes += piece) };
    const scattered = mapping.groups
      ? await findScattered(mapping, await openRows(file, mapping.format, { signal }))
      : undefined;
    const records = readRecords(mapping, await openRows(file, mapping.format, reading), { now, scattered });
    for await (const batch of batchesOf(records, entry.record.line)) {
      signal?.throwIfAborted();
      const progress = Math.min(99, Math.floor((bytes / totalBytes) * 100));
      const next = await writeBatch(request, entry, batch, { report, now, progress });
      request.onProgress?.({ counts: entry.record.counts, bytes: Math.min(bytes, totalBytes), totalBytes });
      if (next.stopAsked) return 'stopped';
    }
    if (entry.record.counts.rows === 0) throw new ImportProblem('file.empty');
    return 'ended';
  }

  interface Writing {
    report: Report;
    now: Date;
    progress: number;
  }

  async function writeBatch(
    request: ImportRequest,
    entry: Entry,
    batch: Batch,
    { report, now, progress }: Writing,
  ): Promise<ImportRecord> {
    const inputs = batch.good.map(({ record }) => record);
    const cause: Cause = { door: 'import', importId: String(entry.record._id) };
    const settle = async (tx: ClientSession | null, fates: readonly Fate[]): Promise<ImportRecord> => {
      const bad = [...batch.bad, ...refusedRows(batch, fates)].sort((a, b) => a.line - b.line);
      const reportBytes = await report.put(bad, entry.record.reportBytes);
      return book.move(tx, entry, { ...tallyOf(batch, fates, bad), line: batch.line, reportBytes, progress });
    };
    if (request.mode === 'live' && request.mapping.kind === 'orders' && !request.dryRun) {
      return book.keep(entry, await settle(null, await liveFates(inputs, cause)));
    }
    if (request.dryRun) return book.keep(entry, await settle(null, await rehearse(inputs, now)));
    const moved = await database.transaction(async (tx) => {
      const { fates, events } = await writeHistory(tx, inputs, now);
      if (events.length > 0) await parts.storeEvents(tx, events, cause);
      return settle(tx, fates);
    });
    return book.keep(entry, moved);
  }

  async function writeHistory(tx: ClientSession, inputs: readonly RecordInput[], now: Date): Promise<BatchResult> {
    const orders = inputs.flatMap((one): OrderInput[] => (one.kind === 'orders' ? [one.input] : []));
    const customers = inputs.flatMap((one): CustomerInput[] => (one.kind === 'customers' ? [one.input] : []));
    if (orders.length > 0) return parts.history.orders(tx, orders, now);
    return customers.length > 0 ? parts.history.customers(tx, customers, now) : { fates: [], events: [] };
  }

  /** Does all of it and takes it back, so that a dry run says what the real one will say. */
  async function rehearse(inputs: readonly RecordInput[], now: Date): Promise<Fate[]> {
    let fates: Fate[] = [];
    const takenBack = new Error('a dry run writes nothing');
    try {
      await database.transaction(async (tx) => {
        ({ fates } = await writeHistory(tx, inputs, now));
        throw takenBack;
      });
    } catch (error) {
      if (error !== takenBack) throw error;
    }
    return fates;
  }

  async function liveFates(inputs: readonly RecordInput[], cause: Cause): Promise<Fate[]> {
    const { live } = parts;
    if (!live) throw new Error('this importer has no live way');
    const fates: Fate[] = [];
    for (const one of inputs) if (one.kind === 'orders') fates.push(await live.order(one.input, cause));
    return fates;
  }

  return { run, reportFile: (id: ImportRecord['_id']) => reportFile({ _id: id }) };
}

function refusedRows({ good }: Batch, fates: readonly Fate[]): BadRow[] {
  return good.flatMap(({ firstLine }, i): BadRow[] => {
    const fate = fates[i];
    if (fate?.outcome !== 'refused') return [];
    return [{ line: firstLine, column: fate.path, value: fate.value, reason: 'record.refused' }];
  });
}

function tallyOf(
  { good, badRows }: Batch,
  fates: readonly Fate[],
  bad: readonly BadRow[],
): { counts: ImportCounts; reasons: Map<string, number> } {
  const counts: ImportCounts = { rows: badRows, ok: 0, unchanged: 0, bad: badRows };
  for (const [i, { rows }] of good.entries()) {
    counts.rows += rows;
    const outcome = fates[i]?.outcome;
    if (outcome === undefined) throw new Error('a record of the batch was left without an outcome');
    if (outcome === 'refused') counts.bad += rows;
    else if (outcome === 'unchanged') counts.unchanged += rows;
    else counts.ok += rows;
  }
  const reasons = new Map<string, number>();
  for (const { reason } of bad) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return { counts, reasons };
}
