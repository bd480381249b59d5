/** A message to a personal account run by wechaty lies in the same inbox; the agent's answer goes back the same way, once. */
import type { ChatMessage, ConversationSummary } from '../../../src/contracts/index.js';
import { expect, until } from '../judge.js';
import { textOf } from '../lab.js';
import type { Page } from '../lab.js';
import type { Step } from './index.js';

const QUESTION = '你好，上次的茶壶还能再订两把吗？';
const ANSWER = '可以的，今天就给您留两把。';
const SIGNED_IN_MS = 500;
const NAME = '个人号上的老客';

export const wechaty: Step = {
  name: 'wechaty',
  title: { 'zh-CN': '个人号消息进同一工作台，回复送达', en: 'a personal account: the same inbox, the reply arrives' },
  needsBot: true,
  async run(lab) {
    const { bot } = lab;
    if (!bot) throw new Error('the check began without a bot');
    const agent = await lab.as('agent');
    await until('the server at the puppet service', () => Promise.resolve(bot.started()), 30_000);
    bot.login();
    const customer = bot.contact(NAME);
    // Nobody writes in the very moment of signing in.
    await new Promise((resume) => setTimeout(resume, SIGNED_IN_MS));
    bot.say(customer, QUESTION);
    const found = await until('the message in the inbox', async () => {
      const page = await agent.get<Page<ConversationSummary>>('/conversations?limit=50');
      for (const { id } of page.items) {
        const messages = (await agent.get<Page<ChatMessage>>(`/conversations/${id}/messages?limit=20`)).items;
        if (messages.some((one) => one.direction === 'in' && textOf(one) === QUESTION)) return id;
      }
      return undefined;
    });
    lab.saw('the message lies in the same inbox as everybody’s');
    await lab.claim(found);
    const accepted = await lab.reply(found, ANSWER);
    expect(accepted.status === 202, `a reply answers 202, not ${accepted.about}`);
    await lab.settled(found, ANSWER, ['sent']);
    const answers = bot.answersTo(customer);
    expect(answers.length === 1 && answers[0] === ANSWER, `they have the answer once, not ${JSON.stringify(answers)}`);
    lab.saw('the answer is on their phone, once');
  },
};
