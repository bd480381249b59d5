/**
 * What mass sends may still use up (docs/wechat.md 2.8): each person of a service account gets four a calendar month of Asia/Shanghai, from
 * the API and the platform's own console together; sends to everybody are one a day and four a month.
 */
import { shanghaiDay } from './clock.js';
import { PlatformError } from './errors.js';
import type { Account, Relation, World } from './state.js';

export const MONTHLY = 4;

/** The instant decides the month, so that what is given back goes to the month it came from. */
const personKey = (relation: Relation, at: number): string => `mass ${relation.openid} ${shanghaiDay(at).slice(0, 7)}`;

/** Uses one of the person's four. False: there is none left, or nothing can reach them. */
export function takeMass(account: Account, relation: Relation, at: number): boolean {
  if (!relation.subscribed || relation.blocked) return false;
  const key = personKey(relation, at);
  const used = account.counters.get(key) ?? 0;
  if (used >= MONTHLY) return false;
  account.counters.set(key, used + 1);
  return true;
}

/** What was not received in the end does not count. `at`: when it was taken. */
export function giveBackMass(account: Account, relation: Relation, at: number): void {
  const key = personKey(relation, at);
  account.counters.set(key, Math.max(0, (account.counters.get(key) ?? 0) - 1));
}

/** One send to everybody, or 45028. */
export function takeToAll(world: World, account: Account): void {
  const day = shanghaiDay(world.clock.now());
  const limits = [[`toAll ${day}`, 1] as const, [`toAll ${day.slice(0, 7)}`, MONTHLY] as const];
  if (limits.some(([key, most]) => (account.counters.get(key) ?? 0) >= most)) throw new PlatformError(45028);
  for (const [key] of limits) account.counters.set(key, (account.counters.get(key) ?? 0) + 1);
}
