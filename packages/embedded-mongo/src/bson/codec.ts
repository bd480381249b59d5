/** Owns the way between bytes and documents. No BSON type is lost in either direction. */
import { deserialize, serialize } from 'bson';
import type { Doc } from '../types.js';
import { MongoError, badValue } from '../errors.js';
import { entriesOf } from './compare.js';
import { isObject } from './types.js';

const TYPED = { promoteValues: false, promoteBuffers: false, promoteLongs: false, bsonRegExp: true } as const;
const REF = Buffer.from('$ref\0');

/** DBRef-shaped documents come back as plain documents, so that paths such as `ref.$id` reach into them. */
function plainRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainRefs);
  if (!isObject(value)) return value;
  return Object.fromEntries(entriesOf(value).map(([name, inner]) => [name, plainRefs(inner)]));
}

/** Bytes to a typed document (numbers stay Int32, Long, Double, Decimal128). Error 2 when the bytes are no BSON. */
export function decode(bytes: Uint8Array): Doc {
  const view = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const doc = deserialize(view, TYPED) as Doc;
    return view.includes(REF) ? (plainRefs(doc) as Doc) : doc;
  } catch (error) {
    throw badValue(`invalid BSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A typed document to bytes; fields whose value is undefined are left out. */
export function encode(doc: Doc): Uint8Array {
  try {
    return serialize(doc, { ignoreUndefined: true, checkKeys: false });
  } catch (error) {
    if (error instanceof MongoError) throw error;
    throw badValue(`cannot store the document: ${error instanceof Error ? error.message : String(error)}`);
  }
}
