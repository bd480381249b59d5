/** The platform lets one person get four mass sends a month: the fifth is not even tried. */
import { MASS, among, audience, begin, daytime, inState } from '../campaign.js';
import { crowd } from '../crowd.js';
import { expect, until } from '../judge.js';
import type { Step } from './index.js';

const SENDS = 5;
const FOUR = 4;

export const massSends: Step = {
  name: 'mass-sends',
  title: { 'zh-CN': '每人每月四次群发，第五次不发', en: 'four mass sends a month and person, never a fifth' },
  async run(lab) {
    await daytime(lab);
    const people = await crowd(
      lab,
      ['甲', '乙', '丙'].map((name) => ({ name: `群发${name}`, reach: 'follower' as const })),
    );
    const these = await among(lab, '群发次数', people);
    const words = Array.from({ length: SENDS }, (_, index) => `茶器养护小贴士之${String(index + 1)}`);
    const before = (await lab.sim.calls(MASS)).length;
    const begun = await Promise.all(
      words.map((text) =>
        begin(lab, {
          ...{ name: text, metric: 'conversion-rate', audience: these },
          // Care is not capped: only the platform's own four a month stand in its way.
          message: { purpose: 'care', variants: { 'mass-send': { type: 'text', text } } },
        }),
      ),
    );
    const rows = (
      await Promise.all(
        begun.map(async ({ id }) => {
          await inState(lab, id, 'finished');
          return audience(lab, id);
        }),
      )
    ).flat();
    for (const { name, customerId, who } of people) {
      const mine = rows.filter((row) => row.customerId === customerId);
      const sent = mine.filter(({ state }) => state === 'submitted').length;
      const used = mine.filter(({ reason }) => reason === 'massSend.used').length;
      expect(
        sent === FOUR && used === SENDS - FOUR,
        `${name}: four submitted and one massSend.used, not ${String(sent)} and ${String(used)}`,
      );
      const ofThem = async () =>
        (await lab.sim.received(who.openid)).filter(({ content }) => words.includes(String(content))).length;
      // The platform answers the call first and delivers a moment later.
      await until(`four of them at ${name}`, async () => (await ofThem()) >= FOUR).catch(() => undefined);
      const received = await ofThem();
      expect(received === FOUR, `${name} has four of them, not ${String(received)}`);
    }
    const calls = (await lab.sim.calls(MASS)).slice(before);
    const refused = calls.filter(({ answer }) => (answer as { errcode?: number }).errcode !== 0);
    expect(
      calls.length === FOUR && refused.length === 0,
      `four calls, none refused, not ${String(calls.length)} and ${String(refused.length)}`,
    );
    lab.saw(`five broadcasts to three followers: each got four; the fifth ended massSend.used and was not tried`);
  },
};
