/** An order of the shop's system earns points: pending when it is paid, usable when goods can no longer come back. */
import { expect, until } from '../judge.js';
import type { Step } from './index.js';
import { buyer, noticesOf, templateFor } from './buying.js';
import { lifeOf } from '../shop.js';

const DAY_MS = 86_400_000;
/** As delivered in config/default.yaml. */
const RETURN_DAYS = 15;

export const pointsPending: Step = {
  name: 'points-pending',
  title: { 'zh-CN': '付款：积分待到账，通知送达', en: 'paid: points pending, the notice arrives' },
  async run(lab) {
    const { who, card, order } = await buyer(lab, '买杯子的人', 'POINTS-1', 12_345);
    await lab.sim.grant(who.mini, templateFor('order-paid'), true);
    await lab.open.report(order.pending());
    const before = await lab.open.account({ openid: who.mini });
    expect(before.points.pending === 0, 'an order that is not paid earns nothing');
    const reported = await lab.open.report(order.paid());
    expect(!reported.repeated, 'a payment that was not told before changes the order');
    const { points } = await card.me();
    expect(
      points.pending === 123 && points.available === 0,
      `123.45 yuan bring 123 points, pending: ${JSON.stringify(points)}`,
    );
    const [entry] = await card.statement();
    expect(
      entry?.kind === 'earn' && entry.pending && entry.amount === 123 && entry.orderNo === 'POINTS-1',
      'the statement shows them with their order',
    );
    const known = await lab.open.account({ openid: who.mini });
    expect(known.points.pending === 123, "the shop's system is told the same");
    lab.saw('123.45 yuan paid: 123 points pending in the mini-program and for the shop');

    const notice = await until(
      'the notice of payment on the phone',
      async () => (await noticesOf(lab, who, 'order-paid'))[0],
    );
    expect(JSON.stringify(notice.content).includes('POINTS-1'), 'the notice names the order');
    lab.saw(`the notice of payment by route ${String(notice.route)}`);
  },
};

export const pointsAvailable: Step = {
  name: 'points-available',
  title: { 'zh-CN': '收货、过了退货期：积分可用', en: 'received, return window over: points available' },
  async run(lab) {
    const { card, order } = await buyer(lab, '收到货的人', 'POINTS-2', 20_000);
    await lab.open.report(order.delivered());
    const { points: pending } = await card.me();
    expect(pending.pending === 200 && pending.available === 0, '200 points are pending after receipt');
    await lab.sim.advance((RETURN_DAYS - 1) * DAY_MS);
    const { points: early } = await card.me();
    expect(early.pending === 200, 'a day before the end of the return window they still are');
    await lab.sim.advance(DAY_MS + 10 * 60_000);
    const points = await until('the points available', async () => {
      const now = (await card.me()).points;
      return now.available === 200 ? now : undefined;
    });
    expect(points.pending === 0 && points.spendable === 200, 'all of them are, and can be spent');
    const released = await until('the release in the statement', async () =>
      (await card.statement()).find(({ kind }) => kind === 'release'),
    );
    expect(released.amount === 200, 'the statement shows the release');
    lab.saw(`${String(RETURN_DAYS)} days after receipt: 200 available, 0 pending; the statement shows the release`);
  },
};

export const level: Step = {
  name: 'level',
  title: { 'zh-CN': '订单完成：成长值、升级、通知一次', en: 'completed: growth, level, one notice' },
  async run(lab) {
    const { who, card, order } = await buyer(lab, '买大件的人', 'LEVEL-1', 88_800);
    for (const _twice of [1, 2]) await lab.sim.grant(who.mini, templateFor('level-reached'), true);
    await lab.open.report(order.delivered());
    const before = (await card.me()).level;
    expect(before.code === 'member' && before.growth === 0, 'growth is granted on completion, not before');
    await lab.open.report(order.completed());
    const after = (await card.me()).level;
    expect(
      after.growth === 888 && after.code === 'silver',
      `888 yuan are 888 growth, silver: ${JSON.stringify(after)}`,
    );
    const notice = await until('the notice of the level', async () => (await noticesOf(lab, who, 'level-reached'))[0]);
    expect(
      JSON.stringify(notice.content).includes('银卡'),
      `the notice names the level: ${JSON.stringify(notice.content)}`,
    );

    // Paid after the level was reached: what an order earns depends on the level at its payment.
    const placedAt = new Date((await lab.shopTime()).getTime() + 5 * 60_000);
    const next = lifeOf({ orderNo: 'LEVEL-2', customer: { openid: who.mini }, price: 10_000, placedAt });
    await lab.open.report(order.completed());
    await lab.open.report(next.completed());
    const grown = (await card.me()).level;
    expect(grown.growth === 988, 'the next order grows it further');
    const { points } = await card.me();
    expect(points.pending === 888 + 110, `silver earns 1.1 times the points (${String(points.pending)} in all)`);
    const notices = await noticesOf(lab, who, 'level-reached');
    expect(notices.length === 1, `one notice of the level, not ${String(notices.length)}`);
    lab.saw('888 growth: silver, one notice; the next order earns 1.1 times the points, no second notice');
  },
};
