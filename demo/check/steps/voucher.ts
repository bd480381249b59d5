/** A voucher is used for one order; when that order comes back, so does the voucher, and it can be used again. */
import { randomUUID } from 'node:crypto';
import { expect } from '../judge.js';
import { lifeOf } from '../shop.js';
import { buyer } from './buying.js';
import type { Step } from './index.js';

export const voucher: Step = {
  name: 'voucher',
  title: { 'zh-CN': '发券、核销、退款还券', en: 'voucher: granted, redeemed, given back by a refund' },
  async run(lab) {
    const { open, saw, shop } = lab;
    const { who, card, order } = await buyer(lab, '用券的人', 'VOUCHER-1', 15_000);
    const { id } = await open.account({ openid: who.mini });
    const agent = await lab.as('agent');
    const grant = { couponId: shop.coupons.welcome, reason: '老顾客答谢', requestKey: randomUUID() };
    const granted = await agent.send('POST', `/customers/${id}/vouchers`, grant);
    expect(granted.status === 201, `the agent grants a voucher with 201, not ${granted.about}`);
    await agent.send('POST', `/customers/${id}/vouchers`, grant);
    const mine = await card.vouchers();
    const [ticket] = mine;
    if (!ticket) throw new Error('no voucher');
    expect(mine.length === 1 && ticket.state === 'granted', 'the same request twice is one voucher, on the card');
    const shown = granted.json as { code: string };
    expect(shown.code !== ticket.code, 'the staff see only the end of its code');

    await open.report(order.paid());
    expect(!(await open.redeem(ticket.code, order.paid())).repeated, 'it is redeemed for the order');
    expect((await open.redeem(ticket.code, order.paid())).repeated, 'the same again changes nothing');
    const state = async (): Promise<string> => (await card.vouchers())[0]?.state ?? 'gone';
    expect((await state()) === 'used', `it is used, not ${await state()}`);
    const other = lifeOf({
      orderNo: 'VOUCHER-2',
      customer: { openid: who.mini },
      price: 12_000,
      placedAt: await lab.shopTime(),
    });
    const refused = await open.post(`/vouchers/${ticket.code}/redeem`, {
      ...{ source: other.paid().source, orderNo: 'VOUCHER-2', amount: 12_000, at: other.paid().updatedAt },
    });
    expect(
      refused.status >= 400 && refused.code === 'voucher.used',
      `for another order it is refused, not ${refused.about}`,
    );
    saw(`granted once, redeemed once; for another order: ${refused.about}`);

    await open.report(order.refunded([15_000]));
    expect((await state()) === 'granted', `after the refund of the whole order it is back, not ${await state()}`);
    await open.report(other.paid());
    expect(!(await open.redeem(ticket.code, other.paid())).repeated, 'it can be redeemed again');
    expect((await state()) === 'used', 'and is used again');
    saw('the order refunded: the voucher is back, and redeemed for the next order');
  },
};
