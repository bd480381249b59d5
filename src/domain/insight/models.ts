/** Stored shapes of insight: runs over everybody with all they were decided by, and who moved between groups in them. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';
import type { Basis } from './judge.js';
import type { InsightRules } from './rules.js';

export interface Counted {
  code: string;
  people: number;
}

/** `new`: was not known at the run before. `gone`: has no scores any more (joined with another record, withdrew); who gave everything back is of A again. */
export interface GroupMove {
  from: 'new' | 'A' | 'B' | 'C' | 'D' | 'E';
  to: 'A' | 'B' | 'C' | 'D' | 'E' | 'gone';
}

export interface RunRecord {
  _id: string;
  asOf: Date;
  /** `insufficient`: too few people with orders; nothing was scored. A `running` one that was left is taken up by the next. */
  state: 'running' | 'done' | 'insufficient';
  rules: InsightRules;
  /** People with effective orders. */
  people: number;
  basis?: Basis;
  segments: Counted[];
  eights: Counted[];
  groups: Counted[];
  /** Between the groups of the run before and this one, those who stayed included; empty in the first. */
  moves: Array<GroupMove & { people: number }>;
  /** The run before. */
  before?: string;
  finishedAt?: Date;
}

export interface GroupMoveRecord extends GroupMove {
  /** The run's id and the person's, so that a run taken up again tells nothing twice. */
  _id: string;
  runId: string;
  personId: Types.ObjectId;
  at: Date;
}

export interface InsightModels {
  insightRuns: Model<RunRecord>;
  groupMoves: Model<GroupMoveRecord>;
}

const { Mixed, ObjectId } = Schema.Types;
const strict = { strict: 'throw', versionKey: false, minimize: false } as const;

export function insightModels(connection: Connection): InsightModels {
  const lists = { segments: Mixed, eights: Mixed, groups: Mixed, moves: Mixed };
  const run = new Schema<RunRecord>(
    {
      _id: String,
      asOf: Date,
      state: String,
      rules: Mixed,
      people: Number,
      basis: Mixed,
      ...lists,
      before: String,
      finishedAt: Date,
    },
    strict,
  );
  run.index({ state: 1, asOf: -1, _id: -1 });
  run.index({ asOf: -1, _id: -1 });
  const move = new Schema<GroupMoveRecord>(
    { _id: String, runId: String, personId: ObjectId, from: String, to: String, at: Date },
    strict,
  );
  move.index({ runId: 1, from: 1, to: 1, _id: 1 });
  move.index({ personId: 1, at: -1, _id: -1 });
  return {
    insightRuns: connection.model<RunRecord>('InsightRun', run, 'insight_runs'),
    groupMoves: connection.model<GroupMoveRecord>('GroupMove', move, 'group_moves'),
  };
}
