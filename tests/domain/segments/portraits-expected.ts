/** Portraits worked out a second time: everything is read, and every value is looked for in it the plain way. Shares nothing with the product. */
import type { Types } from 'mongoose';
import type { PortraitRecord } from '../../../src/domain/segments/portrait.js';
import type { OrderRecord } from '../../../src/domain/commerce/index.js';
import { DAY_MS, timeZone } from './portraits-shop.js';
import type { Shop } from './portraits-shop.js';

export interface Cut {
  asOf: Date;
}

const dayOf = (at: Date): string => at.toLocaleDateString('sv-SE', { timeZone });
const uniq = (words: string[]): string[] => [...new Set(words)].sort();
const latest = (moments: Array<Date | undefined>): Date | undefined =>
  moments.filter((one) => one !== undefined).sort((a, b) => b.getTime() - a.getTime())[0];

export async function expectedPortraits(shop: Shop, { asOf }: Cut): Promise<PortraitRecord[]> {
  const { models } = shop;
  const all = {
    customers: (await models.customers.find().lean()).filter(({ createdAt }) => createdAt <= asOf),
    identities: await models.identities.find().lean(),
    consents: (await models.consents.find().lean()).filter(({ at }) => at <= asOf),
    orders: await models.orders.find().lean<OrderRecord[]>(),
    behaviours: (await models.behaviours.find().lean()).filter(({ at }) => at <= asOf),
    accounts: await models.accounts.find().lean(),
    vouchers: await models.vouchers.find().lean(),
  };
  const persons = uniq(all.customers.map(({ personId }) => String(personId)));
  return persons.map((person) => {
    const own = all.customers
      .filter(({ personId }) => String(personId) === person)
      .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
    const ids = new Set(own.map(({ _id }) => String(_id)));
    const of = <T extends { customerId: Types.ObjectId }>(rows: T[]): T[] =>
      rows.filter((row) => ids.has(String(row.customerId)));
    const consents = of(all.consents);
    const word = (purpose: string): boolean | undefined => {
      const words = consents.filter((one) => one.purpose === purpose);
      const top = latest(words.map(({ at }) => at));
      const last = words.filter(({ at }) => at.getTime() === top?.getTime());
      return last.length ? !last.some(({ withdrawn }) => withdrawn) : undefined;
    };
    const agreed = (purpose: string, channel: string): boolean => {
      const words = consents.filter((one) => one.purpose === purpose && [channel, 'all'].includes(one.channel));
      const top = latest(words.map(({ at }) => at));
      const last = words.filter(({ at }) => at.getTime() === top?.getTime());
      return last.length > 0 && !last.some(({ withdrawn }) => withdrawn);
    };
    const joinedAt = own
      .flatMap(({ joined }) => (joined && joined.at <= asOf ? [joined.at] : []))
      .sort((a, b) => a.getTime() - b.getTime())[0];
    const personalised = word('personalisation') ?? joinedAt === undefined;
    const orders = of(all.orders as never as Array<OrderRecord>).flatMap((order) => {
      const paid = order.paidAt !== undefined && order.paidAt <= asOf && order.placedAt <= asOf;
      const closed = order.status === 'closed' && (order.closedAt ?? order.updatedAt) <= asOf;
      const back = order.refunds
        .filter(({ at, status }) => at <= asOf && status === 'succeeded')
        .reduce((sum, { amount }) => sum + amount, 0);
      const spent = order.paid - order.freight - back;
      const pieces = order.items.reduce((sum, { quantity }) => sum + quantity, 0);
      return paid && !closed && spent > 0 ? [{ ...order, spent, pieces }] : [];
    });
    const days = uniq(orders.map(({ placedAt }) => dayOf(placedAt))).filter(
      (day) => Date.parse(dayOf(asOf)) - Date.parse(day) < 730 * DAY_MS,
    );
    const behaviours = of(all.behaviours);
    const seen = behaviours.filter(({ at }) => Date.parse(dayOf(asOf)) - Date.parse(dayOf(at)) < 180 * DAY_MS);
    const newestWord = (field: 'name' | 'gender' | 'birthday' | 'province' | 'city'): string | undefined =>
      own.flatMap(({ profile }) => profile?.[field] ?? []).sort((a, b) => b.at.getTime() - a.at.getTime())[0]?.value;
    const birthday = newestWord('birthday');
    const band = birthday && birthday.length === 10 ? bandOf(birthday, asOf) : undefined;
    const declared = own.flatMap(({ age }) => age ?? []).sort((a, b) => b.at.getTime() - a.at.getTime())[0]?.band;
    const minor = own.some(({ age }) => age && age.band !== 'adult') || band === 'under14' || band === '14to17';
    const accounts = all.accounts.filter(({ _id }) => ids.has(String(_id)));
    const level = [...accounts].sort((a, b) => (b.level?.at.getTime() ?? 0) - (a.level?.at.getTime() ?? 0))[0]?.level;
    const spent = orders.reduce((sum, one) => sum + one.spent, 0);
    const placed = orders.map(({ placedAt }) => placedAt).sort((a, b) => a.getTime() - b.getTime());
    const portrait = {
      _id: own[0]!.personId,
      customerIds: own.map(({ _id }) => _id),
      builtAt: asOf,
      name: newestWord('name') ?? own.find(({ nickname }) => nickname)?.nickname,
      createdAt: own[0]!.createdAt,
      lastSeenAt: latest(own.map(({ lastSeenAt }) => (lastSeenAt && lastSeenAt <= asOf ? lastSeenAt : undefined))),
      joinedAt,
      gender: newestWord('gender'),
      ageBand: declared ?? band,
      minor,
      birthday: minor ? undefined : birthday?.slice(-5),
      birthMonth: minor || !birthday ? undefined : Number(birthday.slice(-5, -3)),
      province: newestWord('province'),
      city: newestWord('city'),
      tags: uniq(own.flatMap(({ tags = [] }) => tags)),
      fields: own
        .flatMap(({ fields = [] }) => fields)
        .sort((a, b) => b.at.getTime() - a.at.getTime())
        .slice(0, 1)
        .map(({ k, v }) => ({ k, v })),
      lists: uniq(shop.lists.filter(({ customerId }) => ids.has(String(customerId))).map(({ listId }) => listId)),
      points: Math.max(
        0,
        accounts.reduce((sum, { available, debt }) => sum + available - debt, 0),
      ),
      growth: accounts.reduce((sum, { growth }) => sum + growth, 0),
      level: level?.code,
      levelUntil: level?.validUntil,
      coupons: uniq(
        of(all.vouchers)
          .filter(
            ({ grantedAt, expiresAt, usedAt }) => grantedAt <= asOf && expiresAt >= asOf && !(usedAt && usedAt <= asOf),
          )
          .map(({ couponId }) => String(couponId)),
      ),
      orders: orders.length,
      spent,
      items: orders.reduce((sum, { pieces }) => sum + pieces, 0),
      average: orders.length ? Math.floor(spent / orders.length) : undefined,
      firstOrderAt: placed[0],
      lastOrderAt: placed.at(-1),
      lastReceivedAt: latest(
        orders.map(({ receivedAt }) => (receivedAt && receivedAt <= asOf ? receivedAt : undefined)),
      ),
      bought: days.map((d) => {
        const same = orders.filter(({ placedAt }) => dayOf(placedAt) === d);
        const s = same.reduce((sum, one) => sum + one.spent, 0);
        return { d, n: same.length, s, c: uniq(same.flatMap(({ items }) => items.map(({ category }) => category))) };
      }),
      categories: uniq(orders.flatMap(({ items }) => items.map(({ category }) => category))).map((c) => {
        const last = orders
          .filter(({ items }) => items.some(({ category }) => category === c))
          .sort((a, b) => b.placedAt.getTime() - a.placedAt.getTime())[0]!;
        return { c, at: last.placedAt, q: last.items.find(({ category }) => category === c)!.quantity };
      }),
      lastBehaviourAt: latest(behaviours.map(({ at }) => at)),
      did: uniq(seen.map(({ at, type }) => `${dayOf(at)} ${type}`)).map((key) => {
        const [d = '', t = ''] = key.split(' ');
        return { t, d, n: seen.filter(({ at, type }) => dayOf(at) === d && type === t).length };
      }),
      ...(personalised && orders.length === 0 ? { group: 'A' } : {}),
      channels: uniq(
        of(all.identities)
          .filter(({ following, blocked, followedAt, unfollowedAt, createdAt }) => {
            const came = (followedAt ?? createdAt) <= asOf;
            const here = following ? !blocked : !!unfollowedAt && unfollowedAt > asOf;
            return came && here;
          })
          .map(({ address }) => address.channel),
      ),
      consents: ['care', 'promotion', 'personalisation'].flatMap((purpose) =>
        ['wechat', 'sms', 'email']
          .filter((channel) => agreed(purpose, channel))
          .map((channel) => `${purpose}.${channel}`),
      ),
      refusals: ['care', 'promotion', 'personalisation'].filter((purpose) => word(purpose) === false),
      personalised,
    };
    return portrait as unknown as PortraitRecord;
  });
}

function bandOf(birthday: string, at: Date): 'under14' | '14to17' | 'adult' {
  const turned = (age: number): boolean =>
    new Date(`${Number(birthday.slice(0, 4)) + age}${birthday.slice(4)}T00:00:00+08:00`) <= at;
  return turned(18) ? 'adult' : turned(14) ? '14to17' : 'under14';
}
