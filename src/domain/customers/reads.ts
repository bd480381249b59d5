/** Reading customers for screens. No writes. */
import type { Types } from 'mongoose';
import { olderThan } from '../../infra/mongo.js';
import type { CustomerModels, CustomerRecord, IdentityRecord } from './models.js';

export interface CustomerPageRequest {
  limit: number;
  after?: { at: Date; id: string } | undefined;
  search?: string | undefined;
}

export type CustomerReads = ReturnType<typeof createCustomerReads>;

export function createCustomerReads({ customers, identities }: CustomerModels) {
  const get = (id: string): Promise<CustomerRecord | null> => customers.findById(id).lean<CustomerRecord>();

  const getMany = (ids: readonly Types.ObjectId[]): Promise<CustomerRecord[]> =>
    customers.find({ _id: { $in: [...ids] } }).lean<CustomerRecord[]>();

  const identitiesOf = (ids: readonly Types.ObjectId[]): Promise<IdentityRecord[]> =>
    identities
      .find({ customerId: { $in: [...ids] } })
      .sort({ createdAt: 1 })
      .lean<IdentityRecord[]>();

  /** Newest activity first; a search matches the beginning of remark or nickname, by index. */
  function list(request: CustomerPageRequest): Promise<CustomerRecord[]> {
    const filters: Record<string, unknown>[] = [];
    if (request.search) filters.push({ $or: prefixFilters(request.search) });
    if (request.after) filters.push(olderThan('lastSeenAt', request.after));
    const filter = filters.length ? { $and: filters } : {};
    return customers.find(filter).sort({ lastSeenAt: -1, _id: -1 }).limit(request.limit).lean<CustomerRecord[]>();
  }

  /** Ids of customers whose remark or nickname begins so; bounded, for narrowing another list. */
  async function idsByName(search: string, limit = 200): Promise<string[]> {
    const found = await customers
      .find({ $or: prefixFilters(search) }, { _id: 1 })
      .limit(limit)
      .lean();
    return found.map((customer) => String(customer._id));
  }

  return { get, getMany, identitiesOf, list, idsByName };
}

/** A range over the index instead of a pattern: every string that begins with `prefix` lies in it. */
function prefixFilters(prefix: string): Record<string, unknown>[] {
  const range = { $gte: prefix, $lt: `${prefix}\u{10FFFF}` };
  return [{ remark: range }, { nickname: range }];
}
