/** The people of a campaign, made at once: who can be reached how, what they did and bought, and what the shop told of them. Knows no campaign. */
import { randomUUID } from 'node:crypto';
import { saleTemplate } from '../notices.js';
import { until } from './judge.js';
import type { Lab, Person } from './lab.js';
import type { MemberClient } from './member.js';
import { CHECK_SOURCE, lifeOf } from './shop.js';
import type { Order } from './shop.js';

/** `phone`: in the mini-program; `follower`: at the official account alone; `known`: to the shop's system alone. */
export type Reach = 'phone' | 'follower' | 'known';

export interface Did {
  type: string;
  /** Whole days before today. */
  daysAgo: number;
}

export interface Bought {
  daysAgo: number;
  /** Fen. */
  price: number;
  /** `unpaid` and `refunded` are no effective orders. */
  state: 'completed' | 'unpaid' | 'refunded';
}

export interface Wish {
  name: string;
  reach: Reach;
  gender?: 'female' | 'male' | 'other';
  minor?: boolean;
  /** Taps for the one-time notice. */
  granted?: boolean;
  /** Their word on promotion; none when left out. */
  promotion?: 'given' | 'withdrawn';
  /** They do not want to be looked at. */
  impersonal?: boolean;
  leaves?: boolean;
  tags?: readonly string[];
  did?: readonly Did[];
  bought?: readonly Bought[];
}

/** Somebody who is there. */
export interface Someone extends Wish {
  who: Person;
  customerId: string;
  /** Of those in the mini-program. */
  card: MemberClient | undefined;
}

const DAY_MS = 86_400_000;
const AT_ONCE = 8;
const VERSION = 'check-1';

/** In the order of the wishes. */
export async function crowd(lab: Lab, wishes: readonly Wish[]): Promise<Someone[]> {
  const now = await lab.shopTime();
  const met = await inTurns(wishes, (wish) => meet(lab, wish));
  const ids = await lab.open.takenAll(
    '/customers',
    met.map(({ wish, who }) => reportOf(wish, who, now)),
  );
  const people = met.map(({ wish, who, card }, index) => ({ ...wish, who, card, customerId: ids[index] ?? '' }));
  const did = people.flatMap((one) => (one.did ?? []).map((what) => behaviourOf(one, what, now)));
  if (did.length > 0) await lab.open.takenAll('/events', did);
  const bought = people.flatMap((one) => (one.bought ?? []).map((what) => orderOf(one, what, now)));
  if (bought.length > 0) await lab.open.takenAll('/orders', bought);
  await inTurns(people, (one) => afterwards(lab, one));
  return people;
}

/** Does the work for each, a few at a time; results in the same order. */
export async function inTurns<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    results.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(work))));
  }
  return results;
}

async function meet(lab: Lab, wish: Wish): Promise<{ wish: Wish; who: Person; card: MemberClient | undefined }> {
  const who = wish.reach === 'follower' ? await lab.follower(wish.name) : await lab.person(wish.name);
  if (wish.reach === 'follower') {
    await until(`${wish.name} known to the shop`, async () => {
      const { status } = await lab.open.post('/customers/lookup', { customer: { openid: who.openid } });
      return status === 200;
    });
  }
  return { wish, who, card: wish.reach === 'phone' ? await lab.member(who) : undefined };
}

const keyOf = ({ reach }: Wish, who: Person): Record<string, string> => {
  if (reach === 'known') return { externalId: who.mini };
  return { openid: reach === 'phone' ? who.mini : who.openid };
};

function reportOf(wish: Wish, who: Person, now: Date): Record<string, unknown> {
  const at = now.toISOString();
  const word = (purpose: string, withdrawn: boolean) => ({
    ...{ purpose, channel: purpose === 'promotion' ? 'wechat' : 'all', textVersion: VERSION, at, withdrawn },
  });
  const consents = [
    ...(wish.promotion ? [word('promotion', wish.promotion === 'withdrawn')] : []),
    ...(wish.impersonal ? [word('personalisation', true)] : []),
  ];
  return {
    ...{ source: CHECK_SOURCE, externalId: who.mini, ...keyOf(wish, who), name: wish.name, updatedAt: at, consents },
    ...(wish.gender ? { gender: wish.gender } : {}),
    ...(wish.minor ? { birthday: `${String(now.getFullYear() - 15)}-01-02` } : {}),
  };
}

const behaviourOf = (one: Someone, { type, daysAgo }: Did, now: Date) => ({
  ...{ source: CHECK_SOURCE, eventId: randomUUID(), type, customer: keyOf(one, one.who) },
  at: new Date(now.getTime() - daysAgo * DAY_MS).toISOString(),
  product: { sku: 'CUP-01', category: '餐厨' },
});

function orderOf(one: Someone, { daysAgo, price, state }: Bought, now: Date): Order {
  const placedAt = new Date(now.getTime() - daysAgo * DAY_MS);
  const order = lifeOf({ orderNo: `CROWD-${randomUUID()}`, customer: keyOf(one, one.who), price, placedAt });
  switch (state) {
    case 'completed':
      return order.completed();
    case 'unpaid':
      return order.pending();
    case 'refunded':
      return order.refunded([price]);
  }
}

async function afterwards(lab: Lab, one: Someone): Promise<void> {
  if (one.granted) await lab.sim.grant(one.who.mini, saleTemplate.templateId, true);
  if (one.leaves) await lab.sim.unfollow(one.who.openid);
  if (one.tags && one.tags.length > 0) {
    const agent = await lab.as('agent');
    await agent.taken('PUT', `/customers/${one.customerId}/tags`, { add: one.tags });
  }
}
