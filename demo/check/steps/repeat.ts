/** Reports and callbacks told again, shuffled or late, move nothing: neither points nor vouchers nor what is on the phone. */
import { randomUUID } from 'node:crypto';
import { expect, until } from '../judge.js';
import { answerRule } from '../lab.js';
import { buyer, noticesOf, templateFor } from './buying.js';
import type { Step } from './index.js';

const ANSWER = '积分在“会员卡”里查看。';
const NOTICE_SEND = '/cgi-bin/message/subscribe/send';

export const repeat: Step = {
  name: 'repeat',
  title: { 'zh-CN': '订单与回调重复、乱序、迟到：什么都不动', en: 'repeated, shuffled, late: nothing moves' },
  async run(lab) {
    const { open, sim, shop, saw } = lab;
    await lab.putStrategy(
      'check-where',
      answerRule('积分在哪', { code: 'keyword', args: { keywords: ['积分在哪'], match: 'contains' } }, [ANSWER]),
    );
    const { who, card, order } = await buyer(lab, '总被重复的人', 'REPEAT-1', 30_000);
    await card.join();
    const claimed = await card.post('/offers/claim', { couponId: shop.coupons.spring, requestKey: randomUUID() });
    expect(claimed.status === 200, `a coupon is claimed with 200, not ${claimed.about}`);
    const { code } = claimed.json as { code: string };
    const life = [
      order.pending(),
      order.paid(),
      order.dispatched(),
      order.delivered(),
      order.completed(),
      order.refunded([9_999]),
    ];
    for (const one of life) await open.report(one);
    await open.redeem(code, order.paid());
    const chatter = await lab.follower('总被重复的聊天');
    // The platform takes the first answers for failures and delivers the very same bodies again.
    await sim.fault({ path: 'push', times: 2, status: 500 });
    const said = await sim.say(chatter.openid, { content: '我的积分在哪看' });
    await lab.onPhoneOnce(chatter, ANSWER);
    await sim.fault({ path: 'push', times: 2, status: 500 });
    const asked = await sim.grant(who.mini, templateFor('order-dispatched'), true);
    expect(
      said.attempts.length === 3 && asked.attempts.length === 3,
      `both callbacks are delivered three times (${String(said.attempts.length)}, ${String(asked.attempts.length)})`,
    );
    const conversationId = await lab.conversationOf(chatter);
    const written = (await lab.messages(conversationId)).filter(({ direction }) => direction === 'in').length;
    expect(written === 1, `what they wrote stands in the conversation once, not ${String(written)} times`);
    const before = await picture();
    saw(
      `the life of an order, a voucher used, two callbacks three times each: ${String(before.statement.length)} entries`,
    );

    for (const one of [...life, ...life.toReversed(), ...life.filter((_, index) => index % 2)]) {
      const { repeated } = await open.report(one);
      expect(repeated, `an order reported again (${one.status}) is a repetition`);
    }
    expect((await open.redeem(code, order.paid())).repeated, 'a voucher redeemed again is a repetition');
    await card.post('/join', {});
    const late = { ...order.paid(), updatedAt: order.pending().updatedAt };
    await open.report(late);
    const after = await picture();
    for (const part of ['statement', 'me', 'vouchers', 'received'] as const) {
      expect(JSON.stringify(after[part]) === JSON.stringify(before[part]), `${part}: the same as before`);
    }
    saw(
      `${String(life.length * 2 + life.length / 2 + 1)} reports again, reversed and late: statement, vouchers and phone identical`,
    );

    // One consent, told three times, is one notice.
    const parcels = ['REPEAT-2', 'REPEAT-3'];
    for (const orderNo of parcels) {
      const parcel = { ...order.dispatched(), orderNo };
      await open.report(parcel);
    }
    await until('a notice of a parcel', async () => (await noticesOf(lab, who, 'order-dispatched')).length > 0);
    await until('the other parcel in the mini-program', async () => {
      const { items } = await card.get<{ items: Array<{ text: string }> }>('/messages?limit=100');
      return parcels.some((orderNo) => items.some(({ text }) => text.includes(`${orderNo} 已发货`)));
    });
    const refused = (await sim.calls(NOTICE_SEND)).filter(({ body, answer }) => {
      const { touser } = body as { touser?: string };
      return touser === who.mini && (answer as { errcode?: number }).errcode === 43101;
    });
    expect(refused.length === 0, `one consent is one notice: the platform had to refuse ${String(refused.length)}`);
    saw('one consent told three times: one notice, none refused by the platform');

    async function picture() {
      const [statement, me, vouchers, received] = await Promise.all([
        card.statement(),
        card.me(),
        card.vouchers(),
        Promise.all([sim.received(who.openid), sim.received(chatter.openid)]),
      ]);
      const { card: _code, ...rest } = me as typeof me & { card?: unknown };
      return { statement, me: rest, vouchers, received };
    }
  },
};
