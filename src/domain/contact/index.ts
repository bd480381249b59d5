/**
 * May we reach this person now, for this purpose, by which route? The one place that answers, before quota and cost.
 * Pure decisions here; the quota ledger beside it is what makes them binding. Must not send.
 */
import { routeOrder, permitOf } from './routes.js';
import type { Message, Purpose, Route } from '../../contracts/index.js';

export { quotaModel } from './models.js';
export type { QuotaRecord } from './models.js';
export { createQuotaLedger } from './ledger.js';
export type { CreditRules, QuotaLedger, Reserved } from './ledger.js';
export { quietUntil } from './quiet-hours.js';
export type { QuietHours } from './quiet-hours.js';
export { createDriftWatch, DRIFT_LIMIT } from './drift.js';
export type { CreditRule, WindowView } from './credits.js';
export { routeTable, routeOrder, permitOf } from './routes.js';

export interface Reach {
  following: boolean;
  blocked?: 'blocked' | 'frozen' | undefined;
  /** Routes the channel of this address can send by. */
  channelRoutes: readonly Route[];
  /** The person wrote to us within the window that is open now. */
  wroteInWindow: boolean;
}

export type RouteChoice = { ok: true; route: Route } | { ok: false; reason: string };

/** Picks the first route that has a variant, exists on the channel and is permitted for the purpose; else says why none. */
export function chooseRoute(message: Message, reach: Reach, only?: Route): RouteChoice {
  if (!reach.following) return { ok: false, reason: 'person.unfollowed' };
  const offered = routeOrder.filter(
    (route) => (only ? route === only : route !== 'passive-reply') && message.variants[route],
  );
  const able = offered.filter((route) => reach.channelRoutes.includes(route));
  if (able.length === 0) return { ok: false, reason: 'route.noVariant' };
  const allowed = able.filter((route) => isPermitted(message.purpose, route, reach));
  const route = allowed[0];
  if (!route) return { ok: false, reason: 'route.forbidden' };
  if (reach.blocked && route !== 'passive-reply') return { ok: false, reason: `person.${reach.blocked}` };
  return { ok: true, route };
}

function isPermitted(purpose: Purpose, route: Route, reach: Reach): boolean {
  switch (permitOf(purpose, route)) {
    case 'yes':
      return true;
    case 'asked':
      return route === 'customer-message' && reach.wroteInWindow;
    case 'consent':
    case 'no':
      return false;
  }
}

/** Refuses, when something is configured, a message whose purpose no variant's route may carry. Returns the forbidden routes. */
export function forbiddenRoutes(message: Message): Route[] {
  return (Object.keys(message.variants) as Route[]).filter((route) => permitOf(message.purpose, route) === 'no');
}
