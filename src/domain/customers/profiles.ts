/**
 * What is known of a person, kept on the record of whoever told it: names and places in the open, phone and address sealed, a phone findable
 * by its blind index only. Events name changed fields, never what they hold. Holds the gates for minors; joining is here because age is asked then.
 */
import type { ClientSession, Types } from 'mongoose';
import type { NewDomainEvent, Profile } from '../../contracts/index.js';
import { notFound } from '../../errors.js';
import type { KeyRing } from '../../infra/crypto.js';
import { IN_ONE_ANSWER } from '../../infra/mongo.js';
import { ageBandOf, hasGuardian, isMinor } from './ages.js';
import type { CustomerModels, CustomerRecord } from './models.js';
import type { Persons } from './persons.js';
import { createPhoneMatches, placeOfPhone } from './phone-matches.js';
import type { LearntPhone } from './phone-matches.js';
import { identifies } from './phones.js';
import type { AgeBand, Teller, Told } from './profile-model.js';
import { privateDetails, profileView } from './profile-views.js';
import type { PrivateDetails, ProfileView } from './profile-views.js';
import { phoneIndex } from './references-known.js';

export interface PutRules {
  /** One change of the birthday in so many days; absent or 0: any. */
  birthdayChangeDays?: number | undefined;
  /** When the teller saw the person prove the phone of this profile. */
  phoneVerifiedAt?: Date | undefined;
  /** Where `at` lies back: when it was told. A link by its phone counts, and freezes, from then. */
  now?: Date | undefined;
}

/** `leftOut`: fields that are not kept (a minor's birthday). Nothing of a refused profile is kept. */
export type Put =
  | { ok: true; events: NewDomainEvent[]; leftOut: Array<keyof Profile> }
  | { ok: false; reason: 'birthday.tooSoon'; changeableAt: Date }
  | { ok: false; reason: 'guardian.missing' };

export interface ProfileRow {
  customerId: Types.ObjectId;
  profile: Profile;
  at: Date;
  rules?: PutRules | undefined;
}

export interface PutMany {
  puts: Put[];
  linked: NewDomainEvent[];
}

export interface Joining {
  age: AgeBand;
  guardianConsent?: boolean | undefined;
  page?: string | undefined;
  privacyVersion: string;
}

/** `first`: the person was no member before with any of their records. */
export type Joined = { ok: true; first: boolean; events: NewDomainEvent[] } | { ok: false; reason: 'guardian.missing' };

export interface Profiles {
  /** Newest word wins by `at`, field by field; an older one told late changes nothing. 404 customer.notFound. */
  put(
    tx: ClientSession,
    customerId: Types.ObjectId,
    profile: Profile,
    at: Date,
    by: Teller,
    rules?: PutRules,
  ): Promise<Put>;
  /** Many in few queries; answers in the order of the rows. `linked`: events of what the phones said. */
  putMany(tx: ClientSession, rows: readonly ProfileRow[], by: Teller): Promise<PutMany>;
  /** A number the platform vouches for; links or proposes. Of mainland numbers the 11 digits. */
  verifyPhone(tx: ClientSession, customerId: Types.ObjectId, phone: string, at: Date): Promise<NewDomainEvent[]>;
  join(tx: ClientSession, customerId: Types.ObjectId, joining: Joining, at: Date): Promise<Joined>;
  /** Over all customers of a person. */
  read(customerIds: readonly Types.ObjectId[], tx?: ClientSession): Promise<ProfileView>;
  /** In the open; whoever asks is to be written down by the caller. */
  reveal(customerIds: readonly Types.ObjectId[]): Promise<PrivateDetails>;
  /** The same from records already read. */
  view(records: readonly CustomerRecord[]): ProfileView;
}

const DAY_MS = 86_400_000;
const plain = ['name', 'gender', 'province', 'city'] as const;

export function createProfiles(
  models: CustomerModels,
  { keys, persons }: { keys: KeyRing; persons: Persons },
): Profiles {
  const { customers } = models;
  const phones = createPhoneMatches(models, persons);

  const recordsOf = (ids: readonly Types.ObjectId[], tx: ClientSession | null): Promise<CustomerRecord[]> =>
    customers.find({ _id: { $in: [...ids] } }, null, { session: tx, ...IN_ONE_ANSWER }).lean<CustomerRecord[]>();

  async function personOf(tx: ClientSession, customerId: Types.ObjectId) {
    const records = await recordsOf((await persons.of(tx, customerId)).customerIds, tx);
    const own = records.find(({ _id }) => _id.equals(customerId));
    if (!own) throw notFound('customer');
    return { own, records };
  }

  async function putMany(tx: ClientSession, rows: readonly ProfileRow[], by: Teller): Promise<PutMany> {
    const known = await persons.ofMany(
      tx,
      rows.map(({ customerId }) => customerId),
    );
    const ids = [...known.values()].flatMap(({ customerIds }) => customerIds);
    const records = new Map((await recordsOf(ids, tx)).map((one) => [String(one._id), one]));
    const learnt: LearntPhone[] = [];
    const changes: Change[] = [];
    const puts = rows.map(({ customerId, profile, at, rules = {} }): Put => {
      const own = records.get(String(customerId));
      if (!own) throw notFound('customer');
      const all = known.get(String(customerId))?.customerIds.flatMap((id) => records.get(String(id)) ?? []) ?? [own];
      const told: Told = { at, by };
      const born = birthdayChange(own, all, profile.birthday, told, rules);
      if (!born.ok) return born;
      const set = { ...born.set, ...plainChanges(own, profile, told) };
      if (profile.phone) learnt.push(...phoneChange(own, profile.phone, told, rules.phoneVerifiedAt, set));
      if (Object.keys(set).length) changes.push({ customerId, set });
      // The next row may be of the same record.
      records.set(String(customerId), withChanges(own, set));
      return { ok: true, events: updatedEvents(customerId, set, told), leftOut: born.leftOut };
    });
    await write(tx, changes);
    const now = Math.max(...rows.map(({ at, rules }) => (rules?.now ?? at).getTime()));
    return { puts, linked: await phones.match(tx, learnt, new Date(now)) };
  }

  function plainChanges(own: CustomerRecord, profile: Profile, told: Told): Record<string, unknown> {
    const set: Record<string, unknown> = {};
    for (const field of plain) {
      const value = profile[field];
      const kept = own.profile?.[field];
      if (value && kept?.value !== value && !isNewer(kept, told.at)) set[`profile.${field}`] = { value, ...told };
    }
    if (profile.address && !isNewer(own.profile?.address, told.at) && !isAddress(own, profile.address)) {
      const sealed = keys.encrypt(profile.address, `customers.address:${String(own._id)}`);
      set['profile.address'] = { sealed, ...told };
    }
    return set;
  }

  const isAddress = ({ _id, profile }: CustomerRecord, address: string): boolean =>
    profile?.address !== undefined &&
    keys.decrypt(profile.address.sealed, `customers.address:${String(_id)}`) === address;

  /** Adds to `set` what changes, and says what was learnt. */
  function phoneChange(
    { _id, profile }: CustomerRecord,
    phone: string,
    told: Told,
    verified: Date | undefined,
    set: Record<string, unknown>,
  ): LearntPhone[] {
    const index = phoneIndex(keys, phone);
    const verifiedAt = verified && new Date(Math.min(verified.getTime(), told.at.getTime()));
    if (placeOfPhone(profile?.phone, { ...told, index, verifiedAt }) === 'keep') return [];
    const sealed = keys.encrypt(phone, `customers.phone:${String(_id)}`);
    set['profile.phone'] = { sealed, index, ...told, ...(verifiedAt ? { verifiedAt } : {}) };
    return [{ customerId: _id, index, identifies: identifies(phone), verifiedAt }];
  }

  async function write(tx: ClientSession, changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    const writes = changes.map(({ customerId, set }) => ({
      updateOne: { filter: { _id: customerId }, update: { $set: set } },
    }));
    await customers.collection.bulkWrite(writes, { session: tx, ordered: true });
  }

  async function join(
    tx: ClientSession,
    customerId: Types.ObjectId,
    { age, guardianConsent, page, privacyVersion }: Joining,
    at: Date,
  ): Promise<Joined> {
    if (age === 'under14' && !guardianConsent) return { ok: false, reason: 'guardian.missing' };
    const { own, records } = await personOf(tx, customerId);
    if (own.joined) return { ok: true, first: false, events: [] };
    const declared = { band: age, at, by: { kind: 'member' as const }, ...(guardianConsent ? { guardian: true } : {}) };
    const joined = { at, privacyVersion, ...(page ? { page } : {}) };
    await customers.updateOne({ _id: customerId }, { $set: { age: declared, joined } }, { session: tx });
    if (age !== 'adult') {
      const ids = records.map(({ _id }) => _id);
      await customers.updateMany({ _id: { $in: ids } }, { $unset: { 'profile.birthday': 1 } }, { session: tx });
    }
    const first = records.every((one) => !one.joined);
    const data = { page: page ?? null, privacyVersion, minor: age !== 'adult' };
    const event: NewDomainEvent = { kind: 'member.joined', customerId: String(customerId), at, data };
    return { ok: true, first, events: first ? [event] : [] };
  }

  return {
    put: async (tx, customerId, profile, at, by, rules = {}) => {
      const { puts, linked } = await putMany(tx, [{ customerId, profile, at, rules }], by);
      const [done] = puts;
      if (!done) throw new Error('a profile was not put');
      return done.ok ? { ...done, events: [...done.events, ...linked] } : done;
    },
    putMany,
    join,
    verifyPhone: async (tx, customerId, phone, at) => {
      const { own } = await personOf(tx, customerId);
      const told: Told = { at, by: { kind: 'platform' } };
      const set: Record<string, unknown> = {};
      const learnt = phoneChange(own, phone, told, at, set);
      await write(tx, Object.keys(set).length ? [{ customerId, set }] : []);
      return [...updatedEvents(customerId, set, told), ...(await phones.match(tx, learnt, at))];
    },
    read: async (customerIds, tx) => profileView(keys, await recordsOf(customerIds, tx ?? null)),
    reveal: async (customerIds) => privateDetails(keys, await recordsOf(customerIds, null)),
    view: (records) => profileView(keys, records),
  };
}

interface Change {
  customerId: Types.ObjectId;
  set: Record<string, unknown>;
}

function updatedEvents(customerId: Types.ObjectId, set: object, { at, by }: Told): NewDomainEvent[] {
  const fields = Object.keys(set).map((path) => path.replace('profile.', ''));
  if (fields.length === 0) return [];
  return [{ kind: 'customer.updated', customerId: String(customerId), at, data: { fields, by: by.kind } }];
}

/** The record as it will be; `set` holds paths of one or two parts. */
function withChanges(record: CustomerRecord, set: Record<string, unknown>): CustomerRecord {
  const profile = Object.entries(set).filter(([path]) => path.startsWith('profile.'));
  const named = Object.fromEntries(profile.map(([path, value]) => [path.slice('profile.'.length), value]));
  return {
    ...record,
    ...(set['age'] ? { age: set['age'] as NonNullable<CustomerRecord['age']> } : {}),
    ...(profile.length ? { profile: { ...record.profile, ...named } } : {}),
  };
}

const isNewer = (kept: Told | undefined, at: Date): boolean => kept !== undefined && kept.at.getTime() > at.getTime();

type BirthdayChange =
  { ok: true; set: Record<string, unknown>; leftOut: Array<keyof Profile> } | Exclude<Put, { ok: true }>;

/** Of a minor only the age band is kept; of a child under 14 without a guardian nothing at all. */
function birthdayChange(
  own: CustomerRecord,
  records: readonly CustomerRecord[],
  birthday: string | undefined,
  told: Told,
  { birthdayChangeDays = 0 }: PutRules,
): BirthdayChange {
  if (!birthday) return { ok: true, set: {}, leftOut: [] };
  const band = ageBandOf(birthday, told.at);
  if (band === 'under14' && !hasGuardian(records)) return { ok: false, reason: 'guardian.missing' };
  if (isMinor(records) || (band && band !== 'adult')) {
    const set = band && band !== 'adult' && !own.age ? { age: { band, ...told } } : {};
    return { ok: true, set, leftOut: ['birthday'] };
  }
  const kept = records
    .flatMap(({ profile }) => profile?.birthday ?? [])
    .sort((a, b) => b.at.getTime() - a.at.getTime())[0];
  if (kept?.value === birthday || isNewer(own.profile?.birthday, told.at)) return { ok: true, set: {}, leftOut: [] };
  const changeableAt = kept && new Date(kept.at.getTime() + birthdayChangeDays * DAY_MS);
  if (changeableAt && birthdayChangeDays > 0 && told.at < changeableAt) {
    return { ok: false, reason: 'birthday.tooSoon', changeableAt };
  }
  return { ok: true, set: { 'profile.birthday': { value: birthday, ...told } }, leftOut: [] };
}
