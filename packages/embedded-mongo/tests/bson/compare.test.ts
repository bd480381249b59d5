import { describe, expect, it } from '@jest/globals';
import { Binary, BSONRegExp, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { compare, equals, identical } from '../../src/bson/compare.js';
import { decode, encode } from '../../src/bson/codec.js';
import { arithmetic, toDecimal128 } from '../../src/bson/number.js';
import { typeName } from '../../src/bson/types.js';

const dec = (text: string): Decimal128 => Decimal128.fromString(text);

describe('canonical order', () => {
  // https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
  const ascending: Array<[string, unknown]> = [
    ['MinKey', new MinKey()],
    ['null', null],
    ['NaN', new Double(NaN)],
    ['-Infinity', new Double(-Infinity)],
    ['a decimal below every double', dec('-1E400')],
    ['-1', new Int32(-1)],
    ['0', new Double(0)],
    ['a decimal above 0 that rounds to the double 0', dec('1E-6000')],
    ['decimal 0.1 is below double 0.1', dec('0.1')],
    ['double 0.1', new Double(0.1)],
    ['2^53', new Double(2 ** 53)],
    ['2^53 + 1 as long', Long.fromString('9007199254740993')],
    ['2^53 + 1.5 as decimal', dec('9007199254740993.5')],
    ['2^53 + 2', new Double(2 ** 53 + 2)],
    ['int64 max', Long.MAX_VALUE],
    ['2^63', new Double(2 ** 63)],
    ['a decimal above every double', dec('1E400')],
    ['Infinity', new Double(Infinity)],
    ['empty string', ''],
    ['U+FF5E comes before', '\uff5e'],
    ['U+1F600, which UTF-16 puts first', '\u{1f600}'],
    ['empty object', {}],
    ['object of int', { b: new Int32(1) }],
    ['object whose value type is larger', { a: 'x' }],
    ['empty array', []],
    ['array', [new Int32(1)]],
    ['binary, shorter first', new Binary(Buffer.from('z'))],
    ['binary', new Binary(Buffer.from('aa'))],
    ['ObjectId', new ObjectId('000000000000000000000001')],
    ['false', false],
    ['true', true],
    ['date before 1970', new Date(-1)],
    ['date', new Date(0)],
    ['timestamp', new Timestamp({ t: 1, i: 0 })],
    ['timestamp with the high bit', new Timestamp({ t: 0xf0000000, i: 0 })],
    ['regex', new BSONRegExp('a', 'i')],
    ['MaxKey', new MaxKey()],
  ];
  it.each(ascending.map((entry, index) => [entry[0], index] as const))('%s is where it belongs', (_name, index) => {
    ascending.forEach(([, other], at) => {
      expect(compare(ascending[index]![1], other)).toBe(Math.sign(index - at));
    });
  });
});

describe('equality', () => {
  it.each([
    ['1 in all four types', [new Int32(1), new Double(1), Long.ONE, dec('1'), dec('1.00')]],
    ['zeros', [new Double(0), new Double(-0), new Int32(0), dec('0E+3')]],
    ['NaN', [new Double(NaN), dec('NaN')]],
    ['infinities', [new Double(Infinity), dec('Infinity')]],
    ['null and missing', [null, undefined]],
  ])('%s', (_name, values) => {
    for (const a of values) for (const b of values) expect(equals(a, b)).toBe(true);
  });
  it('sees the order of fields', () => {
    expect(equals({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(false);
    expect(equals({ a: 1, b: 2 }, { a: 1, b: 2 })).toBe(true);
  });
  it('identical sees the type too', () => {
    expect(identical(new Int32(1), new Double(1))).toBe(false);
    expect(identical(dec('1.0'), dec('1.00'))).toBe(false);
    expect(identical([new Int32(1), { a: 'x' }], [new Int32(1), { a: 'x' }])).toBe(true);
  });
});

describe('codec', () => {
  it('loses no type between a read and a write', () => {
    const doc = {
      i: new Int32(5),
      l: Long.fromNumber(5),
      d: new Double(5),
      m: dec('5.00'),
      r: new BSONRegExp('a', 'sx'),
      ref: { $ref: 'c', $id: new Int32(1) },
    };
    const again = decode(encode(decode(encode(doc))));
    expect(Object.values(again).map(typeName)).toEqual(['int', 'long', 'double', 'decimal', 'regex', 'object']);
    expect(identical(again, doc)).toBe(true);
  });
  it('refuses bytes that are no BSON', () => {
    expect(() => decode(Buffer.from([1, 2, 3]))).toThrow(expect.objectContaining({ code: 2 }));
  });
  it('does not take a field named _bsontype for a value class', () => {
    expect(typeName({ _bsontype: 'Long', high: 0, low: 1 })).toBe('object');
  });
});

describe('arithmetic keeps types', () => {
  const max = new Int32(0x7fffffff);
  it.each([
    ['int + int', arithmetic('add', new Int32(1), new Int32(2)), 'int', '3'],
    ['int overflow grows to long', arithmetic('add', max, new Int32(1)), 'long', '2147483648'],
    ['int x int overflow is exact', arithmetic('multiply', max, max), 'long', '4611686014132420609'],
    [
      'long + int above 2^53',
      arithmetic('add', Long.fromString('9007199254740993'), new Int32(1)),
      'long',
      '9007199254740994',
    ],
    ['int + double', arithmetic('add', new Int32(1), new Double(0.5)), 'double', '1.5'],
    ['decimal keeps its zeros', arithmetic('add', dec('1.10'), dec('1.10')), 'decimal', '2.20'],
    ['decimal product', arithmetic('multiply', dec('1.1'), dec('1.10')), 'decimal', '1.210'],
    [
      'decimal rounds half even at 34 digits',
      arithmetic('add', dec('9999999999999999999999999999999999'), dec('0.5')),
      'decimal',
      '1.000000000000000000000000000000000E+34',
    ],
    ['double to decimal has 15 digits', toDecimal128(new Double(0.1)), 'decimal', '0.100000000000000'],
  ])('%s', (_name, result, type, text) => {
    expect([typeName(result), String(result)]).toEqual([type, text]);
  });
  it('long overflow has no result', () => {
    expect(arithmetic('add', Long.MAX_VALUE, Long.ONE)).toBeUndefined();
  });
});
