import { describe, expect, it } from '@jest/globals';
import { decode, encode } from '../../src/bson/codec.js';
import { compare } from '../../src/bson/compare.js';
import { indexValues } from '../../src/keys/values.js';
import { compileFilter } from '../../src/query/filter.js';
import { upsertSeed } from '../../src/update/seed.js';
import type { CompiledFilter, Doc, Interval } from '../../src/types.js';

const compiled = (filter: Doc): CompiledFilter => compileFilter(decode(encode(filter)));
const show = (intervals: Interval[]): string =>
  intervals
    .map(
      (i) =>
        `${i.lowInclusive ? '[' : '('}${JSON.stringify(i.low)}, ${JSON.stringify(i.high)}${i.highInclusive ? ']' : ')'}`,
    )
    .join(' ');
const constraints = (filter: Doc): string[] =>
  compiled(filter).constraints.map((c) => `${c.path} ${show(c.intervals)}${c.exact ? '' : ' not on multikey'}`);

describe('constraints', () => {
  const cases: Array<[Doc, string[]]> = [
    [{ a: 1 }, ['a [1, 1]']],
    [{ a: { $in: [3, 1, 3] } }, ['a [1, 1] [3, 3]']],
    [{ a: { $gt: 1 } }, ['a (1, null]']],
    [{ a: { $lte: 'm' } }, ['a ["", "m"]']],
    [{ a: { $gt: 1, $lt: 5 } }, ['a (1, 5) not on multikey', 'a (1, null]', 'a [null, 5)']],
    [{ a: { $elemMatch: { b: 2 } } }, ['a.b [2, 2]']],
    [{ $and: [{ a: 1 }, { b: 2 }] }, ['a [1, 1]', 'b [2, 2]']],
    [{ a: { $ne: 1 } }, []],
    [{ a: { $not: { $gt: 1 } } }, []],
    [{ a: [1] }, []],
    [{ 'a.0': 1 }, []],
    [{ $or: [{ a: 1 }, { b: 2 }] }, []],
    [{ a: null }, ['a [null, null]']],
  ];
  it.each(cases.map(([filter, expected]) => [JSON.stringify(filter), filter, expected] as const))(
    '%s',
    (_name, filter, expected) => {
      expect(constraints(filter)).toEqual(expected);
    },
  );
  it('gives the branches of an $or when all have some', () => {
    expect(compiled({ $or: [{ a: 1 }, { b: 2 }] }).branches).toHaveLength(2);
    expect(compiled({ $or: [{ a: 1 }, { b: { $ne: 2 } }] }).branches).toBeUndefined();
  });
  it('a prefix pattern bounds strings', () => {
    expect(show(compiled({ a: /^ab/ }).constraints[0]!.intervals)).toMatch(/^\["ab", "ac"\) /);
    expect(compiled({ a: /^ab?/ }).constraints[0]!.intervals[0]!.low).toBe('a');
    expect(compiled({ a: /^ab|c/ }).constraints).toEqual([]);
    expect(compiled({ a: /^ab/i }).constraints).toEqual([]);
  });
});

describe('constraints never lose a match', () => {
  const values = [
    undefined,
    null,
    1,
    2.5,
    -7,
    NaN,
    'a',
    'ab',
    'b',
    '',
    [],
    [1, 9],
    [null],
    [[1]],
    { b: 1 },
    [{ b: 1 }, { b: 7 }],
    true,
    false,
    new Date(5),
  ];
  const docs = values.map((value) => decode(encode(value === undefined ? {} : { a: value })));
  const filters: Doc[] = [
    ...values
      .filter((value) => value !== undefined)
      .flatMap((value) => ['$eq', '$gt', '$gte', '$lt', '$lte'].map((op) => ({ a: { [op]: value } }))),
    ...[
      { a: { $in: [1, null, 'b'] } },
      { a: /^a/ },
      { 'a.b': 1 },
      { 'a.b': { $gt: 3 } },
      { 'a.b': null },
      { a: { $elemMatch: { b: { $gt: 3 } } } },
      { a: { $elemMatch: { $gt: 3, $lt: 20 } } },
    ],
  ];
  const inside = (value: unknown, interval: Interval): boolean => {
    const [low, high] = [compare(value, interval.low), compare(value, interval.high)];
    return (low > 0 || (low === 0 && interval.lowInclusive)) && (high < 0 || (high === 0 && interval.highInclusive));
  };
  it.each(filters.map((filter) => [JSON.stringify(filter), filter] as const))('%s', (_name, filter) => {
    const { matches, constraints: found } = compiled(filter);
    for (const doc of docs.filter((candidate) => matches(candidate))) {
      for (const { path, intervals } of found.filter((constraint) => constraint.exact)) {
        const reached = indexValues(doc, path).values.some((value) =>
          intervals.some((interval) => inside(value, interval)),
        );
        expect([doc, reached]).toEqual([doc, true]);
      }
    }
  });
});

describe('implies', () => {
  const cases: Array<[Doc, Doc, boolean]> = [
    [{ a: 1, b: 2 }, { a: 1 }, true],
    [{ a: 5 }, { a: { $gt: 3 } }, true],
    [{ a: 3 }, { a: { $gt: 3 } }, false],
    [{ a: { $gt: 5 } }, { a: { $gt: 3 } }, true],
    [{ a: { $gt: 3 } }, { a: { $gt: 5 } }, false],
    [{ a: 5 }, { a: { $exists: true } }, true],
    [{ a: null }, { a: { $exists: true } }, false],
    [{ a: { $in: [1, 2] } }, { a: { $in: [1, 2, 3] } }, true],
    [{ a: { $in: [1, 4] } }, { a: { $in: [1, 2, 3] } }, false],
    [{ a: 'x' }, { a: { $type: 'string' } }, true],
    [{ a: 5 }, { b: 5 }, false],
    [{ a: 5 }, { a: { $ne: 4 } }, false],
    [{ a: { $ne: 4 } }, { a: { $ne: 4 } }, true],
    [{ $or: [{ a: 5 }, { a: 6 }] }, { a: { $gt: 3 } }, true],
    [{ $or: [{ a: 5 }, { b: 6 }] }, { a: { $gt: 3 } }, false],
    [{ a: 5 }, { $or: [{ a: 5 }, { b: 6 }] }, true],
    [{ a: 5 }, {}, true],
    [{}, { a: 5 }, false],
    [{ a: { $gt: 'ab' } }, { a: /^ab/ }, false],
  ];
  it.each(cases.map((entry) => [JSON.stringify(entry[0]), JSON.stringify(entry[1]), ...entry] as const))(
    '%s -> %s',
    (_a, _b, known, wanted, expected) => {
      expect(compiled(known).implies(compiled(wanted))).toBe(expected);
    },
  );
});

describe('position', () => {
  const cases: Array<[Doc, Doc, number | undefined]> = [
    [{ a: 5 }, { a: [1, 5] }, 1],
    [{ 'a.b': { $gt: 1 } }, { a: [{ b: 1 }, { b: 1 }, { b: 2 }] }, 2],
    [
      { a: { $elemMatch: { b: 1, c: 1 } } },
      {
        a: [
          { b: 1, c: 2 },
          { b: 1, c: 1 },
        ],
      },
      1,
    ],
    [{ 'a.b': 7 }, { a: [{ b: [1] }, { b: [0, 7] }] }, 1],
    [{ a: 5 }, { a: 5 }, undefined],
    [{ a: { $ne: 5 } }, { a: [1] }, undefined],
    [{ x: 1, a: 5 }, { x: 1, a: [0, 0, 5] }, 2],
  ];
  it.each(cases.map((entry) => [JSON.stringify(entry[0]), ...entry] as const))('%s', (_name, filter, doc, position) => {
    const result = compiled(filter).matchPosition(decode(encode(doc)));
    expect([result.matched, result.position]).toEqual([true, position]);
  });
});

describe('upsertSeed', () => {
  it('takes equalities, also inside $and', () => {
    const seed = upsertSeed(
      compileFilter({ a: 1, 'b.c': { $eq: 2 }, d: { $gt: 3 }, $and: [{ e: 4 }], $or: [{ f: 1 }, { g: 1 }] }),
    );
    expect(seed).toEqual({ a: 1, b: { c: 2 }, e: 4 });
  });
  it('refuses two equalities on one path', () => {
    expect(() => upsertSeed(compileFilter({ a: 1, $and: [{ a: 2 }] }))).toThrow(expect.objectContaining({ code: 54 }));
    expect(() => upsertSeed(compileFilter({ a: { b: 1 }, 'a.b': 1 }))).toThrow(expect.objectContaining({ code: 54 }));
  });
});
