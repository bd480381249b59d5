/** The rule builder: what it makes is what the server takes, in the same places, and every rule reads as a sentence. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SegmentFieldView, SegmentRule } from '../../console/src/api/types.js';
import { i18n } from '../../console/src/i18n.js';
import { presets } from '../../console/src/rooms/segments/presets.js';
import {
  isComplete,
  isWholeRule,
  measure,
  negate,
  newCondition,
  problemsAt,
  problemsElsewhere,
  put,
  show,
  withOp,
} from '../../console/src/rooms/segments/rule-draft.js';
import { ruleWords } from '../../console/src/rooms/segments/rule-words.js';
import { seenWords } from '../../console/src/rooms/segments/seen-words.js';
import { SegmentRule as Schema } from '../../src/contracts/segment.js';
import { segmentFields } from '../../src/domain/segments/catalogue.js';
import { checkRule, type RuleContext } from '../../src/domain/segments/index.js';
import { viewsOf } from '../../src/domain/segments/catalogue.js';

const views: SegmentFieldView[] = viewsOf(new Map());
const fields = new Map(views.map((view) => [view.code, view]));
const naming = { fields, names: new Map([['a'.repeat(24), '老客']]) };
const context: RuleContext = {
  now: new Date('2026-11-22T04:00:00Z'),
  timeZone: 'Asia/Shanghai',
  cycleDays: () => 30,
  fields: new Map(),
  segment: () => ({ all: [] }),
};
const words = (rule: SegmentRule): string => ruleWords(rule, naming);
const field = (code: string): SegmentFieldView => fields.get(code)!;
const active: SegmentRule = { field: 'behaviour', op: 'inside', value: { type: 'any', days: 30, times: 1 } };
const ordered: SegmentRule = { field: 'purchases', op: 'inside', value: { days: 30, orders: 1 } };

beforeEach(() => {
  i18n.global.locale.value = 'zh-CN';
});

describe('beginnings', () => {
  it.each(presets.map(({ code, rule }) => [code, rule] as const))('%s is a rule the server takes', (code, rule) => {
    expect(Schema.safeParse(rule).success).toBe(true);
    expect(checkRule(rule, context)).toEqual([]);
    expect(isWholeRule(rule, fields)).toBe(true);
    expect(i18n.global.te(`rules.presets.${code}`)).toBe(true);
  });
});

describe('conditions', () => {
  it.each(segmentFields.map(({ code }) => code))(
    '%s: every operator starts as one the server takes, or as unfinished',
    (code) => {
      for (const op of field(code).ops) {
        const condition = newCondition(field(code), op);
        if (isComplete(condition, field(code))) expect([op, checkRule(condition, context)]).toEqual([op, []]);
        else expect(checkRule(condition, context).map(({ path }) => path)).toEqual(['rule.value']);
        expect(words(condition)).not.toMatch(/rules\.|undefined|\{/);
        expect(words(negate(condition))).not.toMatch(/rules\.|undefined|\{/);
      }
    },
  );

  it('keeps the value when only the side of the comparison changes', () => {
    const days = { field: 'lastOrderAt', op: 'withinDays', value: 45 } as const;
    expect(withOp(days, 'beforeDays', field('lastOrderAt'))).toEqual({ ...days, op: 'beforeDays' });
    expect(withOp(days, 'known', field('lastOrderAt'))).toEqual({ field: 'lastOrderAt', op: 'known' });
  });

  it('is not complete with half of a range, without a category or without a choice', () => {
    const of = (code: string, op: SegmentFieldView['ops'][number], value: unknown): boolean =>
      isComplete({ field: code, op, value }, field(code));
    expect(of('orders', 'between', [1, undefined])).toBe(false);
    expect(of('orders', 'between', [1, 2])).toBe(true);
    expect(of('repurchase', 'inside', { from: 0.8, to: 1.2 })).toBe(false);
    expect(of('repurchase', 'inside', { category: '面霜', from: 0, to: 1.2 })).toBe(true);
    expect(of('gender', 'is', [])).toBe(false);
    expect(of('joined', 'is', false)).toBe(true);
  });
});

describe('the tree', () => {
  const rule: SegmentRule = { all: [active, { not: ordered }, { not: { any: [active, { not: { not: ordered } }] } }] };

  it('shows exclusion as a mark and knows where the server finds the node', () => {
    expect(show({ not: ordered }, 'rule.all.1')).toEqual({ negated: true, path: 'rule.all.1.not', condition: ordered });
    expect(show({ not: { not: ordered } }).negated).toBe(false);
    expect(negate(negate(ordered))).toEqual(ordered);
    expect(put({ not: ordered }, active)).toEqual({ not: active });
  });

  it('measures as the server does', () => {
    expect(measure(rule)).toEqual({ depth: 5, conditions: 4 });
    const deep = (depth: number): SegmentRule => (depth === 0 ? active : { all: [deep(depth - 1)] });
    expect([6, 7].map((depth) => Schema.safeParse(deep(depth)).success)).toEqual([true, false]);
    expect(measure(deep(6)).depth).toBe(6);
  });

  it('puts what the server says at the condition it means, and the rest beside the rule', () => {
    const wrong: SegmentRule = {
      all: [
        active,
        {
          not: {
            any: [
              { field: 'points', op: 'atLeast', value: 'many' },
              { field: 'level', op: 'atMost', value: 1 },
            ],
          },
        },
      ],
    };
    const problems = checkRule(wrong, context);
    expect(problemsAt(problems, 'rule.all.1.not.any.0').map(({ path }) => path)).toEqual([
      'rule.all.1.not.any.0.value',
    ]);
    expect(problemsAt(problems, 'rule.all.1.not.any.1').map(({ path }) => path)).toEqual(['rule.all.1.not.any.1.op']);
    expect(problemsAt(problems, 'rule.all.0')).toEqual([]);
    expect(problemsElsewhere(problems, wrong)).toEqual([]);
    const large = { path: 'rule', message: 'too large' };
    expect(problemsElsewhere([...problems, large], wrong)).toEqual([large]);
  });

  it('does not take one condition for another whose number begins alike', () => {
    expect(problemsAt([{ path: 'rule.all.10.value', message: '' }], 'rule.all.1')).toEqual([]);
  });
});

describe('sentences', () => {
  it.each<[string, SegmentRule]>([
    ['近 30 天活跃 且 近 30 天没有下单', { all: [active, { not: ordered }] }],
    ['近 30 天没有下单', { not: ordered }],
    [
      '近 90 天至少下「面霜」 2 单',
      { field: 'purchases', op: 'inside', value: { days: 90, orders: 2, category: '面霜' } },
    ],
    ['近 7 天有过「加入购物车」', { field: 'behaviour', op: 'inside', value: { type: 'cart.add', days: 7, times: 1 } }],
    ['消费金额不少于 ¥500', { field: 'spent', op: 'atLeast', value: 50_000 }],
    ['订单数在 1 单 至 3 单 之间', { field: 'orders', op: 'between', value: [1, 3] }],
    ['性别为 女、男', { field: 'gender', op: 'is', value: ['female', 'male'] }],
    ['不属于分群「老客」', { not: { field: 'segment', op: 'in', value: 'a'.repeat(24) } }],
    ['没有性别', { not: { field: 'gender', op: 'known' } }],
    ['是否会员：否', { field: 'joined', op: 'is', value: false }],
    ['是否会员：否', { not: { field: 'joined', op: 'is', value: true } }],
    [
      '近 30 天活跃 且 （近 30 天下过单 或 有性别）',
      { all: [active, { any: [ordered, { field: 'gender', op: 'known' }] }] },
    ],
    ['排除（近 30 天活跃 或 近 30 天下过单）', { not: { any: [active, ordered] } }],
    ['所有人', { all: [] }],
    ['没有人', { any: [] }],
    ['没有人', { not: { all: [] } }],
  ])('%s', (sentence, rule) => {
    expect(words(rule)).toBe(sentence);
  });

  it('speaks English too', () => {
    i18n.global.locale.value = 'en';
    expect(words({ all: [active, { not: ordered }] })).toBe(
      'active in the last 30 days and no order in the last 30 days',
    );
  });

  it('says what was seen', () => {
    const seen = (condition: SegmentRule, value: unknown): string => seenWords(condition as never, value, naming);
    expect(seen(ordered, { orders: 2, spent: 12_300, from: '2026-10-24', to: '2026-11-22' })).toContain('2 单，¥123');
    expect(seen({ field: 'spent', op: 'atLeast', value: 1 }, 9900)).toBe('¥99');
    expect(seen({ field: 'gender', op: 'is', value: ['male'] }, 'female')).toBe('女');
    expect(seen({ field: 'tags', op: 'has', value: ['a'] }, [])).toBe('没有');
  });
});
