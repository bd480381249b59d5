/** Reading some fields of stored bytes gives what reading all of them gives. */
import { describe, expect, it } from '@jest/globals';
import {
  BSONRegExp,
  Binary,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  serialize,
} from 'bson';
import { decode } from '../../src/bson/codec.js';
import { decodeFields } from '../../src/bson/fields.js';

const values: Record<string, unknown> = {
  ...{ double: new Double(1.5), text: '会员a\0b', empty: '', object: { a: { b: [1, 'x'] } }, array: [1, { c: 2 }, []] },
  ...{ binary: new Binary(Buffer.from([1, 2, 3])), old: new Binary(Buffer.from([9]), 2), id: new ObjectId() },
  ...{ yes: true, no: false, date: new Date(7), nothing: null, pattern: new BSONRegExp('a.b', 'im') },
  ...{
    code: new Code('x()'),
    scoped: new Code('y()', { a: 1 }),
    int: new Int32(-3),
    time: new Timestamp({ t: 5, i: 1 }),
  },
  ...{ long: Long.fromNumber(2 ** 40), decimal: Decimal128.fromString('1.20'), low: new MinKey(), high: new MaxKey() },
  ...{ ref: { $ref: 'people', $id: new ObjectId() }, tex: 'another name begins like text', 'text.dotted': 1 },
};
const bytes = serialize(values);
const whole = decode(bytes);
const names = Object.keys(values);

describe('some fields of a document', () => {
  it('each alone, behind every other type', () => {
    for (const name of names) expect(decodeFields(bytes, new Set([name]))).toEqual({ [name]: whole[name] as unknown });
  });

  it('all but one, in the order they are stored in', () => {
    for (const name of names) {
      const rest = Object.fromEntries(Object.entries(whole).filter(([other]) => other !== name));
      const found = decodeFields(bytes, new Set(names.filter((other) => other !== name)));
      expect([Object.keys(found), found]).toEqual([Object.keys(rest), rest]);
    }
  });

  it('none, and names that others begin with', () => {
    expect(decodeFields(bytes, new Set())).toEqual({});
    expect(decodeFields(bytes, new Set(['te', 'textual', '']))).toEqual({});
  });

  it('refuses what is no document (2)', () => {
    for (const cut of [10, 40, bytes.length - 3]) {
      const broken = Buffer.from(bytes.subarray(0, cut));
      expect(() => decodeFields(broken, new Set(['text', 'scoped', 'ref']))).toThrow(/invalid BSON/);
    }
  });
});
