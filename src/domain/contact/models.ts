/** Stored shape of the quota ledger: one document per address. */
import { Schema } from 'mongoose';
import type { Connection, Model } from 'mongoose';
import type { Credit } from './credits.js';

export interface QuotaRecord {
  /** addressKey(address) */
  _id: string;
  credits: Credit[];
  recentSends: Date[];
  /** How often the platform knew of fewer messages than we did. */
  drifts: number;
}

export function quotaModel(connection: Connection): Model<QuotaRecord> {
  const credit = {
    _id: false,
    kind: { type: String },
    openedAt: Date,
    endsAt: Date,
    left: Number,
    automationLeft: Number,
  };
  const quota = new Schema<QuotaRecord>(
    { _id: String, credits: [credit], recentSends: [Date], drifts: Number },
    { strict: 'throw', versionKey: false },
  );
  return connection.model<QuotaRecord>('Quota', quota, 'quotas');
}
