/** What rules mean, where it matters to the day and the fen; what is refused; how answers are explained. No database. */
import { describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import { SegmentFieldView, SegmentRule } from '../../../src/contracts/index.js';
import type { SegmentCondition } from '../../../src/contracts/index.js';
import {
  checkRule,
  compileRule,
  explainRule,
  matchesRule,
  segmentFields,
  segmentPresets,
} from '../../../src/domain/segments/index.js';
import type { PortraitRecord, RuleContext } from '../../../src/domain/segments/index.js';
import { viewsOf } from '../../../src/domain/segments/catalogue.js';
import { startOfDay } from '../../../src/domain/segments/days.js';
import { context, customFields } from './people.js';

const _id = new Types.ObjectId();
const nobodyInParticular: PortraitRecord = {
  ...{ _id, customerIds: [_id], builtAt: new Date(), createdAt: new Date('2026-01-01T00:00:00Z'), minor: false },
  ...{ tags: [], fields: [], lists: [], points: 0, growth: 0, coupons: [], orders: 0, spent: 0, items: 0 },
  ...{ bought: [], categories: [], did: [], channels: [], consents: [], refusals: [], personalised: true },
};
const portrait = (more: Partial<PortraitRecord>): PortraitRecord => ({ ...nobodyInParticular, ...more });
const at = (text: string): Date => new Date(text);
const noon = context({ now: at('2026-03-10T12:00:00+08:00') });

const asks = (field: string, op: SegmentCondition['op'], value?: unknown): SegmentCondition => ({
  ...{ field, op },
  ...(value === undefined ? {} : { value }),
});
const holds = (rule: SegmentRule, more: Partial<PortraitRecord>, ctx: RuleContext = noon): boolean =>
  matchesRule(rule, portrait(more), ctx);

describe('days', () => {
  it('the last 3 days are today, yesterday and the day before; earlier than those is before 3 days', () => {
    const table: Array<[string, boolean, boolean]> = [
      ['2026-03-07T23:59:59.999+08:00', false, true],
      ['2026-03-08T00:00:00+08:00', true, false],
      ['2026-03-10T23:59:59.999+08:00', true, false],
      ['2026-03-11T00:00:00+08:00', false, false],
    ];
    for (const [text, within, before] of table) {
      const lastOrderAt = at(text);
      const said = [asks('lastOrderAt', 'withinDays', 3), asks('lastOrderAt', 'beforeDays', 3)].map((rule) =>
        holds(rule, { lastOrderAt }),
      );
      expect([text, ...said]).toEqual([text, within, before]);
    }
  });

  it('of a moment that is not known neither holds, and not of either does', () => {
    for (const op of ['withinDays', 'beforeDays', 'known'] as const) {
      const rule = asks('lastOrderAt', op, op === 'known' ? undefined : 3);
      expect([holds(rule, {}), holds({ not: rule }, {})]).toEqual([false, true]);
    }
  });

  it('a level that ends: days left, today 0', () => {
    const levelUntil = at('2026-03-17T23:59:59.999+08:00');
    expect(holds(asks('levelUntil', 'atMost', 7), { levelUntil })).toBe(true);
    expect(holds(asks('levelUntil', 'atMost', 6), { levelUntil })).toBe(false);
    expect(holds(asks('levelUntil', 'between', [7, 7]), { levelUntil })).toBe(true);
    expect(holds(asks('levelUntil', 'atMost', 7), {})).toBe(false);
  });

  it('begin where the clock of the zone says so, even when it skips midnight', () => {
    expect(startOfDay('2026-03-10', 'Asia/Shanghai').toISOString()).toBe('2026-03-09T16:00:00.000Z');
    expect(startOfDay('2024-09-08', 'America/Santiago').toISOString()).toBe('2024-09-08T04:00:00.000Z');
    expect(startOfDay('2026-03-10', 'Pacific/Kiritimati').toISOString()).toBe('2026-03-09T10:00:00.000Z');
  });

  it('a birthday on the 29th of February is kept on the 28th in other years only', () => {
    const rule = asks('birthday', 'is', '02-28');
    const leap = context({ now: at('2028-02-28T12:00:00+08:00') });
    expect([holds(rule, { birthday: '02-29' }), holds(rule, { birthday: '02-29' }, leap)]).toEqual([true, false]);
    expect(holds(asks('birthday', 'is', '03-01'), { birthday: '02-29' })).toBe(false);
  });
});

describe('windows', () => {
  const did = [
    { t: 'view', d: '2026-03-08', n: 2 },
    { t: 'cart.add', d: '2026-03-10', n: 1 },
  ];
  const bought = [
    { d: '2026-03-01', n: 1, s: 9900, c: ['奶粉'] },
    { d: '2026-03-09', n: 2, s: 20_000, c: ['面膜', '奶粉'] },
  ];

  it('behaviour: so often, of a kind or of any', () => {
    const inside = (value: object) => holds(asks('behaviour', 'inside', value), { did });
    expect(inside({ days: 3, times: 3 })).toBe(true);
    expect(inside({ days: 2, times: 2 })).toBe(false);
    expect(inside({ days: 3, type: 'view', times: 2 })).toBe(true);
    expect(inside({ days: 2, type: 'view' })).toBe(false);
  });

  it('purchases: orders and money of the window, of a category or any', () => {
    const inside = (value: object) => holds(asks('purchases', 'inside', value), { bought });
    expect(inside({ days: 10, orders: 3, spent: 29_900 })).toBe(true);
    expect(inside({ days: 10, orders: 3, spent: 29_901 })).toBe(false);
    expect(inside({ days: 9, orders: 3 })).toBe(false);
    expect(inside({ days: 10, category: '面膜', orders: 3 })).toBe(false);
    expect(inside({ days: 10, category: '奶粉', orders: 3 })).toBe(true);
    expect(inside({ days: 10, category: '零食' })).toBe(false);
  });

  it('repurchase: the steps of a ladder meet without overlapping', () => {
    // The cycle of milk powder is 25 days: 0.8 of it 20 days, 1.2 of it 30.
    const steps = [
      [0.8, 1],
      [1, 1.2],
    ].map(([from, to]) => asks('repurchase', 'inside', { category: '奶粉', from, to }));
    const ago = (days: number) => [{ c: '奶粉', at: new Date(noon.now.getTime() - days * 86_400_000), q: 1 }];
    const said = [19, 20, 24, 25, 29, 30].map((days) => steps.map((rule) => holds(rule, { categories: ago(days) })));
    expect(said).toEqual([
      ...[
        [false, false],
        [true, false],
        [true, false],
        [false, true],
        [false, true],
        [false, false],
      ],
    ]);
  });
});

describe('groups of conditions', () => {
  it('all of none is everybody, any of none nobody, in the query as well', () => {
    expect([holds({ all: [] }, {}), holds({ any: [] }, {})]).toEqual([true, false]);
    expect(compileRule({ all: [] }, noon)).toEqual({});
    expect(compileRule({ not: { all: [] } }, noon)).toEqual(compileRule({ any: [] }, noon));
    expect(compileRule({ not: { any: [] } }, noon)).toEqual({});
  });

  it('one query of conditions side by side, with the gate of personalisation', () => {
    const rule: SegmentRule = { all: [asks('orders', 'atLeast', 2), { all: [asks('tags', 'has', 'vip')] }] };
    expect(compileRule(rule, noon)).toEqual({ orders: { $gte: 2 }, tags: 'vip', personalised: true });
  });

  it('a person who said no to personalisation is in no rule about what they did, whichever way it asks', () => {
    const rules: SegmentRule[] = [
      asks('orders', 'atMost', 5),
      { not: asks('behaviour', 'inside', { days: 30 }) },
      { any: [asks('points', 'atLeast', 0), asks('group', 'is', 'E')] },
      asks('segment', 'in', 'b'.repeat(24)),
    ];
    for (const rule of rules) {
      expect([holds(rule, {}), holds(rule, { personalised: false })]).toEqual([true, false]);
      expect(explainRule(rule, portrait({ personalised: false }), noon)).toMatchObject({
        ...{ kind: 'all', holds: false },
        children: [{ condition: { field: 'personalised' }, holds: false, seen: false }, { holds: true }],
      });
    }
    expect(holds(asks('points', 'atLeast', 0), { personalised: false })).toBe(true);
  });
});

describe('explanations', () => {
  it('each node with its answer and what was seen', () => {
    const rule: SegmentRule = { all: [asks('city', 'is', '上海'), { not: asks('orders', 'atLeast', 1) }] };
    expect(explainRule(rule, portrait({ city: '杭州', orders: 2 }), noon)).toEqual({
      ...{ kind: 'all', holds: false },
      children: [
        expect.objectContaining({ condition: { field: 'personalised', op: 'is', value: true }, holds: true }),
        {
          ...{ kind: 'all', holds: false },
          children: [
            { kind: 'condition', condition: asks('city', 'is', '上海'), holds: false, seen: '杭州' },
            {
              ...{ kind: 'not', holds: false },
              children: [{ kind: 'condition', condition: asks('orders', 'atLeast', 1), holds: true, seen: 2 }],
            },
          ],
        },
      ],
    });
  });

  it('another segment with its own tree below it', () => {
    const told = explainRule(asks('segment', 'in', 'a'.repeat(24)), portrait({ level: 'gold' }), noon);
    expect(told).toMatchObject({ kind: 'condition', holds: true, children: [{ kind: 'any', holds: true }] });
  });
});

describe('what is refused', () => {
  const [a, b] = ['1'.repeat(24), '2'.repeat(24)];
  const circle: Record<string, SegmentRule> = { [a]: asks('segment', 'in', b), [b]: { not: asks('segment', 'in', a) } };
  const ctx = context({ segment: (id) => circle[id], list: () => false });
  const table: Array<[SegmentRule, string, string]> = [
    [asks('shoeSize', 'is', 41), 'rule.field', 'segment.unknownField'],
    [asks('custom:shoe', 'is', 'x'), 'rule.field', 'segment.unknownField'],
    [{ all: [asks('city', 'atLeast', 3)] }, 'rule.all.0.op', 'segment.op'],
    [asks('orders', 'known'), 'rule.op', 'segment.op'],
    [{ not: asks('gender', 'is', 'robot') }, 'rule.not.value', 'segment.value'],
    [asks('city', 'is', { $ne: '' }), 'rule.value', 'segment.value'],
    [asks('city', 'is', []), 'rule.value', 'segment.value'],
    [asks('birthMonth', 'is', '13'), 'rule.value', 'segment.value'],
    [asks('birthday', 'is', '2-8'), 'rule.value', 'segment.value'],
    [asks('orders', 'between', [3, 2]), 'rule.value', 'segment.value'],
    [asks('orders', 'atLeast', Infinity), 'rule.value', 'segment.value'],
    [asks('lastOrderAt', 'withinDays', 0), 'rule.value', 'segment.value'],
    [asks('behaviour', 'inside', { days: 181 }), 'rule.value', 'segment.value'],
    [asks('repurchase', 'inside', { category: '奶粉', from: 1, to: 1 }), 'rule.value', 'segment.value'],
    [asks('level', 'known', 'gold'), 'rule.value', 'segment.value'],
    [asks('list', 'in', '3'.repeat(24)), 'rule.value', 'segment.value'],
    [asks('segment', 'in', '3'.repeat(24)), 'rule.value', 'segment.unknown'],
    [{ any: [asks('city', 'known'), asks('segment', 'in', a)] }, 'rule.any.1.value', 'segment.cycle'],
  ];

  for (const [rule, path, code] of table) {
    it(`${code}: ${JSON.stringify(rule)}`, () => {
      expect(checkRule(rule, ctx)).toEqual([expect.objectContaining({ path, code })]);
      // It holds for nobody, and neither does what says not of it.
      for (const asked of [rule, { not: rule }]) {
        expect([holds(asked, {}, ctx), explainRule(asked, portrait({}), ctx).holds]).toEqual([false, false]);
        expect(compileRule(asked, ctx)).toEqual(compileRule({ any: [] }, ctx));
      }
    });
  }

  it('segments that multiply each other beyond 500 conditions', () => {
    const wide: SegmentRule = { any: Array.from({ length: 30 }, () => asks('segment', 'in', a)) };
    const big = context({ segment: () => ({ any: Array.from({ length: 30 }, () => asks('city', 'known')) }) });
    expect(checkRule(wide, big)).toEqual([expect.objectContaining({ code: 'segment.tooLarge' })]);
  });
});

describe('the catalogue', () => {
  it('names each field once, in both languages, as the console expects', () => {
    const views = viewsOf(
      customFields,
      new Map([['level', [{ value: 'gold', title: { 'zh-CN': '金卡', en: 'Gold' } }]]]),
    );
    expect(new Set(views.map(({ code }) => code)).size).toBe(views.length);
    for (const view of views) expect(SegmentFieldView.parse(view)).toEqual(view);
    expect(views.find(({ code }) => code === 'level')?.options).toHaveLength(1);
    expect(views.find(({ code }) => code === 'custom:skin')).toMatchObject({ kind: 'choice', ops: ['is', 'known'] });
    expect(views.some(({ code }) => code === 'segment')).toBe(true);
  });

  it('says of what a person did, bought or is scored that it is personal, of the rest not', () => {
    const personal = segmentFields.filter((field) => field.personal).map(({ code }) => code);
    expect(personal.sort()).toEqual(
      [
        ...['average', 'behaviour', 'category', 'firstOrderAt', 'group', 'items', 'lastBehaviourAt', 'lastOrderAt'],
        ...['lastReceivedAt', 'lastSeenAt', 'orders', 'purchases', 'repurchase', 'rfm.f', 'rfm.m', 'rfm.r'],
        ...['rfmEight', 'rfmSegment', 'spent'],
      ].sort(),
    );
  });

  it('offers presets that can be asked', () => {
    for (const { rule } of segmentPresets) {
      expect(checkRule(SegmentRule.parse(rule), noon)).toEqual([]);
    }
    const fresh = { orders: 1, firstOrderAt: at('2026-03-01T12:00:00+08:00') };
    const inThem = (more: Partial<PortraitRecord>) =>
      segmentPresets.filter(({ rule }) => holds(rule, more)).map(({ code }) => code);
    expect(inThem({})).toEqual(['prospects']);
    expect(inThem(fresh)).toEqual(['new-customers']);
    expect(inThem({ orders: 2, firstOrderAt: fresh.firstOrderAt })).toEqual(['existing-customers', 'repeat-customers']);
    expect(inThem({ did: [{ t: 'view', d: '2026-03-10', n: 1 }] })).toEqual(['prospects', 'active-no-order']);
  });
});
