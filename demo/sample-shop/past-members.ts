/** What the planned members did, as steps of a transaction each: joining, points brought along, check-ins, vouchers given, taken and used. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { App } from '../../src/app.js';
import type { NewDomainEvent, Owed } from '../../src/contracts/index.js';
import type { PlannedMember } from './members.js';
import { SHOP_SOURCE } from './orders.js';
import type { PlannedOrder } from './orders.js';
import type { Moment, Past, Step } from './past.js';

type CouponName = PlannedMember['vouchers'][number]['coupon'];

const PAGE = 'pages/join/index';
const by = { kind: 'member' } as const;
/** As the coupons have it, fen. */
const thresholds: Readonly<Record<CouponName, number>> = { spring: 19_900, hundred: 39_900, welcome: 9_900 };
const kept: ReadonlySet<string> = new Set(['paid', 'dispatched', 'delivered', 'completed']);

export function memberMoments(app: App, past: Past, member: PlannedMember): Moment[] {
  const parts = { app, past, member, customerId: idOf(past, member) };
  const { opening } = member;
  return [
    { at: member.joinedAt, step: joining(parts) },
    ...(opening ? [{ at: opening.at, step: bringing(parts, opening.points) }] : []),
    ...member.checkins.map((at) => ({ at, step: checkingIn(parts) })),
    ...member.vouchers.map(({ coupon, at }) => ({ at, step: getting(parts, coupon) })),
  ];
}

interface Parts {
  app: App;
  past: Past;
  member: PlannedMember;
  customerId: Types.ObjectId;
}

function idOf({ ids }: Past, { customer }: PlannedMember): Types.ObjectId {
  const id = ids[customer];
  if (!id) throw new Error(`customer ${String(customer)} of the plan was not written`);
  return id;
}

const joining =
  ({ app, past, member, customerId }: Parts): Step =>
  async (tx, at) => {
    const { profiles, consents, membership, persons } = app.domain;
    const put = await profiles.put(tx, customerId, member.profile, at, by);
    if (!put.ok) throw refused('a profile', put.reason);
    const { privacyVersion } = past;
    const joined = await profiles.join(tx, customerId, { age: 'adult', privacyVersion, page: PAGE }, at);
    if (!joined.ok) throw refused('joining', joined.reason);
    const agreed: NewDomainEvent[] = [];
    for (const purpose of member.consents) {
      const channel = purpose === 'personalisation' ? ('all' as const) : ('wechat' as const);
      const consent = { purpose, channel, textVersion: privacyVersion, at, page: PAGE, by };
      agreed.push(...(await consents.record(tx, customerId, consent, false)));
    }
    const { owed } = await membership.points.grant(tx, await persons.of(tx, customerId), { kind: 'join' }, at);
    return { ...owed, events: [...put.events, ...joined.events, ...agreed, ...owed.events] };
  };

const bringing =
  ({ app, member, customerId }: Parts, amount: number): Step =>
  async (tx, at) => {
    const request = { amount, reason: '旧系统积分转入', key: `opening:${String(member.customer)}`, by: 'import' };
    const adjusted = await app.domain.membership.points.adjust(tx, customerId, request, at);
    if (!adjusted.ok) throw refused('opening points', adjusted.reason);
    return adjusted.owed;
  };

const checkingIn =
  ({ app, customerId }: Parts): Step =>
  async (tx, at) => {
    const person = await app.domain.persons.of(tx, customerId);
    return (await app.domain.membership.points.grant(tx, person, { kind: 'checkin' }, at)).owed;
  };

/** Members take one kind themselves; the others are given. */
const getting =
  ({ app, past, member, customerId }: Parts, coupon: CouponName): Step =>
  async (tx, at) => {
    const { vouchers } = app.domain.membership;
    const request = { couponId: new Types.ObjectId(past.coupons[coupon]), key: keyOf(member, coupon) };
    const person = await app.domain.persons.of(tx, customerId);
    const got = await (coupon === 'spring' ? vouchers.claim : vouchers.grant)(tx, person, request, at);
    if (!got.ok) throw refused('a voucher', got.reason);
    return got.owed;
  };

const keyOf = ({ customer }: PlannedMember, coupon: CouponName): string => `shop:${coupon}:${String(customer)}`;

/** Every voucher for which its holder has placed a fitting order since, used for the first such order. */
export function voucherUses(app: App, past: Past, cutoff: Date): Moment[] {
  const taken = new Set<string>();
  return past.members.flatMap((member) =>
    member.vouchers.flatMap(({ coupon, at }) => {
      const fits = ({ customer, input }: PlannedOrder): boolean =>
        customer === member.customer &&
        kept.has(input.status) &&
        input.placedAt > later(at, cutoff) &&
        input.amount >= thresholds[coupon] &&
        !taken.has(input.orderNo);
      const order = past.orders.find(fits)?.input;
      if (!order) return [];
      taken.add(order.orderNo);
      return [
        { at: order.placedAt, step: using({ app, past, member, customerId: idOf(past, member) }, coupon, order) },
      ];
    }),
  );
}

const later = (a: Date, b: Date): Date => (a > b ? a : b);

const using =
  ({ app, past, member, customerId }: Parts, coupon: CouponName, order: PlannedOrder['input']): Step =>
  async (tx, at) => {
    const { membership, persons } = app.domain;
    const voucher = await gotten(app, tx, { couponId: new Types.ObjectId(past.coupons[coupon]), customerId });
    if (!voucher) throw new Error(`the voucher ${keyOf(member, coupon)} is not there`);
    const { orderNo, amount } = order;
    const person = await persons.of(tx, customerId);
    const redeemed = await membership.vouchers.redeem(
      tx,
      person,
      voucher,
      { source: SHOP_SOURCE, orderNo, amount, at },
      at,
    );
    if (!redeemed.ok) throw refused('using a voucher', redeemed.reason);
    return redeemed.owed satisfies Owed;
  };

const gotten = (app: App, tx: ClientSession, held: { couponId: Types.ObjectId; customerId: Types.ObjectId }) =>
  app.domain.models.membership.vouchers.findOne(held, null, { session: tx }).lean();

const refused = (what: string, reason: string): Error => new Error(`${what} of the sample shop was refused: ${reason}`);
