/**
 * Gathers what the other modules hold of many persons: a bounded number of questions however many they are, each by an index. What belongs
 * to a moment of the past leaves out what came later. No writes.
 */
import type { ClientSession, Model, Types } from 'mongoose';
import type { CommerceModels, BehaviourCount, Purchase, createPurchases } from '../commerce/index.js';
import { createConsents } from '../customers/index.js';
import type { ConsentRecord, CustomerModels, CustomerRecord, IdentityRecord } from '../customers/index.js';
import { IN_ONE_ANSWER } from '../../infra/mongo.js';
import type { Account, MembershipModels, VoucherRecord } from '../membership/index.js';
import type { PortraitModels, ScoreRecord } from './models.js';

export type PortraitSources = PortraitModels &
  Pick<CustomerModels, 'customers' | 'identities' | 'consents'> &
  Pick<CommerceModels, 'orders' | 'behaviours' | 'behaviourDays'> &
  Pick<MembershipModels, 'accounts' | 'vouchers'>;

/** `past`: as it was then. Otherwise everything that is known, and `at` only says which day it is. */
export interface When {
  at: Date;
  past: boolean;
}

/** On which lists the customers are, by the ids that were put there. */
export type ListsOf = (
  tx: ClientSession | null,
  customerIds: readonly Types.ObjectId[],
) => Promise<Array<{ customerId: Types.ObjectId; listId: string }>>;

/** All that is known of one person. `customers`: oldest first, at least one. */
export interface Known {
  personId: Types.ObjectId;
  customers: [CustomerRecord, ...CustomerRecord[]];
  identities: IdentityRecord[];
  consents: ConsentRecord[];
  purchases: Purchase[];
  behaviour: BehaviourCount[];
  /** Of the past, where the customer's own figure came later. */
  lastBehaviourAt: Date[];
  accounts: Account[];
  vouchers: VoucherRecord[];
  lists: string[];
  score: ScoreRecord | undefined;
}

export interface ReadParts {
  purchases: ReturnType<typeof createPurchases>;
  listsOf: ListsOf;
  /** The first day of behaviour that counts. */
  behaviourFrom(at: Date): string;
}

export function createPortraitReads(models: PortraitSources, { purchases, listsOf, behaviourFrom }: ReadParts) {
  const { evidence } = createConsents(models);

  /** Persons that have no customer (any more, or then) are left out. */
  async function read(tx: ClientSession | null, personIds: readonly Types.ObjectId[], when: When): Promise<Known[]> {
    const customers = (await members(tx, personIds)).filter(({ createdAt }) => !when.past || createdAt <= when.at);
    const ids = customers.map(({ _id }) => _id);
    if (ids.length === 0) return [];
    const bought = when.past ? await purchases.purchasesAsOf(ids, when.at) : await purchases.purchasesOf(tx, ids);
    const from = behaviourFrom(when.at);
    const did = when.past
      ? await purchases.behaviourSinceAsOf(ids, from, when.at)
      : await purchases.behaviourSince(tx, ids, from);
    const last = when.past ? await lastBehaviour(customers, when.at) : new Map<string, Date>();
    const identities = await all<IdentityRecord>(tx, models.identities, { customerId: { $in: ids } });
    const words = await evidence(ids, tx);
    const accounts = await all<Account>(tx, models.accounts, { _id: { $in: ids } }, { lots: 0 });
    const vouchers = await all<VoucherRecord>(tx, models.vouchers, vouchersOf(ids, when));
    const onLists = await listsOf(tx, ids);
    const scores = await all<ScoreRecord>(tx, models.scores, { _id: { $in: [...personIds] } });
    const byId = new Map(scores.map((score) => [String(score._id), score]));
    const of = {
      identities: groupBy(identities, ({ customerId }) => customerId),
      consents: groupBy(words, ({ customerId }) => customerId),
      purchases: groupBy(bought, ({ customerId }) => customerId),
      behaviour: groupBy(did, ({ customerId }) => customerId),
      accounts: groupBy(accounts, ({ _id }) => _id),
      vouchers: groupBy(vouchers, ({ customerId }) => customerId),
      lists: groupBy(onLists, ({ customerId }) => customerId),
    };
    return [...groupBy(customers, ({ personId }) => personId)].flatMap(([personId, [first, ...others]]): Known[] => {
      if (!first) return [];
      const own = [first, ...others] as Known['customers'];
      const each = <T>(grouped: ReadonlyMap<string, T[]>): T[] =>
        own.flatMap(({ _id }) => grouped.get(String(_id)) ?? []);
      return [
        {
          personId: first.personId,
          customers: own,
          identities: each(of.identities),
          consents: each(of.consents),
          purchases: each(of.purchases),
          behaviour: each(of.behaviour),
          lastBehaviourAt: own.flatMap(({ _id }) => last.get(String(_id)) ?? []),
          accounts: each(of.accounts),
          vouchers: each(of.vouchers),
          lists: each(of.lists).map(({ listId }) => listId),
          score: byId.get(personId),
        },
      ];
    });
  }

  /** Each person's oldest first. */
  async function members(tx: ClientSession | null, personIds: readonly Types.ObjectId[]): Promise<CustomerRecord[]> {
    const found = await all<CustomerRecord>(tx, models.customers, { personId: { $in: [...personIds] } });
    return found.sort(
      (a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (String(a._id) < String(b._id) ? -1 : 1),
    );
  }

  async function lastBehaviour(customers: readonly CustomerRecord[], asOf: Date): Promise<Map<string, Date>> {
    const later = customers.filter(({ figures }) => figures?.lastBehaviourAt && figures.lastBehaviourAt > asOf);
    return purchases.lastBehaviourAsOf(
      later.map(({ _id }) => _id),
      asOf,
    );
  }

  return { read };
}

function vouchersOf(ids: readonly Types.ObjectId[], { at, past }: When): Record<string, unknown> {
  const customerId = { $in: [...ids] };
  return past ? { customerId, grantedAt: { $lte: at } } : { customerId, state: 'granted', expiresAt: { $gte: at } };
}

/** Past mongoose's documents, as the records are only looked at. */
async function all<T extends object>(
  tx: ClientSession | null,
  model: Model<T>,
  filter: Record<string, unknown>,
  projection?: Record<string, 0 | 1>,
): Promise<T[]> {
  const options = { ...IN_ONE_ANSWER, ...(tx ? { session: tx } : {}), ...(projection ? { projection } : {}) };
  return (await model.collection.find(filter, options).toArray()) as unknown as T[];
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => Types.ObjectId): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = String(keyOf(row));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}
