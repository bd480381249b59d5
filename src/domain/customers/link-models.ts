/** Stored shapes of who is the same person as whom: shop records' keys, links, proposals, and where two meetings at once collide. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';
import type { StoredEvidence, ProposedEvidence } from './evidence.js';

/**
 * One way in which one shop system names a customer. `value`: the member id or openid as told; of a unionid or a phone the blind index.
 * `phone` rows are the shop's own record of a number that nothing else is known of.
 */
export interface ShopIdentityRecord {
  _id: Types.ObjectId;
  source: string;
  kind: 'member' | 'unionid' | 'openid' | 'phone';
  value: string;
  customerId: Types.ObjectId;
  createdAt: Date;
}

/** An edge between two customers, and why. Only `active` edges make persons; an undone one stays as a record. */
export interface LinkRecord {
  _id: Types.ObjectId;
  /** Both ids, smaller first, as one string. */
  pair: string;
  customerIds: Types.ObjectId[];
  kind: StoredEvidence['kind'];
  evidence: StoredEvidence;
  at: Date;
  active: boolean;
  /** Nothing may be redeemed before; set when a phone made two persons one. */
  freezesUntil?: Date;
  undone?: { at: Date; staffId: string; reason: string };
}

/** What a staff member has to decide; one a pair. `linked`: settled by a link that came about otherwise. */
export interface ProposalRecord {
  _id: Types.ObjectId;
  pair: string;
  customerIds: Types.ObjectId[];
  state: 'open' | 'accepted' | 'rejected' | 'linked';
  evidence: ProposedEvidence;
  at: Date;
  decided?: { at: Date; staffId: string; reason: string };
  /** Kinds of evidence that were not enough for the staff; not proposed again. */
  rejectedKinds: string[];
}

/** Written by everyone who learns a unionid or a phone, so that two who learn the same one at once conflict and one runs again. */
export interface IdentityClaimRecord {
  _id: string;
  times: number;
  touchedAt: Date;
}

export interface LinkModels {
  shopIdentities: Model<ShopIdentityRecord>;
  links: Model<LinkRecord>;
  proposals: Model<ProposalRecord>;
  claims: Model<IdentityClaimRecord>;
}

const { ObjectId, Mixed } = Schema.Types;
const strict = { strict: 'throw', versionKey: false } as const;
const decision = { type: { _id: false, at: Date, staffId: String, reason: String }, default: undefined };
const CLAIM_SECONDS = 3600;

const shopIdentity = new Schema<ShopIdentityRecord>(
  { source: String, kind: String, value: String, customerId: ObjectId, createdAt: Date },
  strict,
)
  .index({ source: 1, kind: 1, value: 1 }, { unique: true })
  .index({ kind: 1, value: 1 })
  .index({ customerId: 1 });

const link = new Schema<LinkRecord>(
  {
    pair: String,
    customerIds: [ObjectId],
    kind: String,
    evidence: Mixed,
    at: Date,
    active: Boolean,
    freezesUntil: Date,
    undone: decision,
  },
  strict,
)
  .index({ pair: 1, kind: 1 }, { unique: true, partialFilterExpression: { active: true } })
  .index({ customerIds: 1 });

const proposal = new Schema<ProposalRecord>(
  {
    pair: String,
    customerIds: [ObjectId],
    state: String,
    evidence: Mixed,
    at: Date,
    decided: decision,
    rejectedKinds: [String],
  },
  strict,
)
  .index({ pair: 1 }, { unique: true })
  .index({ customerIds: 1 })
  .index({ state: 1, at: -1, _id: -1 });

const claim = new Schema<IdentityClaimRecord>({ _id: String, times: Number, touchedAt: Date }, strict).index(
  { touchedAt: 1 },
  { expireAfterSeconds: CLAIM_SECONDS },
);

export function linkModels(connection: Connection): LinkModels {
  return {
    shopIdentities: connection.model<ShopIdentityRecord>('ShopIdentity', shopIdentity, 'shop_identities'),
    links: connection.model<LinkRecord>('PersonLink', link, 'person_links'),
    proposals: connection.model<ProposalRecord>('PersonProposal', proposal, 'person_proposals'),
    claims: connection.model<IdentityClaimRecord>('IdentityClaim', claim, 'identity_claims'),
  };
}
