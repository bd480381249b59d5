/** Rebuilds an account from its postings, to any moment: what the stored one is checked against, and how past balances are told. Pure. */
import type { Types } from 'mongoose';
import { advance, apply, begin, emptyAccount, exactSteps } from './book.js';
import type { Account, Posting } from './shapes.js';

/** `postings` of one customer, in their order. */
export function rebuild(customerId: Types.ObjectId, postings: Iterable<Posting>): Account {
  const account = emptyAccount(customerId);
  for (const posting of postings) apply(account, posting);
  return account;
}

/** What the account is at a moment: what the clock owes until then has happened, booked or not. Changes nothing that is handed in. */
export function seenAt(account: Account, at: Date): Account {
  const copy: Account = { ...account, lots: account.lots.map((lot) => ({ ...lot })) };
  advance(begin([copy], at, exactSteps), copy);
  return copy;
}
