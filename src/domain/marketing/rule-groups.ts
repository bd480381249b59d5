/** Which strategies exclude each other on one event, and what a strategy is measured by unless its maker says otherwise. Pure. */
import type { Metric, Trigger } from '../../contracts/index.js';

/** Welcomes and answers are separate questions; within one group only the strategy with the highest priority acts. */
const sharedGroups: Readonly<Record<string, string>> = {
  follow: 'welcome',
  keyword: 'answer',
  'outside-hours': 'answer',
};

const metrics: Readonly<Record<string, Metric>> = {
  follow: 'first-message-rate',
  keyword: 'first-response-time',
  'outside-hours': 'first-response-time',
  'order-unpaid': 'payment-rate',
  joined: 'first-order-rate',
  'points-expiring': 'points-use-rate',
  'level-endangered': 'level-kept-rate',
  'birthday-month': 'voucher-use-rate',
  birthday: 'conversion-rate',
  'second-order': 'second-order-rate',
  'repurchase-due': 'repurchase-rate',
  'active-no-order': 'conversion-rate',
  dormant: 'reactivation-rate',
  regular: 'conversion-rate',
};

/** What the clock starts excludes nothing: it is started for one strategy alone. */
export const groupOf = (trigger: Pick<Trigger, 'code' | 'due'>, strategyCode: string): string =>
  trigger.due ? strategyCode : (sharedGroups[trigger.code] ?? trigger.code);

export const metricOf = (triggerCode: string): Metric => metrics[triggerCode] ?? 'delivered-notices';
