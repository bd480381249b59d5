/**
 * Who a shop system means. Finds the customer by the strongest key of a reference, or begins a record; keeps keys that are new; where two
 * keys point to two persons, hands the evidence to persons.ts. Must not merge records or judge evidence itself.
 *
 * Order: member id in that shop, unionid, openid. A phone alone is attributed to the one person who proved to hold it, else to the shop's own
 * record of that number; beside a stronger key it can only link or propose.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { CustomerLookup, CustomerRef, NewDomainEvent } from '../../contracts/index.js';
import type { KeyRing } from '../../infra/crypto.js';
import { IN_ONE_ANSWER, insertRecords } from '../../infra/mongo.js';
import { weaknessOfPhones } from './evidence.js';
import type { LinkEvidence } from './evidence.js';
import type { ShopIdentityRecord } from './link-models.js';
import type { CustomerModels, CustomerRecord } from './models.js';
import type { Persons } from './persons.js';
import { createPhoneMatches, placeOfPhone } from './phone-matches.js';
import type { LearntPhone } from './phone-matches.js';
import { identifies } from './phones.js';
import type { Kept, KeptPhone } from './profile-model.js';
import { createKnown, keyed, phoneIndex } from './references-known.js';
import type { Holder, KeyedRef, Known } from './references-known.js';

export type StoredLookup = Exclude<CustomerLookup, { cardCode: string }>;

export interface Resolved {
  customerId: Types.ObjectId;
  /** Seen in this transaction to be linked with nobody, so that their person need not be asked for. */
  alone: boolean;
  events: NewDomainEvent[];
}

export interface ResolvedMany {
  customerIds: Types.ObjectId[];
  /** Ids of those who were seen to be linked with nobody; of the others nothing is known. */
  alone: ReadonlySet<string>;
  events: NewDomainEvent[];
}

export interface References {
  /**
   * The customer to write with. Two first reports of one person at once collide on a unique key: one transaction fails with a write conflict
   * or the duplicate key's error and has to run again.
   */
  resolve(tx: ClientSession, source: string, ref: CustomerRef, at: Date): Promise<Resolved>;
  /** Many of one source in few queries; customers in the order of the references. Order within the batch counts as order of arrival. */
  resolveMany(tx: ClientSession, source: string, refs: readonly CustomerRef[], at: Date): Promise<ResolvedMany>;
  /** Undefined when nobody is known so, or, by phone, when it could be several persons. Writes nothing. */
  find(lookup: StoredLookup, tx?: ClientSession): Promise<Types.ObjectId | undefined>;
}

const TOLD_FIELDS = { 'profile.phone': 1, 'profile.name': 1, linkChanges: 1 } as const;

/** What a batch will write. */
interface Batch {
  source: string;
  at: Date;
  known: Known;
  created: CustomerRecord[];
  rows: ShopIdentityRecord[];
  claims: string[];
  links: Array<{ a: Types.ObjectId; b: Types.ObjectId; evidence: LinkEvidence }>;
  /** Existing customers whom a reference told a phone or a name of. */
  told: Array<{ customerId: Types.ObjectId; one: KeyedRef }>;
  learnt: LearntPhone[];
  alone: Set<string>;
}

export function createReferences(
  models: CustomerModels,
  { persons, keys }: { persons: Persons; keys: KeyRing },
): References {
  const { customers, shopIdentities } = models;
  const known = createKnown(models, keys);
  const phones = createPhoneMatches(models, persons);

  async function resolveMany(
    tx: ClientSession,
    source: string,
    refs: readonly CustomerRef[],
    at: Date,
  ): Promise<ResolvedMany> {
    const all = refs.map((ref) => keyed(keys, ref));
    const batch: Batch = {
      source,
      at,
      known: await known.load(tx, source, all),
      created: [],
      rows: [],
      claims: [],
      links: [],
      told: [],
      learnt: [],
      alone: new Set(),
    };
    const customerIds = all.map((one) => place(batch, one));
    const events = await write(tx, batch);
    const linked = events.some(({ kind }) => kind === 'person.linked');
    return { customerIds, alone: linked ? new Set<string>() : batch.alone, events };
  }

  function place(batch: Batch, one: KeyedRef): Types.ObjectId {
    const found = foundBy(batch.known, one);
    const first = found[0]?.customerId ?? (one.phoneOnly ? byPhone(batch, one) : undefined);
    const customerId = first ?? begin(batch, one);
    if (first && (one.phone || one.ref.name)) batch.told.push({ customerId, one });
    for (const other of found) {
      if (!other.customerId.equals(customerId))
        batch.links.push({ a: customerId, b: other.customerId, evidence: other.evidence(batch.source) });
    }
    learnKeys(batch, one, customerId, !first);
    return customerId;
  }

  /** The one person who proved to hold it lately; else the shop's own record of the number. */
  function byPhone({ known, at }: Batch, { phone }: KeyedRef): Types.ObjectId | undefined {
    if (!phone) return undefined;
    const proved = phone.identifies ? provedBy(known.holders.get(phone.index) ?? [], at) : undefined;
    return proved ?? known.phone.get(phone.index);
  }

  function provedBy(holders: readonly Holder[], at: Date): Types.ObjectId | undefined {
    return onePerson(
      holders.filter(({ verifiedAt }) => !weaknessOfPhones([verifiedAt ?? null, at], at, persons.rules)),
    );
  }

  function begin(batch: Batch, one: KeyedRef): Types.ObjectId {
    const _id = new Types.ObjectId();
    const { at, source } = batch;
    batch.alone.add(String(_id));
    const told = { at, by: { kind: 'shop' as const, id: source } };
    const phone = one.phone && keptPhone(_id, one, told);
    const name = one.ref.name ? { name: nameInPassing(one.ref.name, source) } : {};
    const profile = { ...name, ...(phone ? { phone } : {}) };
    batch.created.push({
      _id,
      personId: _id,
      createdAt: at,
      lastSeenAt: at,
      followUp: 'none',
      ...(phone || one.ref.name ? { profile } : {}),
    });
    if (phone) learnPhone(batch, _id, one, phone.verifiedAt);
    return _id;
  }

  function keptPhone(
    customerId: Types.ObjectId,
    { phone, ref }: KeyedRef,
    told: Pick<KeptPhone, 'at' | 'by'>,
  ): KeptPhone {
    const { number = '', index = '' } = phone ?? {};
    // A moment ahead of us would count as young for too long.
    const verifiedAt = ref.phoneVerifiedAt && new Date(Math.min(ref.phoneVerifiedAt.getTime(), told.at.getTime()));
    return {
      sealed: keys.encrypt(number, `customers.phone:${String(customerId)}`),
      index,
      ...told,
      ...(verifiedAt ? { verifiedAt } : {}),
    };
  }

  function learnPhone(
    { known, learnt }: Batch,
    customerId: Types.ObjectId,
    { phone }: KeyedRef,
    verifiedAt?: Date,
  ): void {
    if (!phone) return;
    learnt.push({ customerId, index: phone.index, identifies: phone.identifies, verifiedAt });
    const holders = known.holders.get(phone.index) ?? [];
    known.holders.set(phone.index, [...holders, { customerId, personId: customerId, verifiedAt }]);
  }

  function learnKeys(batch: Batch, one: KeyedRef, customerId: Types.ObjectId, began: boolean): void {
    const { known: now, source, at } = batch;
    const { externalId, openid } = one.ref;
    // A key that is somebody's already stays theirs: the two are linked, or proposed, by it.
    const add = (kind: ShopIdentityRecord['kind'], value: string): void => {
      const owner = now[kind].get(value) ?? customerId;
      batch.rows.push({ _id: new Types.ObjectId(), source, kind, value, customerId: owner, createdAt: at });
      now[kind].set(value, owner);
    };
    if (externalId && !now.member.has(externalId)) add('member', externalId);
    if (one.unionid && !now.shopUnionids.has(one.unionid)) {
      add('unionid', one.unionid);
      now.shopUnionids.add(one.unionid);
      batch.claims.push(`unionid:${one.unionid}`);
    }
    if (openid && !now.openid.has(openid)) add('openid', openid);
    if (began && one.phoneOnly && one.phone) add('phone', one.phone.index);
  }

  async function write(tx: ClientSession, batch: Batch): Promise<NewDomainEvent[]> {
    const { created, rows, source, at } = batch;
    if (created.length) await insertRecords(customers, created, tx);
    if (rows.length) await insertRecords(shopIdentities, rows, tx);
    await phones.claim(tx, batch.claims);
    const events: NewDomainEvent[] = created.map(({ _id }) => ({
      kind: 'customer.created',
      customerId: String(_id),
      at,
      data: { source },
    }));
    events.push(...(await writeTold(tx, batch)));
    for (const { a, b, evidence } of batch.links) events.push(...(await persons.link(tx, a, b, evidence, at)).events);
    events.push(...(await phones.match(tx, batch.learnt, at)));
    return events;
  }

  /** A phone or a name told of somebody known; events name the fields, never what they hold. */
  async function writeTold(tx: ClientSession, batch: Batch): Promise<NewDomainEvent[]> {
    if (batch.told.length === 0) return [];
    const ids = batch.told.map(({ customerId }) => customerId);
    const found = await customers
      .find({ _id: { $in: ids } }, TOLD_FIELDS, { session: tx, ...IN_ONE_ANSWER })
      .lean<Array<Pick<CustomerRecord, '_id' | 'profile' | 'linkChanges'>>>();
    for (const { _id, linkChanges } of found) if (!linkChanges) batch.alone.add(String(_id));
    const now = new Map(found.map(({ _id, profile }) => [String(_id), { ...profile }]));
    const writes = [];
    const events: NewDomainEvent[] = [];
    for (const { customerId, one } of batch.told) {
      const profile = now.get(String(customerId));
      if (!profile) continue;
      const told = { at: batch.at, by: { kind: 'shop' as const, id: batch.source } };
      const set: Record<string, unknown> = {};
      const phone = one.phone && keptPhone(customerId, one, told);
      const placed = phone && placeOfPhone(profile.phone, phone);
      if (phone && placed !== 'keep') {
        set['profile.phone'] = profile.phone = phone;
        learnPhone(batch, customerId, one, phone.verifiedAt);
      }
      if (one.ref.name && !profile.name) set['profile.name'] = profile.name = nameInPassing(one.ref.name, batch.source);
      const fields = Object.keys(set).map((path) => path.slice('profile.'.length));
      if (fields.length === 0) continue;
      writes.push({ updateOne: { filter: { _id: customerId }, update: { $set: set } } });
      events.push({
        kind: 'customer.updated',
        customerId: String(customerId),
        at: batch.at,
        data: { fields, by: 'shop' },
      });
    }
    if (writes.length) await customers.collection.bulkWrite(writes, { session: tx, ordered: true });
    return events;
  }

  async function find(lookup: StoredLookup, tx: ClientSession | null = null): Promise<Types.ObjectId | undefined> {
    if ('id' in lookup) {
      const found = await customers.findById(lookup.id, { _id: 1 }, { session: tx }).lean();
      return found?._id;
    }
    if ('phone' in lookup) return findByPhone(lookup.phone, tx);
    const { source = '', ...ref } = 'source' in lookup ? lookup : { ...lookup, source: '' };
    const one = keyed(keys, ref);
    return foundBy(await known.load(tx, source, [one]), one)[0]?.customerId;
  }

  /** Who proved to hold it; where nobody did, the one person it was told of. */
  async function findByPhone(phone: string, tx: ClientSession | null): Promise<Types.ObjectId | undefined> {
    if (!identifies(phone)) return undefined;
    const index = phoneIndex(keys, phone);
    const holders = (await known.holdersOf(tx, [index])).get(index) ?? [];
    const verified = holders.filter(({ verifiedAt }) => verifiedAt);
    return onePerson(verified.length ? verified : holders);
  }

  return {
    resolveMany,
    resolve: async (tx, source, ref, at) => {
      const { customerIds, alone, events } = await resolveMany(tx, source, [ref], at);
      const [customerId] = customerIds;
      if (!customerId) throw new Error('a reference was not resolved');
      return { customerId, alone: alone.has(String(customerId)), events };
    },
    find,
  };

  function foundBy(now: Known, { ref, unionid }: KeyedRef) {
    const found: Array<{ customerId: Types.ObjectId; evidence(source: string): LinkEvidence }> = [];
    const add = (customerId: Types.ObjectId | undefined, evidence: (source: string) => LinkEvidence): void => {
      if (customerId) found.push({ customerId, evidence });
    };
    const byShop = (source: string): LinkEvidence => ({ kind: 'shop-member', source });
    if (ref.externalId) add(now.member.get(ref.externalId), byShop);
    if (ref.unionid && unionid) {
      const told = ref.unionid;
      add(now.unionid.get(unionid), () => ({ kind: 'unionid', unionid: told }));
    }
    if (ref.openid) add(now.openid.get(ref.openid), byShop);
    return found;
  }
}

/** A name told beside keys gives way to any name told on purpose, however old that is: hence its moment. */
function nameInPassing(value: string, source: string): Kept<string> {
  return { value, at: new Date(0), by: { kind: 'shop', id: source } };
}

/** The newest verified record, when all holders are one person. */
function onePerson(holders: readonly Holder[]): Types.ObjectId | undefined {
  const persons = new Set(holders.map(({ personId }) => String(personId)));
  if (persons.size !== 1) return undefined;
  const at = ({ verifiedAt }: Holder): number => verifiedAt?.getTime() ?? 0;
  return [...holders].sort((a, b) => at(b) - at(a) || (String(a.customerId) < String(b.customerId) ? -1 : 1))[0]
    ?.customerId;
}
