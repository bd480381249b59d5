/** A strategy that the clock starts: at ten, whoever came by and did not order has a voucher and a message, once; the hold-out has neither. */
import { among, countsTo, textOf } from '../campaign.js';
import { crowd } from '../crowd.js';
import type { Someone } from '../crowd.js';
import { expect, until } from '../judge.js';
import type { Page } from '../lab.js';
import type { Step } from './index.js';

const CODE = 'check-active-voucher';
const TEXT = textOf('百元回馈');
const PEOPLE = 12;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SHANGHAI_MS = 8 * HOUR_MS;

export const clockStrategy: Step = {
  name: 'clock-strategy',
  title: { 'zh-CN': '十点自动：活跃未下单送百元券', en: 'at ten o’clock: a voucher for who looked and did not order' },
  async run(lab) {
    const wish = { reach: 'phone' as const, promotion: 'given' as const, did: [{ type: 'view', daysAgo: 3 }] };
    const people = await crowd(lab, [
      ...Array.from({ length: PEOPLE }, (_, index) => ({ ...wish, name: `逛客${String(index + 1)}` })),
      { ...wish, name: '下了单的人', bought: [{ daysAgo: 2, price: 9_900, state: 'completed' as const }] },
      { ...wish, name: '好久没来的人', did: [{ type: 'view', daysAgo: 40 }] },
      { ...wish, name: '未成年人', minor: true },
    ]);
    const these = await among(lab, '十点名单', people);
    await countsTo(
      lab,
      { all: [these, { field: 'orders', op: 'atMost', value: 0 }] },
      people.length - 1,
      'known to segments',
    );
    const tomorrow = await nextMidnight(lab);
    await lab.sim.setClock(new Date(tomorrow + 9.8 * HOUR_MS));
    await lab.putStrategy(CODE, {
      ...{ enabled: true, title: { 'zh-CN': '活跃未下单', en: 'Active without an order' }, priority: 100 },
      trigger: { code: 'active-no-order', args: { activeDays: 30, noOrderDays: 30, at: '10:00' } },
      actions: [
        {
          code: 'send',
          args: { purpose: 'promotion', text: TEXT, couponId: lab.shop.coupons.hundred, voucher: '百元券' },
        },
      ],
      audience: these,
      holdoutPercent: 50,
    });
    await lab.sim.advance(60_000);
    expect((await told(people)) === 0, 'before ten nobody is told');
    await lab.sim.setClock(new Date(tomorrow + 10 * HOUR_MS + 60_000));
    await until('the run of the strategy', async () => (await runs(lab)).some(({ state }) => state === 'done'));
    const meant = people.slice(0, PEOPLE);
    // A voucher comes with the decision, its message a moment later.
    const both = async () => {
      const got = await Promise.all(meant.map(({ card }) => ofMine(card)));
      return got.every(({ messages, vouchers }) => messages === vouchers && messages <= 1) && got;
    };
    const got = await until('a message and a voucher for some, once, and neither for the others', both);
    const some = got.filter(({ messages }) => messages === 1).length;
    const none = got.length - some;
    expect(some > 0 && none > 0, `half are left alone: ${String(some)} told, ${String(none)} not`);
    expect((await told(people.slice(PEOPLE))) === 0, 'who ordered, stayed away or is a minor gets nothing');
    await lab.sim.advance(DAY_MS);
    await until(
      'the run of the next day',
      async () => (await runs(lab)).filter(({ state }) => state === 'done').length > 1,
    );
    expect((await told(people)) === some, 'the next day nobody is told again');
    lab.saw(`at ten: ${String(some)} with voucher and message, ${String(none)} held out; the next day nobody again`);
    await lab.putStrategy(CODE, {
      ...{ enabled: false, title: { 'zh-CN': '活跃未下单', en: 'Active without an order' }, priority: 100 },
      trigger: { code: 'active-no-order', args: {} },
      actions: [{ code: 'send', args: { purpose: 'promotion', text: TEXT } }],
    });
  },
};

const told = async (people: readonly Someone[]): Promise<number> => {
  const all = await Promise.all(people.map(({ card }) => ofMine(card)));
  return all.reduce((sum, { messages }) => sum + messages, 0);
};

async function ofMine(card: Someone['card']): Promise<{ messages: number; vouchers: number }> {
  if (!card) throw new Error('no mini-program');
  const { items } = await card.get<Page<{ text: string }>>('/messages');
  return { messages: items.filter(({ text }) => text === TEXT).length, vouchers: (await card.vouchers()).length };
}

type Lab = Parameters<Step['run']>[0];

const runs = async (lab: Lab): Promise<Array<{ state: string }>> =>
  (await (await lab.as('marketer')).get<{ runs: Array<{ state: string }> }>(`/strategies/${CODE}/outcomes`)).runs;

async function nextMidnight({ sim }: Lab): Promise<number> {
  const local = new Date((await sim.clock()).now).getTime() + SHANGHAI_MS;
  return local - (local % DAY_MS) + DAY_MS - SHANGHAI_MS;
}
