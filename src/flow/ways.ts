/** The ways a notice may take: a route to one of the person's addresses. Each is tried once. Pure. */
import { addressKey } from '../contracts/index.js';
import type { Address, Route } from '../contracts/index.js';
import { routeOrder } from '../domain/contact/index.js';
import type { OutboxRecord } from './models.js';

export const wayKey = (route: Route, address: Address): string => `${route} ${addressKey(address)}`;

/** A template is good for the account it belongs to. */
export function isForAccount({ variantAccounts }: OutboxRecord, route: Route, { account }: Address): boolean {
  const only = variantAccounts?.[route];
  return only === undefined || only === account;
}

/**
 * The ways tried by now, when the row, which its present way surely did not carry, has another one left. What the staff wrote goes to the
 * conversation it was written in, or not at all.
 */
export function triedWithMoreLeft(row: OutboxRecord): string[] | undefined {
  if (!row.route || !row.also) return undefined;
  const tried = [...(row.tried ?? []), wayKey(row.route, row.to)];
  const isLeft = [row.to, ...row.also].some((address) =>
    routeOrder.some(
      (route) =>
        row.variants[route] !== undefined &&
        isForAccount(row, route, address) &&
        !tried.includes(wayKey(route, address)),
    ),
  );
  return isLeft ? tried : undefined;
}
