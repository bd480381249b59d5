/** The ledger in the database: accounts are touched first, so that two movements of one customer conflict; postings are only ever added. */
import { Types } from 'mongoose';
import type { ClientSession, Model } from 'mongoose';
import { insertRecords } from '../../infra/mongo.js';
import { emptyAccount } from './book.js';
import type { MembershipModels } from './models.js';
import type { Account, GrowthRow, OrderName, Posting } from './shapes.js';

export interface LedgerChanges {
  accounts: readonly Account[];
  postings: readonly Posting[];
  growth?: { put: readonly GrowthRow[]; remove: readonly string[] };
}

export interface LedgerStore {
  /** Touches the accounts in the order of their ids, beginning those that are not there, and gives their state. */
  lock(tx: ClientSession, customerIds: readonly Types.ObjectId[]): Promise<Account[]>;
  posting(tx: ClientSession, key: string): Promise<Posting | undefined>;
  /** All that was booked for an order, oldest first. */
  ofOrder(tx: ClientSession, order: OrderName): Promise<Posting[]>;
  ofLots(tx: ClientSession, lots: readonly Types.ObjectId[]): Promise<Posting[]>;
  growth(tx: ClientSession | null, customerIds: readonly Types.ObjectId[]): Promise<GrowthRow[]>;
  save(tx: ClientSession, changes: LedgerChanges): Promise<void>;
}

/** The driver's collection, with the type of what is in it: reading and writing past mongoose's documents. */
export const raw = <T extends object>(model: Model<T>) => model.collection;

export function createStore({ accounts, postings, growth }: MembershipModels): LedgerStore {
  async function touch(tx: ClientSession, _id: Types.ObjectId): Promise<Account> {
    const { _id: _, ...begun } = emptyAccount(_id);
    const found = await raw(accounts).findOneAndUpdate(
      { _id },
      { $inc: { touches: 1 }, $setOnInsert: begun },
      { session: tx, upsert: true, returnDocument: 'after' },
    );
    return found as unknown as Account;
  }

  async function lock(tx: ClientSession, customerIds: readonly Types.ObjectId[]): Promise<Account[]> {
    const locked: Account[] = [];
    for (const id of inIdOrder(customerIds)) locked.push(await touch(tx, id));
    return locked;
  }

  const find = async (tx: ClientSession, filter: Record<string, unknown>): Promise<Posting[]> =>
    (await raw(postings).find(filter, { session: tx }).toArray()) as unknown as Posting[];

  return {
    lock,
    posting: async (tx, key) => (await find(tx, { key }))[0],
    ofOrder: async (tx, { source, orderNo }) =>
      byTime(await find(tx, { 'order.source': source, 'order.orderNo': orderNo })),
    ofLots: (tx, lots) => find(tx, { 'legs.lot': { $in: [...lots] } }),
    growth: async (tx, customerIds) =>
      (await raw(growth)
        .find({ customerId: { $in: [...customerIds] } }, tx ? { session: tx } : {})
        .toArray()) as unknown as GrowthRow[],
    save: async (tx, changes) => {
      await replaceAll(tx, raw(accounts), changes.accounts);
      if (changes.postings.length) await insertRecords(postings, changes.postings, tx);
      const { put = [], remove = [] } = changes.growth ?? {};
      await replaceAll(tx, raw(growth), put, { upsert: true });
      if (remove.length) await raw(growth).deleteMany({ _id: { $in: [...remove] } as never }, { session: tx });
    },
  };
}

/** Two movements that share accounts touch them in the same order, so neither waits for the other in a circle. */
export function inIdOrder(ids: readonly Types.ObjectId[]): Types.ObjectId[] {
  const unique = [...new Set(ids.map((id) => id.toHexString()))].sort();
  return unique.map((id) => new Types.ObjectId(id));
}

const byTime = (found: Posting[]): Posting[] => found.sort((a, b) => a.at.getTime() - b.at.getTime() || a.seq - b.seq);

/** One alone without the driver's machinery for many, which costs more than the write. */
async function replaceAll(
  tx: ClientSession,
  collection: ReturnType<typeof raw>,
  rows: ReadonlyArray<{ _id: unknown }>,
  { upsert = false }: { upsert?: boolean } = {},
): Promise<void> {
  const writes = rows.map(({ _id, ...replacement }) => ({ filter: { _id: _id as never }, replacement, upsert }));
  const [first, ...others] = writes;
  if (!first) return;
  if (others.length === 0) await collection.replaceOne(first.filter, first.replacement, { session: tx, upsert });
  else
    await collection.bulkWrite(
      writes.map((replaceOne) => ({ replaceOne })),
      { session: tx, ordered: true },
    );
}
