/**
 * What makes a shop of the empty product, for the demo as for the check: Huike as the sender of record in every service scene, the strategies
 * that speak there, coupons, a key for the shop's system. Written through the product's own functions before the server starts.
 */
import type { App } from '../src/app.js';
import { CouponRules } from '../src/contracts/index.js';
import type { Actor } from '../src/http/ports.js';
import type { DemoAccounts } from './account.js';
import { noticeRules, noticeScenes } from './notices.js';

/** Signs requests to /open/v1. */
export interface ShopKey {
  id: string;
  secret: string;
}

export type CouponName = keyof typeof couponRules;
/** Ids of coupons by name. */
export type Coupons = Readonly<Record<CouponName, string>>;

const couponRules = {
  /** Members take it themselves in the mini-program. */
  spring: {
    title: '满199减20',
    ...{ amountOff: 2_000, threshold: 19_900, validDays: 30, budget: 10_000, perPerson: 3, claimable: true },
  },
  hundred: {
    title: '100元老客礼券',
    ...{ amountOff: 10_000, threshold: 39_900, validDays: 60, budget: 500, perPerson: 1 },
  },
  welcome: {
    title: '入会礼·满99减10',
    ...{ amountOff: 1_000, threshold: 9_900, validDays: 90, budget: 20_000, perPerson: 1 },
  },
} as const;

/** Last of a load: from here on the shop speaks of what happens. */
export async function openService(app: App, accounts: DemoAccounts, by: Actor): Promise<void> {
  for (const [code, body] of Object.entries(noticeRules(accounts))) await app.ports.strategies.put(code, body, by);
  await app.act({
    cause: { door: 'clock', task: 'demo:senders' },
    change: async (tx) => {
      const at = app.clock.now();
      const events = [];
      for (const scene of noticeScenes) {
        events.push(...(await app.domain.senders.choose(tx, scene, 'huike', { staffId: by.staffId, at })));
      }
      return events;
    },
  });
}

export async function makeCoupons(app: App, by: Actor, at: Date): Promise<Coupons> {
  const made: Array<[string, string]> = [];
  for (const [name, rules] of Object.entries(couponRules)) {
    let id = '';
    await app.act({
      cause: { door: 'clock', task: 'demo:coupons' },
      change: async (tx) => {
        const put = await app.domain.membership.coupons.put(
          tx,
          { rules: CouponRules.parse(rules), by: by.staffId },
          at,
        );
        if (!put.ok) throw new Error(`the coupon ${name} was refused: ${put.reason}`);
        id = String(put.coupon._id);
        return put.events;
      },
    });
    made.push([name, id]);
  }
  return Object.fromEntries(made) as Coupons;
}

/** `source`: the one the key may report for. */
export async function makeKey(app: App, source: string, by: string): Promise<ShopKey> {
  const { id, secret } = await app.ports.apiKeys.add({ name: '栖木商城', verifiesPhones: true, sources: [source] }, by);
  return { id, secret };
}
