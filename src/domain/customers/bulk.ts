/**
 * Brings in many customers at once: from another system, or as a sample. Writes inside the caller's transaction, in one insert a
 * collection, and returns what happened to each of them for the timeline. Must not decide who is the same person as whom.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { Address, FollowUp, NewDomainEvent } from '../../contracts/index.js';
import type { CustomerModels, CustomerRecord, IdentityRecord } from './models.js';

/** A customer with one address. Times are business time. */
export interface ImportedCustomer {
  address: Address;
  nickname?: string | undefined;
  remark?: string | undefined;
  createdAt: Date;
  lastSeenAt: Date;
  followUp: FollowUp;
  followUpNote?: string | undefined;
  unionid?: string | undefined;
  followedAt: Date;
  scene?: string | undefined;
  /** Left since; what the platform gave about them is then not kept. */
  unfollowedAt?: Date | undefined;
}

export type CustomerBulk = ReturnType<typeof createCustomerBulk>;

/** `shopIdentities`: without them the check takes customers whom only a shop told of for lost ones. */
type BulkModels = Pick<CustomerModels, 'customers' | 'identities'> & Partial<Pick<CustomerModels, 'shopIdentities'>>;

export function createCustomerBulk({ customers, identities, shopIdentities }: BulkModels) {
  /** Ids in the order of the batch. An address that is known already ends the transaction with the unique key's error. */
  async function add(
    tx: ClientSession,
    batch: readonly ImportedCustomer[],
  ): Promise<{ ids: Types.ObjectId[]; events: NewDomainEvent[] }> {
    const records = batch.map((one) => ({ one, customer: customerOf(one) }));
    await customers.insertMany(
      records.map(({ customer }) => customer),
      { session: tx },
    );
    await identities.insertMany(
      records.map(({ one, customer }) => identityOf(one, customer._id)),
      { session: tx },
    );
    return {
      ids: records.map(({ customer }) => customer._id),
      events: records.flatMap(({ one, customer }) => eventsOf(one, String(customer._id))),
    };
  }

  /** One sentence for each rule that does not hold over all customers; empty when all is well. */
  async function check(): Promise<string[]> {
    const ids = new Set((await customers.find({}, { _id: 1 }).lean()).map((one) => String(one._id)));
    const problems: string[] = [];
    const addressed = new Set<string>();
    for (const identity of await identities.find().lean()) {
      const id = String(identity.customerId);
      addressed.add(id);
      if (!ids.has(id)) problems.push(`identity ${String(identity._id)} has no customer`);
      if (!identity.following && (identity.unionid ?? identity.scene)) {
        problems.push(`identity ${String(identity._id)} left, and what the platform gave is still there`);
      }
    }
    for (const { _id, customerId } of (await shopIdentities?.find({}, { customerId: 1 }).lean()) ?? []) {
      const id = String(customerId);
      addressed.add(id);
      if (!ids.has(id)) problems.push(`shop identity ${String(_id)} has no customer`);
    }
    for (const id of ids) if (!addressed.has(id)) problems.push(`customer ${id} has no identity`);
    return problems;
  }

  return { add, check };
}

function customerOf(one: ImportedCustomer): CustomerRecord {
  const _id = new Types.ObjectId();
  return {
    _id,
    personId: _id,
    ...(one.nickname && !one.unfollowedAt ? { nickname: one.nickname } : {}),
    ...(one.remark ? { remark: one.remark } : {}),
    createdAt: one.createdAt,
    lastSeenAt: one.lastSeenAt,
    followUp: one.followUp,
    ...(one.followUpNote ? { followUpNote: one.followUpNote } : {}),
  };
}

function identityOf(one: ImportedCustomer, customerId: Types.ObjectId): IdentityRecord {
  const given = { ...(one.unionid ? { unionid: one.unionid } : {}), ...(one.scene ? { scene: one.scene } : {}) };
  return {
    _id: new Types.ObjectId(),
    customerId,
    address: one.address,
    following: !one.unfollowedAt,
    followedAt: one.followedAt,
    ...(one.unfollowedAt ? { unfollowedAt: one.unfollowedAt } : given),
    profileTries: 0,
    createdAt: one.createdAt,
  };
}

function eventsOf(one: ImportedCustomer, customerId: string): NewDomainEvent[] {
  const { address } = one;
  const scene = one.unfollowedAt ? null : (one.scene ?? null);
  const came: NewDomainEvent[] = [
    { kind: 'customer.created', customerId, at: one.createdAt, data: { address } },
    { kind: 'identity.followed', customerId, at: one.followedAt, data: { address, scene } },
  ];
  if (one.followUp !== 'none') {
    const data = { from: 'none', to: one.followUp, note: one.followUpNote ?? null };
    came.push({ kind: 'followUp.changed', customerId, at: one.lastSeenAt, data });
  }
  if (!one.unfollowedAt) return came;
  return [...came, { kind: 'identity.unfollowed', customerId, at: one.unfollowedAt, data: { address } }];
}
