/** Rules that most shops begin with: the console offers them, and a marketer saves them under a name of their own. */
import type { SegmentRule, Titles } from '../../contracts/index.js';

export interface SegmentPreset {
  code: string;
  title: Titles;
  rule: SegmentRule;
}

const preset = (code: string, zh: string, en: string, rule: SegmentRule): SegmentPreset => ({
  ...{ code, title: { 'zh-CN': zh, en }, rule },
});

const bought = (orders: number): SegmentRule => ({ field: 'orders', op: 'atLeast', value: orders });
const newCustomer: SegmentRule = {
  all: [
    { field: 'orders', op: 'is', value: 1 },
    { field: 'firstOrderAt', op: 'withinDays', value: 30 },
  ],
};

export const segmentPresets: readonly SegmentPreset[] = [
  preset('prospects', '未下单客户', 'No order yet', { not: bought(1) }),
  preset('new-customers', '新客户（30天内首单）', 'New customers (first order in 30 days)', newCustomer),
  preset('existing-customers', '老客户', 'Existing customers', { all: [bought(1), { not: newCustomer }] }),
  preset('repeat-customers', '复购客户', 'Repeat customers', bought(2)),
  preset('active-no-order', '近30天活跃未下单', 'Active in 30 days, no order', {
    all: [
      { field: 'behaviour', op: 'inside', value: { type: 'any', days: 30, times: 1 } },
      { not: { field: 'purchases', op: 'inside', value: { days: 30, orders: 1 } } },
    ],
  }),
  preset('dormant', '沉睡客户（180天未下单）', 'Dormant (no order in 180 days)', {
    ...{ field: 'lastOrderAt', op: 'beforeDays', value: 180 },
  }),
];
