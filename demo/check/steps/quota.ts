/** Five customer messages in 48 hours: automation leaves three to people, and a sixth never leaves. */
import { expect, until } from '../judge.js';
import { textOf } from '../lab.js';
import type { Step } from './index.js';

const HEADS = ['菜单一', '菜单二', '菜单三'];
const MINUTE_MS = 60_000;

export const quota: Step = {
  name: 'quota',
  title: { 'zh-CN': '48 小时五条：自动最多两条，其余留给人', en: 'five messages in 48 h, shared' },
  async run({
    putStrategy,
    follower,
    sim,
    conversationOf,
    conversation,
    arrived,
    messages,
    claim,
    reply,
    onPhoneOnce,
    sendsTo,
    saw,
  }) {
    // Menus to tap exist only as customer messages, so each one costs.
    const entries = [{ id: 'a', text: '查订单' }];
    await putStrategy('check-menus', {
      enabled: true,
      title: { 'zh-CN': '三个菜单', en: 'Three menus' },
      priority: 600,
      trigger: { code: 'keyword', args: { keywords: ['菜单'], match: 'equals' } },
      actions: HEADS.map((head) => ({ code: 'reply', args: { content: { type: 'menu', head, entries } } })),
    });
    const customer = await follower('爱问的人');
    await sim.say(customer.openid, { content: '你好' });
    const id = await conversationOf(customer);
    // The credit of following ends after a minute; only the one of writing counts here, once the server has seen the time go by.
    await sim.advance(2 * MINUTE_MS);
    await until('the credit of following to end', async () => (await conversation(id)).window.left === 5);
    await sim.say(customer.openid, { content: '菜单' });
    await arrived(id, '菜单');
    const decided = await until('three automatic answers with an outcome', async () => {
      const out = (await messages(id)).filter((one) => one.content.type === 'menu' && one.state !== 'pending');
      return out.length === HEADS.length ? out : undefined;
    });
    const states = decided.map(({ state, reason }) => (reason ? `${state} (${reason})` : state)).join(', ');
    expect(decided.filter(({ state }) => state === 'sent').length === 2, `automation sends two of three: ${states}`);
    const automatic = await sendsTo(customer);
    expect(automatic.length === 2, `the platform is called twice for them, not ${String(automatic.length)} times`);
    saw(`automation: ${states}`);

    const kept = (await conversation(id)).window;
    expect(kept.open && kept.left === 3, `three are left for people, not ${String(kept.left)}`);
    await claim(id);
    for (const text of ['人工一', '人工二', '人工三']) {
      const accepted = await reply(id, text);
      expect(accepted.status === 202, `“${text}” answers 202, not ${accepted.about}`);
      await onPhoneOnce(customer, text);
    }
    const used = await until('the window used up', async () => {
      const { window } = await conversation(id);
      return window.left === 0 ? window : undefined;
    });
    saw(`people: three replies on the phone; window ${used.open ? 'open' : 'closed'}, ${String(used.left)} left`);

    const sixth = await reply(id, '第六条');
    if (sixth.status === 202)
      await until('an outcome of the sixth', async () =>
        (await messages(id)).find((one) => textOf(one) === '第六条' && one.state !== 'pending'),
      );
    const calls = await sendsTo(customer);
    expect(calls.length === 5, `the platform is called five times in all, not ${String(calls.length)}`);
    expect(
      calls.every(({ errcode }) => errcode === 0),
      `no call is refused by the platform (${calls.map(({ errcode }) => String(errcode)).join()})`,
    );
    expect(
      sixth.status === 409 && sixth.code === 'window.closed',
      `the sixth answers 409 window.closed, not ${sixth.about}`,
    );
    saw('the sixth: 409 window.closed, no sixth call, 0 answers 45047');
  },
};
