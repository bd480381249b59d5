/**
 * The arithmetic of the ledger: postings change accounts, lots are used in order, what is past its moment goes first. Pure: works on
 * accounts in memory and collects postings; the store loads and saves them.
 */
import { Types } from 'mongoose';
import type { Account, Leg, Lot, LotTerms, Posting, Totals } from './shapes.js';

/** The steps that movements are made of; a test hands in a broken one to see that it is noticed. */
export interface Steps {
  newId(): Types.ObjectId;
  advance(movement: Movement, account: Account): void;
  allocate(lots: readonly Lot[], amount: number): Taken[];
  offset(movement: Movement, account: Account, cause: string): void;
}

/** One movement under way. Its accounts may be changed freely; they are stored together with the postings. */
export interface Movement {
  now: Date;
  accounts: Account[];
  postings: Posting[];
  steps: Steps;
}

export type Draft = Pick<Posting, 'key' | 'kind' | 'legs'> &
  Partial<Pick<Posting, 'at' | 'lots' | 'order' | 'reason' | 'by' | 'basis' | 'claw' | 'asked' | 'partOf'>>;

export interface Taken {
  lot: Lot;
  amount: number;
}

const EPOCH = new Date(0);

export function emptyAccount(customerId: Types.ObjectId): Account {
  return { _id: customerId, seq: 0, at: EPOCH, available: 0, pending: 0, debt: 0, lots: [], growth: 0 };
}

export const exactSteps: Steps = { newId: () => new Types.ObjectId(), advance, allocate, offset };

export function begin(accounts: Account[], now: Date, steps: Steps): Movement {
  return { now, accounts, postings: [], steps };
}

export function accountOf(movement: Movement, customerId: Types.ObjectId): Account {
  const account = movement.accounts.find(({ _id }) => _id.equals(customerId));
  if (!account) throw new Error(`the account of ${String(customerId)} is not part of this movement`);
  return account;
}

/** Order of use: what expires first, then what was earned first, then the id. */
export function inOrderOfUse(a: Lot, b: Lot): number {
  return (
    a.expiresAt.getTime() - b.expiresAt.getTime() ||
    a.earnedAt.getTime() - b.earnedAt.getTime() ||
    (a.id.toHexString() < b.id.toHexString() ? -1 : 1)
  );
}

/** Which lots give how much, in order of use; less than asked for when there is less. */
export function allocate(lots: readonly Lot[], amount: number): Taken[] {
  const taken: Taken[] = [];
  let missing = amount;
  for (const lot of lots.filter(({ pending }) => !pending).sort(inOrderOfUse)) {
    if (missing <= 0) break;
    const part = Math.min(lot.remaining, missing);
    taken.push({ lot, amount: part });
    missing -= part;
  }
  return taken;
}

export const sum = (taken: readonly Taken[]): number => taken.reduce((total, { amount }) => total + amount, 0);

/** Both legs of moving points of a lot. */
export const move = (from: Leg['account'], to: Leg['account'], lot: Types.ObjectId, amount: number): Leg[] => [
  { account: from, amount: -amount, lot },
  { account: to, amount, lot },
];

export const termsOf = ({ id, earnedAt, availableAt, expiresAt, order }: LotTerms): LotTerms => ({
  id,
  earnedAt,
  availableAt,
  expiresAt,
  ...(order ? { order } : {}),
});

/** Writes a posting into the movement and onto its account. Never dated before the account's last one. */
export function post(movement: Movement, account: Account, draft: Draft): Posting {
  const balance = draft.legs.reduce((total, { amount }) => total + amount, 0);
  if (balance !== 0) throw new Error(`the legs of ${draft.key} sum to ${balance}, not to 0`);
  const at = draft.at ?? movement.now;
  const posting: Posting = {
    _id: movement.steps.newId(),
    customerId: account._id,
    seq: account.seq + 1,
    ...draft,
    at: at < account.at ? account.at : at,
    after: { available: 0, pending: 0, debt: 0 },
  };
  apply(account, posting);
  posting.after = totalsOf(account);
  movement.postings.push(posting);
  return posting;
}

export const totalsOf = ({ available, pending, debt }: Totals): Totals => ({ available, pending, debt });

/** What a posting does to its account: the same now and when balances are rebuilt. */
export function apply(account: Account, posting: Pick<Posting, 'seq' | 'at' | 'legs' | 'lots'>): void {
  const terms = posting.lots ?? [];
  for (const leg of posting.legs) applyLeg(account, leg, terms);
  for (const term of terms) {
    const lot = account.lots.find(({ id }) => id.equals(term.id));
    if (lot) Object.assign(lot, term);
  }
  account.lots = account.lots.filter(({ remaining }) => remaining !== 0).sort(inOrderOfUse);
  account.seq = posting.seq;
  account.at = posting.at;
}

function applyLeg(account: Account, { account: name, amount, lot: lotId }: Leg, terms: readonly LotTerms[]): void {
  if (name === 'member:debt') account.debt += amount;
  if (name !== 'member:pending' && name !== 'member:available') return;
  const pending = name === 'member:pending';
  if (pending) account.pending += amount;
  else account.available += amount;
  const lot = account.lots.find(({ id }) => lotId?.equals(id)) ?? openLot(account, lotId, terms);
  lot.remaining += amount;
  if (amount > 0) lot.pending = pending;
}

function openLot(account: Account, lotId: Types.ObjectId | undefined, terms: readonly LotTerms[]): Lot {
  const term = terms.find(({ id }) => lotId?.equals(id));
  if (!term) throw new Error(`a posting of ${String(account._id)} names the unknown lot ${String(lotId)}`);
  const lot: Lot = { ...termsOf(term), remaining: 0, pending: false };
  account.lots.push(lot);
  return lot;
}

/** Takes what is available off the debt. */
export function offset(movement: Movement, account: Account, cause: string): void {
  const taken = movement.steps.allocate(account.lots, account.debt);
  const amount = sum(taken);
  if (amount === 0) return;
  const legs = taken.flatMap((one) => move('member:available', 'program:clawed', one.lot.id, one.amount));
  legs.push({ account: 'member:debt', amount: -amount }, { account: 'program:owed', amount });
  // Dated as what it follows, so that no moment shows points beside debt.
  post(movement, account, { key: `offset:${cause}`, kind: 'offset', at: account.at, legs });
}

/**
 * Lets everything happen that the clock owes up to the movement's moment, in order of time: lots past their last moment expire, pending
 * lots whose return window has ended become available. Every movement does this first, so no result depends on a timer.
 */
export function advance(movement: Movement, account: Account): void {
  for (;;) {
    const next = nextMoment(account.lots, movement.now);
    if (next === undefined) return;
    const dead = account.lots.filter((lot) => !lot.pending && lot.expiresAt.getTime() < next);
    if (dead.length) expire(movement, account, dead, new Date(next));
    else release(movement, account, new Date(next));
  }
}

function nextMoment(lots: readonly Lot[], now: Date): number | undefined {
  const moments = lots.map((lot) => (lot.pending ? lot.availableAt.getTime() : lot.expiresAt.getTime() + 1));
  const next = Math.min(...moments);
  return next <= now.getTime() ? next : undefined;
}

function expire(movement: Movement, account: Account, dead: readonly Lot[], at: Date): void {
  const legs = dead.flatMap((lot) => move('member:available', 'program:expired', lot.id, lot.remaining));
  post(movement, account, { key: `expire:${String(dead[0]?.id)}`, kind: 'expire', at, legs });
}

function release(movement: Movement, account: Account, at: Date): void {
  for (const lot of account.lots.filter((one) => one.pending && one.availableAt <= at)) {
    const legs = move('member:pending', 'member:available', lot.id, lot.remaining);
    const key = `release:${String(lot.id)}`;
    post(movement, account, { key, kind: 'release', at, legs, ...(lot.order ? { order: lot.order } : {}) });
    movement.steps.offset(movement, account, key);
  }
}

/** Makes a lot and puts `amount` into it, pending until its moment. Debt is taken off at once where it is available. */
export function credit(
  movement: Movement,
  account: Account,
  terms: LotTerms,
  amount: number,
  draft: Omit<Draft, 'legs'>,
): Posting {
  const into = terms.availableAt > movement.now ? 'member:pending' : 'member:available';
  const legs = move('program:issued', into, terms.id, amount);
  const posting = post(movement, account, { ...draft, legs, lots: [termsOf(terms)] });
  if (into === 'member:available') movement.steps.offset(movement, account, draft.key);
  return posting;
}
