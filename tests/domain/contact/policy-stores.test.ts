/** What the policy keeps, in a real database: caps, the month's mass sends, holds and the switch; exact under concurrency, each query by an index. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import type { Address, NewDomainEvent } from '../../../src/contracts/index.js';
import { createContactBook } from '../../../src/domain/contact/index.js';
import { ago, day, hour, now, rules } from './judging.js';
import { openPolicyShop } from './policy-shop.js';
import type { PolicyShop } from './policy-shop.js';

let shop: PolicyShop;
beforeAll(async () => {
  shop = await openPolicyShop();
}, 60_000);
afterEach(() => shop.clear());
afterAll(() => shop?.close());

const somebody = (): Types.ObjectId => new Types.ObjectId();
const after = (ms: number): Date => ago(-ms);

describe('the contact book', () => {
  const reserve = (ids: readonly Types.ObjectId[], row: string, at = now) =>
    shop.tx((tx) => shop.book.reserve(tx, ids, row, at));
  const capped = { ok: false, reason: 'contact.capped' };

  it('thirty reservations at once give exactly the cap, and so does none without it', async () => {
    const who = [somebody()];
    const book = createContactBook(shop.models.contactBooks, { caps: [{ days: 7, most: 3 }] });
    const tried = await Promise.all(
      Array.from({ length: 30 }, (_, i) => shop.tx((tx) => book.reserve(tx, who, `row-${i}`, now))),
    );
    expect(tried.filter(({ ok }) => ok)).toHaveLength(3);
    const free = createContactBook(shop.models.contactBooks, { caps: [] });
    const more = await Promise.all(
      Array.from({ length: 5 }, (_, i) => shop.tx((tx) => free.reserve(tx, who, `more-${i}`, now))),
    );
    expect(more.every(({ ok }) => ok)).toBe(true);
  }, 60_000);

  it('the windows roll: to the millisecond', async () => {
    const who = [somebody()];
    expect(await reserve(who, 'a')).toEqual({ ok: true });
    expect(await reserve(who, 'b', after(day - 1))).toEqual(capped);
    expect(await reserve(who, 'b', after(day))).toEqual({ ok: true });
    expect(await reserve(who, 'c', after(2 * day))).toEqual({ ok: true });
    expect(await reserve(who, 'd', after(7 * day - 1))).toEqual(capped);
    expect(await reserve(who, 'd', after(7 * day))).toEqual({ ok: true });
  });

  it('a row counts once, however often it reserves, and comes back once', async () => {
    const who = [somebody()];
    await reserve(who, 'a');
    expect(await reserve(who, 'a', after(hour))).toEqual({ ok: true });
    expect((await shop.book.of(null, who)).get(String(who[0]))).toEqual([{ row: 'a', at: now }]);
    await shop.tx((tx) => shop.book.giveBack(tx, who, 'a'));
    expect(await reserve(who, 'b')).toEqual({ ok: true });
    await shop.tx((tx) => shop.book.giveBack(tx, who, 'a'));
    expect(await reserve(who, 'c')).toEqual(capped);
  });

  it('linked customers share the caps, also after the link is undone', async () => {
    const [a, b] = [somebody(), somebody()];
    await reserve([a], 'before');
    expect(await reserve([a, b], 'linked', after(hour))).toEqual(capped);
    expect(await reserve([a, b], 'linked', after(day))).toEqual({ ok: true });
    expect(await reserve([b], 'undone', after(day + hour))).toEqual(capped);
    await shop.tx((tx) => shop.book.giveBack(tx, [a, b], 'linked'));
    expect(await reserve([b], 'undone', after(day + hour))).toEqual({ ok: true });
  });

  it('a batch counts its rows one by one, two of one person against each other', async () => {
    const [a, b, c] = [somebody(), somebody(), somebody()];
    await reserve([c], 'old');
    const asked = [
      { row: 'a1', customerIds: [a] },
      { row: 'a2', customerIds: [a, b] },
      { row: 'b1', customerIds: [b] },
      { row: 'c1', customerIds: [c] },
      { row: 'old', customerIds: [c] },
    ];
    const { value, commands } = await shop.asking(() => shop.tx((tx) => shop.book.reserveMany(tx, asked, now)));
    expect([...value].sort()).toEqual(['a2', 'c1']);
    expect(commands.filter((command) => 'find' in command || 'update' in command)).toHaveLength(2);
    expect(await shop.scansAmong(commands)).toEqual([]);
  });

  it('forgets what no cap asks any more, and whom it must', async () => {
    const who = [somebody()];
    for (let days = 0; days < 90; days += 3) await reserve(who, `row-${days}`, after(days * day));
    const kept = (await shop.book.of(null, who)).get(String(who[0]))!;
    expect(kept.length).toBeLessThanOrEqual(Math.max(...rules.caps.map(({ most }) => most)));
    await shop.tx((tx) => shop.book.forget(tx, who));
    expect((await shop.book.of(null, who)).size).toBe(0);
  });
});

describe('mass sends of the month', () => {
  const follower = (user: string): Address => ({ channel: 'official-account', account: 'main', user });
  const one = follower('o1');
  const take = (at: Date, ...addresses: Address[]) => shop.tx((tx) => shop.massSends.take(tx, addresses, at));
  const left = async (at: Date, address = one): Promise<number | undefined> =>
    (await shop.massSends.left(null, [address], at)).get(`official-account/main/${address.user}`);

  it('are four, and anew when it is the first in Shanghai', async () => {
    for (let i = 0; i < 4; i += 1) expect(await take(now, one)).toEqual([one]);
    expect([await take(now, one), await left(now)]).toEqual([[], 0]);
    const lastMinute = new Date('2026-11-30T23:59:59+08:00');
    expect(await left(lastMinute)).toBe(0);
    expect(await left(new Date('2026-12-01T00:00:00+08:00'))).toBe(4);
    expect(await take(new Date('2026-12-01T00:00:00+08:00'), one)).toEqual([one]);
    expect(await left(new Date('2026-12-02T00:00:00+08:00'))).toBe(3);
  });

  it('follow the table in force, and are none where the channel has none', async () => {
    const later = new Date('2026-12-20T10:00:00+08:00');
    expect([await left(now), await left(later)]).toEqual([4, 2]);
    const mini: Address = { channel: 'mini-program', account: 'mini', user: 'm1' };
    expect(await take(now, mini)).toEqual([]);
  });

  it('of many at once: those who have one left, each once', async () => {
    for (let i = 0; i < 4; i += 1) await take(now, one);
    const [two, three] = [follower('o2'), follower('o3')];
    const { value, commands } = await shop.asking(() => take(now, one, two, three, two));
    expect(value).toEqual([two, three]);
    expect([await left(now, two), await left(now, three)]).toEqual([3, 3]);
    expect(commands.filter((command) => 'find' in command || 'update' in command)).toHaveLength(2);
    expect(await shop.scansAmong(commands)).toEqual([]);
  });

  it('thirty takers at once get exactly four', async () => {
    const taken = await Promise.all(Array.from({ length: 30 }, () => take(now, one)));
    expect(taken.flat()).toHaveLength(4);
  }, 60_000);

  it('come back in their month only', async () => {
    await take(now, one);
    await shop.tx((tx) => shop.massSends.giveBack(tx, [one, follower('o9')], now));
    expect(await left(now)).toBe(4);
    await shop.tx((tx) => shop.massSends.giveBack(tx, [one], now));
    expect(await left(now)).toBe(4);
    const december = new Date('2026-12-02T10:00:00+08:00');
    await take(december, one);
    await shop.tx((tx) => shop.massSends.giveBack(tx, [one], now));
    expect(await left(december)).toBe(3);
  });
});

describe('the switch of all promotion', () => {
  const thrown = { by: 'staff-1', reason: '价格错了', at: now };
  it('binds other processes within a second, and says who threw it', async () => {
    const other = shop.anotherSwitch();
    expect([await shop.promotionSwitch.isStopped(), await other.isStopped()]).toEqual([false, false]);
    const events = await shop.tx((tx) => shop.promotionSwitch.stop(tx, thrown));
    expect(events).toEqual([{ kind: 'promotion.stopped', at: now, data: { by: 'staff-1', reason: '价格错了' } }]);
    expect(await shop.promotionSwitch.isStopped()).toBe(true);
    await new Promise((resume) => setTimeout(resume, 1050));
    expect(await other.isStopped()).toBe(true);
    expect(await other.state()).toEqual({ stopped: true, last: thrown });
  });

  it('asks the database once a second, and says nothing new when it stands so already', async () => {
    const fresh = shop.anotherSwitch();
    const { commands } = await shop.asking(async () => {
      for (let i = 0; i < 50; i += 1) await fresh.isStopped();
    });
    expect(commands.length).toBe(1);
    expect(await shop.tx((tx) => fresh.resume(tx, thrown))).toEqual([]);
    await shop.tx((tx) => fresh.stop(tx, thrown));
    expect(await shop.tx((tx) => fresh.stop(tx, { ...thrown, by: 'staff-2' }))).toEqual([]);
    expect((await fresh.state()).last?.by).toBe('staff-1');
    const [resumed] = await shop.tx((tx) => fresh.resume(tx, { ...thrown, by: 'staff-2' }));
    expect(resumed).toMatchObject({ kind: 'promotion.resumed', data: { by: 'staff-2' } });
    expect(await fresh.isStopped()).toBe(false);
  });
});

describe('holds', () => {
  const inForce = async (customerId: Types.ObjectId, at = now): Promise<Array<string | null>> =>
    (await shop.holds.of(null, [customerId], at)).map(({ kind, until }) => `${kind} ${until?.toISOString() ?? 'open'}`);
  const refund = (
    customerId: Types.ObjectId,
    refundStatus: string,
    at: Date,
    refundNo = 'r1',
  ): Promise<NewDomainEvent[]> =>
    shop.tx(async (tx) => {
      const event = {
        kind: 'order.refundChanged' as const,
        customerId: String(customerId),
        at,
        data: { orderId: 'o', refundNo, refundStatus },
      };
      return (await shop.holds.holdReaction(tx, event)).events;
    });

  it('a refund holds while it is open and three days more, whichever way it ends', async () => {
    for (const ending of ['succeeded', 'rejected', 'cancelled']) {
      const who = somebody();
      expect(await refund(who, 'requested', ago(2 * day))).toMatchObject([
        { kind: 'hold.placed', customerId: String(who), data: { hold: 'refund', until: null } },
      ]);
      expect(await refund(who, 'approved', ago(day))).toEqual([]);
      expect(await inForce(who, after(365 * day))).toEqual(['refund open']);
      expect(await refund(who, ending, now)).toMatchObject([
        { kind: 'hold.lifted', data: { until: after(3 * day).toISOString() } },
      ]);
      expect(await refund(who, ending, now)).toEqual([]);
      expect(await inForce(who, after(3 * day - 1))).toEqual([`refund ${after(3 * day).toISOString()}`]);
      expect(await inForce(who, after(3 * day))).toEqual([]);
    }
  });

  it('a refund known only when it is closed holds its days, an old one nobody', async () => {
    const [recent, old] = [somebody(), somebody()];
    await refund(recent, 'succeeded', ago(day));
    await refund(old, 'succeeded', ago(3 * day));
    expect([await inForce(recent), await inForce(old)]).toEqual([[`refund ${after(2 * day).toISOString()}`], []]);
    expect(await shop.models.holds.countDocuments()).toBe(1);
  });

  it('two refunds are two holds', async () => {
    const who = somebody();
    await refund(who, 'requested', now, 'r1');
    await refund(who, 'requested', now, 'r2');
    await refund(who, 'succeeded', ago(10 * day), 'r1');
    expect(await inForce(who)).toEqual(['refund open']);
  });

  it('other events hold nobody', async () => {
    const event = {
      kind: 'order.paid' as const,
      customerId: String(somebody()),
      at: now,
      data: { refundStatus: 'requested' },
    };
    expect(await shop.tx((tx) => shop.holds.holdReaction(tx, event))).toEqual({ events: [], due: [], cancel: [] });
    expect(await shop.models.holds.countDocuments()).toBe(0);
  });

  it('the staff place and lift: a complaint leaves its days unless lifted at once, their own ends at once', async () => {
    const who = somebody();
    const complaint = { customerId: who, kind: 'complaint', key: 'c1' } as const;
    const own = { customerId: who, kind: 'staff', key: '' } as const;
    const placed = await shop.tx((tx) => shop.holds.place(tx, complaint, { at: now, by: 's1', note: '投诉物流' }));
    expect(placed).toMatchObject([
      { kind: 'hold.placed', data: { hold: 'complaint', key: 'c1', by: 's1', note: '投诉物流' } },
    ]);
    expect(
      await shop.tx((tx) => shop.holds.place(tx, complaint, { at: after(1), by: 's1', note: '投诉物流' })),
    ).toEqual([]);
    await shop.tx((tx) => shop.holds.place(tx, own, { at: now, until: after(day), by: 's1' }));
    expect((await inForce(who)).sort()).toEqual(['complaint open', `staff ${after(day).toISOString()}`]);
    await shop.tx((tx) => shop.holds.lift(tx, own, { at: after(hour), by: 's1' }));
    await shop.tx((tx) => shop.holds.lift(tx, complaint, { at: after(hour), by: 's1' }));
    expect(await inForce(who, after(hour))).toEqual([`complaint ${after(3 * day + hour).toISOString()}`]);
    await shop.tx((tx) => shop.holds.lift(tx, complaint, { at: after(2 * hour), by: 's1', atOnce: true }));
    expect(await inForce(who, after(2 * hour))).toEqual([]);
    expect(await shop.tx((tx) => shop.holds.lift(tx, complaint, { at: after(3 * hour) }))).toEqual([]);
    const { commands } = await shop.asking(() =>
      shop.tx(async (tx) => {
        await shop.holds.of(tx, [who], now);
        await shop.holds.place(tx, own, { at: now });
        await shop.holds.forget(tx, [who]);
      }),
    );
    expect(await shop.scansAmong(commands)).toEqual([]);
    expect(await shop.models.holds.countDocuments()).toBe(0);
  });
});
