/** What the routes of the programme, its coupons and the senders of record mean. */
import { Types } from 'mongoose';
import type * as c from '../../../contracts/index.js';
import type { Senders } from '../../../domain/marketing/index.js';
import type { CouponRecord, Membership } from '../../../domain/membership/index.js';
import { RequestProblem } from '../../../errors.js';
import type { Act } from '../../../flow/act.js';
import type { Clock } from '../../../infra/clock.js';
import type { Actor, CouponsPort, ProgrammePort, SendersPort } from '../../ports.js';
import { cursorOf, positionOf, toPage } from '../cursor.js';
import { refusedBy } from '../refusals.js';
import { createChange, iso } from './acting.js';
import { presentCoupon, presentProgramme } from './views.js';

interface Parts {
  act: Act;
  clock: Clock;
}

export function createProgrammeService({
  act,
  clock,
  membership,
}: Parts & { membership: Pick<Membership, 'programme'> }): ProgrammePort {
  const { programme } = membership;
  const change = createChange(act);
  return {
    get: async () => presentProgramme(await programme.current(clock.now())),
    put: async (rules, by) => {
      const made = await change(by, async (tx) => {
        const from = clock.now();
        const { version, events } = await programme.put(tx, rules, by.staffId, from);
        return { events, result: { version, from, rules } };
      });
      return presentProgramme(made);
    },
  };
}

export function createCouponsService({
  act,
  clock,
  membership,
}: Parts & { membership: Pick<Membership, 'coupons' | 'programme'> }): CouponsPort {
  const { coupons, programme } = membership;
  const change = createChange(act);

  async function present(found: readonly CouponRecord[]) {
    const used = found.length ? await coupons.usedOf(found.map(({ _id }) => _id)) : new Map<string, number>();
    return (coupon: CouponRecord) => presentCoupon(coupon, used.get(String(coupon._id)) ?? 0);
  }

  async function put(rules: c.CouponRules, by: Actor, id?: Types.ObjectId) {
    await refuseUnknownLevels(rules);
    const coupon = await change(by, async (tx) => {
      const done = await coupons.put(tx, { ...(id ? { id } : {}), rules, by: by.staffId }, clock.now());
      if (!done.ok) throw refusedBy(done);
      return { events: done.events, result: done.coupon };
    });
    return (await present([coupon]))(coupon);
  }

  /** Nobody could ever have a coupon of a level that is not there. */
  async function refuseUnknownLevels({ levels }: c.CouponRules): Promise<void> {
    const { rules } = await programme.current(clock.now());
    const codes = new Set(rules.levels.map(({ code }) => code));
    const errors = levels.flatMap((code, i) =>
      codes.has(code) ? [] : [{ path: `levels.${i}`, code: 'unknown', message: `there is no level ${code}` }],
    );
    if (errors.length) throw new RequestProblem(400, 'request.invalid', 'The request has wrong fields.', { errors });
  }

  return {
    list: async ({ limit, cursor }) => {
      const found = await coupons.list(limit + 1, positionOf(cursor));
      return toPage(found, limit, await present(found), ({ createdAt, _id }) => cursorOf(createdAt, _id));
    },
    add: (rules, by) => put(rules, by),
    put: (id, rules, by) => put(rules, by, new Types.ObjectId(id)),
  };
}

export function createSendersService({ act, clock, senders }: Parts & { senders: Senders }): SendersPort {
  const change = createChange(act);
  const list = async () =>
    (await senders.list()).map(({ scene, sender, changedAt }) => ({ scene, sender, changedAt: iso(changedAt) }));
  return {
    list: async () => ({ items: await list(), nextCursor: null }),
    choose: async (scene, { sender }, by) => {
      const at = clock.now();
      await change(by, async (tx) => ({
        events: await senders.choose(tx, scene, sender, { staffId: by.staffId, at }),
        result: undefined,
      }));
      return { scene, sender, changedAt: at.toISOString() };
    },
  };
}
