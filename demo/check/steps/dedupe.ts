/** The platform repeats a message whose answer it did not see. Equal is one, different is two, however close. */
import { expect } from '../judge.js';
import { answerRule, textOf } from '../lab.js';
import type { Step } from './index.js';

const ONCE = '我只说一次：要两只杯子';
const ANSWER = '杯子好的。';

export const dedupe: Step = {
  name: 'dedupe',
  title: { 'zh-CN': '同一条推送三次只记一条', en: 'the same callback three times is one message' },
  async run({
    putStrategy,
    follower,
    sim,
    conversationOf,
    messages,
    arrived,
    onPhoneOnce,
    secondNow,
    conversation,
    saw,
  }) {
    await putStrategy(
      'check-cups',
      answerRule('杯子', { code: 'keyword', args: { keywords: ['两只杯子'], match: 'contains' } }, [ANSWER]),
    );
    const customer = await follower('网络不好的人');
    // The platform takes the first two answers for failures and delivers the very same body again.
    await sim.fault({ path: 'push', times: 2, status: 500 });
    const pushed = await sim.say(customer.openid, { content: ONCE });
    const statuses = pushed.attempts.map(({ status }) => status).join(', ');
    expect(
      pushed.attempts.length === 3 && pushed.attempts[2]?.status === 200,
      `the body is delivered three times (${statuses})`,
    );
    const id = await conversationOf(customer);
    await arrived(id, ONCE);
    const count = async (text: string): Promise<number> =>
      (await messages(id)).filter((one) => textOf(one) === text).length;
    expect((await count(ONCE)) === 1, `one message is stored, not ${String(await count(ONCE))}`);
    await onPhoneOnce(customer, ANSWER);
    expect((await count(ANSWER)) === 1, 'one answer is written');
    const { unread } = await conversation(id);
    expect(unread === 1, `one message is unread, not ${String(unread)}`);
    saw(`delivered 3 times (${statuses}): 1 message, 1 answer on the phone`);

    const second = await secondNow();
    const ids = ['24000000000000001', '24000000000000002'];
    for (const [index, msgId] of ids.entries()) {
      await sim.say(customer.openid, { content: `同一秒 ${String(index + 1)}`, createTime: second, msgId });
    }
    await arrived(id, '同一秒 2');
    const both = (await messages(id)).map(textOf).filter((text) => text.startsWith('同一秒'));
    expect(both.length === 2, `two messages of one second are two, not ${String(both.length)}`);
    expect(both.join() === '同一秒 1,同一秒 2', 'in the order in which they were written');
    saw('two different messages in one second: 2 messages, in order');
  },
};
