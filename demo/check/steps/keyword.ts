/** A keyword is answered inside the platform's own request, once, and costs nothing of the window. */
import { expect, until } from '../judge.js';
import { answerRule, textOf } from '../lab.js';
import type { Step } from './index.js';

const ANSWER = '满 99 元包邮。';

export const keyword: Step = {
  name: 'keyword',
  title: { 'zh-CN': '关键词即时回复', en: 'a keyword is answered at once' },
  async run({
    putStrategy,
    follower,
    customerOf,
    sim,
    onPhoneOnce,
    conversationOf,
    conversation,
    messages,
    arrived,
    textsOn,
    sendsTo,
    settled,
    saw,
  }) {
    await putStrategy(
      'check-postage',
      answerRule('包邮', { code: 'keyword', args: { keywords: ['包邮'], match: 'contains' } }, [ANSWER]),
    );
    const customer = await follower('问邮费的人');
    // What following itself was answered with must be over, or the next answer waits behind it.
    const { conversationIds } = await customerOf(customer);
    await until('an end of what following caused', async () => {
      const said = await Promise.all(conversationIds.map(messages));
      return said.flat().every(({ state }) => state !== 'pending');
    });
    await sim.say(customer.openid, { content: '请问包邮吗' });
    const shown = await onPhoneOnce(customer, ANSWER);
    expect(shown.route === 'passive', `the answer is the request's own answer, not route ${String(shown.route)}`);
    const sends = await sendsTo(customer);
    expect(sends.length === 0, 'no customer message was spent');
    saw(`“${ANSWER}” on the phone once, route passive, no call to the platform`);

    const id = await conversationOf(customer);
    const answer = await settled(id, ANSWER, ['sent']);
    expect(answer.author.kind === 'automation', 'the console shows that the automation wrote it');
    const { unread } = await conversation(id);
    expect(unread === 1, 'the question still waits for people');
    saw('in the console: written by the automation, sent; the question is still unread');

    await sim.say(customer.openid, { content: '今天天气真好' });
    await arrived(id, '今天天气真好');
    const answers = (await messages(id)).filter((one) => one.direction === 'out' && textOf(one) === ANSWER);
    expect(
      answers.length === 1 && (await textsOn(customer)).filter((one) => one === ANSWER).length === 1,
      'a text without the keyword is not answered',
    );
    saw('a text without the keyword is not answered');
  },
};
