import { describe, expect, it } from '@jest/globals';
import { Decimal128, Double, Int32, Long } from 'bson';
import { decode, encode } from '../../src/bson/codec.js';
import { compilePipeline } from '../../src/agg/pipeline.js';
import { compileSort } from '../../src/agg/sort.js';
import type { CompiledPipeline, Doc } from '../../src/types.js';

const now = new Date(0);
const typed = (doc: Doc): Doc => decode(encode(doc));
const compiled = (...stages: Doc[]): CompiledPipeline => compilePipeline((typed({ p: stages }) as { p: Doc[] }).p);

/** Runs the leading stages as the planner would, then the rest. */
function run(docs: Doc[], ...stages: Doc[]): unknown {
  const pipeline = compiled(...stages);
  const { filter, sort, skip, limit } = pipeline.leading;
  const found = docs.map(typed).filter((doc) => filter.matches(doc));
  const source = (sort ? sort.top(found) : found).slice(skip, limit === Infinity ? undefined : skip + limit);
  return JSON.parse(JSON.stringify([...pipeline.run(source, { now })])) as unknown;
}

const docs: Doc[] = [
  { _id: 1, g: 'a', n: 5, t: ['x', 'y'] },
  { _id: 2, g: 'b', n: 2.5, t: [] },
  { _id: 3, g: 'a', n: null },
  { _id: 4, g: 'a', n: 'text', t: null },
  { _id: 5, n: 1, t: 'z' },
];
/** Stops the leading split, so that the stage itself runs. */
const wall: Doc = { $set: {} };

describe('stages', () => {
  const ids = (...list: number[]): Doc[] => list.map((id) => ({ _id: id }));
  const keep: Doc = { $project: { _id: 1 } };
  const cases: Array<[string, Doc[], unknown]> = [
    ['$match', [wall, { $match: { g: 'a' } }, keep], ids(1, 3, 4)],
    ['$sort, types in order', [wall, { $sort: { n: 1 } }, keep], ids(3, 5, 2, 1, 4)],
    ['$sort arrays by least, empty first', [wall, { $sort: { t: 1 } }, keep], ids(2, 3, 4, 1, 5)],
    ['$sort arrays by greatest, empty last', [wall, { $sort: { t: -1 } }, keep], ids(5, 1, 3, 4, 2)],
    ['$sort with $limit', [wall, { $sort: { _id: -1 } }, { $skip: 1 }, { $limit: 2 }, keep], ids(4, 3)],
    ['$skip', [wall, { $skip: 3 }, keep], ids(4, 5)],
    ['$limit', [wall, { $limit: 2 }, keep], ids(1, 2)],
    [
      'leading stages compose',
      [{ $match: { g: 'a' } }, { $sort: { _id: -1 } }, { $limit: 2 }, { $skip: 1 }, keep],
      ids(3),
    ],
    ['a skip past the limit gives nothing', [{ $limit: 2 }, { $skip: 5 }, keep], []],
    ['$match after $limit stays after it', [{ $limit: 2 }, { $match: { g: 'a' } }, keep], ids(1)],
    ['$project exclusion', [{ $match: { _id: 1 } }, { $project: { t: 0, g: 0 } }], [{ _id: 1, n: 5 }]],
    [
      '$addFields nested, in arrays too',
      [{ $match: { _id: 1 } }, { $set: { 'o.x': 1, l: [{ a: 1 }, 2] } }, { $set: { 'l.z': '$n', t: '$$REMOVE' } }],
      [{ _id: 1, g: 'a', n: 5, o: { x: 1 }, l: [{ a: 1, z: 5 }, { z: 5 }] }],
    ],
    ['$unset', [{ $match: { _id: 1 } }, { $unset: ['t', 'g'] }], [{ _id: 1, n: 5 }]],
    [
      '$unwind',
      [{ $unwind: '$t' }, { $project: { t: 1 } }],
      [
        { _id: 1, t: 'x' },
        { _id: 1, t: 'y' },
        { _id: 5, t: 'z' },
      ],
    ],
    [
      '$unwind with all options',
      [
        { $unwind: { path: '$t', includeArrayIndex: 'i', preserveNullAndEmptyArrays: true } },
        { $project: { t: 1, i: { $cond: [{ $eq: ['$i', null] }, null, { $toInt: '$i' }] } } },
      ],
      [
        { _id: 1, t: 'x', i: 0 },
        { _id: 1, t: 'y', i: 1 },
        { _id: 2, i: null },
        { _id: 3, i: null },
        { _id: 4, t: null, i: null },
        { _id: 5, t: 'z', i: null },
      ],
    ],
    ['$count', [wall, { $count: 'n' }], [{ n: 5 }]],
    ['$count of nothing', [{ $match: { g: 'q' } }, { $count: 'n' }], []],
    ['$replaceRoot', [{ $limit: 1 }, { $replaceRoot: { newRoot: { v: '$n' } } }], [{ v: 5 }]],
    [
      '$sortByCount',
      [{ $match: { g: { $exists: true } } }, { $sortByCount: '$g' }],
      [
        { _id: 'a', count: 3 },
        { _id: 'b', count: 1 },
      ],
    ],
    [
      '$facet',
      [{ $facet: { a: [{ $match: { g: 'b' } }, keep], b: [{ $count: 'n' }] } }],
      [{ a: [{ _id: 2 }], b: [{ n: 5 }] }],
    ],
    [
      '$group by missing is by null',
      [{ $match: { _id: { $gte: 3 } } }, { $group: { _id: '$g', n: { $sum: 1 } } }, { $sort: { _id: 1 } }],
      [
        { _id: null, n: 1 },
        { _id: 'a', n: 2 },
      ],
    ],
    ['$group of nothing', [{ $match: { g: 'q' } }, { $group: { _id: null, n: { $sum: 1 } } }], []],
  ];
  it.each(cases)('%s', (_name, stages, expected) => {
    expect(run(docs, ...stages)).toEqual(expected);
  });
});

describe('accumulators over 5, 2.5, null, "text", 1', () => {
  const cases: Array<[string, unknown, unknown]> = [
    ['$sum', '$n', 8.5],
    ['$avg', '$n', 8.5 / 3],
    ['$min', '$n', 1],
    ['$max', '$n', 'text'],
    ['$first', '$n', 5],
    ['$last', '$g', null],
    ['$push', '$g', ['a', 'b', 'a', 'a']],
    ['$addToSet', '$g', ['a', 'b']],
    ['$count', {}, 5],
    ['$mergeObjects', { x: '$g' }, { x: 'a' }],
    ['$sum', '$missing', 0],
    ['$avg', '$missing', null],
    ['$min', '$missing', null],
    ['$push', '$missing', []],
  ];
  it.each(cases)('%s of %j', (op, operand, expected) => {
    expect(run(docs, { $group: { _id: null, r: { [op]: operand } } })).toEqual([{ _id: null, r: expected }]);
  });
  it('one group for equal values of different number types', () => {
    const source = [{ k: new Int32(1) }, { k: new Double(1) }, { k: Long.ONE }, { k: Decimal128.fromString('1.0') }];
    expect(run(source, { $group: { _id: '$k', n: { $sum: 1 } } })).toEqual([{ _id: 1, n: 4 }]);
  });
  it('sums money exactly', () => {
    const [group] = [
      ...compiled({ $group: { _id: null, s: { $sum: '$m' } } }).run(
        Array.from({ length: 1000 }, () => ({ m: Decimal128.fromString('0.10') })),
        { now },
      ),
    ] as Doc[];
    expect(String(group!.s)).toBe('100.00');
  });
});

describe('what the planner is told', () => {
  it('leading, plain find and count', () => {
    const plain = compiled(
      { $match: { a: 1 } },
      { $sort: { b: -1 } },
      { $match: { c: 2 } },
      { $skip: 2 },
      { $limit: 3 },
    );
    expect([plain.isPlainFind, plain.leading.skip, plain.leading.limit, plain.leading.sort?.pattern]).toEqual([
      true,
      2,
      3,
      [['b', -1]],
    ]);
    expect(plain.leading.filter.constraints.map((constraint) => constraint.path)).toEqual(['a', 'c']);
    expect(compiled({ $match: { a: 1 } }, { $group: { _id: 1, n: { $sum: 1 } } }).countOnly).toEqual({
      idValue: new Int32(1),
      field: 'n',
    });
    expect(compiled({ $group: { _id: '$a', n: { $sum: 1 } } }).countOnly).toBeUndefined();
    expect(compiled({ $group: { _id: 1, n: { $sum: 2 } } }).countOnly).toBeUndefined();
    expect(compiled({ $limit: 1 }, { $group: { _id: 1, n: { $sum: 1 } } }).countOnly).toMatchObject({ field: 'n' });
    expect(compiled({ $match: { a: 1 } }, { $count: 'many' }).countOnly).toEqual({ field: 'many' });
    expect(compiled({ $sort: { a: 1 } }, { $count: 'many' }).countOnly).toBeUndefined();
    expect(compiled({ $count: 'many' }, { $limit: 1 }).countOnly).toBeUndefined();
  });
  it('reads its source no further than it must', () => {
    let read = 0;
    function* source(): Iterable<Doc> {
      for (;;) yield { _id: ++read };
    }
    expect([...compiled(wall, { $limit: 3 }).run(source(), { now })]).toHaveLength(3);
    expect(read).toBe(3);
  });
});

describe('sort', () => {
  it('top holds the first ones only and is stable', () => {
    const many = Array.from({ length: 5000 }, (_, index) => ({ k: (index * 7919) % 100, index }));
    const sort = compileSort({ k: new Int32(1) });
    const all = [...many].sort((a, b) => a.k - b.k || a.index - b.index).slice(0, 120);
    expect(sort.top(many, 120)).toEqual(all);
  });
  it.each([
    [{ a: new Int32(2) }, 15975],
    [{ a: { $meta: 'textScore' } }, 238],
    [{ $a: new Int32(1) }, 2],
  ])('%j is refused', (spec, code) => {
    expect(() => compileSort(spec)).toThrow(expect.objectContaining({ code }));
  });
});

describe('refused on an empty collection too', () => {
  const cases: Array<[Doc, number]> = [
    [{ $foo: 1 }, 40324],
    [{ $lookup: {} }, 238],
    [{ $out: 'x' }, 238],
    [{ $match: { a: { $foo: 1 } } }, 2],
    [{ $match: 5 }, 15959],
    [{ $sort: {} }, 15976],
    [{ $limit: 0 }, 15958],
    [{ $limit: 'x' }, 2107201],
    [{ $skip: -1 }, 5107200],
    [{ $project: {} }, 51272],
    [{ $project: { a: 1, b: 0 } }, 31254],
    [{ $group: { n: { $sum: 1 } } }, 15955],
    [{ $group: { _id: 1, n: { $foo: 1 } } }, 15952],
    [{ $group: { _id: 1, n: { $stdDevPop: 1 } } }, 238],
    [{ $group: { _id: 1, n: 5 } }, 40234],
    [{ $group: { _id: 1, n: { $sum: { $foo: 1 } } } }, 168],
    [{ $unwind: 't' }, 28818],
    [{ $count: '' }, 40156],
    [{ $match: {}, $sort: {} }, 40323],
    [{ $facet: { a: [{ $foo: 1 }] } }, 40324],
    [{ $replaceRoot: {} }, 9],
  ];
  it.each(cases.map(([stage, code]) => [JSON.stringify(stage), stage, code] as const))('%s', (_name, stage, code) => {
    expect(() => compiled(stage)).toThrow(expect.objectContaining({ code }));
  });
});
