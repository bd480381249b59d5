/** The library: every entry can be put as it stands once what it asks for was chosen, and none says what may not be said. */
import { describe, expect, it } from '@jest/globals';
import { actions } from '../../../src/actions/index.js';
import { CouponRules, LibraryEntry, PutStrategy } from '../../../src/contracts/index.js';
import { bodyOf, library } from '../../../src/domain/marketing/index.js';
import { checkStrategy } from '../../../src/domain/marketing/rule-check.js';
import { triggers } from '../../../src/triggers/index.js';

const coupon = { id: 'c'.repeat(24), title: '五十元券' };
const codes = library.map(({ code }) => code);

it('has at least what every shop needs, each under a code of its own', () => {
  expect(new Set(codes).size).toBe(codes.length);
  const used = new Set(library.map(({ body }) => body.trigger.code));
  const needed = ['follow', 'birthday-month', 'birthday', 'active-no-order', 'second-order', 'repurchase-due'];
  for (const code of [...needed, 'dormant', 'level-endangered', 'points-expiring', 'opted-out'])
    expect(used).toContain(code);
  expect(codes.length).toBeGreaterThanOrEqual(10);
});

describe.each(library.map((entry) => [entry.code, entry] as const))('%s', (code, entry) => {
  it('is a strategy that can be put, switched off, in both languages', async () => {
    expect(LibraryEntry.safeParse(entry).success).toBe(true);
    const body = PutStrategy.parse(bodyOf(entry, { coupon, category: '茶饮' }));
    expect((await checkStrategy({ triggers, actions }, code, body)).problems).toEqual([]);
    expect(body.enabled).toBe(false);
    for (const words of [body.title, entry.why]) {
      expect(words['zh-CN']).toMatch(/\p{Script=Han}/u);
      expect(words.en).toMatch(/^[^\p{Script=Han}]+$/u);
    }
  });

  it('takes the coupon and the category where it asks for them, and only there', () => {
    const body = bodyOf(entry, { coupon, category: '茶饮' });
    const ids = body.actions.map(({ args }) => args['couponId']);
    if (entry.coupon) {
      expect(entry.asks).toContain('coupon');
      expect(ids).toEqual([coupon.id]);
      const { success } = CouponRules.safeParse({ ...entry.coupon, budget: 100 });
      expect(success).toBe(true);
    } else expect([entry.asks.includes('coupon'), ids[0]]).toEqual([false, undefined]);
    const isOfCategory = entry.body.trigger.code === 'repurchase-due';
    expect([entry.asks.includes('category'), body.trigger.args['category']]).toEqual(
      isOfCategory ? [true, '茶饮'] : [false, undefined],
    );
  });

  it('leaves a share alone where it sells, and nobody where something is owed', () => {
    const owes = entry.body.actions.every(({ code: action }) => action === 'notice' || action === 'reply');
    if (owes) expect(entry.body.holdoutPercent).toBeUndefined();
    if (entry.coupon) expect(entry.body.holdoutPercent).toBe(10);
  });
});
