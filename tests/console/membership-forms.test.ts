/** The forms of programme, coupons, notices and profile: what they send the server takes, and what they stop the server would refuse. */
import { describe, expect, it } from '@jest/globals';
import type { CouponView, PersonProfile, ProgrammeRules, StrategyView } from '../../console/src/api/types.js';
import { adjustProblem, couponBar } from '../../console/src/rooms/customers/membership/limits.js';
import {
  profileProblem,
  toChange,
  toProfileDraft,
} from '../../console/src/rooms/customers/membership/profile-draft.js';
import {
  couponProblem,
  emptyCoupon,
  toCoupon,
  toCouponDraft,
  worstCost,
} from '../../console/src/rooms/membership/coupon-draft.js';
import {
  changesOf,
  copyRules,
  movesLevels,
  nextLevel,
  programmeProblem,
  setNumber,
} from '../../console/src/rooms/membership/programme-draft.js';
import {
  emptyNotice,
  emptyTemplate,
  noticeProblem,
  previewOf,
  scenes,
  toNotice,
  toNoticeBody,
  wordsOf,
} from '../../console/src/rooms/service-scenes/notice-draft.js';
import { actions } from '../../src/actions/index.js';
import { wordNames } from '../../src/contracts/words.js';
import { ChangeProfile } from '../../src/contracts/http/console-membership.js';
import { PutStrategy } from '../../src/contracts/http/console.js';
import { CouponRules, ProgrammeRules as ProgrammeSchema } from '../../src/contracts/membership.js';
import { serviceScenes } from '../../src/contracts/strategy.js';
import { triggers } from '../../src/triggers/index.js';

const rules: ProgrammeRules = {
  points: {
    ...{ perYuan: 1, returnWindowDays: 15, receivedAfterDays: 15, validMonths: 12 },
    ...{ checkin: 5, join: 20, birthdayChangeDays: 365 },
  },
  growth: { perYuan: 1, join: 0, windowDays: 365, validDays: 365 },
  levels: [
    {
      code: 'member',
      title: { 'zh-CN': '会员', en: 'Member' },
      growth: 0,
      pointsPercent: 100,
      vip: false,
      benefits: [],
    },
    { code: 'gold', title: { 'zh-CN': '金卡', en: 'Gold' }, growth: 600, pointsPercent: 120, vip: true, benefits: [] },
  ],
};
const changed = (change: (copy: ProgrammeRules) => void): ProgrammeRules => {
  const copy = copyRules(rules);
  change(copy);
  return copy;
};
const level = (copy: ProgrammeRules, at: number) => copy.levels[at] as ProgrammeRules['levels'][number];

describe('the programme form', () => {
  it('lets pass what the server takes', () => {
    expect(programmeProblem(rules)).toBeUndefined();
    expect(ProgrammeSchema.safeParse(rules).success).toBe(true);
  });

  const wrong: Array<[string, (copy: ProgrammeRules) => void]> = [
    ['a number out of bounds', (copy) => setNumber(copy, 'points.returnWindowDays', 91)],
    ['an empty number', (copy) => setNumber(copy, 'growth.windowDays', Number.NaN)],
    ['part of a day', (copy) => setNumber(copy, 'growth.validDays', 1.5)],
    ['a first level above 0', (copy) => void (level(copy, 0).growth = 1)],
    ['levels out of order', (copy) => void (level(copy, 1).growth = 0)],
    ['a code twice', (copy) => void (level(copy, 1).code = 'member')],
    ['a code with capitals', (copy) => void (level(copy, 1).code = 'Gold')],
    ['a percentage below 100', (copy) => void (level(copy, 1).pointsPercent = 99)],
    ['no level', (copy) => void (copy.levels = [])],
  ];
  it.each(wrong)('stops %s, which the server refuses too', (_name, change) => {
    const copy = changed(change);
    expect(programmeProblem(copy)).toBeDefined();
    expect(ProgrammeSchema.safeParse(copy).success).toBe(false);
  });

  it('tells each change, and whether people may move', () => {
    expect(changesOf(rules, copyRules(rules))).toEqual([]);
    const points = changesOf(
      rules,
      changed((copy) => setNumber(copy, 'points.perYuan', 2)),
    );
    expect(points).toEqual([{ kind: 'number', path: 'points.perYuan', from: 1, to: 2 }]);
    expect(movesLevels(points)).toBe(false);
    const growth = changesOf(
      rules,
      changed((copy) => void (level(copy, 1).growth = 800)),
    );
    expect(growth).toEqual([{ kind: 'level.growth', name: 'gold', from: 600, to: 800 }]);
    expect(movesLevels(growth)).toBe(true);
    const gone = changesOf(
      rules,
      changed((copy) => void copy.levels.pop()),
    );
    expect(gone).toEqual([{ kind: 'level.removed', name: 'gold' }]);
  });

  it('proposes a next level that fits once it is named', () => {
    const copy = changed((one) => {
      const next = nextLevel(one.levels);
      next.title = { 'zh-CN': '白金', en: 'Platinum' };
      one.levels.push(next);
    });
    expect(programmeProblem(copy)).toBeUndefined();
    expect(ProgrammeSchema.safeParse(copy).success).toBe(true);
  });
});

describe('the coupon form', () => {
  const draft = { ...emptyCoupon(), title: '满 199 减 20.10', amountOff: 20.1, threshold: 199 };

  it('sends fen exactly, and reads them back', () => {
    const body = CouponRules.parse(toCoupon(draft));
    expect([body.amountOff, body.threshold]).toEqual([2010, 19900]);
    const view: CouponView = {
      ...{ id: '0'.repeat(24), granted: 3, used: 1, createdAt: '2026-01-01T00:00:00.000Z' },
      rules: { ...body, endsAt: '2026-12-31T15:59:00.000Z' },
    };
    expect(toCoupon(toCouponDraft(view))).toEqual(view.rules);
    expect(worstCost(draft)).toBe(201_000);
  });

  it.each([
    ['no name', { title: ' ' }],
    ['a threshold below the amount', { threshold: 20 }],
    ['nothing off', { amountOff: 0 }],
    ['no day', { validDays: 0 }],
    ['an empty number', { perPerson: Number.NaN }],
  ])('stops %s, which the server refuses too', (_name, more) => {
    expect(couponProblem({ ...draft, ...more })).toBeDefined();
    expect(CouponRules.safeParse(toCoupon({ ...draft, ...more })).success).toBe(false);
  });

  it('keeps the budget above what was granted', () => {
    expect(couponProblem({ ...draft, budget: 9 }, 10)).toBe('budget');
    expect(couponProblem({ ...draft, budget: 10 }, 10)).toBeUndefined();
  });
});

describe('the notice form', () => {
  it('knows every scene, and only words that the server fills in', () => {
    expect([...scenes].sort()).toEqual([...serviceScenes].sort());
    for (const scene of scenes) expect(wordNames).toEqual(expect.arrayContaining([...wordsOf[scene]]));
  });

  it.each([...scenes])('%s: its first words are taken by the server and come back as they were', (scene) => {
    const template = {
      ...emptyTemplate(),
      account: 'main',
      templateId: 'T1',
      fields: [{ name: 'thing1', wording: '您好' }],
    };
    const draft = { ...emptyNotice(scene), page: '/pages/orders/index', templates: [template] };
    expect(noticeProblem(scene, draft)).toBeUndefined();
    const body = PutStrategy.parse(toNoticeBody(scene, draft, undefined));
    expect(triggers.find(({ code }) => code === scene)?.args.safeParse(body.trigger.args).success).toBe(true);
    expect(actions.find(({ code }) => code === 'notice')?.args.safeParse(body.actions[0]?.args).success).toBe(true);
    const stored: StrategyView = {
      ...body,
      ...{ code: `scene-${scene}`, version: 2, metric: 'm', group: scene, changedAt: '2026-01-01T00:00:00.000Z' },
    };
    expect(toNoticeBody(scene, toNotice(scene, stored), stored)).toEqual(body);
  });

  it.each([
    ['an unknown word', { text: '您好 {name}' }, 'words'],
    ['a word of another scene', { text: '{level}' }, 'words'],
    ['no text', { text: ' ' }, 'text'],
    ['a template without an account', { templates: [emptyTemplate()] }, 'template'],
    ['a strange page', { page: 'a b' }, 'page'],
  ])('stops %s', (_name, more, problem) => {
    expect(noticeProblem('order-paid', { ...emptyNotice('order-paid'), ...more })).toBe(problem);
  });

  it('shows the sentence as it will be read', () => {
    expect(previewOf('订单 {orderNo}：{what}', { orderNo: 'E1' })).toBe('订单 E1：{what}');
  });
});

describe('the profile form', () => {
  const profile: PersonProfile = {
    ...{ name: '王小明', phone: '138****8000', phoneVerifiedAt: null, gender: null, birthday: '1990-05-20' },
    ...{ province: '浙江省', city: '杭州市', address: '西湖区****', minor: false, joinedAt: null },
  };

  it('never sends a mask back, and only what was written', () => {
    const draft = toProfileDraft(profile);
    expect(JSON.stringify(draft)).not.toContain('*');
    expect(toChange(draft, profile)).toEqual({});
    expect(profileProblem(draft, profile)).toBe('nothing');
    const next = { ...draft, phone: '+86 139-0013-9000', gender: 'female' as const };
    expect(profileProblem(next, profile)).toBeUndefined();
    expect(ChangeProfile.parse(toChange(next, profile))).toEqual({ phone: '13900139000', gender: 'female' });
  });

  it.each([
    ['a short phone', { phone: '1380013800' }, 'phone'],
    ['a day the calendar has not', { birthday: '02-30' }, 'birthday'],
  ])('stops %s', (_name, more, problem) => {
    expect(profileProblem({ ...toProfileDraft(profile), ...more }, profile)).toBe(problem);
  });
});

describe('what a role may move by hand', () => {
  const limits = { points: 500, voucherFen: 2000 };
  it.each([
    [{ amount: 500, reason: '补偿' }, undefined],
    [{ amount: -100, reason: '补偿' }, undefined],
    [{ amount: 0, reason: '补偿' }, 'amount'],
    [{ amount: 501, reason: '补偿' }, 'limit'],
    [{ amount: -501, reason: '补偿' }, 'limit'],
    [{ amount: -101, reason: '补偿' }, 'short'],
    [{ amount: 1, reason: ' 补 ' }, 'reason'],
  ])('%j: %s', (asked, problem) => {
    expect(adjustProblem(asked, { limits, available: 100 })).toBe(problem);
  });

  const coupon = (more: object = {}): Pick<CouponView, 'rules' | 'granted'> => ({
    granted: 4,
    rules: { ...CouponRules.parse(toCoupon({ ...emptyCoupon(), title: 'x', amountOff: 20, budget: 5 })), ...more },
  });
  it.each([
    [{}, undefined],
    [{ enabled: false }, 'disabled'],
    [{ endsAt: '2026-01-01T00:00:00.000Z' }, 'ended'],
    [{ budget: 4 }, 'used-up'],
    [{ levels: ['gold'] }, 'level'],
    [{ amountOff: 2001 }, 'limit'],
  ])('a coupon with %j: %s', (more, bar) => {
    expect(couponBar(coupon(more), { limits, level: 'member', now: Date.parse('2026-06-01') })).toBe(bar);
  });
});
