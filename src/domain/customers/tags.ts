/** Words that staff and shops put on a customer. A person's tags are those of all their records, so that undoing a link gives each its own. */
import type { ClientSession, Types } from 'mongoose';
import type { NewDomainEvent } from '../../contracts/index.js';
import { notFound } from '../../errors.js';
import type { CustomerModels, CustomerRecord } from './models.js';

export const MAX_TAGS = 50;
export const MAX_TAG_LENGTH = 20;

export interface TagChange {
  add?: readonly string[] | undefined;
  remove?: readonly string[] | undefined;
}

export const tagProblems = ['tag.empty', 'tag.tooLong', 'tag.tooMany'] as const;
export type TagProblem = (typeof tagProblems)[number];
export type Tagged = { ok: true; tags: string[]; events: NewDomainEvent[] } | { ok: false; reason: TagProblem };

export type Tags = ReturnType<typeof createTags>;

export function createTags({ customers }: Pick<CustomerModels, 'customers'>) {
  /** Adds and takes away; what is in both is taken away. The same again changes nothing. `by`: who. 404 customer.notFound. */
  async function tag(
    tx: ClientSession,
    customerId: Types.ObjectId,
    { add = [], remove = [] }: TagChange,
    by: string,
    at: Date,
  ): Promise<Tagged> {
    const [wanted, unwanted] = [add, remove].map((words) => new Set(words.map((word) => word.trim())));
    const problem = [...(wanted ?? [])].map(problemOf).find((one) => one !== undefined);
    if (problem) return { ok: false, reason: problem };
    const customer = await customers
      .findById(customerId, { tags: 1 }, { session: tx })
      .lean<Pick<CustomerRecord, 'tags'>>();
    if (!customer) throw notFound('customer');
    const before = customer.tags ?? [];
    const tags = [...new Set([...before, ...(wanted ?? [])])].filter((word) => !unwanted?.has(word)).sort();
    if (tags.length > MAX_TAGS && tags.length > before.length) return { ok: false, reason: 'tag.tooMany' };
    const added = tags.filter((word) => !before.includes(word));
    const removed = before.filter((word) => !tags.includes(word));
    if (added.length + removed.length === 0) return { ok: true, tags: before, events: [] };
    await customers.updateOne({ _id: customerId }, { $set: { tags } }, { session: tx });
    const data = { added, removed, by };
    return { ok: true, tags, events: [{ kind: 'customer.tagged', customerId: String(customerId), at, data }] };
  }

  /** Which tags there are, most used first, for a list to choose from. Reads the index of tags. */
  async function inUse(limit: number): Promise<Array<{ tag: string; customers: number }>> {
    const found = await customers.aggregate<{ _id: string; customers: number }>([
      { $match: { tags: { $gt: '' } } },
      { $unwind: '$tags' },
      { $group: { _id: '$tags', customers: { $sum: 1 } } },
      { $sort: { customers: -1, _id: 1 } },
      { $limit: limit },
    ]);
    return found.map(({ _id, customers: count }) => ({ tag: _id, customers: count }));
  }

  return { tag, inUse };
}

/** Of all records of a person, each once. */
export const personTags = (records: ReadonlyArray<Pick<CustomerRecord, 'tags'>>): string[] =>
  [...new Set(records.flatMap(({ tags = [] }) => tags))].sort();

function problemOf(word: string): TagProblem | undefined {
  if (word === '') return 'tag.empty';
  return [...word].length > MAX_TAG_LENGTH ? 'tag.tooLong' : undefined;
}
