/**
 * Imports as the console asks for them: upload, map, try, run, watch, stop, fetch the refused rows. A run is a task of the server
 * process; when that stops or dies, the next one goes on with it. Throws RequestProblem for what is refused.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, copyFile, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Types } from 'mongoose';
import type { ImportKind, ImportMapping, ImportMode } from '../contracts/http/imports.js';
import type { ImportDetail, ImportView } from '../contracts/http/imports.js';
import { RequestProblem, notFound } from '../errors.js';
import type { Clock } from '../infra/clock.js';
import type { Logger } from '../infra/logger.js';
import { insertRecords, olderThan } from '../infra/mongo.js';
import type { Database } from '../infra/mongo.js';
import { isHeld } from './book.js';
import type { ImportModels, ImportRecord } from './models.js';
import { detailOf, viewOf } from './present.js';
import { ImportProblem } from './problem.js';
import { fileSize, findFormat, hashFile, sampleRows } from './read.js';
import { LeaveOff } from './run.js';
import type { Importer } from './run.js';
import { suggestMapping } from './suggest.js';

export interface ImportServiceParts {
  importer: Importer;
  models: ImportModels;
  database: Database;
  clock: Clock;
  log: Logger;
  /** The importer's own. */
  folder: string;
}

export interface Upload {
  kind: ImportKind;
  fileName: string;
  /** Where the body was received; it is copied. */
  path: string;
  by: string;
}

export type ImportService = ReturnType<typeof createImportService>;

const SAMPLE = 20;
const KEEP_FILES_DAYS = 7;
const DAY_MS = 86_400_000;
const busyStates: readonly ImportRecord['state'][] = ['running', 'checking'];

export function createImportService({ importer, models, database, clock, log, folder }: ImportServiceParts) {
  const { imports, mappings } = models;
  const underWay = new Map<string, Promise<void>>();
  const leaving = new AbortController();
  const fileOf = (id: Types.ObjectId | string): string => join(folder, `${String(id)}.upload`);

  /** @throws RequestProblem 400 with a code `file.…` when it cannot be read at all; nothing is kept then. */
  async function upload({ kind, fileName, path, by }: Upload): Promise<ImportDetail> {
    const _id = new Types.ObjectId();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await copyFile(path, fileOf(_id));
    try {
      const bytes = await fileSize(fileOf(_id));
      const record: ImportRecord = {
        ...{ _id, kind, fileName: fileName.slice(0, 200), fileHash: await hashFile(fileOf(_id)), bytes, by },
        ...{ state: 'uploaded', dryRun: false, line: 0, reasons: [], reportBytes: 0, progress: 0 },
        counts: { rows: 0, ok: 0, unchanged: 0, bad: 0 },
        createdAt: clock.now(),
      };
      const shown = await describe(record);
      await insertRecords(imports, [record]);
      return shown;
    } catch (error) {
      await rm(fileOf(_id), { force: true });
      throw asRequestProblem(error);
    }
  }

  async function list({ limit, after }: { limit: number; after?: { at: Date; id: string } | undefined }) {
    const older = after ? olderThan('createdAt', after) : {};
    const found = await imports.find(older).sort({ createdAt: -1, _id: -1 }).limit(limit).lean<ImportRecord[]>();
    return found.map(viewOf);
  }

  const get = async (id: string): Promise<ImportDetail> => describe(await load(id));

  /** @throws RequestProblem 409 import.running, 404 import.notFound, 400 `file.…` when the file lacks a column. */
  async function putMapping(id: string, mapping: ImportMapping): Promise<ImportDetail> {
    const record = await load(id);
    if (busyStates.includes(record.state)) throw running();
    if (mapping.kind !== record.kind)
      throw new RequestProblem(400, 'import.wrongKind', `This import is of ${record.kind}.`);
    const changed = await imports
      .findOneAndUpdate(
        { _id: record._id, state: record.state },
        { $set: { mapping, state: 'mapped' }, $unset: { failure: 1 } },
        { returnDocument: 'after' },
      )
      .lean<ImportRecord>();
    if (!changed) throw running();
    return describe(changed);
  }

  /** Begins in the background. @throws RequestProblem 409 import.running, import.notMapped, import.fileGone. */
  async function start(
    id: string,
    { dryRun, mode, by }: { dryRun: boolean; mode: ImportMode; by: string },
  ): Promise<ImportView> {
    const record = await load(id);
    const { mapping } = record;
    if (busyStates.includes(record.state) || underWay.has(id)) throw running();
    if (!mapping) throw new RequestProblem(409, 'import.notMapped', 'Say first which column is what.');
    if (!(await exists(fileOf(id))))
      throw new RequestProblem(409, 'import.fileGone', 'The file was deleted; upload it again.');
    if (!dryRun) await keepMapping(record, mapping);
    const state = dryRun ? ('checking' as const) : ('running' as const);
    const fresh = {
      line: 0,
      reportBytes: 0,
      reasons: [],
      counts: { rows: 0, ok: 0, unchanged: 0, bad: 0 },
      progress: 0,
    };
    const begun = await imports
      .findOneAndUpdate(
        { _id: record._id, state: record.state },
        { $set: { ...fresh, state, dryRun, mode, by }, $unset: { key: 1, stopAsked: 1, finishedAt: 1, failure: 1 } },
        { returnDocument: 'after' },
      )
      .lean<ImportRecord>();
    if (!begun) throw running();
    runInBackground(begun);
    return viewOf(begun);
  }

  /** It ends after the batch under way; what went in stays. */
  async function stop(id: string): Promise<ImportView> {
    const record = await load(id);
    await imports.updateOne({ _id: record._id, state: { $in: busyStates } }, { $set: { stopAsked: true } });
    return viewOf(await load(id));
  }

  /** @throws RequestProblem 404 import.noReport when no row was refused. */
  async function report(id: string): Promise<{ fileName: string; stream: NodeJS.ReadableStream }> {
    const record = await load(id);
    const file = importer.reportFile(record._id);
    if (record.reportBytes === 0 || !(await exists(file))) {
      throw new RequestProblem(404, 'import.noReport', 'No row of this import was refused.');
    }
    const stream = createReadStream(file, { end: record.reportBytes - 1 });
    return { fileName: `${record.fileName.replace(/\.[^.]*$/, '')}-refused.csv`, stream };
  }

  /** Goes on with what an earlier process left. For the start of the server, and now and then after. */
  async function resume(): Promise<number> {
    const left = await imports.find({ state: { $in: busyStates } }).lean<ImportRecord[]>();
    let count = 0;
    for (const record of left) {
      if (isHeld(record, database.now()) || underWay.has(String(record._id)) || !(await exists(fileOf(record._id))))
        continue;
      runInBackground(record);
      count += 1;
    }
    return count;
  }

  /** Uploaded files hold customers' data: they go when their import is a week old. */
  async function tidy(): Promise<void> {
    const before = new Date(clock.now().getTime() - KEEP_FILES_DAYS * DAY_MS);
    const old = await imports
      .find({ createdAt: { $lte: before }, state: { $nin: busyStates } }, { _id: 1 })
      .sort({ createdAt: -1 })
      .limit(500)
      .lean<Array<Pick<ImportRecord, '_id'>>>();
    for (const { _id } of old) {
      await rm(fileOf(_id), { force: true });
      await rm(importer.reportFile(_id), { force: true });
    }
  }

  /** Leaves runs where they are, for the next process, and waits until they are left. */
  async function close(): Promise<void> {
    leaving.abort(new LeaveOff());
    await Promise.all(underWay.values());
  }

  function runInBackground(record: ImportRecord): void {
    const id = String(record._id);
    const { mapping, mode = 'history', dryRun, fileName, by } = record;
    if (!mapping) return;
    const request = { id, file: fileOf(id), fileName, mapping, mode, dryRun, by, signal: leaving.signal };
    const task = importer
      .run(request)
      .then(async ({ state }) => {
        if (state === 'done') await rm(fileOf(id), { force: true });
      })
      .catch((error: unknown) => {
        // It stays as running, and whoever resumes next goes on with it.
        if (!(error instanceof LeaveOff)) log.error({ err: error, import: id }, 'an import was cut short');
      })
      .finally(() => underWay.delete(id));
    underWay.set(id, task);
  }

  async function load(id: string): Promise<ImportRecord> {
    const record = await imports.findById(id).lean<ImportRecord>();
    if (!record) throw notFound('import');
    return record;
  }

  async function describe(record: ImportRecord): Promise<ImportDetail> {
    const file = fileOf(record._id);
    if (!(await exists(file))) return detailOf(record, { header: [], sample: [] });
    try {
      const format = record.mapping?.format ?? (await findFormat(file));
      const { header, sample } = await sampleRows(file, format, SAMPLE);
      const { kind, fileName } = record;
      const kept = await mappings.findOne({ kind, headerHash: hashOfHeader(header) }).lean();
      if (kept)
        return detailOf(record, { header, sample, suggested: { mapping: kept.mapping, missing: [], from: 'kept' } });
      const source = fileName.replace(/\.[^.]*$/, '').slice(0, 60) || 'import';
      const { mapping, missing } = suggestMapping({ kind, header, sample, format, source });
      return detailOf(record, { header, sample, suggested: { mapping, missing, from: 'names' } });
    } catch (error) {
      // A run that ended just now has deleted it.
      if (error instanceof ImportProblem && error.code === 'file.missing')
        return detailOf(record, { header: [], sample: [] });
      throw asRequestProblem(error);
    }
  }

  async function keepMapping({ kind, _id }: ImportRecord, mapping: ImportMapping): Promise<void> {
    const { header } = await sampleRows(fileOf(_id), mapping.format, 1);
    await mappings.updateOne(
      { kind, headerHash: hashOfHeader(header) },
      { $set: { mapping, usedAt: clock.now() } },
      { upsert: true },
    );
  }

  /** Waits for the runs of this process; for tests and the end of a demo. */
  const idle = async (): Promise<void> => void (await Promise.all(underWay.values()));

  return { upload, list, get, putMapping, start, stop, report, resume, tidy, close, idle };
}

const running = (): RequestProblem => new RequestProblem(409, 'import.running', 'This import is running.');

const hashOfHeader = (header: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(header)).digest('hex');

function asRequestProblem(error: unknown): unknown {
  return error instanceof ImportProblem ? new RequestProblem(400, error.code, error.message) : error;
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
