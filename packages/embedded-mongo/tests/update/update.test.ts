import { describe, expect, it } from '@jest/globals';
import { Decimal128, Double, Int32, Long, ObjectId, Timestamp } from 'bson';
import { decode, encode } from '../../src/bson/codec.js';
import { typeName } from '../../src/bson/types.js';
import { compileUpdate } from '../../src/update/update.js';
import type { Doc, UpdateContext } from '../../src/types.js';

const now = new Date('2024-03-01T00:00:00Z');
const timestamp = new Timestamp({ t: 1, i: 1 });
const typed = (doc: Doc): Doc => decode(encode(doc));
const plain = (doc: Doc): unknown => JSON.parse(JSON.stringify(doc)) as unknown;

interface Run extends Partial<UpdateContext> {
  arrayFilters?: Doc[];
}

function update(doc: Doc, change: Doc | Doc[], run: Run = {}): { doc: Doc; modified: boolean } {
  const { arrayFilters, ...context } = run;
  const input = typed({ u: change, f: arrayFilters ?? [] }) as { u: Doc; f: Doc[] };
  const before = typed(doc);
  const frozen = JSON.stringify(before);
  const result = compileUpdate(input.u, arrayFilters ? { arrayFilters: input.f } : {}).apply(before, {
    now,
    timestamp,
    inserting: false,
    ...context,
  });
  expect(JSON.stringify(before)).toBe(frozen);
  return result;
}

describe('operators by shape of the field', () => {
  const shapes: Record<string, Doc> = {
    missing: {},
    null: { a: null },
    int: { a: 5 },
    text: { a: 'x' },
    array: { a: [1, 5] },
    empty: { a: [] },
    object: { a: { b: 1 } },
  };
  /** Expected field per shape; a number after `!` is the error code. */
  const table: Array<[Doc, Record<string, unknown>]> = [
    [{ $set: { a: 7 } }, { missing: 7, null: 7, int: 7, text: 7, array: 7, empty: 7, object: 7 }],
    [
      { $set: { 'a.b': 7 } },
      { missing: { b: 7 }, null: '!28', int: '!28', text: '!28', array: '!28', empty: '!28', object: { b: 7 } },
    ],
    [
      { $set: { 'a.0': 7 } },
      { missing: { 0: 7 }, null: '!28', int: '!28', text: '!28', array: [7, 5], empty: [7], object: { 0: 7, b: 1 } },
    ],
    [
      { $unset: { a: 1 } },
      {
        missing: undefined,
        null: undefined,
        int: undefined,
        text: undefined,
        array: undefined,
        empty: undefined,
        object: undefined,
      },
    ],
    [
      { $unset: { 'a.0': 1 } },
      { missing: undefined, null: null, int: 5, text: 'x', array: [null, 5], empty: [], object: { b: 1 } },
    ],
    [{ $inc: { a: 2 } }, { missing: 2, null: '!14', int: 7, text: '!14', array: '!14', empty: '!14', object: '!14' }],
    [{ $mul: { a: 2 } }, { missing: 0, null: '!14', int: 10, text: '!14', array: '!14', empty: '!14', object: '!14' }],
    [{ $min: { a: 3 } }, { missing: 3, null: null, int: 3, text: 3, array: 3, empty: 3, object: 3 }],
    [{ $max: { a: 3 } }, { missing: 3, null: 3, int: 5, text: 'x', array: [1, 5], empty: [], object: { b: 1 } }],
    [
      { $bit: { a: { or: 2 } } },
      { missing: 2, null: '!2', int: 7, text: '!2', array: '!2', empty: '!2', object: '!2' },
    ],
    [
      { $push: { a: 5 } },
      { missing: [5], null: '!2', int: '!2', text: '!2', array: [1, 5, 5], empty: [5], object: '!2' },
    ],
    [
      { $addToSet: { a: 5 } },
      { missing: [5], null: '!2', int: '!2', text: '!2', array: [1, 5], empty: [5], object: '!2' },
    ],
    [
      { $pull: { a: 5 } },
      { missing: undefined, null: '!2', int: '!2', text: '!2', array: [1], empty: [], object: '!2' },
    ],
    [
      { $pullAll: { a: [1, 5] } },
      { missing: undefined, null: '!2', int: '!2', text: '!2', array: [], empty: [], object: '!2' },
    ],
    [
      { $pop: { a: 1 } },
      { missing: undefined, null: '!14', int: '!14', text: '!14', array: [1], empty: [], object: '!14' },
    ],
    [
      { $pop: { a: -1 } },
      { missing: undefined, null: '!14', int: '!14', text: '!14', array: [5], empty: [], object: '!14' },
    ],
    [
      { $currentDate: { a: true } },
      Object.fromEntries(
        ['missing', 'null', 'int', 'text', 'array', 'empty', 'object'].map((shape) => [shape, now.toISOString()]),
      ),
    ],
    [
      { $rename: { a: 'z' } },
      {
        missing: undefined,
        null: undefined,
        int: undefined,
        text: undefined,
        array: undefined,
        empty: undefined,
        object: undefined,
      },
    ],
    [
      { $setOnInsert: { a: 7 } },
      { missing: undefined, null: null, int: 5, text: 'x', array: [1, 5], empty: [], object: { b: 1 } },
    ],
  ];
  const cases = table.flatMap(([change, by]) =>
    Object.entries(by).map(([shape, expected]) => [JSON.stringify(change), shape, change, expected] as const),
  );
  it.each(cases)('%s on %s', (_name, shape, change, expected) => {
    const run = (): unknown => (plain(update(shapes[shape]!, change).doc) as Doc).a;
    if (typeof expected === 'string' && expected.startsWith('!'))
      expect(run).toThrow(expect.objectContaining({ code: Number(expected.slice(1)) }));
    else expect(run()).toEqual(expected);
  });
});

describe('what operators do', () => {
  const cases: Array<[string, Doc, Doc, Doc, Run?]> = [
    [
      '$push with all modifiers',
      { a: [5, 1] },
      { $push: { a: { $each: [3, 9], $sort: 1, $slice: -3 } } },
      { a: [3, 5, 9] },
    ],
    ['$push at a position', { a: [1, 2] }, { $push: { a: { $each: [8, 9], $position: 1 } } }, { a: [1, 8, 9, 2] }],
    ['$push at a negative position', { a: [1, 2] }, { $push: { a: { $each: [9], $position: -1 } } }, { a: [1, 9, 2] }],
    [
      '$push sorts documents',
      { a: [{ n: 2 }, { n: 1 }] },
      { $push: { a: { $each: [], $sort: { n: 1 } } } },
      { a: [{ n: 1 }, { n: 2 }] },
    ],
    ['$push slices to nothing', { a: [1] }, { $push: { a: { $each: [2], $slice: 0 } } }, { a: [] }],
    ['$push of an array is one element', { a: [] }, { $push: { a: [1, 2] } }, { a: [[1, 2]] }],
    [
      '$addToSet each, equal across number types',
      { a: [1] },
      { $addToSet: { a: { $each: [new Double(1), 2, 2] } } },
      { a: [1, 2] },
    ],
    [
      '$addToSet sees field order',
      { a: [{ x: 1, y: 2 }] },
      { $addToSet: { a: { y: 2, x: 1 } } },
      {
        a: [
          { x: 1, y: 2 },
          { y: 2, x: 1 },
        ],
      },
    ],
    ['$pull by operators', { a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
    [
      '$pull by fields',
      {
        a: [
          { b: 1, c: 2 },
          { b: 1, c: 3 },
        ],
      },
      { $pull: { a: { b: 1, c: { $gt: 2 } } } },
      { a: [{ b: 1, c: 2 }] },
    ],
    ['$pull by pattern', { a: ['ab', 'cb'] }, { $pull: { a: /^a/ } }, { a: ['cb'] }],
    ['$rename moves', { a: 1, b: { c: 2 } }, { $rename: { a: 'b.d' } }, { b: { c: 2, d: 1 } }],
    ['$set pads arrays with null', { a: [1] }, { $set: { 'a.3': 4 } }, { a: [1, null, null, 4] }],
    ['new fields come in lexicographic order', {}, { $set: { z: 1, b: 2 } }, { b: 2, z: 1 }],
    ['the positional operator', { a: [1, 5] }, { $set: { 'a.$': 7 } }, { a: [1, 7] }, { position: 1 }],
    [
      'siblings below $ do not conflict',
      { c: [{}, { x: 1 }] },
      { $set: { 'c.$.x': 2, 'c.$.updatedAt': 3 } },
      { c: [{}, { x: 2, updatedAt: 3 }] },
      { position: 1 },
    ],
    ['$[] reaches all', { a: [1, 2] }, { $inc: { 'a.$[]': 10 } }, { a: [11, 12] }],
    [
      '$[id] reaches the filtered',
      { a: [1, 5, 9] },
      { $set: { 'a.$[e]': 0 } },
      { a: [1, 0, 0] },
      { arrayFilters: [{ e: { $gte: 5 } }] },
    ],
    [
      'nested array filters',
      {
        a: [
          { k: 1, b: [{ v: 1 }, { v: 2 }] },
          { k: 2, b: [{ v: 2 }] },
        ],
      },
      { $set: { 'a.$[x].b.$[y].v': 9 } },
      {
        a: [
          { k: 1, b: [{ v: 1 }, { v: 9 }] },
          { k: 2, b: [{ v: 2 }] },
        ],
      },
      { arrayFilters: [{ 'x.k': 1 }, { 'y.v': 2 }] },
    ],
    ['$setOnInsert when inserting', {}, { $setOnInsert: { a: 1 } }, { a: 1 }, { inserting: true }],
    ['$bit xor', { a: 6 }, { $bit: { a: { xor: 3 } } }, { a: 5 }],
    ['replacement keeps _id first', { _id: 1, a: 1 }, { b: 2 }, { _id: 1, b: 2 }],
    ['replacement with the same _id', { _id: 1, a: 1 }, { b: 2, _id: 1 }, { _id: 1, b: 2 }],
    ['$set of the same _id', { _id: 1 }, { $set: { _id: 1, b: 2 } }, { _id: 1, b: 2 }],
  ];
  it.each(cases.map(([name, doc, change, expected, run = {}]) => [name, doc, change, expected, run] as const))(
    '%s',
    (_name, doc, change, expected, run) => {
      const result = update(doc, change, run);
      expect(JSON.stringify(result.doc)).toBe(JSON.stringify(expected));
      expect(result.modified).toBe(true);
    },
  );
  it('a pipeline sees the document and the time', () => {
    const result = update({ _id: 1, a: 2, b: 3 }, [
      { $set: { c: { $add: ['$a', '$b'] }, at: '$$NOW' } },
      { $unset: 'a' },
      { $replaceWith: { d: '$c', at: '$at' } },
    ]);
    expect(plain(result.doc)).toEqual({ _id: 1, d: 5, at: now.toISOString() });
  });
  it('$currentDate can be a timestamp', () => {
    expect(update({}, { $currentDate: { a: { $type: 'timestamp' } } }).doc.a).toEqual(timestamp);
  });
});

describe('nothing changes', () => {
  const cases: Array<[Doc, Doc]> = [
    [{ a: 1 }, { $set: { a: 1 } }],
    [{ a: 1 }, { $unset: { b: 1 } }],
    [{ a: [1] }, { $addToSet: { a: 1 } }],
    [{ a: [1] }, { $pull: { a: 2 } }],
    [{ a: 1 }, { $min: { a: 5 } }],
    [{ a: 1 }, { $inc: { a: 0 } }],
    [{ _id: 1, a: 1 }, { a: 1 }],
    [{ a: 1 }, { $rename: { b: 'c' } }],
    [{ a: [] }, { $set: { 'a.$[].b': 1 } }],
  ];
  it.each(cases.map((entry) => [JSON.stringify(entry[0]), JSON.stringify(entry[1]), ...entry] as const))(
    '%s by %s',
    (_d, _u, doc, change) => {
      const result = update(doc, change);
      expect([result.modified, plain(result.doc)]).toEqual([false, doc]);
    },
  );
  it('but another number type is a change', () => {
    expect(update({ a: 5 }, { $set: { a: new Double(5) } }).modified).toBe(true);
  });
});

describe('number types', () => {
  it.each([
    ['int + int', new Int32(1), new Int32(2), 'int', '3'],
    ['int grows to long', new Int32(0x7fffffff), new Int32(1), 'long', '2147483648'],
    ['long beyond 2^53', Long.fromString('9007199254740993'), new Int32(1), 'long', '9007199254740994'],
    ['double stays double', new Double(5), new Int32(1), 'double', '6'],
    ['decimal', Decimal128.fromString('1.10'), new Int32(2), 'decimal', '3.10'],
  ])('$inc %s', (_name, start, by, type, text) => {
    const { doc } = update({ a: start }, { $inc: { a: by } });
    expect([typeName(doc.a), String(doc.a)]).toEqual([type, text]);
  });
  it('untouched fields keep theirs', () => {
    const { doc } = update({ d: new Double(5), l: Long.fromNumber(5), x: 1 }, { $inc: { x: 1 } });
    expect([typeName(doc.d), typeName(doc.l)]).toEqual(['double', 'long']);
  });
  it("$mul of a missing field is a zero of the operand's type", () => {
    expect(typeName(update({}, { $mul: { a: Long.fromNumber(3) } }).doc.a)).toBe('long');
  });
});

describe('refused', () => {
  const cases: Array<[Doc | Doc[], Doc, number, Run?]> = [
    [{ $set: { a: 1 }, $inc: { a: 1 } }, {}, 40],
    [{ $set: { a: 1, 'a.b': 1 } }, {}, 40],
    [{ $set: { 'a.b.c': 1, 'a.b': 1 } }, {}, 40],
    [{ $rename: { a: 'b' }, $set: { b: 1 } }, {}, 40],
    [{ $set: { 'a.$[]': 1, 'a.0': 2 } }, { a: [1] }, 40],
    [{ $foo: { a: 1 } }, {}, 9],
    [{ $set: { a: 1 }, b: 1 }, {}, 9],
    [{ $set: 5 }, {}, 9],
    [{ $set: { 'a.': 1 } }, {}, 56],
    [{ $set: { '': 1 } }, {}, 56],
    [{ $set: { 'a.$x': 1 } }, {}, 52],
    [{ a: 1, $set: { b: 1 } }, {}, 52],
    [{ $inc: { a: 'x' } }, {}, 14],
    [{ $mul: { a: null } }, {}, 14],
    [{ $inc: { a: 1 } }, { a: Long.MAX_VALUE }, 2],
    [{ $push: { a: { $each: 5 } } }, {}, 2],
    [{ $push: { a: { $each: [], $foo: 1 } } }, {}, 2],
    [{ $push: { a: { $each: [], $slice: 'x' } } }, {}, 2],
    [{ $push: { a: { $each: [], $sort: 3 } } }, {}, 2],
    [{ $addToSet: { a: { $each: 5 } } }, {}, 14],
    [{ $pullAll: { a: 5 } }, {}, 2],
    [{ $pull: { a: { $foo: 1 } } }, {}, 2],
    [{ $pop: { a: 2 } }, {}, 9],
    [{ $bit: { a: { nand: 1 } } }, {}, 2],
    [{ $bit: { a: { and: 1.5 } } }, {}, 2],
    [{ $currentDate: { a: 'x' } }, {}, 2],
    [{ $currentDate: { a: { $type: 'x' } } }, {}, 2],
    [{ $rename: { a: 'a' } }, {}, 2],
    [{ $rename: { a: 5 } }, {}, 2],
    [{ $rename: { 'a.0': 'b' } }, { a: [1] }, 2],
    [{ $set: { 'a.$': 1 } }, { a: [1] }, 2],
    [{ $set: { '$.a': 1 } }, {}, 2],
    [{ $set: { 'a.$.b.$': 1 } }, {}, 2],
    [{ $set: { 'a.$[]': 1 } }, {}, 2],
    [{ $set: { 'a.$[]': 1 } }, { a: 5 }, 2],
    [{ $set: { 'a.$[e]': 1 } }, {}, 2],
    [{ $set: { a: 1 } }, {}, 9, { arrayFilters: [{ e: 1 }] }],
    [{ $set: { 'a.$[e]': 1 } }, {}, 9, { arrayFilters: [{ e: 1 }, { e: 2 }] }],
    [{ $set: { 'a.$[e]': 1 } }, {}, 9, { arrayFilters: [{ e: 1, f: 2 }] }],
    [{ $set: { 'a.$[E]': 1 } }, {}, 2, { arrayFilters: [{ E: 1 }] }],
    [{ $set: { _id: 2 } }, { _id: 1 }, 66],
    [{ $unset: { _id: 1 } }, { _id: 1 }, 66],
    [{ _id: 2 }, { _id: 1 }, 66],
    [[{ $set: { _id: 2 } }], { _id: 1 }, 66],
    [[{ $match: {} }], {}, 72],
    [[{ $set: { a: { $foo: 1 } } }], {}, 168],
    [{ $set: { '__proto__.x': 1 } }, {}, 2],
  ];
  it.each(cases.map(([change, doc, code, run = {}]) => [JSON.stringify(change), change, doc, code, run] as const))(
    '%s',
    (_name, change, doc, code, run) => {
      expect(() => update(doc, change, run)).toThrow(expect.objectContaining({ code }));
    },
  );
  it('names the document and field in the message drivers show', () => {
    const id = new ObjectId('0123456789abcdef01234567');
    expect(() => update({ _id: id, a: 'x' }, { $inc: { a: 1 } })).toThrow(
      /has the field 'a' of non-numeric type string/,
    );
    expect(() => update({ a: 5 }, { $set: { 'a.b': 1 } })).toThrow(`Cannot create field 'b' in element {a: 5}`);
    expect(() => update({}, { $set: { a: 1, 'a.b': 1 } })).toThrow(
      `Updating the path 'a.b' would create a conflict at 'a'`,
    );
  });
});
