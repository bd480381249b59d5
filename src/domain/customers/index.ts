/**
 * The person: who they are and by which addresses we know them. Every function writes inside the caller's transaction and
 * returns the events it caused. Must not send, decide or read conversations.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { notFound } from '../../errors.js';
import type { Address, FollowUp, NewDomainEvent, PlatformProfile } from '../../contracts/index.js';
import type { CustomerModels, CustomerRecord, IdentityRecord } from './models.js';
import { insertRecords } from '../../infra/mongo.js';
import { byAddress } from './addresses.js';
import type { Identification } from './identification.js';
import { createMemberSessions } from './member-sessions.js';

export { customerModels } from './models.js';
export type { CustomerModels, CustomerRecord, Figures, IdentityRecord } from './models.js';
export { createFigures } from './figures.js';
export type { FigureChange, FigureWriter, WriteFigures } from './figures.js';
export { byAddress } from './addresses.js';
export { createPersons } from './persons.js';
export type { ByStaff, Linked, Person, Persons } from './persons.js';
export type { ProposalPage } from './proposals.js';
export type { LinkEvidence, LinkRules, ProposedEvidence, StoredEvidence } from './evidence.js';
export type { LinkRecord, ProposalRecord, ShopIdentityRecord } from './link-models.js';
export type { ConsentChannel, ConsentPurpose, ConsentRecord } from './member-models.js';
export { allows, consentStateOf, createConsents } from './consents.js';
export type { ConsentState, Consents, NewConsent } from './consents.js';
export { createMemberSessions } from './member-sessions.js';
export type { MemberSession, MemberSessions } from './member-sessions.js';
export { createInboxReads } from './inbox-reads.js';
export type { InboxReads } from './inbox-reads.js';
export { createCardCodes } from './card-codes.js';
export type { CardCodes } from './card-codes.js';
export { createReferences } from './references.js';
export { customerProblems } from './refusals.js';
export type { References, StoredLookup } from './references.js';
export { createProfiles } from './profiles.js';
export type { Joined, Joining, ProfileRow, Profiles, Put, PutMany, PutRules } from './profiles.js';
export type { PrivateDetails, ProfileView } from './profile-views.js';
export { createIdentification } from './identification.js';
export type { Identification } from './identification.js';
export { createPersonViews } from './person-views.js';
export type { PersonView, PersonViewParts } from './person-views.js';
export { ageBandOf, isMinor } from './ages.js';
export { identifies, maskPhone } from './phones.js';
export type { AgeBand, Teller } from './profile-model.js';
export { customerName, maskUser, personName } from './names.js';
export { createCustomerBulk } from './bulk.js';
export type { CustomerBulk, ImportedCustomer } from './bulk.js';
export { createTags, personTags } from './tags.js';
export type { TagChange, TagProblem, Tagged, Tags } from './tags.js';
export { createCustomFields, personFields } from './custom-fields.js';
export type {
  CustomField,
  CustomFieldProblem,
  CustomFields,
  CustomFieldType,
  CustomValue,
  KeptField,
  PutCustomField,
  SetFields,
  ToldFields,
  ValueProblem,
} from './custom-fields.js';
export { createCustomerReads } from './reads.js';
export type { CustomerReads } from './reads.js';

/** The person behind an address, as the identity that was met tells. */
export interface Met {
  customerId: Types.ObjectId;
  identity: IdentityRecord;
  events: NewDomainEvent[];
}

export type Customers = ReturnType<typeof createCustomers>;

/** What unfollowing must delete because the platform gave it; the openid stays as the key of an opt-out and of a return. */
const givenByPlatform = { scene: 1, unionid: 1, language: 1, followSource: 1, profileWantedAt: 1 } as const;
const MAX_PROFILE_TRIES = 5;

/** An address whose profile the platform has to be asked for, and since when. */
export interface WantedProfile {
  address: Address;
  wantedAt: Date;
  /** How often the platform was asked and told nothing. */
  tries: number;
}

export interface CustomerHooks {
  /** The person left the account at `at`: others delete what the platform gave until then, too. May come again for the same leave. */
  left(tx: ClientSession, who: { customerId: Types.ObjectId; address: Address }, at: Date): Promise<void>;
}

/** `identification`: absent, a unionid is kept and links nobody. */
export function createCustomers(models: CustomerModels, hooks: CustomerHooks, identification?: Identification) {
  const { customers, identities } = models;
  const sessions = createMemberSessions(models);

  /** Finds the person behind an address or begins their record. Two first events at once collide on the identity's unique key: one runs again. */
  async function meet(tx: ClientSession, address: Address, at: Date): Promise<Met> {
    const known = await identities.findOne(byAddress(address), null, { session: tx }).lean<IdentityRecord>();
    if (!known) return begin(tx, address, at);
    await customers.updateOne({ _id: known.customerId }, { $max: { lastSeenAt: at } }, { session: tx });
    return { customerId: known.customerId, identity: known, events: [] };
  }

  async function begin(tx: ClientSession, address: Address, at: Date): Promise<Met> {
    const _id = new Types.ObjectId();
    const customer: CustomerRecord = { _id, personId: _id, createdAt: at, lastSeenAt: at, followUp: 'none' };
    const identity: IdentityRecord = {
      _id: new Types.ObjectId(),
      customerId: _id,
      address,
      // Writing to an official account takes following it; the follow event itself may still be on its way. A mini-program has no following.
      following: true,
      ...wanting(address, at),
      profileTries: 0,
      createdAt: at,
    };
    await insertRecords(customers, [customer], tx);
    await insertRecords(identities, [identity], tx);
    const created: NewDomainEvent = { kind: 'customer.created', customerId: String(_id), at, data: { address } };
    const recognised = (await identification?.recognise(tx, identity, at)) ?? [];
    return { customerId: _id, identity, events: [created, ...recognised] };
  }

  /** Told late, after a newer follow or after the person left again, it changes nothing: the platform's time decides. */
  async function follow(tx: ClientSession, met: Met, at: Date, scene: string | undefined): Promise<NewDomainEvent[]> {
    if (isOlder(at, met.identity.followedAt) || hasLeftSince(met, at)) return [];
    await identities.updateOne(
      { _id: met.identity._id },
      {
        $set: {
          following: true,
          followedAt: at,
          ...wanting(met.identity.address, at),
          profileTries: 0,
          ...(scene ? { scene } : {}),
        },
        $unset: { blocked: 1, unfollowedAt: 1, ...(scene ? {} : { scene: 1 }) },
      },
      { session: tx },
    );
    return [event('identity.followed', met, at, { scene: scene ?? null })];
  }

  /**
   * Deletes what the platform gave about the person until then, as its rules oblige; what the person wrote to the shop stays.
   * Told late, after the person came back (`seenAt`: last heard of), they stay.
   */
  async function unfollow(tx: ClientSession, met: Met, at: Date, seenAt?: Date): Promise<NewDomainEvent[]> {
    const back = isOlder(at, met.identity.followedAt) || isOlder(at, seenAt);
    if (!back && !hasLeftSince(met, at)) return leave(tx, met.identity, at, {});
    await forget(tx, met, at);
    return [];
  }

  async function leave(
    tx: ClientSession,
    identity: IdentityRecord,
    at: Date,
    data: Record<string, unknown>,
  ): Promise<NewDomainEvent[]> {
    const gone = { $set: { following: false, unfollowedAt: at }, $unset: givenByPlatform };
    await identities.updateOne({ _id: identity._id }, gone, { session: tx });
    await customers.updateOne({ _id: identity.customerId }, { $unset: { nickname: 1 } }, { session: tx });
    const met: Met = { customerId: identity.customerId, identity, events: [] };
    await forget(tx, met, at);
    return [event('identity.unfollowed', met, at, data), event('customer.platformDataErased', met, at, {})];
  }

  const forget = (tx: ClientSession, { customerId, identity }: Met, at: Date): Promise<void> =>
    hooks.left(tx, { customerId, address: identity.address }, at);

  /** What a send told us about the person's reachability. */
  async function markReachability(
    tx: ClientSession,
    address: Address,
    at: Date,
    state: 'unfollowed' | 'blocked' | 'frozen',
  ): Promise<NewDomainEvent[]> {
    const identity = await identities.findOne(byAddress(address), null, { session: tx }).lean<IdentityRecord>();
    if (!identity) return [];
    if (state === 'unfollowed') return leave(tx, identity, at, { by: 'send' });
    await identities.updateOne({ _id: identity._id }, { $set: { blocked: state } }, { session: tx });
    return [{ kind: 'identity.blocked', customerId: String(identity.customerId), at, data: { address, state } }];
  }

  /** The person acted on the channel, so they are there and no longer block us. */
  async function markActive(tx: ClientSession, met: Met, at: Date): Promise<void> {
    if (met.identity.following && !met.identity.blocked) return;
    const back = met.identity.following ? {} : { ...wanting(met.identity.address, at), profileTries: 0 };
    await identities.updateOne(
      { _id: met.identity._id },
      { $set: { following: true, ...back }, $unset: { blocked: 1, unfollowedAt: 1 } },
      { session: tx },
    );
  }

  async function setFollowUp(
    tx: ClientSession,
    customerId: string,
    at: Date,
    change: { followUp: FollowUp; note?: string | undefined },
  ): Promise<NewDomainEvent[]> {
    const before = await customers.findOneAndUpdate(
      { _id: customerId },
      { $set: { followUp: change.followUp, ...(change.note === undefined ? {} : { followUpNote: change.note }) } },
      { session: tx, lean: true },
    );
    if (!before) throw notFound('customer');
    const data = { from: before.followUp, to: change.followUp, note: change.note ?? null };
    return [{ kind: 'followUp.changed', customerId, at, data }];
  }

  async function setRemark(
    tx: ClientSession,
    customerId: string,
    at: Date,
    remark: string | null,
  ): Promise<NewDomainEvent[]> {
    const change = remark ? { $set: { remark } } : { $unset: { remark: 1 } };
    const { matchedCount } = await customers.updateOne({ _id: customerId }, change, { session: tx });
    if (matchedCount === 0) throw notFound('customer');
    return [{ kind: 'customer.updated', customerId, at, data: { fields: ['remark'] } }];
  }

  /** Stores what the platform told. Nothing of it when the person left, or left and came back, while it was asked. */
  async function takeProfile(
    tx: ClientSession,
    wanted: WantedProfile,
    at: Date,
    profile: PlatformProfile,
  ): Promise<NewDomainEvent[]> {
    const asked = { ...byAddress(wanted.address), profileWantedAt: wanted.wantedAt };
    if (!profile.following) {
      const identity = await identities.findOne(asked, null, { session: tx }).lean<IdentityRecord>();
      return identity ? leave(tx, identity, at, { by: 'profile' }) : [];
    }
    const given = definedOf({
      unionid: profile.unionid,
      language: profile.language,
      followSource: profile.followSource,
    });
    const identity = await identities.findOneAndUpdate(
      asked,
      { ...(Object.keys(given).length ? { $set: given } : {}), $unset: { profileWantedAt: 1 } },
      { session: tx, lean: true },
    );
    if (!identity) return [];
    if (profile.nickname) {
      await customers.updateOne(
        { _id: identity.customerId },
        { $set: { nickname: profile.nickname } },
        { session: tx },
      );
    }
    const fields = [...Object.keys(given), ...(profile.nickname ? ['nickname'] : [])];
    const customerId = String(identity.customerId);
    const updated: NewDomainEvent = { kind: 'customer.updated', customerId, at, data: { fields, by: 'platform' } };
    return [updated, ...(profile.unionid ? await attach(tx, identity, profile.unionid, at) : [])];
  }

  const attach = async (
    tx: ClientSession,
    identity: IdentityRecord,
    unionid: string,
    at: Date,
  ): Promise<NewDomainEvent[]> => (await identification?.attachUnionid(tx, identity, unionid, at)) ?? [];

  /**
   * The person took back what they allowed the platform to hand out: as after leaving, what it gave is deleted (a phone it vouched for too),
   * and their sessions end. Links stay: they hold nothing the platform gave. Nothing when the address is not known.
   */
  async function forgetPlatformData(tx: ClientSession, address: Address, at: Date): Promise<NewDomainEvent[]> {
    const identity = await identities.findOne(byAddress(address), null, { session: tx }).lean<IdentityRecord>();
    if (!identity) return [];
    const { customerId: _id } = identity;
    const given = { $unset: { 'profile.phone': 1 as const } };
    await customers.updateOne({ _id, 'profile.phone.by.kind': 'platform' }, given, { session: tx });
    await sessions.endOf(tx, _id, address);
    return leave(tx, identity, at, { by: 'authorization' });
  }

  /** Oldest first. */
  async function wantedProfiles(limit: number): Promise<WantedProfile[]> {
    const wanted = { profileWantedAt: { $gt: new Date(0) } };
    const found = await identities.find(wanted).sort({ profileWantedAt: 1 }).limit(limit).lean();
    return found.flatMap(({ address, profileWantedAt, profileTries }) =>
      profileWantedAt ? [{ address, wantedAt: profileWantedAt, tries: profileTries }] : [],
    );
  }

  /** Those of them that are still wanted were asked for in vain; after some tries nobody asks any more. */
  async function countProfileTry(asked: readonly WantedProfile[]): Promise<void> {
    for (const { address, wantedAt, tries } of asked) {
      const again = tries + 1 < MAX_PROFILE_TRIES;
      const change = again ? { $set: { profileTries: tries + 1 } } : { $unset: { profileWantedAt: 1 } };
      await identities.updateOne({ ...byAddress(address), profileWantedAt: wantedAt }, change);
    }
  }

  return {
    meet,
    follow,
    unfollow,
    forget,
    markReachability,
    markActive,
    setFollowUp,
    setRemark,
    takeProfile,
    wantedProfiles,
    countProfileTry,
    forgetPlatformData,
  };
}

/** Only the official account has profiles to ask for. */
function wanting({ channel }: Address, at: Date): { profileWantedAt?: Date } {
  return channel === 'official-account' || channel === 'wechaty' ? { profileWantedAt: at } : {};
}

/** The platform tells seconds: two moments of one second are not older than each other, and count in the order they came. */
function isOlder(at: Date, than: Date | undefined): boolean {
  return than !== undefined && at.getTime() < Math.floor(than.getTime() / 1000) * 1000;
}

/** Whether what happened at `at` was overtaken by the person's leaving. */
export function hasLeftSince({ identity }: Met, at: Date): boolean {
  return !identity.following && isOlder(at, identity.unfollowedAt);
}

function event(kind: NewDomainEvent['kind'], met: Met, at: Date, data: Record<string, unknown>): NewDomainEvent {
  return { kind, customerId: String(met.customerId), at, data: { address: met.identity.address, ...data } };
}

function definedOf(fields: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => Boolean(entry[1])));
}
