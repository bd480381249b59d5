/** Where a person of the staff serves, the automation is silent. */
import { expect } from '../judge.js';
import { answerRule, textOf } from '../lab.js';
import type { Step } from './index.js';

const ANSWER = '自动：七天无理由。';

export const takeover: Step = {
  name: 'takeover',
  title: { 'zh-CN': '人工接待后自动回复不再插话', en: 'no automation where a person serves' },
  async run({ as, putStrategy, follower, sim, onPhoneOnce, conversationOf, claim, arrived, messages, textsOn, saw }) {
    await putStrategy(
      'check-returns',
      answerRule('退货', { code: 'keyword', args: { keywords: ['退货'], match: 'contains' } }, [ANSWER]),
    );
    const customer = await follower('想退货的人');
    await sim.say(customer.openid, { content: '怎么退货' });
    await onPhoneOnce(customer, ANSWER);
    const id = await conversationOf(customer);
    saw('unassigned: answered by the automation');

    await claim(id);
    const said = await sim.say(customer.openid, { content: '我还是要退货' });
    await arrived(id, '我还是要退货');
    const automatic = (await messages(id)).filter((one) => textOf(one) === ANSWER);
    const reply = said.attempts[0]?.reply ?? '';
    expect(
      automatic.length === 1 && (reply === '' || reply === 'success'),
      'the claimed conversation gets no automatic answer',
    );
    expect(
      (await textsOn(customer)).filter((one) => one === ANSWER).length === 1,
      'the phone shows the first answer only',
    );
    saw('claimed: no answer, the platform gets “success”');

    const released = await (await as('agent')).send('POST', `/conversations/${id}/release`);
    expect(released.status === 200, `releasing answers 200, not ${released.about}`);
    await sim.say(customer.openid, { content: '退货退货' });
    await arrived(id, '退货退货');
    const after = (await messages(id)).filter((one) => textOf(one) === ANSWER);
    expect(after.length === 2, `released: answered again (${String(after.length)} automatic answers)`);
    saw('released: answered by the automation again');
  },
};
