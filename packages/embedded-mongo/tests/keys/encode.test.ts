import { describe, expect, it } from '@jest/globals';
import { Binary, BSONRegExp, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import { compare } from '../../src/bson/compare.js';
import { encodeKey, hashKey } from '../../src/keys/encode.js';
import { indexValues } from '../../src/keys/values.js';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('', '\0', 'a\0', 'a\0b', '\uff5e', '\u{1f600}', 'a'),
);
const number = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map((value) => new Int32(value)),
  fc.integer().map((value) => new Int32(value)),
  fc.double().map((value) => new Double(value)),
  fc.integer({ min: -4, max: 4 }).map((value) => new Double(value / 2)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 5n }).map((value) => Long.fromBigInt(value)),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 33n), max: 10n ** 33n }), fc.integer({ min: -6000, max: 6000 }))
    .map(([digits, exponent]) => Decimal128.fromString(`${digits}E${exponent}`)),
  fc
    .tuple(fc.integer({ min: -30, max: 30 }), fc.integer({ min: -3, max: 1 }))
    .map(([digits, exponent]) => Decimal128.fromString(`${digits}E${exponent}`)),
  fc.constantFrom(
    ...['NaN', 'Infinity', '-Infinity', '0.1', '9007199254740993.5'].map((value) => Decimal128.fromString(value)),
  ),
);
const scalar = fc.oneof(
  { weight: 6, arbitrary: number },
  { weight: 3, arbitrary: text },
  fc.constantFrom<unknown>(null, undefined, true, false, new MinKey(), new MaxKey()),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => new Binary(bytes)),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc
    .tuple(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0, max: 3 }))
    .map(([t, i]) => new Timestamp({ t, i })),
  fc.constantFrom(new BSONRegExp('a', ''), new BSONRegExp('a', 'i'), new BSONRegExp('ab', '')),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'ab'), tie('any'), { maxKeys: 3 }),
  ),
})).any;

describe('encodeKey', () => {
  it('orders bytes as compare orders values', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(Math.sign(Buffer.compare(encodeKey([a], [1]), encodeKey([b], [1])))).toBe(compare(a, b));
      }),
      { numRuns: 3000 },
    );
  });
  it('orders numbers of all kinds among themselves', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(Math.sign(Buffer.compare(encodeKey([a], [1]), encodeKey([b], [1])))).toBe(compare(a, b));
        expect(hashKey(a) === hashKey(b)).toBe(compare(a, b) === 0);
      }),
      { numRuns: 3000 },
    );
  });
  it('orders field by field, descending ones the other way', () => {
    fc.assert(
      fc.property(value, value, value, value, (a, b, c, d) => {
        const bytes = Buffer.compare(encodeKey([a, b], [-1, 1]), encodeKey([c, d], [-1, 1]));
        expect(Math.sign(bytes)).toBe(-compare(a, c) + 0 || compare(b, d));
      }),
      { numRuns: 2000 },
    );
  });
  it('gives one hash for equal values only', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(hashKey(a) === hashKey(b)).toBe(compare(a, b) === 0);
      }),
      { numRuns: 2000 },
    );
  });
  it('writes long strings whole', () => {
    expect(encodeKey(['x'.repeat(20000)], [1]).length).toBe(20003);
  });
});

describe('indexValues', () => {
  it.each([
    ['missing', {}, 'a', [undefined], false],
    ['null', { a: null }, 'a', [null], false],
    ['scalar', { a: 1 }, 'a', [1], false],
    ['array', { a: [1, 2] }, 'a', [1, 2], true],
    ['empty array', { a: [] }, 'a', [undefined], true],
    ['through documents', { a: { b: 1 } }, 'a.b', [1], false],
    ['through an array', { a: [{ b: 1 }, { b: [2, 3] }, {}] }, 'a.b', [1, 2, 3, undefined], true],
    ['scalars in the array', { a: [1] }, 'a.b', [undefined], true],
    ['by index', { a: [{ b: 1 }, { b: 2 }] }, 'a.1.b', [2], true],
    ['array in array stays one value', { a: [[1, 2]] }, 'a', [[1, 2]], true],
    ['a path through a scalar', { a: 1 }, 'a.b', [undefined], false],
  ])('%s', (_name, doc, path, values, multikey) => {
    expect(indexValues(doc, path)).toEqual({ values, multikey });
  });
});
