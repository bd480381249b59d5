/**
 * What was given and reserved for a person who surely never heard of it: the voucher is revoked, and the budget gets its part back. Once, in
 * the transaction in which the message ends. What the person has used already stays used.
 */
import type { ClientSession } from 'mongoose';
import { Types } from 'mongoose';
import type { NewDomainEvent, Owed } from '../../contracts/index.js';
import type { Budgets } from '../../domain/marketing/index.js';

export interface TakeBackParts {
  budgets: Pick<Budgets, 'giveBack'>;
  /** What it was worth in fen, in full; undefined where it has been used or is over: then it stays. */
  revoke(
    tx: ClientSession,
    voucherId: Types.ObjectId,
    now: Date,
  ): Promise<{ owed: Owed; amountOff: number } | undefined>;
}

export interface Given {
  /** Under whose name its budget is kept; absent where it has none. */
  campaign?: string | undefined;
  voucherId?: string | undefined;
}

/** `fen`: of the voucher that was revoked, 0 without one. */
export interface TakenBack {
  vouchers: number;
  fen: number;
  events: NewDomainEvent[];
}

export type TakeBack = (tx: ClientSession, given: Given, now: Date) => Promise<TakenBack>;

const NOTHING: TakenBack = { vouchers: 0, fen: 0, events: [] };

export function createTakeBack({ budgets, revoke }: TakeBackParts): TakeBack {
  return async (tx, { campaign, voucherId }, now) => {
    const revoked = voucherId === undefined ? undefined : await revoke(tx, new Types.ObjectId(voucherId), now);
    if (voucherId !== undefined && !revoked) return NOTHING;
    const fen = revoked?.amountOff ?? 0;
    if (campaign !== undefined) await budgets.giveBack(tx, campaign, { people: 1, fen });
    return { vouchers: revoked ? 1 : 0, fen, events: revoked?.owed.events ?? [] };
  };
}
