/** Stored shapes of what a member holds: consents, sessions of the mini-program, codes shown at the counter, up to when messages were read. Secrets as hashes only. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';
import type { Address, consentChannels, consentPurposes } from '../../contracts/index.js';
import { teller } from './profile-model.js';
import type { Teller } from './profile-model.js';

export type ConsentPurpose = (typeof consentPurposes)[number];
export type ConsentChannel = (typeof consentChannels)[number];

/** One giving or withdrawing. Never changed. */
export interface ConsentRecord {
  _id: Types.ObjectId;
  customerId: Types.ObjectId;
  purpose: ConsentPurpose;
  channel: ConsentChannel;
  /** Of the text that was shown. */
  textVersion: string;
  withdrawn: boolean;
  at: Date;
  /** Where it was shown. */
  page?: string;
  by: Teller;
}

/** `_id` is the hash of the token. */
export interface MemberSessionRecord {
  _id: string;
  customerId: Types.ObjectId;
  address: Address;
  createdAt: Date;
  expiresAt: Date;
}

/** `_id` is the hash of the 18 digits. */
export interface CardCodeRecord {
  _id: string;
  customerId: Types.ObjectId;
  expiresAt: Date;
}

/** `_id` is the customer's. */
export interface InboxReadRecord {
  _id: Types.ObjectId;
  /** What the mini-program showed up to then was read. */
  until: Date;
}

export interface MemberModels {
  consents: Model<ConsentRecord>;
  memberSessions: Model<MemberSessionRecord>;
  cardCodes: Model<CardCodeRecord>;
  inboxReads: Model<InboxReadRecord>;
}

const { ObjectId } = Schema.Types;
const strict = { strict: 'throw', versionKey: false } as const;

const consent = new Schema<ConsentRecord>(
  {
    customerId: ObjectId,
    purpose: String,
    channel: String,
    textVersion: String,
    withdrawn: Boolean,
    at: Date,
    page: String,
    by: teller,
  },
  strict,
)
  .index({ customerId: 1, purpose: 1, channel: 1, at: 1, withdrawn: 1, textVersion: 1 }, { unique: true })
  .index({ customerId: 1, at: 1, _id: 1 });

const session = new Schema<MemberSessionRecord>(
  {
    _id: String,
    customerId: ObjectId,
    address: { channel: String, account: String, user: String },
    createdAt: Date,
    expiresAt: Date,
  },
  strict,
)
  .index({ expiresAt: 1 }, { expireAfterSeconds: 0 })
  .index({ customerId: 1 });

const cardCode = new Schema<CardCodeRecord>({ _id: String, customerId: ObjectId, expiresAt: Date }, strict)
  .index({ expiresAt: 1 }, { expireAfterSeconds: 0 })
  .index({ customerId: 1 });

const inboxRead = new Schema<InboxReadRecord>({ _id: ObjectId, until: Date }, strict);

export function memberModels(connection: Connection): MemberModels {
  return {
    consents: connection.model<ConsentRecord>('Consent', consent, 'consents'),
    memberSessions: connection.model<MemberSessionRecord>('MemberSession', session, 'member_sessions'),
    cardCodes: connection.model<CardCodeRecord>('CardCode', cardCode, 'card_codes'),
    inboxReads: connection.model<InboxReadRecord>('InboxRead', inboxRead, 'inbox_reads'),
  };
}
