/** Who holds a number, asked by its blind index. Reads only. */
import type { ClientSession } from 'mongoose';
import { IN_ONE_ANSWER } from '../../infra/mongo.js';
import type { CustomerModels, CustomerRecord } from './models.js';

export type Holding = Pick<CustomerRecord, '_id' | 'personId' | 'profile'>;

/** More than this in one answer, and some number in it is a filler that thousands share: then each number is asked for by itself. */
const MOST_AT_ONCE = 2_000;
/** So many holders of one number are never one person; who is beyond does not matter. */
const MOST_OF_ONE = 60;
const FIELDS = { personId: 1, 'profile.phone': 1 } as const;

/** By index, oldest record first. */
export async function holdersByIndex(
  { customers }: Pick<CustomerModels, 'customers'>,
  tx: ClientSession | null,
  indexes: readonly string[],
): Promise<Map<string, Holding[]>> {
  const wanted = [...new Set(indexes)];
  if (wanted.length === 0) return new Map();
  const ask = (some: readonly string[], limit: number): Promise<Holding[]> =>
    customers
      .find({ 'profile.phone.index': { $in: [...some] } }, FIELDS, { session: tx, ...IN_ONE_ANSWER })
      .limit(limit)
      .lean<Holding[]>();
  const found = await ask(wanted, MOST_AT_ONCE);
  if (found.length < MOST_AT_ONCE) return grouped(found);
  const each: Holding[] = [];
  for (const index of wanted) each.push(...(await ask([index], MOST_OF_ONE)));
  return grouped(each);
}

function grouped(found: readonly Holding[]): Map<string, Holding[]> {
  const groups = new Map<string, Holding[]>();
  const sorted = [...found].sort((a, b) => (String(a._id) < String(b._id) ? -1 : 1));
  for (const one of sorted) {
    const index = one.profile?.phone?.index ?? '';
    const group = groups.get(index);
    if (group) group.push(one);
    else groups.set(index, [one]);
  }
  return groups;
}
