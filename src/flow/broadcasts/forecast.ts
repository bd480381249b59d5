/**
 * What a broadcast would do if it began now, or at its time: everybody of its rule is judged as they will be, and nothing is reserved. The
 * outcome is the same when nobody writes, refuses or buys in between.
 */
import { Types } from 'mongoose';
import type { Reach, Route } from '../../contracts/index.js';
import type { BroadcastRecord } from '../../domain/marketing/index.js';
import { broadcastCampaign, inHoldout } from '../../domain/marketing/index.js';
import type { Coupons } from '../../domain/membership/index.js';
import type { Segments } from '../../domain/segments/index.js';
import type { Outbox } from '../outbox.js';
import type { CampaignParts } from './ports.js';

const BATCH = 500;

export interface ForecastParts extends Pick<CampaignParts, 'clock' | 'judging'> {
  segments: Pick<Segments, 'each'>;
  outbox: Pick<Outbox, 'wooed'>;
  coupons: Pick<Coupons, 'get'>;
}

export type ForecastBroadcast = (
  broadcast: BroadcastRecord,
  onProgress: (people: number) => void,
  signal?: AbortSignal,
) => Promise<Reach>;

export function createForecast({ clock, judging, segments, outbox, coupons }: ForecastParts): ForecastBroadcast {
  return async (broadcast, onProgress, signal) => {
    const { message, startAt, couponId, budget } = broadcast;
    const at = startAt && startAt > clock.now() ? startAt : clock.now();
    const coupon = couponId ? await coupons.get(new Types.ObjectId(couponId)) : null;
    const tally = createTally();
    let room = Math.min(
      budget.people ?? Infinity,
      coupon && budget.fen ? Math.floor(budget.fen / coupon.amountOff) : Infinity,
    );
    let vouchers = coupon ? Math.max(0, coupon.budget - coupon.granted) : Infinity;
    for await (const people of segments.each(broadcast.audience, clock.now(), { batch: BATCH })) {
      signal?.throwIfAborted();
      const ids = people.flatMap(({ customerIds: [first] }) => first ?? []);
      const standings = await judging.gather(null, ids, message);
      const wooed = await outbox.wooed(null, ids);
      for (const person of people) {
        const id = String(person.customerIds[0]);
        if (inHoldout(broadcastCampaign(broadcast._id), String(person._id), broadcast.holdoutPercent)) {
          tally.heldOut();
          continue;
        }
        const standing = standings.get(id);
        const verdict = standing && judging.judge(message, standing, at);
        if (!verdict) tally.refused('skipped', 'person.gone');
        else if (!verdict.ok) tally.refused(verdict.outcome, verdict.reason);
        else if (message.purpose === 'promotion' && wooed.has(id)) tally.refused('skipped', 'contact.outranked');
        else if (room-- <= 0) tally.refused('skipped', 'campaign.budgetUsed');
        else if (vouchers-- <= 0) tally.refused('skipped', 'offer.coupon.exhausted');
        else tally.reached(verdict.route);
      }
      onProgress(tally.people());
    }
    return tally.reach(coupon?.amountOff ?? 0);
  };
}

function createTally() {
  const routes = new Map<Route, number>();
  const reasons = new Map<string, Reach['byReason'][number]>();
  let held = 0;
  const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, one) => total + one, 0);
  const reachedInAll = (): number => sum(routes.values());
  const waiting = (): number =>
    sum([...reasons.values()].flatMap(({ state, people: held }) => (state === 'held' ? held : [])));
  const people = (): number => reachedInAll() + held + sum([...reasons.values()].map((one) => one.people));
  return {
    people,
    heldOut: () => void held++,
    reached: (route: Route) => void routes.set(route, (routes.get(route) ?? 0) + 1),
    refused: (state: 'skipped' | 'held', reason: string) => {
      const key = `${state} ${reason}`;
      const one = reasons.get(key) ?? { state, reason, people: 0 };
      reasons.set(key, { ...one, people: one.people + 1 });
    },
    reach: (fenEach: number): Reach => ({
      people: people(),
      heldOut: held,
      byRoute: [...routes].map(([route, count]) => ({ route, people: count })).sort((a, b) => b.people - a.people),
      byReason: [...reasons.values()].sort((a, b) => b.people - a.people),
      // Whoever only waits now gets theirs later.
      costFen: (reachedInAll() + waiting()) * fenEach,
    }),
  };
}
