/** Rules to begin with. Their names are texts `segments.presets.<code>`. */
import type { SegmentRule } from '../../api/types.js';

export interface Preset {
  code: string;
  rule: SegmentRule;
}

const bought = (orders: number): SegmentRule => ({ field: 'orders', op: 'atLeast', value: orders });
const active = (days: number): SegmentRule => ({
  ...{ field: 'behaviour', op: 'inside' },
  value: { type: 'any', days, times: 1 },
});
const ordered = (days: number): SegmentRule => ({ field: 'purchases', op: 'inside', value: { days, orders: 1 } });
const newCustomer: readonly SegmentRule[] = [
  { field: 'orders', op: 'is', value: 1 },
  { field: 'firstOrderAt', op: 'withinDays', value: 30 },
];

export const presets: readonly Preset[] = [
  { code: 'everybody', rule: { all: [] } },
  { code: 'prospects', rule: { all: [{ not: bought(1) }] } },
  { code: 'new', rule: { all: [...newCustomer] } },
  { code: 'existing', rule: { all: [bought(1), { not: { all: [...newCustomer] } }] } },
  { code: 'repeat', rule: { all: [bought(2)] } },
  { code: 'activeNoOrder', rule: { all: [active(30), { not: ordered(30) }] } },
  { code: 'dormant', rule: { all: [{ field: 'lastOrderAt', op: 'beforeDays', value: 180 }] } },
  {
    code: 'cart',
    rule: {
      all: [{ field: 'behaviour', op: 'inside', value: { type: 'cart.add', days: 7, times: 1 } }, { not: ordered(7) }],
    },
  },
  {
    code: 'birthday',
    rule: { all: [{ field: 'birthMonth', op: 'is', value: [String(new Date().getMonth() + 1)] }] },
  },
];
