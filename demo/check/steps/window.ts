/** Forty-eight hours later nothing may be sent, until the customer writes again. */
import { expect, until } from '../judge.js';
import type { Step } from './index.js';

const HOURS_MS = 3_600_000;

export const window: Step = {
  name: 'window',
  title: { 'zh-CN': '四十八小时后窗口关闭', en: '48 hours later the window is closed' },
  async run({
    customerOf,
    follower,
    sim,
    conversationOf,
    conversation,
    claim,
    reply,
    onPhoneOnce,
    messages,
    arrived,
    saw,
  }) {
    const customer = await follower('两天后再来的人');
    await sim.say(customer.openid, { content: '我先看看' });
    const id = await conversationOf(customer);
    await arrived(id, '我先看看');
    await claim(id);
    const before = (await conversation(id)).window;
    expect(before.open && before.left > 0 && before.endsAt !== null, 'the window is open after the customer wrote');
    saw(`now: open, ${String(before.left)} left, ends ${String(before.endsAt)}`);

    // The product asks for the profile of a newcomer by itself; after that it has nothing to call for.
    await until(
      'the profile from the platform',
      async () => (await customerOf(customer)).identities[0]?.unionid ?? undefined,
    );
    await sim.advance(48 * HOURS_MS + 1000);
    const after = await until('the closed window', async () => {
      const { window: shown } = await conversation(id);
      return shown.open ? undefined : shown;
    });
    expect(after.left === 0, `nothing is left, not ${String(after.left)}`);
    const calls = JSON.stringify(await sim.calls());
    const refused = await reply(id, '您好，还需要吗？');
    expect(
      refused.status === 409 && refused.code === 'window.closed',
      `a send answers 409 window.closed, not ${refused.about}`,
    );
    expect(JSON.stringify(await sim.calls()) === calls, "the simulator's call list is unchanged");
    const written = (await messages(id)).filter((one) => one.author.kind === 'staff');
    expect(written.length === 0, 'nothing was written into the conversation');
    saw('48 h later: closed, 0 left; a send answers 409 window.closed; no call to the platform');

    await sim.say(customer.openid, { content: '想好了，买' });
    await arrived(id, '想好了，买');
    const again = (await conversation(id)).window;
    expect(again.open && again.left === 5, `open again with five, not ${String(again.left)}`);
    const accepted = await reply(id, '好的，马上安排');
    expect(accepted.status === 202, `a reply answers 202 again, not ${accepted.about}`);
    await onPhoneOnce(customer, '好的，马上安排');
    saw(`the customer writes: open again, ${String(again.left)} left; the reply is on the phone`);
  },
};
