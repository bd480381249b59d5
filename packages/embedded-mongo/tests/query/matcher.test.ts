import { describe, expect, it } from '@jest/globals';
import { Binary, BSONRegExp, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId } from 'bson';
import { decode, encode } from '../../src/bson/codec.js';
import { compileFilter } from '../../src/query/filter.js';
import type { Doc } from '../../src/types.js';

/** Through bytes, as documents arrive. */
const typed = (doc: Doc): Doc => decode(encode(doc));
const matches = (filter: Doc, doc: Doc): boolean => compileFilter(typed(filter)).matches(typed(doc));
const id = new ObjectId('0123456789abcdef01234567');
const date = new Date('2024-01-31T17:30:00Z');

/** One document per shape a field can have. */
const SHAPES: Record<string, Doc> = {
  missing: {},
  null: { a: null },
  five: { a: 5 },
  ten: { a: 10 },
  text: { a: 'x' },
  empty: { a: [] },
  array: { a: [1, 5, 12] },
  nulls: { a: [null] },
  nested: { a: [[5]] },
  object: { a: { b: 5 } },
  bool: { a: true },
  date: { a: date },
};

const TABLE: Array<[Doc, string]> = [
  [{ a: 5 }, 'five array'],
  [{ a: { $eq: 5 } }, 'five array'],
  [{ a: null }, 'missing null nulls'],
  [{ a: { $ne: 5 } }, 'missing null ten text empty nulls nested object bool date'],
  [{ a: { $ne: null } }, 'five ten text empty array nested object bool date'],
  [{ a: { $gt: 5 } }, 'ten array'],
  [{ a: { $gte: 5 } }, 'five ten array'],
  [{ a: { $lt: 6 } }, 'five array'],
  [{ a: { $lte: 1 } }, 'array'],
  [{ a: { $gt: 1, $lt: 5 } }, 'array'],
  [{ a: { $gte: null } }, 'missing null nulls'],
  [{ a: { $gt: null } }, ''],
  [{ a: { $gt: 'a' } }, 'text'],
  [{ a: { $lt: true } }, ''],
  [{ a: { $gte: false } }, 'bool'],
  [{ a: { $gte: new MinKey() } }, 'null five ten text empty array nulls nested object bool date'],
  [{ a: { $lt: new MaxKey() } }, 'null five ten text empty array nulls nested object bool date'],
  [{ a: { $in: [5, 'x'] } }, 'five text array'],
  [{ a: { $in: [null] } }, 'missing null nulls'],
  [{ a: { $in: [new BSONRegExp('^x')] } }, 'text'],
  [{ a: { $in: [] } }, ''],
  [{ a: { $nin: [5, null] } }, 'ten text empty nested object bool date'],
  [{ a: { $exists: true } }, 'null five ten text empty array nulls nested object bool date'],
  [{ a: { $exists: false } }, 'missing'],
  [{ a: { $exists: 0 } }, 'missing'],
  [{ a: { $type: 'number' } }, 'five ten array'],
  [{ a: { $type: 'array' } }, 'empty array nulls nested'],
  [{ a: { $type: ['string', 8] } }, 'text bool'],
  [{ a: { $type: 'null' } }, 'null nulls'],
  [{ a: { $not: { $gt: 5 } } }, 'missing null five text empty nulls nested object bool date'],
  [{ a: { $not: new BSONRegExp('x') } }, 'missing null five ten empty array nulls nested object bool date'],
  [{ a: { $size: 0 } }, 'empty'],
  [{ a: { $size: 1 } }, 'nulls nested'],
  [{ a: { $all: [1, 5] } }, 'array'],
  [{ a: { $all: [5] } }, 'five array'],
  [{ a: { $all: [[5]] } }, 'nested'],
  [{ a: { $all: [] } }, ''],
  [{ a: { $all: [{ $elemMatch: { $gt: 10 } }, { $elemMatch: { $lt: 2 } }] } }, 'array'],
  [{ a: { $elemMatch: { $gt: 1, $lt: 6 } } }, 'array'],
  [{ a: { $elemMatch: { $elemMatch: { $eq: 5 } } } }, 'nested'],
  [{ a: { $mod: [5, 0] } }, 'five ten array'],
  [{ a: { $mod: [4.9, 2.1] } }, 'ten'],
  [{ a: { $regex: 'X', $options: 'i' } }, 'text'],
  [{ a: { $bitsAllSet: 5 } }, 'five array'],
  [{ a: { $bitsAnySet: [3] } }, 'ten array'],
  [{ a: { $bitsAllClear: 2 } }, 'five array'],
  [{ a: { $bitsAnyClear: 5 } }, 'ten array'],
  [{ a: [1, 5, 12] }, 'array'],
  [{ a: [5] }, 'nested'],
  [{ a: [] }, 'empty'],
  [{ a: { b: 5 } }, 'object'],
  [{ 'a.b': 5 }, 'object'],
  [{ 'a.b': null }, 'missing null five ten text bool date'],
  [{ 'a.b': { $exists: false } }, 'missing null five ten text empty array nulls nested bool date'],
  [{ 'a.0': 1 }, 'array'],
  [{ 'a.1': { $gte: 5 } }, 'array'],
  [{ 'a.0.0': 5 }, 'nested'],
  [{ a: date }, 'date'],
  [{ $or: [{ a: 10 }, { a: 'x' }] }, 'ten text'],
  [{ $and: [{ a: { $gt: 0 } }, { a: { $lt: 3 } }] }, 'array'],
  [{ $nor: [{ a: { $exists: true } }] }, 'missing'],
  [{ $expr: { $eq: ['$a', 5] } }, 'five'],
  [{ $expr: { $lt: ['$a', null] } }, 'missing'],
  [{ a: 5, $comment: 'why' }, 'five array'],
  [{}, Object.keys(SHAPES).join(' ')],
];

describe('operators by shape of the field', () => {
  it.each(TABLE.map(([filter, expected]) => [JSON.stringify(filter), filter, expected] as const))(
    '%s',
    (_name, filter, expected) => {
      const found = Object.keys(SHAPES).filter((shape) => matches(filter, SHAPES[shape]!));
      expect(found.join(' ')).toBe(expected);
    },
  );
});

describe('paths and arrays', () => {
  const cases: Array<[Doc, Doc, boolean]> = [
    [{ 'a.b': 1 }, { a: [{ b: 2 }, { b: 1 }] }, true],
    [{ 'a.b': null }, { a: [{ b: 2 }, {}] }, true],
    [{ 'a.b': null }, { a: [] }, false],
    [{ 'a.b': null }, { a: [1] }, false],
    [{ 'a.1.b': 1 }, { a: [{ b: 2 }, { b: 1 }] }, true],
    [{ 'a.0.b': 1 }, { a: [{ b: 2 }, { b: 1 }] }, false],
    [{ 'a.1': 4 }, { a: [5, { 1: 4 }] }, true],
    [
      { a: { $elemMatch: { b: 1, c: 2 } } },
      {
        a: [
          { b: 1, c: 3 },
          { b: 9, c: 2 },
        ],
      },
      false,
    ],
    [
      { 'a.b': 1, 'a.c': 2 },
      {
        a: [
          { b: 1, c: 3 },
          { b: 9, c: 2 },
        ],
      },
      true,
    ],
    [{ a: { $elemMatch: { 0: 7 } } }, { a: [[7]] }, true],
    [{ a: { $elemMatch: { $or: [{ b: 1 }, { b: 2 }] } } }, { a: [{ b: 2 }] }, true],
    [{ a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }, false],
    [{ a: { $in: [{ b: 1 }] } }, { a: [{ b: 1 }] }, true],
    [{ constructor: { $exists: true } }, { a: 1 }, false],
    [{ 'a.toString': null }, { a: {} }, true],
  ];
  it.each(cases.map((entry) => [JSON.stringify(entry[0]), JSON.stringify(entry[1]), ...entry] as const))(
    '%s on %s',
    (_f, _d, filter, doc, expected) => {
      expect(matches(filter, doc)).toBe(expected);
    },
  );
});

describe('values', () => {
  const cases: Array<[string, Doc, Doc, boolean]> = [
    ['1 equals 1.0 equals decimal 1.00', { a: Decimal128.fromString('1.00') }, { a: new Double(1) }, true],
    [
      'decimal range is numeric, not textual',
      { a: { $gt: Decimal128.fromString('9.5') } },
      { a: Decimal128.fromString('10') },
      true,
    ],
    [
      'long above 2^53 is exact',
      { a: Long.fromString('9007199254740993') },
      { a: Long.fromString('9007199254740992') },
      false,
    ],
    [
      'long range',
      { a: { $gt: Long.fromString('9007199254740992') } },
      { a: Long.fromString('9007199254740993') },
      true,
    ],
    ['NaN equals NaN', { a: NaN }, { a: Decimal128.fromString('NaN') }, true],
    ['NaN is not below 5', { a: { $lt: 5 } }, { a: NaN }, false],
    ['$gte NaN finds NaN only', { a: { $gte: NaN } }, { a: 5 }, false],
    ['strings compare as UTF-8', { a: { $gt: '\uff5e' } }, { a: '\u{1f600}' }, true],
    ['ObjectId', { a: { $in: [id] } }, { a: id }, true],
    ['$type long', { a: { $type: 'long' } }, { a: Long.fromNumber(5) }, true],
    ['$type int is not long', { a: { $type: 'int' } }, { a: Long.fromNumber(5) }, false],
    ['$type double', { a: { $type: 1 } }, { a: new Double(5) }, true],
    ['negative bits are sign-extended', { a: { $bitsAllSet: [63] } }, { a: new Int32(-1) }, true],
    [
      'bits of a binary',
      { a: { $bitsAllSet: new Binary(Buffer.from([0, 1])) } },
      { a: new Binary(Buffer.from([0, 3])) },
      true,
    ],
    ['bits of a fraction', { a: { $bitsAllClear: 1 } }, { a: 2.5 }, false],
    ['$in of many', { a: { $in: Array.from({ length: 50 }, (_, index) => index) } }, { a: new Double(49) }, true],
    ['regex m', { a: new BSONRegExp('^b$', 'm') }, { a: 'a\nb\nc' }, true],
    ['regex s', { a: new BSONRegExp('a.b', 's') }, { a: 'a\nb' }, true],
    ['regex x', { a: { $regex: 'a b # comment\n c', $options: 'x' } }, { a: 'abc' }, true],
    ['regex $ before a last newline', { a: new BSONRegExp('b$') }, { a: 'ab\n' }, true],
    ['regex inline option', { a: { $regex: '(?i)ABC' } }, { a: 'abc' }, true],
    ['regex on numbers', { a: new BSONRegExp('5') }, { a: 5 }, false],
    ['regex finds itself', { a: new BSONRegExp('5') }, { a: new BSONRegExp('5') }, true],
    ['regex on code points', { a: new BSONRegExp('^.$') }, { a: '\u{1f600}' }, true],
    ['$let in $expr', { $expr: { $let: { vars: { x: 5 }, in: { $gt: ['$a', '$$x'] } } } }, { a: 6 }, true],
  ];
  it.each(cases)('%s', (_name, filter, doc, expected) => {
    expect(matches(filter, doc)).toBe(expected);
  });
  it('reads let variables in $expr', () => {
    expect(
      compileFilter({ $expr: { $eq: ['$a', '$$v'] } }, { let: { v: new Int32(3) } }).matches({ a: new Double(3) }),
    ).toBe(true);
  });
});

describe('refused before any document is read', () => {
  const cases: Array<[Doc, number]> = [
    [{ a: { $foo: 1 } }, 2],
    [{ $foo: 1 }, 2],
    [{ a: { $gt: 1, b: 2 } }, 2],
    [{ a: { $in: 5 } }, 2],
    [{ a: { $in: [{ $gt: 1 }] } }, 2],
    [{ $or: [] }, 2],
    [{ $and: {} }, 2],
    [{ $or: [5] }, 2],
    [{ a: { $not: 5 } }, 2],
    [{ a: { $not: {} } }, 2],
    [{ a: { $not: { $foo: 1 } } }, 2],
    [{ a: { $size: -1 } }, 2],
    [{ a: { $size: 1.5 } }, 2],
    [{ a: { $size: 'x' } }, 2],
    [{ a: { $mod: [0, 1] } }, 2],
    [{ a: { $mod: [1] } }, 2],
    [{ a: { $mod: [1, 2, 3] } }, 2],
    [{ a: { $type: 'nope' } }, 2],
    [{ a: { $type: 99 } }, 2],
    [{ a: { $all: 5 } }, 2],
    [{ a: { $elemMatch: 5 } }, 2],
    [{ a: { $options: 'i' } }, 2],
    [{ a: { $regex: 5 } }, 2],
    [{ a: { $regex: '(' } }, 51091],
    [{ a: { $regex: '\\Gx' } }, 51091],
    [{ a: { $regex: 'a', $options: 'q' } }, 51108],
    [{ a: { $bitsAllSet: -1 } }, 9],
    [{ a: { $bitsAllSet: 'x' } }, 2],
    [{ $where: 'true' }, 238],
    [{ $text: { $search: 'x' } }, 238],
    [{ $jsonSchema: {} }, 238],
    [{ a: { $geoWithin: {} } }, 238],
    [{ a: { $near: [0, 0] } }, 238],
    [{ a: { $elemMatch: { b: { $where: '1' } } } }, 238],
    [{ $expr: { $foo: 1 } }, 168],
    [{ $expr: { $function: {} } }, 238],
    [{ ['__proto__.x']: 1 }, 2],
  ];
  it.each(cases.map(([filter, code]) => [JSON.stringify(filter), filter, code] as const))(
    '%s',
    (_name, filter, code) => {
      expect(() => compileFilter(typed(filter))).toThrow(expect.objectContaining({ code }));
    },
  );
  it('refuses collations other than simple', () => {
    expect(() => compileFilter({}, { collation: { locale: 'en', strength: 2 } })).toThrow(
      expect.objectContaining({ code: 238 }),
    );
    expect(() => compileFilter({}, { collation: { locale: 'simple' } })).not.toThrow();
  });
});
