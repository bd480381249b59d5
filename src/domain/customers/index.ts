/**
 * The person: who they are and by which addresses we know them. Every function writes inside the caller's transaction and
 * returns the events it caused. Must not send, decide or read conversations.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { notFound } from '../../errors.js';
import type { Address, FollowUp, NewDomainEvent, PlatformProfile } from '../../contracts/index.js';
import type { CustomerModels, CustomerRecord, IdentityRecord } from './models.js';

export { customerModels } from './models.js';
export type { CustomerModels, CustomerRecord, IdentityRecord } from './models.js';
export { customerName, maskUser } from './names.js';
export { createCustomerBulk } from './bulk.js';
export type { CustomerBulk, ImportedCustomer } from './bulk.js';
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

export function createCustomers(models: CustomerModels) {
  const { customers, identities } = models;

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
      // Writing to an official account takes following it; the follow event itself may still be on its way.
      following: true,
      profileWantedAt: at,
      profileTries: 0,
      createdAt: at,
    };
    await customers.insertMany([customer], { session: tx });
    await identities.insertMany([identity], { session: tx });
    return {
      customerId: _id,
      identity,
      events: [{ kind: 'customer.created', customerId: String(_id), at, data: { address } }],
    };
  }

  async function follow(tx: ClientSession, met: Met, at: Date, scene: string | undefined): Promise<NewDomainEvent[]> {
    await identities.updateOne(
      { _id: met.identity._id },
      {
        $set: { following: true, followedAt: at, profileWantedAt: at, profileTries: 0, ...(scene ? { scene } : {}) },
        $unset: { blocked: 1, unfollowedAt: 1, ...(scene ? {} : { scene: 1 }) },
      },
      { session: tx },
    );
    return [event('identity.followed', met, at, { scene: scene ?? null })];
  }

  /** Deletes what the platform gave about the person, as its rules oblige; what the person wrote to the shop stays. */
  async function unfollow(tx: ClientSession, met: Met, at: Date): Promise<NewDomainEvent[]> {
    await identities.updateOne(
      { _id: met.identity._id },
      { $set: { following: false, unfollowedAt: at }, $unset: givenByPlatform },
      { session: tx },
    );
    await customers.updateOne({ _id: met.customerId }, { $unset: { nickname: 1 } }, { session: tx });
    return [event('identity.unfollowed', met, at, {}), event('customer.platformDataErased', met, at, {})];
  }

  /** What a send told us about the person's reachability. `acted` lifts a block: the person is here again. */
  async function markReachability(
    tx: ClientSession,
    address: Address,
    at: Date,
    state: 'unfollowed' | 'blocked' | 'frozen',
  ): Promise<NewDomainEvent[]> {
    const change =
      state === 'unfollowed' ? { $set: { following: false, unfollowedAt: at } } : { $set: { blocked: state } };
    const identity = await identities.findOneAndUpdate(byAddress(address), change, { session: tx, lean: true });
    if (!identity) return [];
    const kind = state === 'unfollowed' ? 'identity.unfollowed' : 'identity.blocked';
    return [{ kind, customerId: String(identity.customerId), at, data: { address, state, by: 'send' } }];
  }

  /** The person acted on the channel, so they are there and no longer block us. */
  async function markActive(tx: ClientSession, met: Met): Promise<void> {
    if (met.identity.following && !met.identity.blocked) return;
    await identities.updateOne(
      { _id: met.identity._id },
      { $set: { following: true }, $unset: { blocked: 1, unfollowedAt: 1 } },
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

  /** Stores what the platform told; a person who left meanwhile gets nothing stored. */
  async function takeProfile(
    tx: ClientSession,
    address: Address,
    at: Date,
    profile: PlatformProfile,
  ): Promise<NewDomainEvent[]> {
    if (!profile.following) {
      const gone = { $set: { following: false }, $unset: givenByPlatform };
      await identities.updateOne(byAddress(address), gone, { session: tx });
      return [];
    }
    const given = definedOf({
      unionid: profile.unionid,
      language: profile.language,
      followSource: profile.followSource,
    });
    const identity = await identities.findOneAndUpdate(
      { ...byAddress(address), following: true },
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
    return [
      { kind: 'customer.updated', customerId: String(identity.customerId), at, data: { fields, by: 'platform' } },
    ];
  }

  /** Addresses whose profile the platform still has to be asked for, oldest first. */
  async function wantedProfiles(limit: number): Promise<Address[]> {
    const filter = { profileWantedAt: { $exists: true }, profileTries: { $lt: MAX_PROFILE_TRIES } };
    const found = await identities.find(filter).sort({ profileWantedAt: 1 }).limit(limit).lean();
    return found.map((identity) => identity.address);
  }

  async function countProfileTry(addresses: readonly Address[]): Promise<void> {
    for (const address of addresses) await identities.updateOne(byAddress(address), { $inc: { profileTries: 1 } });
  }

  return {
    meet,
    follow,
    unfollow,
    markReachability,
    markActive,
    setFollowUp,
    setRemark,
    takeProfile,
    wantedProfiles,
    countProfileTry,
  };
}

export function byAddress(address: Address): Record<string, string> {
  return {
    'address.channel': address.channel,
    'address.account': address.account,
    'address.user': address.user,
  };
}

function event(kind: NewDomainEvent['kind'], met: Met, at: Date, data: Record<string, unknown>): NewDomainEvent {
  return { kind, customerId: String(met.customerId), at, data: { address: met.identity.address, ...data } };
}

function definedOf(fields: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => Boolean(entry[1])));
}
