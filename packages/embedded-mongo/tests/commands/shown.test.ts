/** A projection that shows some fields gives the same whether or not the rest was decoded. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Document } from 'mongodb';
import { openEmbedded, type TestDatabase } from '../contract/database.js';

let database: TestDatabase;
const stored = { _id: 1, a: 1, b: { c: 2, d: [{ e: 3, f: 4 }, 5] }, list: [1, 2, 3], false: false, z: null };
beforeAll(async () => {
  database = await openEmbedded();
  await database.db.collection<Document & { _id: number }>('rows').insertOne(stored);
});
afterAll(() => database.close());

const cases: Array<[Document, Document]> = [
  [{ _id: 1 }, { _id: 1 }],
  [{ a: 1 }, { _id: 1, a: 1 }],
  [{ a: true, _id: 0 }, { a: 1 }],
  [{ 'b.c': 1 }, { _id: 1, b: { c: 2 } }],
  [
    { 'b.d.e': 1, z: 1 },
    { _id: 1, b: { d: [{ e: 3 }] }, z: null },
  ],
  [{ _id: 0 }, { a: 1, b: stored.b, list: [1, 2, 3], false: false, z: null }],
  [
    { a: 0, b: false },
    { _id: 1, list: [1, 2, 3], false: false, z: null },
  ],
  [{ nothing: 1 }, { _id: 1 }],
  [
    { list: { $slice: 1 }, a: 1 },
    { _id: 1, a: 1, list: [1] },
  ],
  [{ sum: { $add: ['$a', '$b.c'] }, _id: 0 }, { sum: 3 }],
];

describe('a projection', () => {
  it.each(cases)('%j', async (projection, shown) => {
    const rows = database.db.collection<Document>('rows');
    for (const filter of [{}, { a: 1 }, { $expr: { $eq: ['$a', 1] } }] as Document[]) {
      expect(await rows.find(filter, { projection }).toArray()).toEqual([shown]);
      expect(await rows.find(filter, { projection, sort: { a: 1 } }).toArray()).toEqual([shown]);
    }
  });
});
