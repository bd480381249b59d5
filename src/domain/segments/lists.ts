/**
 * Static lists: people chosen by hand or by a file, who stay on until somebody takes them off. Rows hold customers, so that undoing a link
 * gives each their own; the portraits' copy is written in the same transaction.
 */
import { isDeepStrictEqual } from 'node:util';
import { Types } from 'mongoose';
import type { ClientSession, Model } from 'mongoose';
import type { NewDomainEvent } from '../../contracts/index.js';
import { notFound, RequestProblem } from '../../errors.js';
import { IN_ONE_ANSWER, insertRecords, olderThan } from '../../infra/mongo.js';
import type { PortraitRecord } from './portrait.js';
import type { ByWhom, Page, SavedOptions } from './saved.js';
import type { ListRecord, SegmentModels } from './segment-models.js';

/** Customers in one call. */
export const MAX_LISTED = 5000;

/** `unknown`: ids of which there is no customer. `people`: how many came on it, or off it. */
export interface Listed {
  people: number;
  unknown: string[];
  events: NewDomainEvent[];
}

type Models = Pick<SegmentModels, 'segments' | 'lists' | 'listMembers'> & { portraits: Model<PortraitRecord> };

export function createLists(
  { segments, lists, listMembers, portraits }: Models,
  { usedBy, changed }: Pick<SavedOptions, 'usedBy' | 'changed'>,
) {
  const list = ({ limit, after }: Page): Promise<ListRecord[]> =>
    lists
      .find(after ? olderThan('changedAt', after) : {})
      .sort({ changedAt: -1, _id: -1 })
      .limit(limit)
      .lean<ListRecord[]>();

  /** 404 list.notFound. */
  async function get(id: string, tx: ClientSession | null = null): Promise<ListRecord> {
    const found = await lists.findById(id, null, { session: tx }).lean<ListRecord>();
    if (!found) throw notFound('list');
    return found;
  }

  /** People on it now. */
  const size = (id: string): Promise<number> => portraits.collection.countDocuments({ lists: id });

  /** By id; `after`: the last id of the page before. */
  async function page(
    id: string,
    { limit, after }: { limit: number; after?: string | undefined },
  ): Promise<PortraitRecord[]> {
    const behind = after === undefined ? {} : { _id: { $gt: new Types.ObjectId(after) } };
    const found = portraits.collection.find({ lists: id, ...behind }, { sort: { _id: 1 }, limit, ...IN_ONE_ANSWER });
    return (await found.toArray()) as unknown as PortraitRecord[];
  }

  /** `id` null makes a new one. */
  async function put(
    tx: ClientSession,
    id: string | null,
    { name, note }: { name: string; note: string },
    by: ByWhom,
  ): Promise<{ list: ListRecord; events: NewDomainEvent[] }> {
    const before = id === null ? undefined : await get(id, tx);
    if (before && isDeepStrictEqual([before.name, before.note], [name, note])) return { list: before, events: [] };
    const _id = before?._id ?? new Types.ObjectId();
    const record: ListRecord = {
      ...{ _id, name, note, createdAt: before?.createdAt ?? by.at, changedAt: by.at, changedBy: by.staffId },
    };
    await lists.replaceOne({ _id }, record, { session: tx, upsert: true });
    changed();
    return { list: record, events: [event(record, by, {})] };
  }

  /** By customer ids; a person who is on it already stays. 404 list.notFound, 400 list.tooMany. */
  async function addPeople(tx: ClientSession, id: string, customerIds: readonly string[], by: ByWhom): Promise<Listed> {
    const record = await get(id, tx);
    const { people, unknown } = await peopleOf(tx, customerIds);
    const fresh = people.filter(({ lists: on }) => !on.includes(id));
    const given = new Set(customerIds);
    const members = fresh.flatMap(({ customerIds: own }) => own.filter((one) => given.has(String(one))));
    const rows = members.map((customerId) => ({
      ...{ _id: new Types.ObjectId(), listId: id, customerId, addedAt: by.at, addedBy: by.staffId },
    }));
    if (rows.length === 0) return { people: 0, unknown, events: [] };
    await insertRecords(listMembers, rows, tx);
    await mark(tx, fresh, { $addToSet: { lists: id } });
    return { people: fresh.length, unknown, events: [event(record, by, { added: fresh.length })] };
  }

  /** With all their customers. 404 list.notFound, 400 list.tooMany. */
  async function removePeople(
    tx: ClientSession,
    id: string,
    customerIds: readonly string[],
    by: ByWhom,
  ): Promise<Listed> {
    const record = await get(id, tx);
    const { people, unknown } = await peopleOf(tx, customerIds);
    const gone = people.filter(({ lists: on }) => on.includes(id));
    if (gone.length === 0) return { people: 0, unknown, events: [] };
    const theirs = gone.flatMap((one) => one.customerIds);
    await listMembers.deleteMany({ listId: id, customerId: { $in: theirs } }, { session: tx });
    await mark(tx, gone, { $pull: { lists: id } });
    return { people: gone.length, unknown, events: [event(record, by, { removed: gone.length })] };
  }

  async function peopleOf(
    tx: ClientSession,
    ids: readonly string[],
  ): Promise<{ people: PortraitRecord[]; unknown: string[] }> {
    if (ids.length > MAX_LISTED) {
      throw new RequestProblem(400, 'list.tooMany', `At most ${MAX_LISTED} customers at a time.`);
    }
    const wanted = { customerIds: { $in: ids.map((id) => new Types.ObjectId(id)) } };
    const kept = { projection: { customerIds: 1, lists: 1 }, session: tx, ...IN_ONE_ANSWER };
    const people = (await portraits.collection.find(wanted, kept).toArray()) as unknown as PortraitRecord[];
    const known = new Set(people.flatMap(({ customerIds }) => customerIds.map(String)));
    return { people, unknown: ids.filter((id) => !known.has(id)) };
  }

  const mark = async (
    tx: ClientSession,
    people: readonly PortraitRecord[],
    change: { $addToSet: { lists: string } } | { $pull: { lists: string } },
  ): Promise<void> => {
    const ids = people.map(({ _id }) => _id);
    await portraits.collection.updateMany({ _id: { $in: ids } }, change as Record<string, object>, { session: tx });
  };

  /** Takes the list away from everybody on it, so many at a time; call it until it answers 0, then the list itself is gone. 409 list.inUse. */
  async function remove(
    tx: ClientSession,
    id: string,
    by: ByWhom,
  ): Promise<{ left: number; events: NewDomainEvent[] }> {
    const record = await get(id, tx);
    if ((await segments.exists({ usesLists: id }).session(tx)) ?? (await usedBy(tx, 'list', id))) {
      throw new RequestProblem(409, 'list.inUse', 'A segment, a strategy or a broadcast asks for it.');
    }
    const some = { limit: MAX_LISTED, session: tx, ...IN_ONE_ANSWER };
    const rows = await listMembers.collection.find({ listId: id }, some).toArray();
    if (rows.length > 0) {
      const customerIds = rows.map(({ customerId }) => customerId as Types.ObjectId);
      await removePeople(tx, id, customerIds.map(String), by);
      await listMembers.deleteMany({ listId: id, customerId: { $in: customerIds } }, { session: tx });
      return { left: rows.length, events: [] };
    }
    await lists.deleteOne({ _id: record._id }, { session: tx });
    changed();
    return { left: 0, events: [event(record, by, { removedList: true })] };
  }

  /** For portraits: on which lists the customers are. */
  async function listsOf(
    tx: ClientSession | null,
    customerIds: readonly Types.ObjectId[],
  ): Promise<Array<{ customerId: Types.ObjectId; listId: string }>> {
    const wanted = { customerId: { $in: [...customerIds] } };
    const options = {
      projection: { _id: 0, customerId: 1, listId: 1 },
      ...(tx ? { session: tx } : {}),
      ...IN_ONE_ANSWER,
    };
    return (await listMembers.collection.find(wanted, options).toArray()) as unknown as Array<{
      customerId: Types.ObjectId;
      listId: string;
    }>;
  }

  return { list, get, size, page, put, addPeople, removePeople, remove, listsOf };
}

const event = ({ _id, name }: ListRecord, by: ByWhom, data: Record<string, unknown>): NewDomainEvent => ({
  ...{ kind: 'segment.changed', at: by.at },
  data: { listId: String(_id), name, by: by.staffId, ...data },
});
