/** Stored shapes of imports: one document a run with its place in the file, and the mappings that are kept. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';
import type { ImportCounts, ImportKind, ImportMapping, ImportMode, ImportState } from '../contracts/http/imports.js';

export interface ImportRecord {
  _id: Types.ObjectId;
  /** Names a run of one file with one mapping in one mode, so that starting it again after a crash goes on with it. */
  key?: string;
  kind: ImportKind;
  fileName: string;
  /** SHA-256 of the file. */
  fileHash: string;
  bytes: number;
  state: ImportState;
  mapping?: ImportMapping;
  mode?: ImportMode;
  dryRun: boolean;
  /** The last line that is dealt with; written in the transaction that dealt with it. */
  line: number;
  counts: ImportCounts;
  /** Refused rows by reason. A list: codes have dots. */
  reasons: Array<{ code: string; count: number }>;
  /** How much of the report of refused rows is certain; what a crash left behind it is cut off. */
  reportBytes: number;
  /** In per cent of the file. */
  progress: number;
  /** Which process runs it, and until when it is believed to; by the database's clock. */
  lease?: { owner: string; until: Date };
  /** Somebody asked for it to end. */
  stopAsked?: boolean;
  failure?: { code: string; detail: string };
  by: string;
  createdAt: Date;
  finishedAt?: Date;
}

/** A mapping that was used, found again by the header it fits. */
export interface KeptMappingRecord {
  _id: Types.ObjectId;
  kind: ImportKind;
  /** Hash of the names of the columns. */
  headerHash: string;
  mapping: ImportMapping;
  usedAt: Date;
}

export interface ImportModels {
  imports: Model<ImportRecord>;
  mappings: Model<KeptMappingRecord>;
}

const { Mixed } = Schema.Types;
const options = { strict: 'throw', versionKey: false, minimize: false } as const;

export function importModels(connection: Connection): ImportModels {
  const run = new Schema<ImportRecord>(
    {
      key: String,
      kind: String,
      fileName: String,
      fileHash: String,
      bytes: Number,
      state: String,
      mapping: Mixed,
      mode: String,
      dryRun: Boolean,
      line: Number,
      counts: Mixed,
      reasons: Mixed,
      reportBytes: Number,
      progress: Number,
      lease: Mixed,
      stopAsked: Boolean,
      failure: Mixed,
      by: String,
      createdAt: Date,
      finishedAt: Date,
    },
    options,
  );
  run.index({ createdAt: -1, _id: -1 });
  run.index({ state: 1 });
  run.index({ key: 1 }, { sparse: true });
  const kept = new Schema<KeptMappingRecord>(
    { kind: String, headerHash: String, mapping: Mixed, usedAt: Date },
    options,
  );
  kept.index({ kind: 1, headerHash: 1 }, { unique: true });
  return {
    imports: connection.model<ImportRecord>('Import', run, 'imports'),
    mappings: connection.model<KeptMappingRecord>('ImportMapping', kept, 'importMappings'),
  };
}
