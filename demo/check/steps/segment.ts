/** A segment of generated people: the query counts whom the generator meant, and the twin in memory agrees for each of them. */
import type { SegmentRule } from '../../../src/contracts/index.js';
import { createRandom } from '../../sample-shop/random.js';
import { among, countsTo, daytime, why } from '../campaign.js';
import { crowd } from '../crowd.js';
import type { Someone, Wish } from '../crowd.js';
import { expect } from '../judge.js';
import type { Page } from '../lab.js';
import type { Step } from './index.js';

const PEOPLE = 60;
/** As delivered in config/default.yaml. */
const SILVER_FEN = 60_000;

interface Case {
  name: string;
  rule: SegmentRule;
  /** The generator's own answer. */
  holds(one: Wish): boolean;
}

const did = (one: Wish, type: string, days: number): number =>
  (one.did ?? []).filter((each) => (type === 'any' || each.type === type) && each.daysAgo < days).length;
const orders = (one: Wish, days = Infinity) =>
  (one.bought ?? []).filter(({ state, daysAgo }) => state === 'completed' && daysAgo < days);
const isSilver = (one: Wish): boolean => orders(one).reduce((sum, { price }) => sum + price, 0) >= SILVER_FEN;
const has = (one: Wish, tag: string): boolean => (one.tags ?? []).includes(tag);

const cases: readonly Case[] = [
  {
    name: 'active in 30 days, no order',
    rule: {
      all: [
        { field: 'behaviour', op: 'inside', value: { days: 30 } },
        { not: { field: 'orders', op: 'atLeast', value: 1 } },
      ],
    },
    holds: (one) => !one.impersonal && did(one, 'any', 30) > 0 && orders(one).length === 0,
  },
  {
    name: 'tea, or women below silver; none who left, none of another gender',
    rule: {
      all: [
        {
          any: [
            { field: 'tags', op: 'has', value: ['爱喝茶'] },
            {
              all: [
                { field: 'gender', op: 'is', value: ['female'] },
                { not: { field: 'level', op: 'is', value: ['silver'] } },
              ],
            },
          ],
        },
        {
          not: {
            any: [
              { field: 'tags', op: 'has', value: ['不再光顾'] },
              { field: 'gender', op: 'is', value: ['other'] },
            ],
          },
        },
      ],
    },
    holds: (one) =>
      (has(one, '爱喝茶') || (one.gender === 'female' && !isSilver(one))) &&
      !has(one, '不再光顾') &&
      one.gender !== 'other',
  },
  {
    name: 'not those who filled a cart twice this week or bought in 60 days',
    rule: {
      not: {
        any: [
          { field: 'behaviour', op: 'inside', value: { type: 'cart.add', days: 7, times: 2 } },
          { field: 'purchases', op: 'inside', value: { days: 60, category: '餐厨' } },
        ],
      },
    },
    holds: (one) => !one.impersonal && did(one, 'cart.add', 7) < 2 && orders(one, 60).length === 0,
  },
];

export const segment: Step = {
  name: 'segment',
  title: { 'zh-CN': '人群：查询、内存、逐个清点一致', en: 'a segment: query, twin and scan agree' },
  async run(lab) {
    await daytime(lab);
    const people = await crowd(lab, generated());
    const these = await among(lab, '人群检查', people);
    for (const one of cases) {
      const rule: SegmentRule = { all: [these, one.rule] };
      const scan = people.filter(one.holds);
      expect(scan.length > 0 && scan.length < people.length, `“${one.name}” parts the generated people`);
      await countsTo(lab, rule, scan.length, `“${one.name}”`);
      const twin = await why(lab, rule, people);
      const wrong = people.filter((each, index) => twin[index] !== scan.includes(each)).map(({ name }) => name);
      expect(wrong.length === 0, `“${one.name}”: the twin agrees for everybody, not for ${wrong.join('、')}`);
      const listed = await namesBy(rule);
      expect(sameNames(listed, scan), `“${one.name}”: the query lists the same people`);
      lab.saw(`${one.name}: ${String(scan.length)} of ${String(people.length)} by query, twin and scan`);
    }

    async function namesBy(rule: SegmentRule): Promise<string[]> {
      const marketer = await lab.as('marketer');
      return (await marketer.taken<Page<{ name: string }>>('POST', '/segments/people?limit=100', { rule })).items.map(
        ({ name }) => name,
      );
    }
  },
};

const sameNames = (names: readonly string[], people: readonly Someone[]): boolean =>
  names.toSorted().join() ===
  people
    .map(({ name }) => name)
    .toSorted()
    .join();

/** The same sixty every time; days on both sides of each window's edge. */
function generated(): Wish[] {
  const random = createRandom(20_261_122);
  const days = [0, 3, 6, 7, 29, 30, 45, 59, 60];
  return Array.from({ length: PEOPLE }, (_, index): Wish => {
    const times = random.pick([0, 0, 1, 2, 3]);
    const buys = random.pick([0, 0, 0, 1, 2]);
    return {
      name: `人群${String(index + 1).padStart(2, '0')}`,
      reach: random.pick(['known', 'known', 'known', 'phone', 'follower'] as const),
      gender: random.pick(['female', 'male', 'female', 'other'] as const),
      minor: random.chance(0.1),
      impersonal: random.chance(0.15),
      tags: ['爱喝茶', '不再光顾'].filter(() => random.chance(0.25)),
      did: Array.from({ length: times }, () => ({
        type: random.pick(['view', 'cart.add', 'cart.add'] as const),
        daysAgo: random.pick(days),
      })),
      bought: Array.from({ length: buys }, () => {
        const state = random.pick(['completed', 'completed', 'completed', 'unpaid', 'refunded'] as const);
        // A level once reached outlasts a refund, so what is given back here reaches none.
        const price = state === 'refunded' ? 9_900 : random.pick([9_900, 35_000, 70_000]);
        return { daysAgo: random.pick(days), price, state };
      }),
    };
  });
}
