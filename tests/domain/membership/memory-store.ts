/** The ledger's store without a database: for a hundred thousand movements in seconds. Keeps the unique keys that the database keeps. */
import { Types } from 'mongoose';
import { emptyAccount } from '../../../src/domain/membership/book.js';
import type { Account, GrowthRow, Posting } from '../../../src/domain/membership/shapes.js';
import { inIdOrder } from '../../../src/domain/membership/store.js';
import type { LedgerStore } from '../../../src/domain/membership/store.js';

export interface MemoryStore extends LedgerStore {
  accounts: Map<string, Account>;
  /** By customer, in their order. */
  postings: Map<string, Posting[]>;
  growthRows: Map<string, GrowthRow>;
}

export function memoryStore(): MemoryStore {
  const accounts = new Map<string, Account>();
  const postings = new Map<string, Posting[]>();
  const byKey = new Map<string, Posting>();
  const byOrder = new Map<string, Posting[]>();
  const byLot = new Map<string, Posting[]>();
  const growthRows = new Map<string, GrowthRow>();
  const add = (index: Map<string, Posting[]>, key: string, posting: Posting): void => {
    const list = index.get(key);
    if (list) list.push(posting);
    else index.set(key, [posting]);
  };
  const keep = (posting: Posting): void => {
    if (byKey.has(posting.key)) throw new Error(`the key ${posting.key} is taken`);
    byKey.set(posting.key, posting);
    add(postings, String(posting.customerId), posting);
    if (posting.order) add(byOrder, `${posting.order.source} ${posting.order.orderNo}`, posting);
    for (const lot of new Set(posting.legs.flatMap((leg) => (leg.lot ? [String(leg.lot)] : []))))
      add(byLot, lot, posting);
  };
  return {
    accounts,
    postings,
    growthRows,
    lock: (_tx, ids) =>
      Promise.resolve(
        inIdOrder(ids).map((id) => copied(accounts.get(String(id)) ?? emptyAccount(new Types.ObjectId(id)))),
      ),
    posting: (_tx, key) => Promise.resolve(byKey.get(key)),
    ofOrder: (_tx, { source, orderNo }) => Promise.resolve([...(byOrder.get(`${source} ${orderNo}`) ?? [])]),
    ofLots: (_tx, lots) => Promise.resolve([...new Set(lots.flatMap((lot) => byLot.get(String(lot)) ?? []))]),
    growth: (_tx, ids) =>
      Promise.resolve([...growthRows.values()].filter((row) => ids.some((id) => id.equals(row.customerId)))),
    save: (_tx, changes) => {
      for (const account of changes.accounts) accounts.set(String(account._id), copied(account));
      changes.postings.forEach(keep);
      for (const row of changes.growth?.put ?? []) growthRows.set(row._id, row);
      for (const id of changes.growth?.remove ?? []) growthRows.delete(id);
      return Promise.resolve();
    },
  };
}

const copied = (account: Account): Account => ({ ...account, lots: account.lots.map((lot) => ({ ...lot })) });
