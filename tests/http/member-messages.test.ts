/** Rows of the outbox as a member reads them in the mini-program. */
import { describe, expect, it } from '@jest/globals';
import { MemberMessage } from '../../src/contracts/index.js';
import type { OutboxRecord } from '../../src/flow/models.js';
import { presentNotice } from '../../src/http/services/member/views.js';

const createdAt = new Date('2026-11-20T02:00:00Z');
const settledAt = new Date('2026-11-20T03:00:00Z');

/** What a row holds that is shown. */
type Shown = Pick<OutboxRecord, '_id' | 'createdAt' | 'purpose' | 'variants'> & Partial<OutboxRecord>;
const row = (more: Partial<OutboxRecord> = {}): OutboxRecord => {
  const shown: Shown = {
    _id: 'row-1',
    createdAt,
    settledAt,
    purpose: 'promotion',
    variants: { 'member-inbox': { type: 'notice', templateId: '', data: { text: '八折' } } },
    ...more,
  };
  return shown as OutboxRecord;
};
const titles = new Map([['birthday', '生日祝福']]);
const present = (more: Partial<OutboxRecord> = {}, readUntil?: Date) => presentNotice(row(more), { titles, readUntil });
const inbox = (data: Record<string, string>, page?: string): Partial<OutboxRecord> => ({
  variants: { 'member-inbox': { type: 'notice', templateId: '', data, ...(page ? { page } : {}) } },
});
const strategy = { code: 'birthday', version: 1, action: 0 };

describe('a message kept in the mini-program', () => {
  it('says when, what and why, and is unread until it was read', () => {
    const message = present();
    expect(message).toEqual({
      id: 'row-1',
      at: settledAt.toISOString(),
      title: '会员优惠',
      text: '八折',
      page: null,
      purpose: 'promotion',
      unread: true,
    });
    expect(MemberMessage.parse(message)).toEqual(message);
  });

  it.each<[string, Partial<OutboxRecord>, string]>([
    ['its own', { ...inbox({ title: '冬季上新', text: 'x' }), strategy }, '冬季上新'],
    ['that of the strategy', { strategy }, '生日祝福'],
    ['that of its kind', { purpose: 'care' }, '会员关怀'],
    [
      'that of its kind where the strategy is gone',
      { purpose: 'contract', strategy: { ...strategy, code: 'x' } },
      '服务通知',
    ],
  ])('has a title: %s', (_name, more, title) => {
    expect(present(more).title).toBe(title);
  });

  it('opens the page it names, or the vouchers where it brought one', () => {
    expect(present({ ...inbox({ text: 'x' }, 'pages/levels/index'), voucherId: 'v1' }).page).toBe('pages/levels/index');
    expect(present({ voucherId: 'v1' }).page).toBe('pages/vouchers/index');
  });

  it.each([
    [new Date(settledAt.getTime() - 1), true],
    [settledAt, false],
    [new Date(settledAt.getTime() + 1), false],
  ])('read up to %j: unread %s', (readUntil, unread) => {
    expect(present({}, readUntil).unread).toBe(unread);
  });

  it('that only the chat carried is shown as said there', () => {
    const variants: OutboxRecord['variants'] = { 'customer-message': { type: 'text', text: '已发货' } };
    expect(present({ variants, purpose: 'contract' })).toMatchObject({ title: '服务通知', text: '已发货', page: null });
  });
});
