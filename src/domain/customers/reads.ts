/** Reading customers for screens. No writes. */
import type { Types } from 'mongoose';
import { Phone } from '../../contracts/index.js';
import type { KeyRing } from '../../infra/crypto.js';
import { olderThan } from '../../infra/mongo.js';
import type { ShopIdentityRecord } from './link-models.js';
import type { CustomerModels, CustomerRecord, IdentityRecord } from './models.js';
import { phoneIndex } from './references-known.js';

export interface CustomerPageRequest {
  limit: number;
  after?: { at: Date; id: string } | undefined;
  search?: string | undefined;
}

export type CustomerReads = ReturnType<typeof createCustomerReads>;

/** `keys`: absent, nobody is found by phone. */
export function createCustomerReads(
  { customers, identities, shopIdentities }: CustomerModels,
  { keys }: { keys?: Pick<KeyRing, 'blindIndex'> } = {},
) {
  const get = (id: string): Promise<CustomerRecord | null> => customers.findById(id).lean<CustomerRecord>();

  const getMany = (ids: readonly Types.ObjectId[]): Promise<CustomerRecord[]> =>
    customers.find({ _id: { $in: [...ids] } }).lean<CustomerRecord[]>();

  const identitiesOf = (ids: readonly Types.ObjectId[]): Promise<IdentityRecord[]> =>
    identities
      .find({ customerId: { $in: [...ids] } })
      .sort({ createdAt: 1 })
      .lean<IdentityRecord[]>();

  /** How shop systems name them, oldest first; phones and unionids as blind indexes. */
  const shopIdentitiesOf = (ids: readonly Types.ObjectId[]): Promise<ShopIdentityRecord[]> =>
    shopIdentities
      .find({ customerId: { $in: [...ids] } })
      .sort({ createdAt: 1 })
      .lean<ShopIdentityRecord[]>();

  /** A whole phone number, or the beginning of a remark, a name or a nickname; each by its index. */
  function searched(search: string): Record<string, unknown> {
    const phone = keys && Phone.safeParse(search);
    if (keys && phone?.success) return { 'profile.phone.index': phoneIndex(keys, phone.data) };
    return { $or: prefixFilters(search) };
  }

  /** Newest activity first. */
  function list(request: CustomerPageRequest): Promise<CustomerRecord[]> {
    const filters: Record<string, unknown>[] = [];
    if (request.search) filters.push(searched(request.search));
    if (request.after) filters.push(olderThan('lastSeenAt', request.after));
    const filter = filters.length ? { $and: filters } : {};
    return customers.find(filter).sort({ lastSeenAt: -1, _id: -1 }).limit(request.limit).lean<CustomerRecord[]>();
  }

  /** Ids of customers so searched for; bounded, for narrowing another list. */
  async function idsByName(search: string, limit = 200): Promise<string[]> {
    const found = await customers.find(searched(search), { _id: 1 }).limit(limit).lean();
    return found.map((customer) => String(customer._id));
  }

  return { get, getMany, identitiesOf, shopIdentitiesOf, list, idsByName };
}

/** A range over the index instead of a pattern: every string that begins with `prefix` lies in it. */
function prefixFilters(prefix: string): Record<string, unknown>[] {
  const range = { $gte: prefix, $lt: `${prefix}\u{10FFFF}` };
  return [{ remark: range }, { 'profile.name.value': range }, { nickname: range }];
}
