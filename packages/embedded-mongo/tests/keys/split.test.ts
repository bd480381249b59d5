/** A key's parts are the encodings of its fields; where an end cannot be told there are none. */
import { describe, expect, it } from '@jest/globals';
import { Decimal128, Double, Int32, Long, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import { encodeKeyText } from '../../src/keys/encode.js';
import { splitKeyText } from '../../src/keys/split.js';
import type { Direction } from '../../src/types.js';

const plain = fc.oneof(
  ...[fc.string({ unit: fc.constantFrom('a', '\0', '会', '\u00ff', '') }), fc.boolean(), fc.constant(null)],
  ...[fc.double().map((n) => new Double(n)), fc.integer().map((n) => new Int32(n)), fc.date({ noInvalidDate: true })],
  ...[fc.constant(new ObjectId()), fc.constant(new Timestamp({ t: 4, i: 2 })), fc.constant(undefined)],
);
const field = fc.tuple(plain, fc.constantFrom<Direction>(1, -1));

describe('splitting a key', () => {
  it('gives each field as it is encoded alone, behind any beginning and before any end', () => {
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 4 }), fc.string({ maxLength: 5 }), (fields, before) => {
        const directions = fields.map(([, direction]) => direction);
        const key =
          before +
          encodeKeyText(
            fields.map(([value]) => value),
            directions,
          ) +
          '\x64tail of the key';
        const parts = fields.map(([value, direction]) => encodeKeyText([value], [direction]));
        expect(splitKeyText(key, before.length, directions)).toEqual(parts);
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  it('gives none for documents, arrays and numbers that are no double, wherever they stand', () => {
    const unclear = [{ a: 1 }, [1], Decimal128.fromString('0.1'), Long.fromString('9007199254740993')];
    for (const value of unclear) {
      for (const direction of [1, -1] as const) {
        const key = encodeKeyText(['x', value, 'y'], [1, direction, 1]);
        expect(splitKeyText(key, 0, [1, direction, 1])).toBeUndefined();
        expect(splitKeyText(key, 0, [1])).toEqual([encodeKeyText(['x'], [1])]);
      }
    }
    expect(splitKeyText('', 0, [1])).toBeUndefined();
  });
});
