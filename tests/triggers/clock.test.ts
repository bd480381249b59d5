/** When the clock starts a strategy, for whom, and that the answer stays the same from its moment to the end of the day. */
import { describe, expect, it } from '@jest/globals';
import type { Occasion, Trigger } from '../../src/contracts/index.js';
import { checkRule, matchesRule } from '../../src/domain/segments/index.js';
import type { PortraitRecord } from '../../src/domain/segments/index.js';
import { localTime } from '../../src/infra/clock.js';
import { triggers } from '../../src/triggers/index.js';
import { portrait, ruleContext } from '../helpers/portraits.js';

const timeZone = 'Asia/Shanghai';
const at = (moment: string): Date => new Date(`${moment}+08:00`);
const ask = (code: string, args: unknown, moment: string): Occasion | undefined => {
  const trigger = triggers.find((one) => one.code === code);
  const now = at(moment);
  return trigger?.due?.({ now, local: localTime(now, timeZone), timeZone }, trigger.args.parse(args));
};
/** Whether this person is among those of the occasion; undefined where there is none. */
const names = (code: string, args: unknown, moment: string, known: Partial<PortraitRecord>): boolean | undefined => {
  const occasion = ask(code, args, moment);
  return occasion && matchesRule(occasion.who, portrait(known), ruleContext(at(moment)));
};
const daysBefore = (moment: string, days: number): Date => new Date(at(moment).getTime() - days * 86_400_000);

const ofClock = triggers.filter(({ due }) => due).map((trigger) => [trigger.code, trigger] as const);

describe.each(ofClock)('%s', (_code, trigger: Trigger) => {
  /** A Monday that is the first of its month, so that every period begins. */
  const day = (time: string) => {
    const now = at(`2026-06-01T${time}`);
    return trigger.due?.({ now, local: localTime(now, timeZone), timeZone }, trigger.args.parse(args));
  };
  const example = trigger.example.args as Record<string, unknown>;
  const args = trigger.code === 'regular' ? { ...example, day: 1 } : example;

  it('is due from its minute to the end of the day, with one answer, and not before', () => {
    expect(day('09:59')).toBeUndefined();
    const first = day('10:00');
    expect(first?.key).toMatch(/^2026-06/);
    for (const time of ['10:00', '10:01', '15:30', '23:59']) expect(day(time)).toEqual(first);
  });

  it('asks for people by a rule that the catalogue knows', () => {
    expect(checkRule(day('10:00')?.who ?? { any: [] }, ruleContext(at('2026-06-01T10:00')))).toEqual([]);
  });

  it('listens to what the run raises', () => {
    expect(trigger.on).toEqual(['strategy.due']);
  });

  it('refuses a time that there is not', () => {
    expect(trigger.args.safeParse({ ...args, at: '24:00' }).success).toBe(false);
    expect(trigger.args.safeParse({ ...args, at: '9:00' }).success).toBe(false);
  });
});

describe('birthday month', () => {
  it('comes on the first alone, once a month, for those born in it', () => {
    expect(ask('birthday-month', {}, '2026-11-01T10:00')).toMatchObject({ key: '2026-11', once: 'occasion' });
    expect(ask('birthday-month', {}, '2026-11-02T10:00')).toBeUndefined();
    expect(names('birthday-month', {}, '2026-11-01T10:00', { birthMonth: 11 })).toBe(true);
    expect(names('birthday-month', {}, '2026-11-01T10:00', { birthMonth: 12 })).toBe(false);
    expect(names('birthday-month', {}, '2026-11-01T10:00', {})).toBe(false);
  });
});

describe('birthday', () => {
  it.each([
    ['2026-11-22', '11-22', true],
    ['2026-11-22', '11-23', false],
    ['2026-02-28', '02-28', true],
    ['2026-02-28', '02-29', true],
    ['2028-02-28', '02-29', false],
    ['2028-02-29', '02-29', true],
    ['2100-02-28', '02-29', true],
    ['2026-03-01', '02-29', false],
  ])('on %s of one born on %s: %s', (today, birthday, expected) => {
    expect(names('birthday', {}, `${today}T10:00`, { birthday })).toBe(expected);
  });
});

describe('active without an order', () => {
  const today = '2026-11-22T10:00';
  const seen = { lastBehaviourAt: daysBefore(today, 3) };

  it.each([
    ['seen lately, never ordered', seen, true],
    ['seen lately, ordered long ago', { ...seen, orders: 2, lastOrderAt: daysBefore(today, 30) }, true],
    ['seen lately, ordered lately', { ...seen, orders: 2, lastOrderAt: daysBefore(today, 29) }, false],
    ['not seen for 30 days', { lastBehaviourAt: daysBefore(today, 30) }, false],
    ['never seen', {}, false],
    ['who wants no rules by behaviour', { ...seen, personalised: false }, false],
  ])('%s', (_name, known, expected) => {
    expect(names('active-no-order', {}, today, known)).toBe(expected);
  });

  it('can be for those who bought before, or for those who never did', () => {
    const bought = { ...seen, orders: 1, lastOrderAt: daysBefore(today, 100) };
    expect(['bought', 'never'].map((who) => names('active-no-order', { who }, today, bought))).toEqual([true, false]);
    expect(['bought', 'never'].map((who) => names('active-no-order', { who }, today, seen))).toEqual([false, true]);
  });

  it('is told again after another order, or never', () => {
    expect(ask('active-no-order', {}, today)?.once).toBe('lastOrder');
    expect(ask('active-no-order', { again: 'never' }, today)?.once).toBe('ever');
  });
});

describe('second order', () => {
  const today = '2026-11-22T10:00';
  it.each([
    [2, 1, false],
    [3, 1, true],
    [45, 1, true],
    [46, 1, false],
    [10, 2, false],
    [10, 0, false],
  ])('received %i days ago, %i orders: %s', (days, orders, expected) => {
    expect(names('second-order', {}, today, { orders, lastReceivedAt: daysBefore(today, days) })).toBe(expected);
  });

  it('is told once ever, and its days must be in order', () => {
    expect(ask('second-order', {}, today)?.once).toBe('ever');
    const args = triggers.find(({ code }) => code === 'second-order')?.args;
    expect(args?.safeParse({ afterDays: 20, untilDays: 19 }).success).toBe(false);
  });
});

describe('repurchase due', () => {
  const today = '2026-11-22T10:00';
  const bought = (c: string, days: number) => ({ categories: [{ c, at: daysBefore(today, days), q: 1 }] });

  it('goes by the share of the category’s cycle; its steps meet and do not overlap', () => {
    const steps = [
      { category: '香薰', from: 0.8, to: 1 },
      { category: '香薰', from: 1, to: 1.2 },
    ];
    const told = (days: number) => steps.map((step) => names('repurchase-due', step, today, bought('香薰', days)));
    expect([47, 48, 59, 60, 71, 72].map(told)).toEqual([
      [false, false],
      [true, false],
      [true, false],
      [false, true],
      [false, true],
      [false, false],
    ]);
    expect(names('repurchase-due', steps[0], today, bought('茶饮', 50))).toBe(false);
  });

  it('is told once for each last order', () => {
    expect(ask('repurchase-due', { category: '香薰' }, today)).toMatchObject({ once: 'lastOrder' });
  });
});

describe('dormant', () => {
  const today = '2026-11-22T10:00';
  const ladder = [{ from: 1.5, to: 2 }, { from: 2, to: 3 }, { from: 3 }];

  it('nobody stands on two steps at once', () => {
    const told = (days: number) =>
      ladder.map((step) => names('dormant', step, today, { orders: 1, lastOrderAt: daysBefore(today, days) }));
    expect([89, 90, 119, 120, 179, 180, 900].map((days) => told(days).indexOf(true))).toEqual([-1, 0, 0, 1, 1, 2, 2]);
    for (const days of [89, 90, 120, 180]) expect(told(days).filter(Boolean).length).toBeLessThanOrEqual(1);
  });

  it('leaves those alone who never ordered', () => {
    expect(names('dormant', {}, today, {})).toBe(false);
  });
});

describe('regular', () => {
  it.each([
    [{ every: 'day' }, '2026-11-22', true],
    [{ every: 'week', weekday: 7 }, '2026-11-22', true],
    [{ every: 'week', weekday: 1 }, '2026-11-22', false],
    [{ every: 'month', day: 22 }, '2026-11-22', true],
    [{ every: 'month', day: 31 }, '2026-11-30', true],
    [{ every: 'month', day: 31 }, '2026-12-30', false],
    [{ every: 'month', day: 30 }, '2026-02-28', true],
    [{ every: 'month', day: 29 }, '2028-02-28', false],
  ])('%j on %s: %s', (args, today, expected) => {
    expect(ask('regular', args, `${today}T10:00`) !== undefined).toBe(expected);
    expect(ask('regular', args, `${today}T10:00`)?.key).toBe(expected ? today : undefined);
  });
});
