/** Stored shapes of the contact policy: what each person was sent, the month's mass sends, holds, and the one switch. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';
import type { HoldKind } from './standing.js';

/** `_id` is the customer; of linked ones each keeps all of the person's, so that an undone link loses none. */
export interface ContactBookRecord {
  _id: Types.ObjectId;
  /** Promotional sends by outbox row, as far back as the caps ask. */
  sends: Array<{ row: string; at: Date }>;
}

/** `_id` is addressKey(address). */
export interface MassSendRecord {
  _id: string;
  /** YYYY-MM on the platform's calendar; of another month nothing counts. */
  month: string;
  used: number;
}

/** An enquiry's is worked out, not stored. */
export type PlacedHoldKind = Exclude<HoldKind, 'enquiry'>;

export interface HoldRecord {
  /** `holdId` */
  _id: string;
  customerId: Types.ObjectId;
  kind: PlacedHoldKind;
  /** What it is about, for example a refund. */
  key: string;
  /** The staff member, or absent where it followed from an event. */
  by?: string;
  note?: string;
  at: Date;
  /** Absent: nobody knows yet. */
  until?: Date;
}

/** One document. */
export interface PromotionSwitchRecord {
  _id: string;
  stopped: boolean;
  by: string;
  reason: string;
  at: Date;
}

export interface ContactModels {
  contactBooks: Model<ContactBookRecord>;
  massSends: Model<MassSendRecord>;
  holds: Model<HoldRecord>;
  promotionSwitch: Model<PromotionSwitchRecord>;
}

const strict = { strict: 'throw', versionKey: false } as const;
/** Holds that are over are of no use to anybody after a month. */
const OVER_KEPT_SECONDS = 30 * 86_400;

export function contactModels(connection: Connection): ContactModels {
  const { ObjectId } = Schema.Types;
  const book = new Schema<ContactBookRecord>({ _id: ObjectId, sends: [{ _id: false, row: String, at: Date }] }, strict);
  const mass = new Schema<MassSendRecord>({ _id: String, month: String, used: Number }, strict);
  const hold = new Schema<HoldRecord>(
    { _id: String, customerId: ObjectId, kind: String, key: String, by: String, note: String, at: Date, until: Date },
    strict,
  )
    .index({ customerId: 1 })
    .index({ until: 1 }, { expireAfterSeconds: OVER_KEPT_SECONDS });
  const promotion = new Schema<PromotionSwitchRecord>(
    { _id: String, stopped: Boolean, by: String, reason: String, at: Date },
    strict,
  );
  return {
    contactBooks: connection.model<ContactBookRecord>('ContactBook', book, 'contact_books'),
    massSends: connection.model<MassSendRecord>('MassSendMonth', mass, 'mass_send_months'),
    holds: connection.model<HoldRecord>('Hold', hold, 'holds'),
    promotionSwitch: connection.model<PromotionSwitchRecord>('PromotionSwitch', promotion, 'promotion_switch'),
  };
}
