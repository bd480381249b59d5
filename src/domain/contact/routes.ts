/**
 * What may be said by which route. A route that this table forbids cannot be configured, chosen or forced.
 * Sources: WeChat's rules for customer messages (unrelated marketing is misuse), template messages (no marketing),
 * one-time subscription notices (only what the person tapped for); wechaty speaks for a personal account and only answers.
 */
import type { Purpose, Route } from '../../contracts/index.js';

/** `asked`: only when the person asked for this very notice, or wrote in this window. `consent`: only with consent for it. */
export type Permit = 'yes' | 'no' | 'asked' | 'consent';

export const routeTable: Readonly<Record<Route, Readonly<Record<Purpose, Permit>>>> = {
  'passive-reply': { reply: 'yes', contract: 'no', care: 'no', promotion: 'no' },
  'customer-message': { reply: 'yes', contract: 'yes', care: 'asked', promotion: 'no' },
  template: { reply: 'no', contract: 'yes', care: 'no', promotion: 'no' },
  'subscription-notice': { reply: 'no', contract: 'yes', care: 'asked', promotion: 'asked' },
  'mass-send': { reply: 'no', contract: 'no', care: 'yes', promotion: 'yes' },
  'member-inbox': { reply: 'yes', contract: 'yes', care: 'yes', promotion: 'consent' },
  wechaty: { reply: 'yes', contract: 'no', care: 'no', promotion: 'no' },
};

/**
 * Routes in the order in which they are tried: in the conversation first, then what rings the person's phone, last what they find only
 * when they look, and public after private.
 */
export const routeOrder: readonly Route[] = [
  'passive-reply',
  'customer-message',
  'wechaty',
  'subscription-notice',
  'template',
  'member-inbox',
  'mass-send',
];

export function permitOf(purpose: Purpose, route: Route): Permit {
  return routeTable[route][purpose];
}
