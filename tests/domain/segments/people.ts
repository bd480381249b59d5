/** Random people and random rules over them, from few values, so that they meet; edges of days and bounds among them. */
import fc from 'fast-check';
import { Types } from 'mongoose';
import type { SegmentCondition, SegmentRule } from '../../../src/contracts/index.js';
import type { CustomField } from '../../../src/domain/customers/index.js';
import type { PortraitRecord, RuleContext } from '../../../src/domain/segments/index.js';
import { rfmEights, rfmSegments } from '../../../src/domain/segments/index.js';

export const timeZone = 'Asia/Shanghai';
/** Two seconds before midnight in Shanghai, while it is still afternoon in UTC. */
export const now = new Date('2026-03-10T15:59:58.000Z');
const MIDNIGHT = Date.parse('2026-03-09T16:00:00.000Z');
const DAY_MS = 86_400_000;

const custom = (key: string, type: CustomField['type']): [string, CustomField] => [
  key,
  {
    ...{ key, title: { 'zh-CN': key, en: key }, type },
    ...(type === 'choice'
      ? { options: ['x', 'y'].map((value) => ({ value, title: { 'zh-CN': value, en: value } })) }
      : {}),
  },
];
export const customFields = new Map([
  ...[custom('skin', 'choice'), custom('height', 'number'), custom('wedding', 'date')],
  ...[custom('vip', 'boolean'), custom('note', 'text')],
]);

/** A saved segment each: of plain facts, of behaviour, of the first one. */
export const savedSegments: Record<string, SegmentRule> = {
  ['a'.repeat(24)]: {
    any: [
      { field: 'city', op: 'is', value: '上海' },
      { field: 'level', op: 'known' },
    ],
  },
  ['b'.repeat(24)]: { not: { field: 'behaviour', op: 'inside', value: { days: 2 } } },
  ['c'.repeat(24)]: {
    all: [
      { field: 'segment', op: 'in', value: 'a'.repeat(24) },
      { field: 'joined', op: 'is', value: true },
    ],
  },
};
const lists = ['d'.repeat(24), 'e'.repeat(24)];

export const context = (more: Partial<RuleContext> = {}): RuleContext => ({
  ...{ now, timeZone, fields: customFields },
  cycleDays: (category) => (category === '奶粉' ? 25 : 3),
  segment: (id) => savedSegments[id],
  ...more,
});

const one = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const some = <T>(...values: T[]): fc.Arbitrary<T[]> => fc.uniqueArray(one(...values), { maxLength: 3 });

const categories = ['奶粉', '面膜', '零食'] as const;
const tags = ['爱运动', 'vip', '新客'] as const;

/** At and around the midnights of the days about today, and anywhere. */
const moment = fc
  .tuple(fc.integer({ min: -8, max: 2 }), one(-1, 0, 1, 43_200_000, DAY_MS - 1))
  .map(([day, ms]) => new Date(MIDNIGHT + day * DAY_MS + ms));
const day = fc.integer({ min: -8, max: 1 }).map((n) => dayOf(new Date(MIDNIGHT + n * DAY_MS)));
const dayOf = (at: Date): string => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
const startOf = (text: string): Date => new Date(Date.parse(`${text}T00:00:00Z`) - 8 * 3_600_000);
const small = one(0, 1, 2, 3, 5);
const fen = one(0, 100, 9999, 10_000, 10_001);

const values: Record<string, fc.Arbitrary<string | number | boolean | Date>> = {
  ...{ skin: one('x', 'y'), height: one(0, 1.5, -3), wedding: moment, vip: fc.boolean(), note: one('a', 'b') },
};

/** Absent or there. */
const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined, freq: 2 });

const optional = fc.record({
  ...{ lastSeenAt: maybe(moment), joinedAt: maybe(moment), gender: maybe(one('female', 'male', 'other')) },
  ageBand: maybe(one('under14' as const, '14to17' as const, 'adult' as const)),
  birthday: maybe(one('02-28', '02-29', '03-01', '12-31')),
  birthMonth: maybe(one(1, 2, 3, 12)),
  ...{ province: maybe(one('上海', '浙江')), city: maybe(one('上海', '杭州')), level: maybe(one('silver', 'gold')) },
  ...{ levelUntil: maybe(moment), average: maybe(fen), firstOrderAt: maybe(moment), lastReceivedAt: maybe(moment) },
  ...{ lastOrderAt: maybe(moment), lastBehaviourAt: maybe(moment), group: maybe(one('A', 'B', 'C', 'D', 'E')) },
  scores: maybe(
    fc.record({
      ...{ r: one(1, 3, 5), f: one(1, 3, 5), m: one(1, 3, 5), code: fc.constant('333'), runId: fc.constant('run') },
      segment: one(...rfmSegments.map(({ value }) => value)),
      eight: one(...rfmEights.map(({ value }) => value)),
    }),
  ),
});

const always = fc.record({
  ...{ createdAt: moment, minor: fc.boolean(), tags: some(...tags), lists: some(...lists) },
  ...{ points: small, growth: small, coupons: some('1'.repeat(24), '2'.repeat(24)) },
  ...{ orders: small, spent: fen, items: small },
  ...{ channels: some('official-account', 'mini-program', 'wechaty'), consents: some('promotion.wechat', 'care.sms') },
  ...{ refusals: some('promotion', 'care'), personalised: fc.boolean() },
  fields: fc.tuple(
    ...Object.entries(values).map(([k, v]) =>
      fc.option(
        v.map((value) => ({ k, v: value })),
        { nil: undefined },
      ),
    ),
  ),
  bought: fc.uniqueArray(fc.record({ d: day, n: one(1, 2, 3), s: fen, c: some(...categories) }), {
    ...{ selector: ({ d }) => d, maxLength: 4 },
  }),
  did: fc.uniqueArray(fc.record({ t: one('view', 'cart.add'), d: day, n: one(1, 2, 5) }), {
    ...{ selector: ({ t, d }) => `${t} ${d}`, maxLength: 5 },
  }),
  older: fc.uniqueArray(fc.record({ c: one(...categories), at: moment, q: one(1, 2) }), {
    ...{ selector: ({ c }) => c, maxLength: 3 },
  }),
});

/** What the other parts of a real portrait imply: last times are not before the days they are the last of. */
export const person: fc.Arbitrary<PortraitRecord> = fc.tuple(always, optional).map(([{ older, ...sure }, perhaps]) => {
  const latest = (days: readonly string[], at: Date | undefined): Date | undefined => {
    const last = days.toSorted().at(-1);
    const start = last === undefined ? undefined : startOf(last);
    return start && (!at || at < start) ? start : at;
  };
  const lastOrderAt = latest(
    sure.bought.map(({ d }) => d),
    perhaps.lastOrderAt,
  );
  const lastBehaviourAt = latest(
    sure.did.map(({ d }) => d),
    perhaps.lastBehaviourAt,
  );
  const lasts = categories.flatMap((c) => {
    const told = older.find((row) => row.c === c);
    const at = latest(
      sure.bought.filter((row) => row.c.includes(c)).map(({ d }) => d),
      told?.at,
    );
    return at ? [{ c, at, q: told?.q ?? 1 }] : [];
  });
  const _id = new Types.ObjectId();
  const record = {
    ...{ ...sure, ...perhaps, _id, customerIds: [_id], builtAt: now, categories: lasts, lastOrderAt, lastBehaviourAt },
    fields: sure.fields.filter((field) => field !== undefined),
  };
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined),
  ) as unknown as PortraitRecord;
});

const is = (field: string, value: fc.Arbitrary<unknown>, op: SegmentCondition['op'] = 'is') =>
  value.map((v): SegmentCondition => ({ field, op, value: v }));
const known = (field: string): fc.Arbitrary<SegmentCondition> => fc.constant({ field, op: 'known' });

const words = (field: string, ...of: string[]) =>
  fc.oneof(is(field, fc.oneof(one(...of), fc.uniqueArray(one(...of), { minLength: 1, maxLength: 2 }))), known(field));
const sets = (field: string, ...of: string[]) =>
  fc.oneof(
    is(field, fc.oneof(one(...of), fc.uniqueArray(one(...of), { minLength: 1, maxLength: 2 })), 'has'),
    known(field),
  );
const pair = (of: fc.Arbitrary<number>) => fc.tuple(of, of).map((both) => both.toSorted((a, b) => a - b));
const numbers = (field: string, of: fc.Arbitrary<number>) =>
  fc.oneof(is(field, of, 'atLeast'), is(field, of, 'atMost'), is(field, pair(of), 'between'));
const dates = (field: string) => {
  const days = fc.integer({ min: 1, max: 8 });
  return fc.oneof(is(field, days, 'withinDays'), is(field, days, 'beforeDays'), known(field));
};

const days = fc.integer({ min: 1, max: 9 });
const purchaseWindow = fc.record(
  { days, category: one(...categories), orders: one(1, 2, 3, 4), spent: one(0, 100, 10_000, 10_001) },
  { requiredKeys: ['days'] },
);
const behaviourWindow = fc.record(
  { days, type: one('any', 'view', 'cart.add', 'search'), times: one(1, 2, 3, 6) },
  { requiredKeys: ['days'] },
);
const repurchaseWindow = fc
  .tuple(one(...categories), fc.uniqueArray(one(0, 0.1, 0.5, 1, 1.2, 2), { minLength: 2, maxLength: 2 }))
  .map(([category, shares]) => ({ category, from: Math.min(...shares), to: Math.max(...shares) }));

const plain: Record<string, fc.Arbitrary<SegmentCondition>> = {
  gender: words('gender', 'female', 'male', 'other'),
  ageBand: words('ageBand', 'under14', '14to17', 'adult'),
  birthMonth: words('birthMonth', '1', '2', '12'),
  birthday: words('birthday', '02-28', '02-29', '12-31'),
  province: words('province', '上海', '浙江'),
  city: words('city', '上海', '杭州', '广州'),
  tags: sets('tags', ...tags),
  createdAt: fc.oneof(is('createdAt', days, 'withinDays'), is('createdAt', days, 'beforeDays')),
  joined: is('joined', fc.boolean()),
  joinedAt: dates('joinedAt'),
  level: words('level', 'silver', 'gold'),
  levelUntil: fc.oneof(numbers('levelUntil', fc.integer({ min: -9, max: 3 })), known('levelUntil')),
  points: numbers('points', small),
  growth: numbers('growth', small),
  coupons: sets('coupons', '1'.repeat(24), '2'.repeat(24)),
  channels: sets('channels', 'official-account', 'mini-program'),
  consents: sets('consents', 'promotion.wechat', 'care.sms'),
  refusals: sets('refusals', 'promotion', 'care'),
  list: is('list', one(...lists), 'in'),
  'custom:skin': words('custom:skin', 'x', 'y'),
  'custom:height': fc.oneof(numbers('custom:height', one(-3, 0, 1.5)), known('custom:height')),
  'custom:wedding': dates('custom:wedding'),
  'custom:vip': fc.oneof(is('custom:vip', fc.boolean()), known('custom:vip')),
  'custom:note': words('custom:note', 'a', 'b'),
};
const personal: Record<string, fc.Arbitrary<SegmentCondition>> = {
  orders: fc.oneof(numbers('orders', small), is('orders', one<unknown>(0, 1, [1, 2]))),
  spent: numbers('spent', fen),
  items: numbers('items', small),
  average: fc.oneof(numbers('average', fen), known('average')),
  firstOrderAt: dates('firstOrderAt'),
  lastOrderAt: dates('lastOrderAt'),
  lastReceivedAt: dates('lastReceivedAt'),
  purchases: is('purchases', purchaseWindow, 'inside'),
  category: sets('category', ...categories),
  repurchase: is('repurchase', repurchaseWindow, 'inside'),
  lastSeenAt: dates('lastSeenAt'),
  lastBehaviourAt: dates('lastBehaviourAt'),
  behaviour: is('behaviour', behaviourWindow, 'inside'),
  'rfm.r': fc.oneof(numbers('rfm.r', one(1, 3, 4, 5)), known('rfm.r')),
  'rfm.f': is('rfm.f', one<unknown>([1, 5], 3)),
  'rfm.m': numbers('rfm.m', one(1, 3, 4, 5)),
  rfmSegment: words('rfmSegment', 'champions', 'lost'),
  rfmEight: words('rfmEight', 'key-value', 'general-value'),
  group: words('group', 'A', 'B', 'E'),
};

/** One arbitrary a field, so that a test can see that no field is left out. */
export const conditionsOf: Record<string, fc.Arbitrary<SegmentCondition>> = { ...plain, ...personal };
const segments = is('segment', one(...Object.keys(savedSegments)), 'in');

const treeOf = (leaf: fc.Arbitrary<SegmentCondition>): fc.Arbitrary<SegmentRule> =>
  fc.letrec<{ rule: SegmentRule }>((tie) => ({
    rule: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      { weight: 4, arbitrary: leaf },
      { weight: 2, arbitrary: fc.array(tie('rule'), { maxLength: 4 }).map((all) => ({ all })) },
      { weight: 2, arbitrary: fc.array(tie('rule'), { maxLength: 4 }).map((any) => ({ any })) },
      { weight: 2, arbitrary: tie('rule').map((not) => ({ not })) },
    ),
  })).rule;

/** Half the rules ask only what the gate of personalisation leaves alone. */
export const rule: fc.Arbitrary<SegmentRule> = fc.oneof(
  treeOf(fc.oneof(...Object.values(plain), segments)),
  treeOf(fc.oneof(...Object.values(plain), ...Object.values(personal), ...Object.values(personal), segments)),
);
