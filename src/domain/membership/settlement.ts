/**
 * What an order owes the ledger: the whole state of the order is compared with all that was booked for it, and the difference is posted.
 * So reports that come late, twice or in another order end in the same place. Pure.
 */
import type { Types } from 'mongoose';
import type { OrderFacts } from '../../contracts/index.js';
import { kept, portion, worth } from './amounts.js';
import type { Share } from './amounts.js';
import { accountOf, inOrderOfUse, move, post, sum, termsOf } from './book.js';
import type { Movement, Taken } from './book.js';
import type { Account, Basis, Leg, LotTerms, OrderName, Posting } from './shapes.js';

/** What was booked for an order so far. */
export interface Booked {
  basis?: Basis;
  /** Whose account it was earned on. */
  earner?: Types.ObjectId;
  ownLots: Types.ObjectId[];
  /** Earned less taken back. */
  net: number;
  forgiven: number;
  spent: number;
  returned: number;
  /** Used for the order and not given back yet, last used first. */
  returnable: Array<{ terms: LotTerms; customerId: Types.ObjectId; amount: number }>;
}

export function bookedOf(history: readonly Posting[]): Booked {
  const earns = history.filter(({ kind }) => kind === 'earn');
  const claws = history.filter(({ kind }) => kind === 'claw');
  const spends = history.filter(({ kind }) => kind === 'spend');
  const returns = history.filter(({ kind }) => kind === 'return');
  const first = earns[0];
  const spent = total(spends, 'program:redeemed');
  const returned = -total(returns, 'program:redeemed');
  return {
    ...(first?.basis ? { basis: first.basis } : {}),
    ...(first ? { earner: first.customerId } : {}),
    ownLots: earns.flatMap(({ lots }) => (lots ?? []).map(({ id }) => id)),
    net: -total(earns, 'program:issued') - claws.reduce((all, { claw }) => all + (claw?.total ?? 0), 0),
    forgiven: claws.reduce((all, { claw }) => all + (claw?.forgiven ?? 0), 0),
    spent,
    returned,
    returnable: returnableOf(spends, returns),
  };
}

const total = (postings: readonly Posting[], account: Leg['account']): number =>
  postings.flatMap(({ legs }) => legs).reduce((all, leg) => (leg.account === account ? all + leg.amount : all), 0);

/**
 * What of each use is left to give back, by following what happened in its order: points that came back and were used once more belong to
 * the later use, and what came back before it to the earlier.
 */
function returnableOf(spends: readonly Posting[], returns: readonly Posting[]): Booked['returnable'] {
  const uses: Booked['returnable'] = [];
  for (const movement of inOrderOfTime([...spends, ...returns])) {
    const parts = movement.flatMap(({ customerId, legs, lots }) =>
      legs
        .filter(({ account }) => account === 'program:redeemed')
        .map((leg) => ({ terms: lotOf(lots, leg), customerId, amount: leg.amount })),
    );
    for (const { terms, amount } of parts.filter((part) => part.amount < 0)) takeOff(uses, terms, -amount);
    const used = parts.filter(({ amount }) => amount > 0);
    uses.push(...used.sort((a, b) => inOrderOfUse(asLot(a.terms), asLot(b.terms))));
  }
  return uses.filter(({ amount }) => amount > 0).reverse();
}

/** What was given back into a lot came from the last use of it that had something left. */
function takeOff(uses: Booked['returnable'], lot: LotTerms, amount: number): void {
  let missing = amount;
  for (const use of uses.toReversed()) {
    if (!use.terms.id.equals(lot.id)) continue;
    const part = Math.min(use.amount, missing);
    use.amount -= part;
    missing -= part;
  }
}

/** Movements, each with its postings: of one customer as they are counted, of several by the moment and by what was written first. */
function inOrderOfTime(postings: readonly Posting[]): Posting[][] {
  const movements = new Map<string, Posting[]>();
  for (const posting of postings) {
    const name = String(posting.partOf ?? posting._id);
    movements.set(name, [...(movements.get(name) ?? []), posting]);
  }
  return [...movements].sort(([nameA, a], [nameB, b]) => earlier(a, b) || (nameA < nameB ? -1 : 1)).map(([, of]) => of);
}

function earlier(a: readonly Posting[], b: readonly Posting[]): number {
  for (const one of a) {
    const other = b.find(({ customerId }) => customerId.equals(one.customerId));
    if (other) return one.seq - other.seq;
  }
  return (a[0]?.at.getTime() ?? 0) - (b[0]?.at.getTime() ?? 0);
}

const asLot = (terms: LotTerms): LotTerms & { remaining: number; pending: boolean } => ({
  ...terms,
  remaining: 0,
  pending: false,
});

function lotOf(lots: readonly LotTerms[] | undefined, leg: Leg): LotTerms {
  const terms = lots?.find(({ id }) => leg.lot?.equals(id));
  if (!terms) throw new Error(`a spending does not tell the terms of lot ${String(leg.lot)}`);
  return terms;
}

/** The part of the order that was undone: all of it when it closed unpaid; of an order without cash, all with its first refund. */
export function undone(facts: OrderFacts): Share {
  if (!facts.paidAt) return { part: facts.closedAt ? 1 : 0, whole: 1 };
  if (facts.cash === 0) return { part: facts.refunds.length ? 1 : 0, whole: 1 };
  const refunded = facts.refunds.reduce((all, { amount }) => all + amount, 0);
  return { part: Math.min(refunded, facts.cash), whole: facts.cash };
}

export const isWhollyUndone = ({ part, whole }: Share): boolean => part === whole;

/** Points the order should have brought by now, net of refunds. */
export const wanted = (facts: OrderFacts, basis: Basis): number =>
  facts.paidAt && !facts.history ? kept(worth(facts.cash, basis.perYuan, basis.percent), undone(facts)) : 0;

/** Points that were used for the order and have to be given back now. */
export const toReturn = (booked: Booked, share: Share): number =>
  Math.max(0, portion(booked.spent, share) - booked.returned);

/** Gives used points back into the lots they came from, last used first; a lot past its last moment expires them at once. */
export function giveBack(
  movement: Movement,
  booked: Booked,
  amount: number,
  { key, order }: { key: string; order: OrderName },
): void {
  const parts = new Map<string, { account: Account; legs: Leg[]; lots: LotTerms[] }>();
  let missing = amount;
  for (const { terms, customerId, amount: most } of booked.returnable) {
    const part = Math.min(most, missing);
    if (part === 0) break;
    missing -= part;
    const account = accountOf(movement, customerId);
    const into = terms.expiresAt < movement.now ? 'program:expired' : 'member:available';
    const of = parts.get(String(customerId)) ?? { account, legs: [], lots: [] };
    parts.set(String(customerId), of);
    of.legs.push(...move('program:redeemed', into, terms.id, part));
    if (!of.lots.some(({ id }) => id.equals(terms.id))) of.lots.push(termsOf(terms));
  }
  for (const { account, legs, lots } of parts.values()) {
    post(movement, account, { key: partKey(key, movement), kind: 'return', legs, lots, order });
  }
}

/** A movement over several customers is several postings: the first carries the key itself. */
export function partKey(key: string, { postings }: Movement): string {
  const before = postings.filter((posting) => posting.key === key || posting.key.startsWith(`${key}/`)).length;
  return before === 0 ? key : `${key}/${before}`;
}

export interface Clawing {
  key: string;
  order: OrderName;
  ownLots: readonly Types.ObjectId[];
  /** How much of its own lots has expired and was not forgiven yet. */
  forgivable: number;
}

/**
 * Takes earned points back: from the order's own lots (pending first), then forgives what of them had expired, then from the other
 * lots of the same customer in order of use; what is missing becomes debt.
 */
export function claw(
  movement: Movement,
  account: Account,
  amount: number,
  { key, order, ownLots, forgivable }: Clawing,
): void {
  const taken: Taken[] = [];
  let missing = amount;
  const take = (more: readonly Taken[]): void => {
    taken.push(...more);
    missing -= sum(more);
  };
  const isOwn = (id: Types.ObjectId): boolean => ownLots.some((own) => own.equals(id));
  for (const lot of account.lots.filter(({ id, pending }) => pending && isOwn(id))) {
    if (missing > 0) take([{ lot, amount: Math.min(lot.remaining, missing) }]);
  }
  take(
    movement.steps.allocate(
      account.lots.filter(({ id }) => isOwn(id)),
      missing,
    ),
  );
  const forgiven = Math.min(missing, forgivable);
  missing -= forgiven;
  take(
    movement.steps.allocate(
      account.lots.filter(({ id }) => !isOwn(id)),
      missing,
    ),
  );
  const legs = taken.flatMap(({ lot, amount: part }) =>
    move(lot.pending ? 'member:pending' : 'member:available', 'program:clawed', lot.id, part),
  );
  if (missing > 0)
    legs.push({ account: 'member:debt', amount: missing }, { account: 'program:owed', amount: -missing });
  post(movement, account, { key, kind: 'claw', legs, order, claw: { total: amount, forgiven, debt: missing } });
}

/** What is left in these lots, pending or available. */
export function remainingOf(lots: readonly Types.ObjectId[], account: Pick<Account, 'lots'>): number {
  return account.lots
    .filter(({ id }) => lots.some((own) => own.equals(id)))
    .reduce((all, { remaining }) => all + remaining, 0);
}

/** How much of these lots has expired, by all postings that name them. */
export function expiredOf(lots: readonly Types.ObjectId[], postings: readonly Posting[]): number {
  return postings
    .flatMap(({ legs }) => legs)
    .filter(({ account, lot }) => account === 'program:expired' && lots.some((own) => lot?.equals(own)))
    .reduce((all, { amount }) => all + amount, 0);
}

export type Dates = Pick<LotTerms, 'earnedAt' | 'availableAt' | 'expiresAt'>;

/** Whether points of the order are pending with another date than this one. */
export function hasOtherDates(history: readonly Posting[], { availableAt }: Dates): boolean {
  if (total(history, 'member:pending') <= 0) return false;
  const last = history.findLast(({ kind }) => kind === 'earn' || kind === 'date');
  return last?.lots?.some((terms) => terms.availableAt.getTime() !== availableAt.getTime()) ?? false;
}
