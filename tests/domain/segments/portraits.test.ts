/** A portrait says what its person's records say: checked against a straightforward computation over everything, person by person. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import type { PortraitRecord } from '../../../src/domain/segments/portrait.js';
import { expectedPortraits } from './portraits-expected.js';
import type { Cut } from './portraits-expected.js';
import { DAY_MS, behaviourOf, daysAgo, fill, now, openPortraitShop, orderOf } from './portraits-shop.js';
import type { Shop } from './portraits-shop.js';

let shop: Shop;
beforeAll(async () => {
  shop = await openPortraitShop();
  await fill(shop, 80, 7);
}, 120_000);
afterAll(() => shop.close());

const plain = (portraits: readonly PortraitRecord[]): unknown[] =>
  [...portraits]
    .sort((a, b) => (String(a._id) < String(b._id) ? -1 : 1))
    .map(({ builtAt: _, ...one }) => JSON.parse(JSON.stringify(one)) as unknown);

const stored = async (): Promise<PortraitRecord[]> =>
  (await shop.models.portraits.collection.find().toArray()) as unknown as PortraitRecord[];

const personIds = async (): Promise<Types.ObjectId[]> => {
  const found = await shop.models.customers.find({}, { personId: 1 }).lean();
  return [...new Map(found.map(({ personId }) => [String(personId), personId])).values()];
};

const tx = <T>(work: Parameters<typeof shop.database.transaction<T>>[0]): Promise<T> => shop.database.transaction(work);

describe('a portrait', () => {
  const cuts: Array<[string, Cut]> = [
    ['now', { asOf: now }],
    ['three days ago', { asOf: daysAgo(3) }],
    ['in the middle of a day', { asOf: new Date(daysAgo(1).getTime() + 5 * 3_600_000) }],
    ['half a year ago', { asOf: daysAgo(180) }],
  ];
  it.each(cuts)('built as of %s is what the records say', async (_name, cut) => {
    const built = await shop.portraits.build(await personIds(), cut.asOf);
    expect(built.length).toBeGreaterThan(30);
    expect(plain(built)).toEqual(plain(await expectedPortraits(shop, cut)));
  });

  it('is stored for everybody by a rebuild, which a second one does not change', async () => {
    const told: number[] = [];
    const done = await shop.portraits.rebuildAll(now, (persons) => void told.push(persons));
    expect([done, told.at(-1)]).toEqual([(await personIds()).length, done]);
    expect(plain(await stored())).toEqual(plain(await expectedPortraits(shop, { asOf: now })));
    await shop.portraits.rebuildAll(new Date(now.getTime() + 1000), () => undefined);
    expect((await stored()).every(({ builtAt }) => builtAt.getTime() === now.getTime())).toBe(true);
  });
});

describe('a refresh', () => {
  it('follows links and their undo, and leaves no portrait of a person that is none', async () => {
    const [a, b, c] = [await shop.addCustomer(), await shop.addCustomer(), await shop.addCustomer()];
    await shop.portraits.refresh([a, b, c], now);
    const of = async (id: Types.ObjectId) =>
      (await stored()).filter(({ customerIds }) => customerIds.some((one) => one.equals(id)));
    const staff = { kind: 'staff' as const, staffId: 's', reason: 'r' };
    await tx((s) => shop.persons.link(s, a, b, staff, now));
    await tx((s) => shop.persons.link(s, b, c, staff, now));
    // Only one end is named: the others follow.
    await shop.portraits.refresh([c], now);
    expect((await of(a)).map(({ customerIds }) => customerIds.length)).toEqual([3]);
    expect(await of(b)).toEqual(await of(a));
    const [edge] = await shop.persons.linksOf([a]);
    await tx((s) => shop.persons.unlink(s, edge!._id, { staffId: 's', reason: 'r' }, now));
    await shop.portraits.refresh([a], now);
    expect((await of(a)).map(({ customerIds }) => customerIds.length)).toEqual([1]);
    expect((await of(b)).map(({ customerIds }) => customerIds.length)).toEqual([2]);
    expect((await stored()).filter(({ customerIds }) => customerIds.length === 0)).toEqual([]);
  });

  it('of one person from many places at once ends in what the records say', async () => {
    const id = await shop.addCustomer();
    const work = Array.from({ length: 8 }, async (_, i) => {
      await tx((s) => shop.tags.tag(s, id, { add: [`t${i}`] }, 'staff', now));
      await shop.portraits.refresh([id], now);
    });
    await Promise.all(work);
    expect((await stored()).find(({ _id }) => _id.equals(id))?.tags).toHaveLength(8);
  });

  it('drops lost portraits in a rebuild', async () => {
    const lost = new Types.ObjectId();
    await shop.models.portraits.collection.insertOne({ _id: lost, customerIds: [lost] } as never);
    await shop.portraits.rebuildAll(now, () => undefined);
    expect((await stored()).some(({ _id }) => _id.equals(lost))).toBe(false);
  });
});

describe('what the past shows', () => {
  it('nothing that came later', async () => {
    const id = await shop.addCustomer({ createdAt: daysAgo(50) });
    await tx((s) => shop.commerce.report(s, id, orderOf(daysAgo(20)), now));
    await tx((s) => shop.commerce.report(s, id, orderOf(daysAgo(5)), now));
    for (const at of [daysAgo(10), daysAgo(2), new Date(daysAgo(2).getTime() + 3_600_000)])
      await tx((s) => shop.commerce.recordBehaviour(s, id, behaviourOf(at), now));
    const consent = {
      purpose: 'promotion',
      channel: 'wechat',
      textVersion: 'v',
      at: daysAgo(3),
      by: { kind: 'member' },
    } as const;
    await tx((s) => shop.consents.record(s, id, consent, false));
    const [then, same, today] = await Promise.all(
      [daysAgo(8), daysAgo(2), now].map(async (asOf) => (await shop.portraits.build([id], asOf))[0]),
    );
    expect(then).toMatchObject({ orders: 1, spent: 50_00, consents: [], lastBehaviourAt: daysAgo(10) });
    expect(then?.did).toHaveLength(1);
    expect(same).toMatchObject({ orders: 2, consents: ['promotion.wechat'], lastBehaviourAt: daysAgo(2) });
    expect(same?.did.map(({ n }) => n)).toEqual([1, 1]);
    expect(today?.did.map(({ n }) => n)).toEqual([1, 2]);
    expect(await shop.portraits.build([id], daysAgo(51))).toEqual([]);
  });

  it('an order before it was given back, in part and as a whole', async () => {
    const id = await shop.addCustomer();
    const at = daysAgo(4);
    const refund = (amount: number) => ({ refunds: [{ refundNo: 'r', amount, status: 'succeeded' as const, at }] });
    await tx((s) => shop.commerce.report(s, id, orderOf(daysAgo(30), refund(20_00)), now));
    await tx((s) => shop.commerce.report(s, id, orderOf(daysAgo(40), refund(55_00)), now));
    await tx((s) => shop.commerce.report(s, id, orderOf(daysAgo(60), { status: 'closed', closedAt: at }), now));
    const [before] = await shop.portraits.build([id], daysAgo(5));
    const [after] = await shop.portraits.build([id], now);
    expect([before?.orders, before?.spent, after?.orders, after?.spent]).toEqual([3, 150_00, 1, 30_00]);
  });
});

describe('the switch for personalisation', () => {
  const word = (at: Date, channel: 'wechat' | 'all' = 'all') =>
    ({ purpose: 'personalisation', channel, textVersion: 'v', at, by: { kind: 'member' } }) as const;
  const of = async (id: Types.ObjectId) => (await shop.portraits.build([id], now))[0];

  it('is on for whoever was never asked, and off for whoever joined without agreeing', async () => {
    const [asked, never] = [
      await shop.addCustomer({ joined: { at: daysAgo(2), privacyVersion: 'p' } }),
      await shop.addCustomer(),
    ];
    expect([(await of(asked))?.personalised, (await of(never))?.personalised]).toEqual([false, true]);
    expect([(await of(asked))?.group, (await of(never))?.group]).toEqual([undefined, 'A']);
    await tx((s) => shop.consents.record(s, asked, word(daysAgo(2)), false));
    expect((await of(asked))?.personalised).toBe(true);
  });

  it('follows the latest word by whichever channel, of two at one moment the withdrawal, and takes scores away', async () => {
    const id = await shop.addCustomer();
    await tx((s) => shop.commerce.report(s, id, orderOf(daysAgo(30)), now));
    const scores = { r: 5, f: 1, m: 1, code: '511', segment: 'new', eight: 'general-develop', runId: 'x' };
    const known = { ...scores, group: 'B', at: daysAgo(6), recency: 1, frequency: 1, monetary: 1 };
    await shop.models.scores.collection.insertOne({ _id: id, ...known } as never);
    expect(await of(id)).toMatchObject({ personalised: true, scores, group: 'B' });
    await tx((s) => shop.consents.record(s, id, word(daysAgo(5)), true));
    expect((await of(id))?.scores).toBeUndefined();
    expect(await of(id)).toMatchObject({ personalised: false, refusals: ['personalisation'] });
    await tx((s) => shop.consents.record(s, id, word(daysAgo(4), 'wechat'), false));
    expect(await of(id)).toMatchObject({ personalised: true, refusals: [] });
    await tx((s) => shop.consents.record(s, id, word(daysAgo(4)), true));
    expect((await of(id))?.personalised).toBe(false);
    const [then] = await shop.portraits.build([id], new Date(daysAgo(6).getTime() - DAY_MS));
    expect(then?.scores).toBeUndefined();
  });
});
