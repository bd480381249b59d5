/** Forms drawn from the real triggers' and actions' schemas: what they make their own schema takes; library, plans and the calendar's month. */
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { RuleView, StrategyView } from '../../console/src/api/types.js';
import { fullest, heightOf, monthAfter, weeksOf } from '../../console/src/rooms/plans/month.js';
import { emptyPlan, planProblem, toPlan } from '../../console/src/rooms/plans/plan-draft.js';
import {
  draftOfEntry,
  draftOfView,
  emptyRule,
  ruleProblem,
  toStrategy,
  turned,
} from '../../console/src/rooms/strategies/rule-draft.js';
import {
  cleaned,
  type Field,
  fieldOf,
  initialOf,
  problemsOf,
  switchCase,
} from '../../console/src/rooms/strategies/schema.js';
import { actions } from '../../src/actions/index.js';
import { PutPlan } from '../../src/contracts/campaign.js';
import { PutStrategy } from '../../src/contracts/http/console.js';
import { library } from '../../src/domain/marketing/library.js';
import { triggers } from '../../src/triggers/index.js';

const viewOf = (one: {
  code: string;
  title: RuleView['title'];
  args: z.ZodType;
  example: { args: unknown };
}): RuleView => ({
  ...{ code: one.code, title: one.title, scene: null, byClock: false },
  args: z.toJSONSchema(one.args, { io: 'input' }) as Record<string, unknown>,
  example: one.example.args as Record<string, unknown>,
});
const rules = { triggers: [...triggers].map(viewOf), actions: [...actions].map(viewOf) };
const known = [...triggers, ...actions];
const coupon = { id: 'c'.repeat(24), rules: { title: '满 500 减 100' } };

describe('a form drawn from a schema', () => {
  it.each(known.map((one) => [one.code, one] as const))(
    'knows every field of %s, and its example is fine',
    (_code, one) => {
      const field = fieldOf(viewOf(one).args);
      expect(JSON.stringify(field)).not.toContain('"other"');
      expect(problemsOf(field, one.example.args)).toEqual([]);
      expect(one.args.safeParse(cleaned(field, one.example.args)).success).toBe(true);
    },
  );

  const send = fieldOf(rules.actions.find(({ code }) => code === 'send')?.args ?? {}) as Field & { kind: 'union' };
  it('tells the cases of a union apart and keeps what both know', () => {
    expect(send).toMatchObject({ kind: 'union', tag: 'purpose' });
    const before = {
      purpose: 'promotion',
      routes: ['member-inbox'],
      text: '来看看',
      couponId: 'c'.repeat(24),
      templates: [],
    };
    const after = switchCase(send, before, 'care');
    expect(after).toMatchObject({ purpose: 'care', text: '来看看' });
    expect(after).not.toHaveProperty('couponId');
  });

  it('finds what is missing, out of range or of the wrong form, by its path', () => {
    expect(problemsOf(send, initialOf(send))).toEqual([{ path: 'text', code: 'missing' }]);
    expect(
      problemsOf(send, { purpose: 'promotion', routes: ['member-inbox'], text: 'x', couponId: 'nope', templates: [] }),
    ).toEqual([{ path: 'couponId', code: 'shape' }]);
    const days = fieldOf({ type: 'array', minItems: 1, items: { type: 'integer', minimum: 1, maximum: 7 } });
    expect([problemsOf(days, []), problemsOf(days, [3, 9, 1.5])]).toEqual([
      [{ path: '', code: 'amount' }],
      [
        { path: '1', code: 'range' },
        { path: '2', code: 'range' },
      ],
    ]);
  });

  it('leaves empty optional fields out, and trims', () => {
    const args = {
      purpose: 'promotion',
      routes: ['member-inbox'],
      text: ' 来 ',
      couponId: '',
      page: '',
      templates: [],
    };
    expect(cleaned(send, args)).toEqual({ purpose: 'promotion', routes: ['member-inbox'], text: '来', templates: [] });
  });
});

describe('the editor of strategies', () => {
  it.each(library.map((entry) => [entry.code, entry] as const))('takes %s of the library as it is', (_code, entry) => {
    const choices = {
      ...(entry.asks.includes('coupon') ? { coupon } : {}),
      ...(entry.asks.includes('category') ? { category: '香薰' } : {}),
    };
    const draft = draftOfEntry(entry, choices);
    expect(ruleProblem(draft, rules)).toBeUndefined();
    const body = PutStrategy.parse(toStrategy(draft, [...rules.triggers, ...rules.actions]));
    expect(triggers.find((one) => one.code === body.trigger.code)?.args.safeParse(body.trigger.args).success).toBe(
      true,
    );
    for (const { code, args } of body.actions)
      expect(actions.find((one) => one.code === code)?.args.safeParse(args).success).toBe(true);
    const offered = body.actions.some(({ args }) => args['couponId'] === coupon.id);
    expect(offered).toBe(entry.asks.includes('coupon'));
  });

  const stored: StrategyView = {
    ...{ code: 'dormant-voucher', version: 3, enabled: true, group: 'x', priority: 90, metric: 'reactivation-rate' },
    title: { 'zh-CN': '沉睡', en: 'Dormant' },
    trigger: { code: 'dormant', args: { cycleDays: 60, from: 2, to: 3, at: '10:00' } },
    actions: [{ code: 'send', args: { purpose: 'care', routes: ['member-inbox'], text: '好久不见', templates: [] } }],
    audience: { all: [{ field: 'orders', op: 'atLeast', value: 1 }] },
    holdoutPercent: 20,
    budget: { people: 100, fen: 123456 },
    changedAt: '2026-11-22T00:00:00Z',
  };
  it('loses nothing of a stored one when it is switched off', () => {
    const { code: _code, version: _version, group: _group, changedAt: _changedAt, ...same } = stored;
    expect(turned(stored, false)).toEqual({ ...same, enabled: false });
    expect(toStrategy(draftOfView(stored))).toEqual(same);
  });

  it.each([
    ['title', { titleEn: ' ' }],
    ['code', { code: 'Bad Code' }],
    ['actions', { actions: [] }],
  ] as const)('stops a wrong %s', (problem, more) => {
    expect(ruleProblem({ ...draftOfView(stored), ...more } as ReturnType<typeof draftOfView>, rules)).toBe(problem);
  });
  it('names the field that is wrong', () => {
    const [trigger] = rules.triggers.filter(({ code }) => code === 'dormant');
    const [action] = rules.actions.filter(({ code }) => code === 'send');
    if (!trigger || !action) throw new Error('dormant and send are rules');
    const draft = { ...emptyRule(trigger, action), code: 'x-1', titleZh: '一', titleEn: 'one' };
    expect(ruleProblem(draft, rules)).toBeUndefined();
    draft.trigger.args['cycleDays'] = 0;
    expect(ruleProblem(draft, rules)).toEqual({ part: 'trigger', problem: { path: 'cycleDays', code: 'range' } });
  });
});

describe('plans and the month', () => {
  it('makes whole weeks from Monday around every month', () => {
    for (let n = 0; n < 40; n++) {
      const month = monthAfter('2025-12', n);
      const days = weeksOf(month).flat();
      expect(days.length % 7).toBe(0);
      expect(new Set(days).size).toBe(days.length);
      expect(new Date(`${days[0] ?? ''}T00:00:00Z`).getUTCDay()).toBe(1);
      expect(days.slice(0, 7).some((day) => day.startsWith(month))).toBe(true);
      expect(days.slice(-7).some((day) => day.startsWith(month))).toBe(true);
    }
    expect(weeksOf('2026-02')[0]?.[0]).toBe('2026-01-26');
    expect([monthAfter('2026-01', -1), monthAfter('2026-12', 1)]).toEqual(['2025-12', '2027-01']);
  });

  it('draws bars against the fullest day', () => {
    const most = fullest([
      { sent: 300, expected: 100 },
      { sent: 5, expected: 0 },
    ]);
    expect([most, heightOf(400, most), heightOf(5, most), heightOf(0, most), fullest([])]).toEqual([400, 100, 4, 0, 1]);
  });

  it('stops a plan without a name or with its end first', () => {
    const plan = emptyPlan('2026-12-01', '2026-12-31');
    expect(planProblem(plan)).toBe('name');
    expect(planProblem({ ...plan, name: '冬', to: '2026-11-30' })).toBe('span');
    expect(planProblem({ ...plan, name: '冬' })).toBeUndefined();
    expect(PutPlan.safeParse(toPlan({ ...plan, name: ' 冬 ' })).success).toBe(true);
  });
});
