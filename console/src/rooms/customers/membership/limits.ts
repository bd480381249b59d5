/** What a staff member may move by hand: shown before they try, refused by the server in any case. Pure. */
import type { CouponView, PersonView } from '../../../api/types.js';

export interface Limits {
  points: number;
  voucherFen: number;
}
export const limitsOf = (person: Pick<PersonView, 'limits'>): Limits | undefined => person.limits;

export type AdjustProblem = 'amount' | 'limit' | 'short' | 'reason';

/** Why this adjustment cannot go, if it cannot. `available`: what can be taken away at most. */
export function adjustProblem(
  { amount, reason }: { amount: number; reason: string },
  { limits, available }: { limits: Limits | undefined; available: number },
): AdjustProblem | undefined {
  if (!Number.isInteger(amount) || amount === 0) return 'amount';
  if (limits && Math.abs(amount) > limits.points) return 'limit';
  if (amount < 0 && -amount > available) return 'short';
  return reason.trim().length < 2 ? 'reason' : undefined;
}

export type CouponBar = 'disabled' | 'ended' | 'used-up' | 'level' | 'limit';

/** Why this coupon cannot be granted to this person by this role, if it cannot. `now` in ms. */
export function couponBar(
  { rules, granted }: Pick<CouponView, 'rules' | 'granted'>,
  { limits, level, now }: { limits: Limits | undefined; level: string; now: number },
): CouponBar | undefined {
  if (!rules.enabled) return 'disabled';
  if (rules.endsAt && Date.parse(rules.endsAt) <= now) return 'ended';
  if (granted >= rules.budget) return 'used-up';
  if (rules.levels.length > 0 && !rules.levels.includes(level)) return 'level';
  return limits && rules.amountOff > limits.voucherFen ? 'limit' : undefined;
}
