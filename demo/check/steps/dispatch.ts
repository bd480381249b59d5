/** A dispatch is told once: by the one-time notice the person asked for, else by a template of the official account. */
import { expect, until } from '../judge.js';
import { lifeOf } from '../shop.js';
import { noticesOf, templateFor } from './buying.js';
import type { Step } from './index.js';

const MINUTE_MS = 60_000;

export const dispatch: Step = {
  name: 'dispatch',
  title: { 'zh-CN': '发货通知只发一次', en: 'the dispatch notice, once' },
  async run(lab) {
    const who = await lab.follower('等包裹的人');
    await lab.member(who);
    await until('one person by both openids', async () => {
      const { open } = lab;
      const [chat, mini] = await Promise.all([
        open.account({ openid: who.openid }),
        open.account({ openid: who.mini }),
      ]);
      return chat.id === mini.id;
    });
    // The credit of following ends after a minute: from then on only notices reach the person.
    await lab.sim.advance(2 * MINUTE_MS);
    await lab.sim.grant(who.mini, templateFor('order-dispatched'), true);
    const customer = { openid: who.openid };
    const placedAt = await lab.shopTime();
    const [one, two] = ['PARCEL-1', 'PARCEL-2'].map((orderNo) => lifeOf({ orderNo, customer, price: 5_000, placedAt }));
    if (!one || !two) throw new Error('no orders');
    const told = async (orderNo: string) =>
      (await noticesOf(lab, who, 'order-dispatched')).filter(({ content }) =>
        JSON.stringify(content).includes(orderNo),
      );
    await lab.open.report(one.dispatched());
    const [first] = await until('the notice of the first parcel', async () => {
      const found = await told('PARCEL-1');
      return found.length > 0 ? found : undefined;
    });
    expect(first?.route === 'notice', `the one-time notice they asked for is used, not ${String(first?.route)}`);
    for (const again of [one.dispatched(), one.paid(), one.delivered()]) await lab.open.report(again);

    await lab.open.report(two.dispatched());
    const [second] = await until('the notice of the second parcel', async () => {
      const found = await told('PARCEL-2');
      return found.length > 0 ? found : undefined;
    });
    expect(
      second?.route === 'template',
      `with none left, the official account's template, not ${String(second?.route)}`,
    );
    expect(JSON.stringify(second.content).includes('SFPARCEL-2'), 'it holds the tracking number');
    await lab.open.report(two.dispatched());
    const counts = [(await told('PARCEL-1')).length, (await told('PARCEL-2')).length];
    expect(counts.join() === '1,1', `each is told once, not ${counts.join(' and ')} times`);
    lab.saw('first parcel: one-time notice; second: template; reported again: no further notice');
  },
};
