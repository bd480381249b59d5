/** A message in safe mode reaches the agent; the agent's answer reaches the phone. */
import type { ConversationSummary } from '../../../src/contracts/index.js';
import { expect, until } from '../judge.js';
import type { Page } from '../lab.js';
import type { Step } from './index.js';

const QUESTION = '请问粗陶杯还有现货吗？🍵';
const ANSWER = '有的，今天就能发 <3 & “包好”';

export const inbox: Step = {
  name: 'inbox',
  title: { 'zh-CN': '消息进工作台，客服回复到手机', en: 'message to inbox, reply to phone' },
  async run({
    as,
    follower,
    sim,
    conversationOf,
    arrived,
    claim,
    conversation,
    reply,
    settled,
    onPhoneOnce,
    sendsTo,
    saw,
  }) {
    const agent = await as('agent');
    const customer = await follower('来问货的人');
    const pushed = await sim.say(customer.openid, { content: QUESTION });
    expect(
      pushed.attempts.length === 1 && pushed.attempts[0]?.status === 200,
      'the server takes the encrypted message at once',
    );
    const id = await conversationOf(customer);
    await arrived(id, QUESTION);
    const waiting = await until('the conversation among the unassigned', async () => {
      const page = await agent.get<Page<ConversationSummary>>('/conversations?box=unassigned&limit=100');
      return page.items.find((one) => one.id === id);
    });
    expect(
      waiting.unread === 1 && waiting.waitingSince !== null && waiting.preview === QUESTION,
      'it shows one unread message and that the customer waits',
    );
    saw(`unassigned, unread 1: “${QUESTION}”`);

    await claim(id);
    const mine = await agent.get<Page<ConversationSummary>>('/conversations?box=mine&limit=100');
    expect(
      mine.items.some((one) => one.id === id),
      'a claimed conversation is in the box “mine”',
    );
    saw('claimed: in “mine”');

    const accepted = await reply(id, ANSWER);
    expect(accepted.status === 202, `a reply answers 202, not ${accepted.about}`);
    const shown = await onPhoneOnce(customer, ANSWER);
    const message = await settled(id, ANSWER, ['sent']);
    const sends = await sendsTo(customer);
    expect(
      sends.length === 1 && sends[0]?.errcode === 0,
      `the platform was called once, not ${String(sends.length)} times`,
    );
    saw(`“${ANSWER}” on the phone once by route ${String(shown.route)}; in the console ${message.state}`);
    const after = await conversation(id);
    expect(after.waitingSince === null && after.unread === 0, 'nobody waits any more');
    expect(
      after.window.open && after.window.left < 8 && after.window.endsAt !== null,
      'the window is open and shows what is left',
    );
    saw(`window open, ${String(after.window.left)} left until ${String(after.window.endsAt)}`);
  },
};
