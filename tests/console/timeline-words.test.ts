/** Every kind of event has its words in both languages, and what is told of it is what its data hold. */
import { expect, it } from '@jest/globals';
import { describeEntry, toneOf } from '../../console/src/format/timeline.js';
import { i18n } from '../../console/src/i18n.js';
import { domainEventKinds } from '../../src/contracts/events.js';

const entry = (kind: string, data: Record<string, unknown> = {}) => ({
  ...{ id: '0'.repeat(24), kind, at: '2026-03-05T01:00:00.000Z', conversationId: null, data },
});
type Language = 'zh-CN' | 'en';
const told = (language: Language, kind: string, data: Record<string, unknown>): string => {
  i18n.global.locale.value = language;
  const { detail } = describeEntry(entry(kind, data));
  i18n.global.locale.value = 'zh-CN';
  return detail;
};

it.each([...domainEventKinds])('%s has words in Chinese and English', (kind) => {
  for (const language of ['zh-CN', 'en'] as const) expect(i18n.global.te(`timeline.${kind}`, language)).toBe(true);
});

const gold = { code: 'gold', title: { 'zh-CN': '金卡会员', en: 'Gold' } };
const member = { code: 'member', title: { 'zh-CN': '普通会员', en: 'Member' } };
it.each<[Language, string, Record<string, unknown>, string]>([
  ['zh-CN', 'points.earned', { amount: 199, pending: true, orderNo: 'E1' }, '+199 · 待生效 · 订单 E1'],
  ['zh-CN', 'points.adjusted', { amount: -30, pending: false, reason: '重复补偿' }, '-30 · 重复补偿'],
  ['en', 'points.earned', { amount: 1200, for: 'join' }, '+1,200 · for joining'],
  ['zh-CN', 'level.reached', { level: gold, from: member }, '普通会员 → 金卡会员'],
  ['en', 'level.lost', { level: member, from: gold }, 'Gold → Member'],
  [
    'zh-CN',
    'voucher.granted',
    { title: '满 100 减 10', amountOff: 1000, reason: '补偿' },
    '满 100 减 10 · ¥10.00 · 补偿',
  ],
  ['zh-CN', 'order.paid', { orderNo: 'E1', item: '围巾', pieces: 2, paid: 19901 }, '订单 E1 · 围巾 等 2 件 · ¥199.01'],
  ['en', 'order.dispatched', { orderNo: 'E1', carrier: 'SF', trackingNo: 'S1' }, 'order E1 · SF · S1'],
  [
    'zh-CN',
    'order.refundChanged',
    { refundStatus: 'succeeded', refundAmount: 50, orderNo: 'E1' },
    '退款成功 · ¥0.50 · 订单 E1',
  ],
  ['zh-CN', 'consent.given', { purpose: 'promotion', channel: 'wechat' }, '优惠和活动 · 微信'],
  ['zh-CN', 'person.linkProposed', { evidence: 'phone', reason: 'unverified' }, '同一手机号 · 手机号未在两边都验证'],
])('in %s %s tells its data', (language, kind, data, words) => {
  expect(told(language, kind, data)).toBe(words);
});

it('does not stumble over data of another shape', () => {
  for (const kind of domainEventKinds)
    expect(typeof told('zh-CN', kind, { amount: 'x', level: 3, title: {}, fields: 'a', item: null })).toBe('string');
});

it('marks what brings people closer and what wants a look', () => {
  expect(toneOf(entry('voucher.granted'))).toBe('good');
  expect(toneOf(entry('person.linkProposed'))).toBe('warm');
  expect(toneOf(entry('product.changed'))).toBe('calm');
});
