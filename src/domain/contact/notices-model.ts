/** Stored shape of the one-time notices that people asked for: one document per address and template. */
import { Schema } from 'mongoose';
import type { Connection, Model } from 'mongoose';
import type { NoticeBook } from './notices-book.js';

export interface NoticeRecord extends NoticeBook {
  /** `noticeKey(address, templateId)` */
  _id: string;
  /** addressKey(address); by it everything of a person is found and erased. */
  address: string;
  templateId: string;
}

export function noticeModel(connection: Connection): Model<NoticeRecord> {
  const answer = { _id: false, by: String, key: String, at: Date, accepted: Boolean };
  const grant = { _id: false, id: String, at: Date, takenAt: Date };
  const notice = new Schema<NoticeRecord>(
    {
      _id: String,
      address: { type: String, required: true },
      templateId: { type: String, required: true },
      answers: [answer],
      grants: [grant],
      refusedAt: Date,
    },
    { strict: 'throw', versionKey: false },
  );
  notice.index({ address: 1 });
  return connection.model<NoticeRecord>('Notice', notice, 'notices');
}
