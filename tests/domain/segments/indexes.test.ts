/** A rule that says it is selective is answered by indexes: told by the database's own explain, field by field and for random rules. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SegmentRule } from '../../../src/contracts/index.js';
import { compileRule, isSelective, portraitIndexes, segmentFields } from '../../../src/domain/segments/index.js';
import { openPortraits } from './database.js';
import type { Portraits } from './database.js';
import { conditionsOf, context, person, rule } from './people.js';

let db: Portraits;
const ctx = context();
const SEED = 7;

beforeAll(async () => {
  db = await openPortraits();
  await db.fill(fc.sample(person, { numRuns: 150, seed: SEED }));
}, 60_000);
afterAll(() => db.close());

async function plan(asked: SegmentRule, indexesOff = false): Promise<string> {
  const find = { find: 'portraits', filter: compileRule(asked, ctx), ...(indexesOff ? { hint: { $natural: 1 } } : {}) };
  const told = await db.database.connection.db?.command({ explain: find, verbosity: 'queryPlanner' });
  return JSON.stringify((told as { queryPlanner: { winningPlan: unknown } }).queryPlanner.winningPlan);
}

async function expectIndexed(asked: SegmentRule): Promise<void> {
  const winning = await plan(asked);
  expect({ asked, scan: winning.includes('COLLSCAN') ? winning : false }).toEqual({ asked, scan: false });
}

describe('selective rules', () => {
  it('each field that says it is indexed', async () => {
    let indexed = 0;
    for (const { code, indexed: says } of segmentFields) {
      for (const asked of samplesOf(code)) {
        expect({ code, selective: isSelective(asked, ctx) }).toEqual({ code, selective: says && isPositive(asked) });
        if (!isSelective(asked, ctx)) continue;
        indexed += 1;
        await expectIndexed(asked);
      }
    }
    expect(indexed).toBeGreaterThan(60);
  }, 30_000);

  it('random ones', async () => {
    const asked = fc.sample(rule, { numRuns: 250, seed: SEED }).filter((one) => isSelective(one, ctx));
    expect(asked.length).toBeGreaterThan(40);
    for (const one of asked) await expectIndexed(one);
  }, 30_000);

  it('a not of a not, and what stands beside a not, are found as well', async () => {
    const city: SegmentRule = { field: 'city', op: 'is', value: '上海' };
    const male: SegmentRule = { field: 'gender', op: 'is', value: 'male' };
    for (const one of [{ not: { not: city } }, { not: { any: [{ not: city }, male] } }]) {
      expect(isSelective(one, ctx)).toBe(true);
      await expectIndexed(one);
    }
    expect(isSelective({ not: city }, ctx)).toBe(false);
    expect(isSelective({ any: [city, male] }, ctx)).toBe(false);
  });

  it('would be seen to scan', async () => {
    expect(await plan({ field: 'city', op: 'is', value: '上海' }, true)).toContain('COLLSCAN');
    expect(await plan({ field: 'gender', op: 'is', value: 'male' })).toContain('COLLSCAN');
  });

  it('no index is there that no field asks for', () => {
    const paths = portraitIndexes.map((keys) => Object.keys(keys)[0] ?? '');
    const asked = JSON.stringify(
      Object.values(conditionsOf).flatMap((one) =>
        fc.sample(one, { numRuns: 10, seed: SEED }).map((condition) => compileRule(condition, ctx)),
      ),
    );
    const asks = (path: string): boolean =>
      path === 'customerIds' ||
      asked.includes(`"${path}"`) ||
      asked.includes(`"${path.split('.')[0] ?? ''}":{"$elemMatch"`);
    expect(paths.filter((path) => !asks(path))).toEqual([]);
  });
});

function samplesOf(code: string): SegmentRule[] {
  const conditions = conditionsOf[code];
  return conditions ? fc.sample(conditions, { numRuns: 6, seed: SEED }) : [];
}

/** `joined` is false asks for what is not there, which no index finds. */
const isPositive = (asked: SegmentRule): boolean =>
  !('field' in asked && asked.field === 'joined' && asked.value === false);
