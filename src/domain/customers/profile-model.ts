/** Stored shape of what is known of a person, on the customer record. Phone and address are sealed; a phone is found by its blind index. */
import type { SchemaDefinition } from 'mongoose';
import type { ageBands, genders } from '../../contracts/index.js';

/** Who told something. `platform`: the chat platform vouches for it; it is deleted when the person takes that back. */
export interface Teller {
  kind: 'member' | 'platform' | 'shop' | 'staff' | 'import';
  /** The shop's name, the staff member's or import's id. */
  id?: string;
}

export interface Told {
  at: Date;
  by: Teller;
}

export type Kept<T> = Told & { value: T };

/** `index`: the same number gives the same index. `verifiedAt`: when the person was seen to hold that number. */
export type KeptPhone = Told & { sealed: string; index: string; verifiedAt?: Date };
export type KeptAddress = Told & { sealed: string };

export interface ProfileRecord {
  name?: Kept<string>;
  gender?: Kept<(typeof genders)[number]>;
  /** MM-DD or YYYY-MM-DD; never of a minor. */
  birthday?: Kept<string>;
  province?: Kept<string>;
  city?: Kept<string>;
  phone?: KeptPhone;
  address?: KeptAddress;
}

export type AgeBand = (typeof ageBands)[number];

export interface ProfileFields {
  profile?: ProfileRecord;
  /** As declared at joining, or as a birthday told. `guardian`: the guardian of a child under 14 agreed. */
  age?: Told & { band: AgeBand; guardian?: boolean };
  /** Present once the person joined with this record. */
  joined?: { at: Date; page?: string; privacyVersion: string };
}

export const teller = { kind: { type: String }, id: String };
const told = { _id: false, at: Date, by: teller };
const kept = { type: { ...told, value: String }, default: undefined };

export const profileFields: SchemaDefinition = {
  profile: {
    type: {
      _id: false,
      name: kept,
      gender: kept,
      birthday: kept,
      province: kept,
      city: kept,
      phone: { type: { ...told, sealed: String, index: String, verifiedAt: Date }, default: undefined },
      address: { type: { ...told, sealed: String }, default: undefined },
    },
    default: undefined,
  },
  age: { type: { ...told, band: String, guardian: Boolean }, default: undefined },
  joined: { type: { _id: false, at: Date, page: String, privacyVersion: String }, default: undefined },
};
