/**
 * Growth value of orders from before: many customers at once, in a handful of writes. No points and, unless asked for, no events.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { OrderFacts, Owed } from '../../contracts/index.js';
import { IN_ONE_ANSWER } from '../../infra/mongo.js';
import type { FigureChange, WriteFigures } from '../customers/index.js';
import { emptyAccount } from './book.js';
import { growthRowsOf } from './growth.js';
import type { ProgrammeVersion } from './levels.js';
import type { MembershipModels } from './models.js';
import { nothingOwed, joined } from './owed.js';
import { judgePerson } from './person-level.js';
import type { Judging } from './person-level.js';
import type { Account, GrowthRow } from './shapes.js';
import { inIdOrder, raw } from './store.js';
import type { WarnOptions } from './warn-moments.js';

/** `person`: all customers of the person, where they are several. */
export interface HistoryItem {
  customerId: Types.ObjectId;
  facts: OrderFacts;
  person?: readonly Types.ObjectId[];
}

export interface HistoryParts {
  versions(): Promise<readonly ProgrammeVersion[]>;
  writeFigures: WriteFigures;
  timeZone: string;
  warn: WarnOptions;
}

/** Up to some hundred orders a transaction. Orders whose growth value is there already add nothing. Returns the due rows of level expiries. */
export type GrowHistory = (
  tx: ClientSession,
  items: readonly HistoryItem[],
  now: Date,
  options?: { events?: boolean },
) => Promise<Owed>;

export function createHistory({ accounts, growth }: MembershipModels, parts: HistoryParts): GrowHistory {
  return async (tx, items, now, options = {}) => {
    const versions = await parts.versions();
    const wanted = items.flatMap(({ facts }) => growthRowsOf(facts, versions));
    if (wanted.length === 0) return nothingOwed();
    const groups = groupsOf(items);
    const ids = inIdOrder([...groups.values()].flat());
    const existing = (await raw(growth)
      .find({ customerId: { $in: ids } }, { session: tx, ...IN_ONE_ANSWER })
      .toArray()) as unknown as GrowthRow[];
    const known = new Set(existing.map(({ _id }) => _id));
    const added = wanted.filter(({ _id }) => !known.has(_id));
    if (added.length === 0) return nothingOwed();
    await raw(growth).insertMany(added as unknown as object[], { session: tx });
    const stored = options.events ? await read(tx, ids) : [];
    const before = withMissing(stored, ids);
    const { changed, owed } = judgeAll(before, groups, [...existing, ...added], { ...parts, versions, now });
    await write(tx, changed);
    await parts.writeFigures(tx, changed.map(figuresOf));
    return options.events ? owed : { ...owed, events: [], cancel: [] };
  };

  async function read(tx: ClientSession, ids: readonly Types.ObjectId[]): Promise<Account[]> {
    const found = await raw(accounts)
      .find({ _id: { $in: [...ids] } }, { session: tx, ...IN_ONE_ANSWER })
      .toArray();
    return found as unknown as Account[];
  }

  /** Begins accounts that are not there; two movements of one customer at once conflict on it. */
  async function write(tx: ClientSession, changed: readonly Account[]): Promise<void> {
    const { growth: _growth, _id: _none, ...begun } = emptyAccount(new Types.ObjectId());
    const writes = changed.map(({ _id, growth: value, level }) => ({
      updateOne: {
        filter: { _id },
        update: { $inc: { touches: 1 }, $set: { growth: value, level }, $setOnInsert: begun },
        upsert: true,
      },
    }));
    await raw(accounts).bulkWrite(writes, { session: tx, ordered: true });
  }
}

function withMissing(stored: readonly Account[], ids: readonly Types.ObjectId[]): Account[] {
  const found = new Map(stored.map((account) => [account._id.toHexString(), account]));
  return ids.map((id) => found.get(id.toHexString()) ?? emptyAccount(id));
}

/** Each person's customers by their first, in the order they were handed in. */
function groupsOf(items: readonly HistoryItem[]): Map<string, readonly Types.ObjectId[]> {
  const groups = new Map<string, readonly Types.ObjectId[]>();
  for (const { customerId, person } of items) {
    const ids = person ?? [customerId];
    const key = ids[0]?.toHexString() ?? customerId.toHexString();
    if (!groups.has(key)) groups.set(key, ids);
  }
  return groups;
}

function judgeAll(
  accounts: readonly Account[],
  groups: ReadonlyMap<string, readonly Types.ObjectId[]>,
  rows: readonly GrowthRow[],
  judging: Pick<Judging, 'versions' | 'now' | 'timeZone' | 'warn'>,
): { changed: Account[]; owed: Owed } {
  const byCustomer = grouped(rows, ({ customerId }) => customerId.toHexString());
  const accountBy = new Map(accounts.map((account) => [account._id.toHexString(), account]));
  const owed: Owed[] = [];
  const changed: Account[] = [];
  for (const customerIds of groups.values()) {
    const own = customerIds.flatMap((id) => accountBy.get(id.toHexString()) ?? []);
    const entries = customerIds.flatMap((id) => byCustomer.get(id.toHexString()) ?? []);
    const [id] = customerIds;
    if (!id) continue;
    owed.push(judgePerson(own, { id, customerIds: [...customerIds] }, entries, judging));
    changed.push(...own);
  }
  return { changed, owed: joined(...owed) };
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}

const figuresOf = ({ _id, growth, level }: Account): FigureChange => ({
  customerId: _id,
  set: { growth, ...(level ? { level: level.code } : {}) },
});
