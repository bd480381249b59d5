/** Stored shapes of the person: the customer and the identities by which channels know them. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';
import type { Address, FollowUp } from '../../contracts/index.js';
import { customFieldModels } from './custom-fields-model.js';
import type { CustomFieldModels } from './custom-fields-model.js';
import type { KeptField } from './custom-fields.js';
import { linkModels } from './link-models.js';
import type { LinkModels } from './link-models.js';
import { memberModels } from './member-models.js';
import type { MemberModels } from './member-models.js';
import { profileFields } from './profile-model.js';
import type { ProfileFields } from './profile-model.js';

/**
 * Kept by commerce (orders that are paid and not wholly refunded; `spent` without freight, less refunds, in fen) and by membership.
 * Of this customer record alone: a person's figures are the sum over their customers.
 */
export interface Figures {
  orders?: number;
  spent?: number;
  items?: number;
  firstOrderAt?: Date;
  lastOrderAt?: Date;
  lastBehaviourAt?: Date;
  points?: number;
  growth?: number;
  level?: string;
}

export interface CustomerRecord extends ProfileFields {
  _id: Types.ObjectId;
  /** The customers linked as one person share it; a customer alone is their own person. */
  personId: Types.ObjectId;
  /** Given by the platform; deleted when the person unfollows. */
  nickname?: string;
  /** Given by staff. */
  remark?: string;
  createdAt: Date;
  lastSeenAt?: Date;
  followUp: FollowUp;
  followUpNote?: string;
  figures?: Figures;
  /** Put on this record by staff or a shop; sorted. */
  tags?: string[];
  /** Values of the shop's own fields, by key. */
  fields?: KeptField[];
  /** Grows with every link and undo that touches this record, so that two of them at once conflict. Absent: never linked. */
  linkChanges?: number;
}

export interface IdentityRecord {
  _id: Types.ObjectId;
  customerId: Types.ObjectId;
  address: Address;
  following: boolean;
  /** Why the platform lets us say nothing to this person, until they act again. */
  blocked?: 'blocked' | 'frozen';
  followedAt?: Date;
  unfollowedAt?: Date;
  /** What follows was given by the platform and is deleted on unfollow. */
  scene?: string;
  unionid?: string;
  language?: string;
  followSource?: string;
  /** Set while the platform still has to be asked for the profile. */
  profileWantedAt?: Date;
  profileTries: number;
  createdAt: Date;
}

export interface CustomerModels extends LinkModels, MemberModels, CustomFieldModels {
  customers: Model<CustomerRecord>;
  identities: Model<IdentityRecord>;
}

const address = { channel: String, account: String, user: String };

export function customerModels(connection: Connection): CustomerModels {
  const customer = new Schema<CustomerRecord>(
    {
      personId: Schema.Types.ObjectId,
      nickname: String,
      remark: String,
      createdAt: Date,
      lastSeenAt: Date,
      followUp: String,
      followUpNote: String,
      linkChanges: Number,
      tags: { type: [String], default: undefined },
      fields: { type: [{ _id: false, k: String, v: Schema.Types.Mixed, at: Date }], default: undefined },
      ...profileFields,
      figures: {
        type: {
          _id: false,
          orders: Number,
          spent: Number,
          items: Number,
          firstOrderAt: Date,
          lastOrderAt: Date,
          lastBehaviourAt: Date,
          points: Number,
          growth: Number,
          level: String,
        },
        default: undefined,
      },
    },
    { strict: 'throw', versionKey: false },
  );
  customer.index({ personId: 1 });
  customer.index({ lastSeenAt: -1, _id: -1 });
  customer.index({ nickname: 1 });
  customer.index({ remark: 1 });
  customer.index({ 'profile.name.value': 1 }, { sparse: true });
  customer.index({ 'profile.phone.index': 1 }, { sparse: true });
  customer.index({ tags: 1 }, { sparse: true });
  const identity = new Schema<IdentityRecord>(
    {
      customerId: Schema.Types.ObjectId,
      address,
      following: Boolean,
      blocked: String,
      followedAt: Date,
      unfollowedAt: Date,
      scene: String,
      unionid: String,
      language: String,
      followSource: String,
      profileWantedAt: Date,
      profileTries: Number,
      createdAt: Date,
    },
    { strict: 'throw', versionKey: false },
  );
  identity.index({ 'address.channel': 1, 'address.account': 1, 'address.user': 1 }, { unique: true });
  identity.index({ customerId: 1 });
  identity.index({ 'address.user': 1 });
  identity.index({ unionid: 1 }, { sparse: true });
  identity.index({ profileWantedAt: 1 }, { sparse: true });
  return {
    customers: connection.model<CustomerRecord>('Customer', customer, 'customers'),
    identities: connection.model<IdentityRecord>('Identity', identity, 'identities'),
    ...linkModels(connection),
    ...memberModels(connection),
    ...customFieldModels(connection),
  };
}
