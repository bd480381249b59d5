/** The query, the twin in memory and the explanation give one answer, whatever the rule and whoever the people. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SegmentRule } from '../../../src/contracts/index.js';
import { compileRule, explainRule, matchesRule, segmentFields } from '../../../src/domain/segments/index.js';
import type { PortraitRecord } from '../../../src/domain/segments/index.js';
import { openPortraits } from './database.js';
import type { Portraits } from './database.js';
import { conditionsOf, context, person, rule } from './people.js';

let db: Portraits;
let people: PortraitRecord[];
const PEOPLE = 120;
/** Each with its own people. */
const ROUNDS = 3;
const RUNS = 70;
const SEED = 20_260_310;
const ctx = context();

beforeAll(async () => {
  db = await openPortraits();
  await gather(SEED);
}, 60_000);
afterAll(() => db.close());

async function gather(seed: number): Promise<void> {
  people = fc.sample(person, { numRuns: PEOPLE, seed });
  await db.fill(people);
}

const idsOf = (found: readonly PortraitRecord[]): string[] => found.map(({ _id }) => String(_id)).sort();
const byTwin = (asked: SegmentRule): string[] => idsOf(people.filter((one) => matchesRule(asked, one, ctx)));
const byExplaining = (asked: SegmentRule): string[] =>
  idsOf(people.filter((one) => explainRule(asked, one, ctx).holds));

async function agrees(asked: SegmentRule, compile: typeof compileRule = compileRule): Promise<void> {
  expect(await db.find(compile(asked, ctx))).toEqual(byTwin(asked));
}

describe('query = twin = explanation', () => {
  it('of random rules and random people', async () => {
    const property = fc.asyncProperty(rule, async (asked) => {
      await agrees(asked);
      expect(byExplaining(asked)).toEqual(byTwin(asked));
    });
    for (let round = 1; round <= ROUNDS; round++) {
      await gather(SEED + round);
      await fc.assert(property, { numRuns: RUNS, seed: SEED + round });
    }
  }, 60_000);

  it('of each field alone, and each is true of somebody and false of somebody', async () => {
    for (const [field, conditions] of Object.entries(conditionsOf)) {
      const found = new Set<boolean>();
      for (const asked of fc.sample(conditions, { numRuns: 7, seed: SEED })) {
        await agrees(asked);
        const count = byTwin(asked).length;
        if (count > 0) found.add(true);
        if (count < PEOPLE) found.add(false);
      }
      expect({ field, found: [...found].sort() }).toEqual({ field, found: [false, true] });
    }
  }, 60_000);

  it('leaves no field of the catalogue out', () => {
    const codes = new Set([...segmentFields.map(({ code }) => code)]);
    expect([...codes].filter((code) => !(code in conditionsOf))).toEqual([]);
  });
});

type Filter = Record<string, unknown>;
const isRecord = (value: unknown): value is Filter =>
  typeof value === 'object' && value !== null && !(value instanceof Date) && !Array.isArray(value);

/** The filter with every record in it changed. */
function changed(value: unknown, change: (record: Filter) => Filter): unknown {
  if (Array.isArray(value)) return value.map((one) => changed(one, change));
  if (!isRecord(value)) return value;
  return change(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, changed(inner, change)])));
}
const without =
  (...names: string[]) =>
  (record: Filter): Filter =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
const renamed =
  (from: string, to: string) =>
  (record: Filter): Filter =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name === from ? to : name, value]));

/** A `not` that wants the value to be there: what people write by hand. */
function notOfKnown(record: Filter): Filter {
  const [negated] = (record['$nor'] as Filter[] | undefined) ?? [];
  const [path] = Object.keys(negated ?? {});
  if (!path || path.startsWith('$')) return record;
  return { $and: [{ [path]: { $exists: true } }, record] };
}

/** Kind and day of any two rows, instead of one. */
function acrossRows(record: Filter): Filter {
  const row = (record['did'] as { $elemMatch?: Filter } | undefined)?.$elemMatch;
  if (!row) return record;
  return { ...without('did')(record), ...Object.fromEntries(Object.entries(row).map(([k, v]) => [`did.${k}`, v])) };
}

describe('the property notices', () => {
  const later = (days: number) => context({ now: new Date(ctx.now.getTime() + days * 86_400_000) });
  const made =
    (change: (record: Filter) => Filter): typeof compileRule =>
    (asked, at) =>
      changed(compileRule(asked, at), change) as Filter;
  const faults: Record<string, typeof compileRule> = {
    'people who said no to personalisation': made(without('personalised')),
    'a day too late': (asked) => compileRule(asked, later(1)),
    'days of another zone': (asked) => compileRule(asked, context({ timeZone: 'UTC' })),
    'a not that leaves out what is not known': made(notOfKnown),
    'a lowest value that is not in': made(renamed('$gte', '$gt')),
    'a highest value that is not in': made(renamed('$lte', '$lt')),
    'a window without its sum': made(without('$expr')),
    'conditions met by different rows': made(acrossRows),
    'an any taken for an all': made(renamed('$or', '$and')),
    'a not forgotten': made(renamed('$nor', '$or')),
  };

  for (const [fault, compile] of Object.entries(faults)) {
    it(fault, async () => {
      await gather(SEED);
      const property = fc.asyncProperty(rule, (asked) => agrees(asked, compile));
      const { failed } = await fc.check(property, { numRuns: RUNS * ROUNDS, seed: SEED, endOnFailure: true });
      expect(failed).toBe(true);
    });
  }
});
