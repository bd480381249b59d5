/** What is known of a person over all their records: of each field the newest word, and whose it is. Phone and address masked. */
import type { Types } from 'mongoose';
import type { KeyRing } from '../../infra/crypto.js';
import { isMinor } from './ages.js';
import type { CustomerRecord } from './models.js';
import { maskAddress, maskPhone } from './phones.js';
import type { AgeBand, KeptPhone, ProfileRecord, Teller, Told } from './profile-model.js';

export type ProfileField = keyof ProfileRecord;
export type ProfileSource = Pick<CustomerRecord, '_id' | 'profile' | 'age' | 'joined'>;

export interface ProfileOrigin {
  customerId: Types.ObjectId;
  at: Date;
  by: Teller;
}

export interface ProfileView {
  name: string | null;
  /** 138****8000 */
  phone: string | null;
  phoneVerifiedAt: Date | null;
  gender: 'female' | 'male' | 'other' | null;
  birthday: string | null;
  province: string | null;
  city: string | null;
  /** Its beginning only. */
  address: string | null;
  ageBand: AgeBand | null;
  /** No automated marketing, whatever was consented to. */
  minor: boolean;
  joinedAt: Date | null;
  joinedOn: { page: string | null; privacyVersion: string } | null;
  origins: Partial<Record<ProfileField, ProfileOrigin>>;
}

/** In the open, for who has to call or to send a parcel. Never for a list, a log or an event. */
export interface PrivateDetails {
  phone: string | null;
  address: string | null;
}

type Best<F extends ProfileField> = { customerId: Types.ObjectId; told: NonNullable<ProfileRecord[F]> };

function best<F extends ProfileField>(records: readonly ProfileSource[], field: F): Best<F> | undefined {
  const all = records.flatMap(({ _id, profile }): Array<Best<F>> => {
    const told = profile?.[field];
    return told ? [{ customerId: _id, told }] : [];
  });
  return all.sort((a, b) => rank(b.told) - rank(a.told) || (String(a.customerId) < String(b.customerId) ? -1 : 1))[0];
}

const FAR = 1e15;
/** The newest; a number that was proved before any that was only told. */
function rank(told: Told | KeptPhone): number {
  return 'verifiedAt' in told && told.verifiedAt ? FAR + told.verifiedAt.getTime() : told.at.getTime();
}

/** The newest word of each field over a person's records; independent of their order. */
export function profileView(keys: Pick<KeyRing, 'decrypt'>, records: readonly ProfileSource[]): ProfileView {
  const fields = ['name', 'phone', 'gender', 'birthday', 'province', 'city', 'address'] as const;
  const origins = Object.fromEntries(
    fields.flatMap((field) => {
      const found = best(records, field);
      return found ? [[field, { customerId: found.customerId, at: found.told.at, by: found.told.by }]] : [];
    }),
  );
  const { phone, address } = privateDetails(keys, records);
  const minor = isMinor(records);
  const joined = records.flatMap((one) => one.joined ?? []).sort((a, b) => a.at.getTime() - b.at.getTime())[0];
  const age = records.flatMap((one) => one.age ?? []).sort((a, b) => b.at.getTime() - a.at.getTime())[0];
  return {
    name: best(records, 'name')?.told.value ?? null,
    phone: phone && maskPhone(phone),
    phoneVerifiedAt: best(records, 'phone')?.told.verifiedAt ?? null,
    gender: best(records, 'gender')?.told.value ?? null,
    birthday: minor ? null : (best(records, 'birthday')?.told.value ?? null),
    province: best(records, 'province')?.told.value ?? null,
    city: best(records, 'city')?.told.value ?? null,
    address: address && maskAddress(address),
    ageBand: age?.band ?? null,
    minor,
    joinedAt: joined?.at ?? null,
    joinedOn: joined ? { page: joined.page ?? null, privacyVersion: joined.privacyVersion } : null,
    origins,
  };
}

export function privateDetails(keys: Pick<KeyRing, 'decrypt'>, records: readonly ProfileSource[]): PrivateDetails {
  const open = (field: 'phone' | 'address'): string | null => {
    const found = best(records, field);
    return found ? keys.decrypt(found.told.sealed, `customers.${field}:${String(found.customerId)}`) : null;
  };
  return { phone: open('phone'), address: open('address') };
}
