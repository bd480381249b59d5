/** The sentences that say why two records are, or may be, one person. */
import { describe, expect, it } from '@jest/globals';
import type { ProposedEvidence, StoredEvidence } from '../../src/domain/customers/index.js';
import { linkSentence, proposalSentence } from '../../src/http/services/console/evidence.js';

const first = new Date('2026-10-31T16:30:00Z');
const second = new Date('2026-11-20T02:00:00Z');
const same = ['138****8000', '138****8000'] as const;
const telling = { timeZone: 'Asia/Shanghai', phones: same, phoneVerifiedDays: 180 };

describe('a link', () => {
  const byPhone: StoredEvidence = { kind: 'phone', verifiedAt: [first, second] };

  it.each<[StoredEvidence, string]>([
    [{ kind: 'unionid', unionidIndex: 'blind' }, '两边的 unionid 一致'],
    // Days are the shop's own: half past midnight there is the next day.
    [byPhone, '双方都验证过同一手机号（2026-11-01 / 2026-11-20），尾号 8000'],
    [{ kind: 'shop-member', source: '商城' }, '店铺系统 商城 的同一条会员资料指向两边'],
    [{ kind: 'staff', staffId: 'x', reason: '电话里核对过' }, '王经理手工关联：电话里核对过'],
  ])('by %j', (evidence, sentence) => {
    expect(linkSentence(evidence, { ...telling, staffName: '王经理' })).toBe(sentence);
  });

  it('says no digits once the numbers differ, and no name that is not known', () => {
    const phones = ['138****8000', '139****9000'] as const;
    expect(linkSentence(byPhone, { ...telling, phones })).toBe('双方都验证过同一手机号（2026-11-01 / 2026-11-20）');
    expect(linkSentence(byPhone, { ...telling, phones: [null, null] })).not.toContain('尾号');
    expect(linkSentence({ kind: 'staff', staffId: 'x', reason: '核对过' }, telling)).toBe('员工手工关联：核对过');
  });
});

describe('a proposal', () => {
  it.each<[ProposedEvidence, string]>([
    [
      { kind: 'phone', reason: 'unverified', verifiedAt: [first, null] },
      '两边是同一手机号（2026-11-01 / 未验证），尾号 8000，但没有在两边都验证过',
    ],
    [
      { kind: 'phone', reason: 'unverified', verifiedAt: [null, null] },
      '两边是同一手机号，尾号 8000，但没有在两边都验证过',
    ],
    [
      { kind: 'phone', reason: 'old', verifiedAt: [first, second] },
      '双方都验证过同一手机号（2026-11-01 / 2026-11-20），尾号 8000，但有一次验证已超过 180 天',
    ],
    [
      { kind: 'shop-member', reason: 'conflict', source: '商城' },
      '店铺系统 商城 的同一条会员资料指向两边，但平台给两边的 unionid 不同',
    ],
    [{ kind: 'shop-member', reason: 'order', source: '商城' }, '店铺系统 商城 先后把同一笔订单报在两边'],
    [{ kind: 'unionid', reason: 'conflict' }, '一边新报来的 unionid 与另一边一致，但两边另有不同的 unionid'],
  ])('by %j', (evidence, sentence) => {
    expect(proposalSentence(evidence, telling)).toBe(sentence);
  });
});
