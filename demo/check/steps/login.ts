/** A login of the mini-program finds the person the shop already chats with: one customer with two identities. */
import { expect, until } from '../judge.js';
import { exchange } from '../session.js';
import type { Step } from './index.js';

export const login: Step = {
  name: 'login',
  title: { 'zh-CN': '小程序登录，认出聊天里的同一个人', en: 'mini-program login: the same person as in chat' },
  async run({ follower, sim, stage, conversationOf, customerOf, member, open, as, saw }) {
    const person = await follower('两边都来的人');
    await sim.say(person.openid, { content: '你好，我想办会员' });
    await conversationOf(person);
    const { id } = await customerOf(person);
    const card = await member(person);
    expect(!card.joined, 'who logs in is no member before joining');
    const both = await until('one customer by both openids', async () => {
      const [chat, mini] = await Promise.all([
        open.account({ openid: person.openid }),
        open.account({ openid: person.mini }),
      ]);
      return chat.id === mini.id ? chat.id : undefined;
    });
    saw(`looked up by either openid: customer ${both}`);

    const agent = await as('agent');
    const shown = await agent.get<{ identities: Array<{ channel: string }> }>(`/customers/${id}`);
    const channels = shown.identities.map(({ channel }) => channel).sort();
    expect(
      channels.join() === 'mini-program,official-account',
      `the console shows both identities, not ${channels.join(', ') || 'none'}`,
    );
    saw(`in the console: ${channels.join(' + ')}`);

    const code = await sim.loginCode(person.mini);
    const enter = (with_: string) =>
      exchange(stage.front.port, {
        ...{ method: 'POST', path: '/member/v1/login', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify({ code: with_ }),
      });
    const first = await enter(code);
    const again = await enter(code);
    const invented = await enter('081invented0000000000000000000000');
    expect(first.status === 200, `a fresh code signs in, not ${first.about}`);
    expect(again.status === 401, `a code is good once; then 401, not ${again.about}`);
    expect(invented.status === 401, `an invented code answers 401, not ${invented.about}`);
    const all = first.text + JSON.stringify(first.headers);
    expect(
      !all.includes('session_key') && !all.includes(person.mini),
      'neither session key nor openid leave the server',
    );
    saw(`used code: ${again.about}; invented code: ${invented.about}; no session key in the answer`);
  },
};
