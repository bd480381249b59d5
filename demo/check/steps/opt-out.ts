/** Whoever writes 退订 while a broadcast runs is not told of it any more, and hears once that it was understood. */
import { REACHED, among, audience, begin, daytime, noticed, promotion, timesTold } from '../campaign.js';
import { crowd } from '../crowd.js';
import { expect, until } from '../judge.js';
import type { Step } from './index.js';

const NAME = '初夏上新';
const PEOPLE = 10;
const CONFIRMED = '已为您退订推荐消息';

export const optOut: Step = {
  name: 'opt-out',
  title: { 'zh-CN': '群发途中回复“退订”：立刻生效', en: 'opting out while a broadcast runs' },
  async run(lab) {
    await daytime(lab);
    await lab.putStrategy('opt-out-confirmed', {
      ...{ enabled: true, title: { 'zh-CN': '退订确认', en: 'Opt-out confirmed' }, priority: 100 },
      trigger: { code: 'opted-out', args: {} },
      actions: [{ code: 'reply', args: { content: { type: 'text', text: CONFIRMED } } }],
    });
    const wishes = Array.from({ length: PEOPLE }, (_, index) => ({
      name: `夏${String(index + 1)}`,
      reach: 'phone' as const,
      granted: true,
    }));
    const people = await crowd(lab, wishes);
    const { id } = await begin(lab, promotion(NAME, await among(lab, NAME, people)));
    await until('the first notice', async () => (await noticed(lab, NAME)).length >= 1);
    // Those who wait for their turn: the last of them has the longest way to go.
    const waiting = await audience(lab, id, '&state=queued');
    const last = people.find(({ customerId }) => customerId === waiting.at(-1)?.customerId);
    expect(last !== undefined, 'somebody still waits for their turn');
    await lab.sim.say(last.who.mini, { content: '退订' });
    lab.saw(`${String((await noticed(lab, NAME)).length)} told, then one of those who wait writes 退订`);
    // Held people keep a broadcast running: whether everybody has been decided on is what counts here.
    const rows = await until('an outcome for everybody', async () => {
      const all = await audience(lab, id);
      return all.every(({ state }) => state !== 'waiting' && state !== 'queued') && all;
    });
    const row = rows.find(({ customerId }) => customerId === last.customerId);
    expect(
      row?.reason === 'consent.withdrawn',
      `their row ends consent.withdrawn, not ${String(row?.state)} ${String(row?.reason)}`,
    );
    expect((await timesTold(lab, NAME, last)) === 0, 'nothing of it is on their phone');
    const others = rows.filter(({ customerId }) => customerId !== last.customerId);
    expect(
      others.every(({ state }) => REACHED.includes(state)),
      'everybody else is told',
    );
    const answered = async () =>
      (await lab.sim.received(last.who.mini)).filter(({ content }) => JSON.stringify(content).includes(CONFIRMED))
        .length;
    await until('the confirmation', async () => (await answered()) > 0);
    expect((await answered()) === 1, `one confirmation, not ${String(await answered())}`);
    lab.saw(`their row: consent.withdrawn; one confirmation; the other ${String(others.length)} were told`);
  },
};
