import { describe, expect, it } from '@jest/globals';
import { send } from '../../src/actions/send/index.js';
import type { NewDomainEvent } from '../../src/contracts/index.js';
import { eventOf, facts } from '../helpers/facts.js';

const due: NewDomainEvent = {
  kind: 'strategy.due',
  at: new Date('2026-11-22T02:00:00Z'),
  data: { strategy: 'birthday', key: '2026-11' },
};
const person = { name: '小林', level: '金卡', birthday: '11-05', points: 320, growth: 10, orders: 2, spent: 12_805 };
const plan = (args: unknown, event = due, who: typeof person | undefined = person) =>
  send.plan(eventOf(event), { ...facts(), ...(who ? { person: who } : {}) }, send.args.parse(args));
const template = (account: string) => ({ account, templateId: `t-${account}`, fields: { thing1: '{voucher}' } });
const promotion = (more: object = {}) => ({ purpose: 'promotion', text: '{name|朋友}，来看看', ...more });

describe('what cannot be configured', () => {
  it.each(['customer-message', 'template', 'mass-send', 'passive-reply', 'wechaty'])('a promotion by %s', (route) => {
    const refused = send.args.safeParse(promotion({ routes: ['member-inbox', route] }));
    expect(refused.success).toBe(false);
    expect(refused.error?.issues.map(({ path }) => path[0])).toContain('routes');
  });

  it.each(['template', 'mass-send', 'passive-reply', 'wechaty'])('care by %s', (route) => {
    expect(send.args.safeParse({ purpose: 'care', text: '好', routes: [route] }).success).toBe(false);
  });

  it.each([
    ['another purpose', { purpose: 'contract', text: '好' }],
    ['care that hands out a voucher', { purpose: 'care', text: '好', couponId: 'a'.repeat(24) }],
    [
      'a template of another kind',
      promotion({ routes: ['subscription-notice'], templates: [{ ...template('mini'), route: 'template' }] }),
    ],
    ['a one-time notice without templates', promotion({ routes: ['subscription-notice'] })],
    ['templates without the route', promotion({ templates: [template('mini')] })],
    ['a word it does not know', promotion({ text: '{nickname}，来看看' })],
    [
      'an unknown word in a field',
      promotion({
        routes: ['subscription-notice'],
        templates: [{ ...template('mini'), fields: { thing1: '{vouchers}' } }],
      }),
    ],
    ['no way at all', promotion({ routes: [] })],
    ['one way twice', promotion({ routes: ['member-inbox', 'member-inbox'] })],
  ])('%s', (_name, args) => {
    expect(send.args.safeParse(args).success).toBe(false);
  });

  it('while the lawful ways pass', () => {
    expect(send.args.safeParse(promotion()).success).toBe(true);
    const care = { purpose: 'care', text: '好', routes: ['member-inbox', 'customer-message'] };
    expect(send.args.safeParse(care).success).toBe(true);
  });
});

describe('what it plans', () => {
  it('fills in who the person is, with what to say where that is not known', () => {
    const text = '{name|朋友} {level|会员}，{points} 分，{orders} 单共 {spent} 元，{birthday|本月}生日';
    const said = (who?: typeof person) => plan(promotion({ text }), due, who)[0]?.message.variants['member-inbox'];
    expect(said(person)).toMatchObject({ data: { text: '小林 金卡，320 分，2 单共 128.05 元，11月5日生日' } });
    const [unknown] = send.plan(eventOf(due), facts(), send.args.parse(promotion({ text })));
    expect(unknown?.message.variants['member-inbox']).toMatchObject({
      data: { text: '朋友 会员，— 分，— 单共 — 元，本月生日' },
    });
  });

  it('offers the coupon with the message and says what it is called', () => {
    const [intent] = plan(
      promotion({ couponId: 'a'.repeat(24), voucher: '生日 50 元券', text: '送您{voucher|一张券}' }),
    );
    expect(intent).toMatchObject({ offer: { couponId: 'a'.repeat(24) }, occurrence: '2026-11' });
    expect(intent?.message.variants['member-inbox']).toMatchObject({ data: { text: '送您生日 50 元券' } });
    expect(plan(promotion())[0]).not.toHaveProperty('offer');
  });

  it('takes the one-time notice of the account at which the person is reached', () => {
    const args = promotion({
      routes: ['member-inbox', 'subscription-notice'],
      templates: [template('other'), template('main')],
      voucher: '券',
      page: 'pages/vouchers/index?from={name}&o={orderNo}',
    });
    const [intent] = plan(args);
    expect(intent?.message.variants['subscription-notice']).toEqual({
      type: 'notice',
      templateId: 't-main',
      page: `pages/vouchers/index?from=${encodeURIComponent('小林')}&o=`,
      data: { thing1: '券' },
    });
    expect(intent?.message.variantAccounts).toEqual({ 'subscription-notice': 'main' });
  });

  it('says nothing where no way has a variant', () => {
    expect(plan(promotion({ routes: ['subscription-notice'], templates: [template('other')] }))).toEqual([]);
  });

  it('care may go into an open conversation', () => {
    const [intent] = plan({ purpose: 'care', text: '好用吗', routes: ['member-inbox', 'customer-message'] });
    expect(Object.keys(intent?.message.variants ?? {})).toEqual(['member-inbox', 'customer-message']);
  });

  it('is told once for each warning, and is stale after three days', () => {
    const warned = (days: number): NewDomainEvent => ({
      ...due,
      kind: 'points.expiring',
      data: { amount: 5, expiresAt: '2026-12-31T15:59:59.999Z', days },
    });
    const [first, second] = [30, 7].map((days) => plan(promotion(), warned(days))[0]);
    expect(first?.occurrence).not.toBe(second?.occurrence);
    expect(plan(promotion(), warned(30))[0]?.occurrence).toBe(first?.occurrence);
    expect(first?.staleAt).toEqual(new Date('2026-11-25T02:00:00Z'));
  });
});
