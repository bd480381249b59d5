/** Which way a message takes, by the table of routes and what is left: no consent, no caps. The answer inside a platform's request is chosen here. Pure. */
import { routeOrder, permitOf } from './routes.js';
import type { Address, Message, Purpose, Route } from '../../contracts/index.js';

export interface Reach {
  following: boolean;
  blocked?: 'blocked' | 'frozen' | undefined;
  /** Routes the channel of this address can send by. */
  channelRoutes: readonly Route[];
  /** The person wrote to us within the window that is open now. */
  wroteInWindow: boolean;
  /** Routes with nothing left now: no customer message, no grant for the notice. */
  spent?: readonly Route[];
}

export type RouteChoice = { ok: true; route: Route } | { ok: false; reason: string };

/** Picks the first route that has a variant, exists on the channel and is permitted for the purpose; else says why none. */
export function chooseRoute(message: Message, reach: Reach, only?: Route): RouteChoice {
  const permitted = permittedRoutes(message, reach, only);
  const route = permitted.routes[0];
  return route ? { ok: true, route } : { ok: false, reason: permitted.reason };
}

/** One of the person's addresses, with how far it reaches. */
export interface Place {
  address: Address;
  reach: Reach;
}

export type WayChoice = { ok: true; address: Address; route: Route } | { ok: false; reason: string };

/**
 * Of all the person's addresses and routes the best: first what has something left, then the order of routes, then of addresses.
 * Where nothing has anything left, the first permitted one, whose quota then says why not.
 */
export function chooseWay(message: Message, places: readonly Place[]): WayChoice {
  const permitted = places.map((place) => ({ place, ...permittedRoutes(message, place.reach) }));
  const ways = permitted.flatMap(({ place, routes }) => routes.map((route) => ({ place, route })));
  const best = (route: Route): number => routeOrder.indexOf(route);
  const [way] = ways.toSorted((a, b) => Number(isSpent(a)) - Number(isSpent(b)) || best(a.route) - best(b.route));
  if (way) return { ok: true, address: way.place.address, route: way.route };
  return { ok: false, reason: permitted[0]?.reason ?? 'person.noAddress' };
}

const isSpent = ({ place, route }: { place: Place; route: Route }): boolean =>
  place.reach.spent?.includes(route) ?? false;

/** In the order in which they are tried; `reason` says why there is none. */
function permittedRoutes(message: Message, reach: Reach, only?: Route): { routes: Route[]; reason: string } {
  const none = (reason: string) => ({ routes: [], reason });
  if (!reach.following) return none('person.unfollowed');
  const offered = routeOrder.filter(
    (route) => (only ? route === only : route !== 'passive-reply') && message.variants[route],
  );
  const able = offered.filter((route) => reach.channelRoutes.includes(route));
  if (able.length === 0) return none('route.noVariant');
  const allowed = able.filter((route) => isPermitted(message.purpose, route, reach));
  if (allowed.length === 0) return none('route.forbidden');
  if (reach.blocked && allowed[0] !== 'passive-reply') return none(`person.${reach.blocked}`);
  return { routes: allowed, reason: '' };
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
