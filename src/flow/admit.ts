/**
 * What a strategy wants to say to woo or to care for somebody is admitted, or refused with a reason, before a row is written: the hold-out,
 * the contact policy, the budget, the voucher that goes with it. What is only held now is admitted; the exit holds it.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { Facts, Intent, Owed, Strategy } from '../contracts/index.js';
import { inHoldout, strategyCampaign } from '../domain/marketing/index.js';
import type { Budgets } from '../domain/marketing/index.js';
import type { Person, Persons } from '../domain/customers/index.js';
import type { CouponRecord, GrantedVoucher, GrantVoucher } from '../domain/membership/index.js';
import type { Clock } from '../infra/clock.js';
import type { Judging } from './judging.js';

export interface Wooing {
  /** The row's id: the voucher is granted under it, so that it is granted once. */
  id: string;
  facts: Facts;
  strategy: Strategy;
  intent: Intent;
}

export type Admitted = { ok: true; voucherId?: string; owed: Owed } | { ok: false; reason: string };

export type Admit = (tx: ClientSession, wooing: Wooing) => Promise<Admitted>;

export interface AdmitParts {
  judging: Pick<Judging, 'gather' | 'judge'>;
  persons: Pick<Persons, 'of'>;
  budgets: Pick<Budgets, 'reserve' | 'giveBack'>;
  coupon(tx: ClientSession, couponId: Types.ObjectId): Promise<CouponRecord | null>;
  grant(tx: ClientSession, person: Person, request: GrantVoucher, now: Date): Promise<GrantedVoucher>;
  clock: Clock;
}

const nothing = (): Owed => ({ events: [], due: [], cancel: [] });

export function createAdmit(parts: AdmitParts): Admit {
  return async (tx, wooing) => {
    const { facts, strategy, intent } = wooing;
    const customerId = new Types.ObjectId(facts.customer.id);
    const person = await parts.persons.of(tx, customerId);
    if (inHoldout(strategyCampaign(strategy.code), String(person.id), strategy.holdoutPercent ?? 0)) {
      return { ok: false, reason: 'campaign.heldOut' };
    }
    const standing = (await parts.judging.gather(tx, [customerId], intent.message)).get(facts.customer.id);
    if (!standing) return { ok: false, reason: 'person.noAddress' };
    const verdict = parts.judging.judge(intent.message, standing);
    if (!verdict.ok && verdict.outcome === 'skipped') return { ok: false, reason: verdict.reason };
    return spend(tx, person, wooing);
  };

  async function spend(tx: ClientSession, person: Person, { id, strategy, intent }: Wooing): Promise<Admitted> {
    const couponId = intent.offer && new Types.ObjectId(intent.offer.couponId);
    const coupon = couponId && (await parts.coupon(tx, couponId));
    if (couponId && !coupon) return { ok: false, reason: 'offer.coupon.notFound' };
    const asked = { people: 1, fen: coupon?.amountOff ?? 0 };
    const { budget } = strategy;
    if (budget && !(await parts.budgets.reserve(tx, strategyCampaign(strategy.code), asked, budget))) {
      return { ok: false, reason: 'campaign.budgetUsed' };
    }
    if (!couponId || !coupon) return { ok: true, owed: nothing() };
    const request = { couponId, key: `strategy:${id}` };
    const granted = await parts.grant(tx, person, request, parts.clock.now());
    if (!granted.ok) {
      if (budget) await parts.budgets.giveBack(tx, strategyCampaign(strategy.code), asked);
      return { ok: false, reason: `offer.${granted.reason}` };
    }
    return { ok: true, voucherId: String(granted.voucher._id), owed: granted.owed };
  }
}
