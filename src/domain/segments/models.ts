/** Stored shapes of portraits and of scores. Both are built by our own code alone, so that the schemas only have to carry the indexes. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';
import type { PortraitRecord, Scores } from './portrait.js';
import { portraitIndexes } from './portrait-indexes.js';

/** What the latest run over everybody made of one buyer; portraits carry it. `_id`: the person's id. */
export interface ScoreRecord extends Scores {
  _id: Types.ObjectId;
  /** B to E. */
  group: string;
  /** As of when the run that wrote this looked at them. */
  at: Date;
  /** Days since the last order, days with orders in the window, fen of them. */
  recency: number;
  frequency: number;
  monetary: number;
}

export interface PortraitModels {
  portraits: Model<PortraitRecord>;
  scores: Model<ScoreRecord>;
}

const open = { strict: false, strictQuery: false, versionKey: false, minimize: false } as const;

/** Schema-free: they are written and read past mongoose's document layer, and their types are PortraitRecord and ScoreRecord. */
export function portraitModels(connection: Connection): PortraitModels {
  const { ObjectId } = Schema.Types;
  const portrait = new Schema<PortraitRecord>({ _id: ObjectId, customerIds: [ObjectId] }, open);
  for (const keys of portraitIndexes) portrait.index({ ...keys });
  const score = new Schema<ScoreRecord>({ _id: ObjectId }, open);
  score.index({ runId: 1 });
  return {
    portraits: connection.model<PortraitRecord>('Portrait', portrait, 'portraits'),
    scores: connection.model<ScoreRecord>('Score', score, 'scores'),
  };
}
