import { describe, expect, it } from '@jest/globals';
import { decode, encode } from '../../src/bson/codec.js';
import { compileProjection } from '../../src/project/projection.js';
import type { Doc } from '../../src/types.js';

const typed = (doc: Doc): Doc => decode(encode(doc));
const project = (projection: Doc, doc: Doc, position?: number): string =>
  JSON.stringify(compileProjection(typed(projection)).apply(typed(doc), position === undefined ? {} : { position }));

describe('projections', () => {
  const doc = { b: { c: 1, d: 2 }, _id: 1, a: 5, list: [{ x: 1, y: 2 }, 7, { y: 3 }], nothing: null };
  const cases: Array<[Doc, Doc]> = [
    [{}, doc],
    [{ a: 1 }, { _id: 1, a: 5 }],
    [
      { a: 1, b: 1 },
      { b: doc.b, _id: 1, a: 5 },
    ],
    [{ a: true, _id: 0 }, { a: 5 }],
    [{ _id: 1 }, { _id: 1 }],
    [{ _id: 0 }, { b: doc.b, a: 5, list: doc.list, nothing: null }],
    [
      { a: 0, list: 0 },
      { b: doc.b, _id: 1, nothing: null },
    ],
    [{ 'b.c': 1 }, { b: { c: 1 }, _id: 1 }],
    [{ b: { c: 1 } }, { b: { c: 1 }, _id: 1 }],
    [
      { 'b.c': 0, list: 0, a: 0 },
      { b: { d: 2 }, _id: 1, nothing: null },
    ],
    [{ 'list.x': 1 }, { _id: 1, list: [{ x: 1 }, {}] }],
    [
      { 'list.x': 0, b: 0, a: 0, nothing: 0 },
      { _id: 1, list: [{ y: 2 }, 7, { y: 3 }] },
    ],
    [{ 'a.z': 1 }, { _id: 1 }],
    [{ 'nothing.z': 1 }, { _id: 1 }],
    [{ missing: 1 }, { _id: 1 }],
    [
      { list: { $slice: 1 }, b: 0, a: 0 },
      { _id: 1, list: [{ x: 1, y: 2 }], nothing: null },
    ],
    [
      { list: { $slice: -1 }, a: 1 },
      { _id: 1, a: 5, list: [{ y: 3 }] },
    ],
    [
      { list: { $slice: [1, 1] }, a: 1 },
      { _id: 1, a: 5, list: [7] },
    ],
    [{ a: { $slice: 1 } }, doc],
    [{ list: { $elemMatch: { y: 3 } } }, { _id: 1, list: [{ y: 3 }] }],
    [{ list: { $elemMatch: { y: 99 } } }, { _id: 1 }],
    [{ list: { $elemMatch: { $gt: 5 } } }, { _id: 1, list: [7] }],
    [
      { a: 1, sum: { $add: ['$a', 1] } },
      { _id: 1, a: 5, sum: 6 },
    ],
    [{ copy: '$b.c' }, { _id: 1, copy: 1 }],
    [
      { 'b.e': { $literal: 9 }, 'b.c': 1 },
      { b: { c: 1, e: 9 }, _id: 1 },
    ],
    [{ 'b.e': '$nope' }, { b: {}, _id: 1 }],
  ];
  it.each(cases.map(([projection, expected]) => [JSON.stringify(projection), projection, expected] as const))(
    '%s',
    (_name, projection, expected) => {
      expect(project(projection, doc)).toBe(JSON.stringify(expected));
    },
  );
  it('the positional operator gives the matched element', () => {
    expect(project({ 'list.$': 1 }, doc, 1)).toBe('{"_id":1,"list":[7]}');
    expect(() => project({ 'list.$': 1 }, doc)).toThrow(expect.objectContaining({ code: 51246 }));
  });
  it('does not change its input', () => {
    const input = typed(doc);
    compileProjection(typed({ list: { $slice: 1 } })).apply(input);
    expect(JSON.stringify(input)).toBe(JSON.stringify(doc));
  });
});

describe('refused', () => {
  const cases: Array<[Doc, number]> = [
    [{ a: 1, b: 0 }, 31254],
    [{ a: 0, b: 1 }, 31253],
    [{ a: 1, 'a.b': 1 }, 31249],
    [{ 'a.b': 1, a: 1 }, 31250],
    [{ a: {} }, 51270],
    [{ a: { $foo: 1 } }, 168],
    [{ a: { $meta: 'textScore' } }, 238],
    [{ a: { $slice: 'x' } }, 28667],
    [{ a: { $slice: [1, 0] } }, 28729],
    [{ a: { $elemMatch: 5 } }, 31274],
    [{ a: { $elemMatch: { $foo: 1 } } }, 2],
    [{ 'a.$': 1, 'b.$': 1 }, 31276],
    [{ $a: 1 }, 16410],
    [{ 'a..b': 1 }, 15998],
  ];
  it.each(cases.map(([projection, code]) => [JSON.stringify(projection), projection, code] as const))(
    '%s',
    (_name, projection, code) => {
      expect(() => compileProjection(typed(projection))).toThrow(expect.objectContaining({ code }));
    },
  );
});
