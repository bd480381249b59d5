/** What the console's routes of vouchers mean: granting and revoking by hand within the limit of the role. */
import { Types } from 'mongoose';
import type * as c from '../../../contracts/index.js';
import type { Persons } from '../../../domain/customers/index.js';
import type { Membership } from '../../../domain/membership/index.js';
import { asOfNow } from '../../../domain/membership/index.js';
import { RequestProblem, notFound } from '../../../errors.js';
import type { Act } from '../../../flow/act.js';
import type { Clock } from '../../../infra/clock.js';
import type { KeyedLock } from '../../../infra/keyed-lock.js';
import type { Actor, VouchersPort } from '../../ports.js';
import { cursorOf, positionOf, toPage } from '../cursor.js';
import { take } from '../open.js';
import { refusedBy } from '../refusals.js';
import { createChangePerson } from './acting.js';
import type { StaffLimits } from './points.js';
import { presentVoucher } from './views.js';

export interface VouchersServiceParts {
  act: Act;
  clock: Clock;
  lock: KeyedLock;
  persons: Persons;
  membership: Membership;
  limits: StaffLimits;
}

export function createVouchersService(parts: VouchersServiceParts): VouchersPort {
  const { clock, persons, membership, limits } = parts;
  const { coupons, vouchers } = membership;
  const change = createChangePerson(parts);

  const list: VouchersPort['list'] = async (id, page) => {
    const { customerIds } = await persons.of(null, new Types.ObjectId(id));
    const after = positionOf(page.cursor);
    const found = await vouchers.list(customerIds, { limit: page.limit + 1, after, now: clock.now() });
    return toPage(found, page.limit, presentVoucher, ({ grantedAt, _id }) => cursorOf(grantedAt, _id));
  };

  const grant: VouchersPort['grant'] = async (id, { couponId, reason, requestKey }, by) => {
    const request = { couponId: new Types.ObjectId(couponId), key: requestKey, reason, by: by.staffId };
    return change(by, [id], async (tx, acting, person) => {
      const coupon = await coupons.get(request.couponId, tx);
      if (!coupon) throw notFound('coupon');
      refuseAbove(limits, by, coupon.amountOff);
      const granted = await vouchers.grant(tx, person, request, clock.now());
      if (!granted.ok) throw refusedBy(granted);
      return { events: take(acting, granted.owed), result: presentVoucher(asOfNow(granted.voucher, clock.now())) };
    });
  };

  const revoke: VouchersPort['revoke'] = async (id, { reason }, by) => {
    const voucherId = new Types.ObjectId(id);
    const known = await vouchers.get(voucherId);
    if (!known) throw notFound('voucher');
    refuseAbove(limits, by, known.amountOff);
    return change(by, [String(known.customerId)], async (tx, acting) => {
      const voucher = await vouchers.get(voucherId, tx);
      if (!voucher) throw notFound('voucher');
      const revoked = await vouchers.revoke(tx, voucher, { reason, by: by.staffId }, clock.now());
      if (!revoked.ok) throw refusedBy(revoked);
      return { events: take(acting, revoked.owed), result: presentVoucher(revoked.voucher) };
    });
  };

  return { list, grant, revoke };
}

/** @throws RequestProblem 403 limit.voucher, with the limit in yuan. */
function refuseAbove(limits: StaffLimits, { role }: Pick<Actor, 'role'>, fen: number): void {
  const { voucherFen } = limits[role satisfies c.StaffRole];
  if (fen <= voucherFen) return;
  const yuan = (voucherFen / 100).toFixed(2);
  throw new RequestProblem(403, 'limit.voucher', `Your role may move vouchers of at most ¥${yuan}.`);
}
