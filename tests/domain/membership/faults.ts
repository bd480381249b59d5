/** Faults that a ledger could have, each built by handing in one broken part. The operations must notice every one of them. */
import { Types } from 'mongoose';
import type { OrderFacts } from '../../../src/contracts/index.js';
import { worth } from '../../../src/domain/membership/amounts.js';
import { exactSteps } from '../../../src/domain/membership/book.js';
import type { Steps } from '../../../src/domain/membership/book.js';
import { growthRowsOf } from '../../../src/domain/membership/growth.js';
import * as exact from '../../../src/domain/membership/settlement.js';
import type { Account, Basis, GrowthRow, Lot, Posting } from '../../../src/domain/membership/shapes.js';
import type { LedgerChanges } from '../../../src/domain/membership/store.js';
import { countingIds } from './world.js';
import type { Fault } from './world.js';
import type { MemoryStore } from './memory-store.js';

const FAR = new Date('2999-01-01');
const steps = (broken: Partial<Steps>): Fault => ({ steps: { ...exactSteps, newId: countingIds(), ...broken } });
const settle = (broken: Partial<NonNullable<Fault['settle']>>): Fault => ({ settle: { ...exact, ...broken } });
const saving = (change: (changes: LedgerChanges) => LedgerChanges): Fault => ({
  store: (store: MemoryStore) => ({ ...store, save: (tx, changes) => store.save(tx, change(changes)) }),
});

/** Lets the clock's part happen as if these dates of lots were others. */
const withDates =
  (dates: (lot: Lot) => Partial<Lot>): Steps['advance'] =>
  (movement, account: Account) => {
    const before = new Map(account.lots.map((lot) => [lot, { ...lot }]));
    for (const lot of account.lots) Object.assign(lot, dates(lot));
    exactSteps.advance(movement, account);
    for (const [lot, { expiresAt, availableAt }] of before) Object.assign(lot, { expiresAt, availableAt });
  };

const allocateBy =
  (compare: (a: Lot, b: Lot) => number): Steps['allocate'] =>
  (lots, amount) => {
    let missing = amount;
    return lots
      .filter(({ pending }) => !pending)
      .sort(compare)
      .flatMap((lot) => {
        const part = Math.min(lot.remaining, missing);
        missing -= part;
        return part > 0 ? [{ lot, amount: part }] : [];
      });
  };

const eachRefundByItself = (facts: OrderFacts, basis: Basis): number => {
  if (!facts.paidAt) return 0;
  const earned = worth(facts.cash, basis.perYuan, basis.percent);
  const parts = facts.refunds.map(({ amount }) => Math.floor((earned * amount) / facts.cash));
  return Math.max(0, earned - parts.reduce((all, part) => all + part, 0));
};

/** A spending that counts as growth value. */
function growsBySpending(changes: LedgerChanges): LedgerChanges {
  const rows = changes.postings
    .filter(({ kind }) => kind === 'spend')
    .map((spend): GrowthRow => {
      const { customerId, at } = spend;
      return { _id: spend.key, customerId, amount: spend.asked ?? 0, at, from: at };
    });
  const { put = [], remove = [] } = changes.growth ?? {};
  return { ...changes, growth: { put: [...put, ...rows], remove } };
}

const forgets =
  (kind: Posting['kind']) =>
  (changes: LedgerChanges): LedgerChanges => ({
    ...changes,
    postings: changes.postings.filter((one) => one.kind !== kind),
  });

export const faults: Readonly<Record<string, Fault>> = {
  'lots never expire': steps({ advance: withDates(() => ({ expiresAt: FAR })) }),
  'the last day does not count': steps({
    advance: withDates(({ expiresAt }) => ({ expiresAt: new Date(expiresAt.getTime() - 86_400_000 / 2) })),
  }),
  'only timers let things happen': steps({ advance: () => undefined }),
  'points are released before the return window ends': steps({
    advance: withDates(({ availableAt }) => ({ availableAt: new Date(availableAt.getTime() - 86_400_000) })),
  }),
  'the earliest earned is used first, whatever expires': steps({
    allocate: allocateBy((a, b) => a.earnedAt.getTime() - b.earnedAt.getTime()),
  }),
  'the last to expire is used first': steps({
    allocate: allocateBy((a, b) => b.expiresAt.getTime() - a.expiresAt.getTime()),
  }),
  'debt is never netted': steps({ offset: () => undefined }),
  'nothing is taken back': settle({ claw: () => undefined }),
  'what was used is not given back': settle({ giveBack: () => undefined }),
  'what was used first is given back first': settle({
    bookedOf: (history) => {
      const booked = exact.bookedOf(history);
      return { ...booked, returnable: booked.returnable.reverse() };
    },
  }),
  'what came back is counted against the last use of its lot, whenever that was': settle({
    bookedOf: (history) => {
      const spends = history.filter(({ kind }) => kind === 'spend');
      const others = history.filter(({ kind }) => kind !== 'spend');
      return exact.bookedOf([...spends, ...others].map((one, i) => ({ ...one, seq: i, at: new Date(i) })));
    },
  }),
  'what expired is forgiven again and again': settle({
    bookedOf: (history) => ({ ...exact.bookedOf(history), forgiven: 0 }),
  }),
  'what expired is never forgiven': settle({
    claw: (movement, account, amount, clawing) => exact.claw(movement, account, amount, { ...clawing, forgivable: 0 }),
  }),
  'other lots pay before the own': settle({
    claw: (movement, account, amount, clawing) => exact.claw(movement, account, amount, { ...clawing, ownLots: [] }),
  }),
  'each refund is rounded by itself': settle({ wanted: eachRefundByItself }),
  'a given-back part is rounded up': settle({
    toReturn: (booked, share) =>
      exact.toReturn(booked, share) +
      (share.part > 0 && share.part < share.whole && booked.spent > booked.returned ? 1 : 0),
  }),
  'a repeated movement is not known, and its key is not unique': {
    store: (store) => ({
      ...store,
      posting: () => Promise.resolve(undefined),
      save: (tx, changes) =>
        store.save(tx, {
          ...changes,
          postings: changes.postings.map((one) => ({ ...one, key: `${one.key} ${String(new Types.ObjectId())}` })),
        }),
    }),
  },
  'spending counts for the level': saving(growsBySpending),
  'growth value of a refund counts from its own day': {
    growthRowsOf: (facts, versions) => growthRowsOf(facts, versions).map((row) => ({ ...row, at: row.from })),
  },
  'growth value is granted on payment': {
    growthRowsOf: (facts, versions) =>
      growthRowsOf({ ...facts, ...(facts.paidAt ? { completedAt: facts.paidAt } : {}) }, versions),
  },
  'a refund leaves the growth value alone': {
    growthRowsOf: (facts, versions) => growthRowsOf({ ...facts, refunds: [] }, versions),
  },
  'releases are not written down': saving(forgets('release')),
  'an expiry is not written down': saving(forgets('expire')),
};
