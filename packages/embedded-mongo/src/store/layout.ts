/**
 * How keys lie in the one LMDB table. Owns the byte layout and nothing else: no I/O here.
 *
 * A key is a string whose char codes are its bytes (latin1), so that it can be a Map key and compare like memcmp.
 *   00 …                          catalog, format version, garbage list
 *   01 | collection u32 | id      the document's BSON
 *   02 | index u32 | fields | id  the id bytes of the document (a unique index has no trailing id)
 *   03 | session                  the remembered answer of a session's last retryable write or commit
 */
import { createHash } from 'node:crypto';
import type { Direction } from '../types.js';
import { engine } from '../engine.js';

export type Key = string;

/** LMDB's limit is 1,978 bytes: 5 (table and number) + fields + id must stay below it. */
export const MAX_FIELD_BYTES = 1400;
export const MAX_ID_BYTES = 512;
const HASH_LENGTH = 32;

/** Sorts after every key that starts with the same complete encoding: no type tag is ff. */
export const AFTER = '\xff';

export const FORMAT_KEY: Key = '\x00format';
export const CATALOG_PREFIX: Key = '\x00c';
export const GARBAGE_PREFIX: Key = '\x00g';
export const REMEMBERED_PREFIX: Key = '\x03';

export function u32(n: number): Key {
  return String.fromCharCode((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
}

export function toKey(bytes: Uint8Array): Key {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString('latin1');
}

export function toBytes(key: Key): Buffer {
  return Buffer.from(key, 'latin1');
}

/** Cuts a key part that is too long to a prefix and a hash of the whole; the hash is hex, so it never holds ff. */
export function shorten(part: Key, max: number): Key {
  if (part.length <= max) return part;
  const hash = createHash('sha256').update(part, 'latin1').digest('hex').slice(0, HASH_LENGTH);
  return part.slice(0, max - HASH_LENGTH) + hash;
}

/** The part of a long bound that a shortened key still carries. */
export function boundPrefix(part: Key, max: number): { key: Key; cut: boolean } {
  return part.length <= max ? { key: part, cut: false } : { key: part.slice(0, max - HASH_LENGTH), cut: true };
}

/** False for a bound that may have been cut: shorter ones are always whole. */
export function isWholeBound(part: Key, max: number): boolean {
  return part.length < max - HASH_LENGTH;
}

const ASCENDING: readonly Direction[] = [1];

export function encodeId(id: unknown): Key {
  return shorten(engine.encodeKeyText([id], ASCENDING), MAX_ID_BYTES);
}

/** The length of `docPrefix` and `indexPrefix`. */
export const PREFIX_BYTES = 5;

export function docPrefix(collection: number): Key {
  return '\x01' + u32(collection);
}

export function indexPrefix(index: number): Key {
  return '\x02' + u32(index);
}

/** The first key after every key with this table byte and number. */
export function prefixEnd(prefix: Key): Key {
  return prefix + AFTER + AFTER;
}
