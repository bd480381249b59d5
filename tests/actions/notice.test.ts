import { describe, expect, it } from '@jest/globals';
import { notice } from '../../src/actions/notice/index.js';
import type { NewDomainEvent } from '../../src/contracts/index.js';
import { eventOf, facts } from '../helpers/facts.js';

const at = new Date('2026-11-22T02:00:00Z');
const dispatched: NewDomainEvent = {
  kind: 'order.dispatched',
  at,
  data: {
    orderId: 'a'.repeat(24),
    orderNo: 'QM1',
    item: '白茶香薰蜡烛',
    pieces: 2,
    paid: 12_805,
    carrier: '顺丰速运',
    trackingNo: 'SF1',
    closesAt: '2026-11-23T10:00:00.000Z',
  },
};
const plan = (args: unknown, event = dispatched) => notice.plan(eventOf(event), facts(), notice.args.parse(args));
const template = (account: string, route = 'template') => ({
  route,
  account,
  templateId: `t-${account}`,
  fields: { thing1: '{product}', amount2: '{paid}' },
});

describe('a service notice', () => {
  it('fills in what the event tells: yuan, the shop’s time, a dash for what is not known', () => {
    const [intent] = plan({
      text: '{product} 共 {pieces} 件 {paid} 元，{carrier} {trackingNo}，{closesAt} 前；{level}',
    });
    expect(intent?.message.variants['customer-message']).toEqual({
      type: 'text',
      text: '白茶香薰蜡烛 共 2 件 128.05 元，顺丰速运 SF1，2026-11-23 18:00 前；—',
    });
  });

  it('takes the template of the account at which the person is reached, and names that account', () => {
    const [intent] = plan({ text: '已发货', templates: [template('other'), template('main')] });
    expect(intent?.message.variants.template).toMatchObject({ templateId: 't-main', data: { amount2: '128.05' } });
    expect(intent?.message.variantAccounts).toEqual({ template: 'main' });
    expect(plan({ text: '已发货', templates: [template('other')] })[0]?.message.variants.template).toBeUndefined();
  });

  it('is one for one order and turn, and is stale when the order closes, else after a day', () => {
    const [intent] = plan({ text: '已发货' });
    expect(intent).toMatchObject({ occurrence: `order.dispatched:${'a'.repeat(24)}` });
    expect(intent?.staleAt).toEqual(new Date('2026-11-23T02:00:00Z'));
    const step = { ...dispatched, kind: 'order.paymentDue' as const, data: { ...dispatched.data, step: 2 } };
    const [reminder] = plan({ text: '待付款' }, step);
    expect(reminder?.occurrence).toMatch(/^order\.paymentDue:a+:2$/);
    expect(reminder?.staleAt?.toISOString()).toBe('2026-11-23T10:00:00.000Z');
  });

  it('warns of points and of a level, each warning once', () => {
    const warning = (kind: NewDomainEvent['kind'], data: NewDomainEvent['data']) => ({ kind, at, data });
    const expiring = warning('points.expiring', { amount: 120, expiresAt: '2026-12-31T15:59:59.999Z', days: 30 });
    const [points] = plan({ text: '{expiring} 积分将在 {expiresAt} 过期' }, expiring);
    expect(points?.message.variants['customer-message']).toMatchObject({ text: '120 积分将在 2026-12-31 过期' });
    expect(points).toMatchObject({ occurrence: 'points.expiring:2026-12-31T15:59:59.999Z:30' });
    const level = { code: 'gold', title: { 'zh-CN': '金卡', en: 'Gold' } };
    const endangered = { level, until: '2026-12-20T04:00:00.000Z', days: 7, missing: 150 };
    const [warned] = plan(
      { text: '{level}将于 {until} 到期，还差 {missing} 成长值' },
      warning('level.endangered', endangered),
    );
    expect(warned?.message.variants['customer-message']).toMatchObject({
      text: '金卡将于 2026-12-20 到期，还差 150 成长值',
    });
    expect(warned?.occurrence).toBe('level.endangered:2026-12-20T04:00:00.000Z:7');
  });

  it('takes no words for which the person’s figures would have to be read', () => {
    expect(notice.args.safeParse({ text: '{name}，已发货' }).success).toBe(false);
  });

  it('refuses a wording with words it does not know', () => {
    expect(notice.args.safeParse({ text: '{orderNumber} 已发货' }).success).toBe(false);
    expect(notice.args.safeParse({ text: '{orderNo} 已发货' }).success).toBe(true);
  });
});
