/** The coupon's form: amounts in yuan on the screen, in fen to the server. Pure. */
import type { CouponView, PutCoupon } from '../../api/types.js';
import { fenOf, yuanOf } from '../../format/money.js';

export interface CouponDraft {
  id: string | undefined;
  title: string;
  amountOff: number;
  threshold: number;
  validDays: number;
  /** Of a date field: YYYY-MM-DDTHH:mm in the browser's zone, or empty. */
  endsAt: string;
  budget: number;
  perPerson: number;
  levels: string[];
  claimable: boolean;
  enabled: boolean;
}
export type CouponProblem = 'title' | 'amountOff' | 'threshold' | 'validDays' | 'budget' | 'perPerson';

export const emptyCoupon = (): CouponDraft => ({
  id: undefined,
  title: '',
  amountOff: 10,
  threshold: 0,
  validDays: 30,
  endsAt: '',
  budget: 100,
  perPerson: 1,
  levels: [],
  claimable: false,
  enabled: true,
});

export function toCouponDraft({ id, rules }: CouponView): CouponDraft {
  const { title, validDays, budget, perPerson, levels, claimable, enabled } = rules;
  return {
    ...{ id, title, validDays, budget, perPerson, claimable, enabled },
    amountOff: yuanOf(rules.amountOff),
    threshold: yuanOf(rules.threshold),
    levels: [...levels],
    endsAt: rules.endsAt ? localMinute(new Date(rules.endsAt)) : '',
  };
}

export function toCoupon(draft: CouponDraft): PutCoupon {
  const { title, validDays, budget, perPerson, levels, claimable, enabled, endsAt } = draft;
  return {
    ...{ title: title.trim(), validDays, budget, perPerson, levels: [...levels], claimable, enabled },
    amountOff: fenOf(draft.amountOff),
    threshold: fenOf(draft.threshold),
    ...(endsAt ? { endsAt: new Date(endsAt).toISOString() } : {}),
  };
}

const whole = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max;

/** `granted`: the budget cannot fall below what was given out. */
export function couponProblem(draft: CouponDraft, granted = 0): CouponProblem | undefined {
  if (!draft.title.trim() || draft.title.trim().length > 40) return 'title';
  if (!whole(fenOf(draft.amountOff), 1, 10_000_00)) return 'amountOff';
  const threshold = fenOf(draft.threshold);
  if (!whole(threshold, 0, 1_000_000_00) || (threshold > 0 && threshold < fenOf(draft.amountOff))) return 'threshold';
  if (!whole(draft.validDays, 1, 730)) return 'validDays';
  if (!whole(draft.budget, Math.max(1, granted), 10_000_000)) return 'budget';
  return whole(draft.perPerson, 1, 1000) ? undefined : 'perPerson';
}

/** The worst that this coupon can cost, in fen. */
export const worstCost = (draft: Pick<CouponDraft, 'amountOff' | 'budget'>): number =>
  fenOf(draft.amountOff) * draft.budget;

function localMinute(at: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
