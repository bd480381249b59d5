/** A person who leaves: what the platform gave about them is deleted, and nothing is sent to them. */
import { expect, until } from '../judge.js';
import type { Step } from './index.js';

export const unfollow: Step = {
  name: 'unfollow',
  title: { 'zh-CN': '取消关注：资料删除，不再发送', en: 'unfollowing deletes platform data' },
  async run({ follower, sim, customerOf, conversationOf, claim, conversation, reply, sendsTo, messages, saw }) {
    const customer = await follower('要离开的人', 'check-leaving');
    await sim.say(customer.openid, { content: '我叫小满，地址在湖边路' });
    const id = await conversationOf(customer);
    await claim(id);
    const before = await until('the unionid from the platform', async () => {
      const [identity] = (await customerOf(customer)).identities;
      return identity?.unionid ? identity : undefined;
    });
    expect(
      before.following && before.scene === 'check-leaving',
      'the console shows unionid and scene while they follow',
    );
    saw(`following: unionid ${String(before.unionid)}, scene ${String(before.scene)}`);

    await sim.unfollow(customer.openid);
    const after = await until('the console to show that they left', async () => {
      const shown = await customerOf(customer);
      return shown.identities[0]?.following === false ? shown : undefined;
    });
    const [identity] = after.identities;
    expect(
      identity?.unionid === null && identity.scene === null && after.nickname === null,
      'unionid, scene and nickname are gone',
    );
    expect(
      (await messages(id)).some((one) => one.direction === 'in'),
      'what they wrote to the shop stays',
    );
    const { window, following } = await conversation(id);
    expect(!window.open && window.left === 0 && !following, 'the window is closed');
    const refused = await reply(id, '请回来吧');
    expect(
      refused.status === 409 && refused.code === 'window.closed',
      `a send answers 409 window.closed, not ${refused.about}`,
    );
    expect((await sendsTo(customer)).length === 0, 'the platform was not called');
    saw('left: unionid, scene, nickname gone; messages stay; a send answers 409, no call');

    await sim.follow(customer.openid);
    const back = await until('the console to show that they are back', async () => {
      const shown = await customerOf(customer);
      return shown.identities[0]?.following === true ? shown : undefined;
    });
    expect(back.id === after.id, 'who comes back is the same customer');
    saw('back: the same customer');
  },
};
