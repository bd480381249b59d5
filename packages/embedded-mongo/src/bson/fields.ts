/** Owns reading a few top-level fields of stored bytes: the others are stepped over, not decoded. */
import type { Doc } from '../types.js';
import { decode } from './codec.js';

/** Bytes of a value by its BSON type, where it has no length of its own (bsonspec.org). */
const FIXED: Readonly<Record<number, number>> = {
  ...{ 0x01: 8, 0x06: 0, 0x07: 12, 0x08: 1, 0x09: 8, 0x0a: 0, 0x10: 4, 0x11: 8, 0x12: 8, 0x13: 16, 0x7f: 0, 0xff: 0 },
};
/** Bytes that come with a length besides those it counts: string, code and symbol, binary, DBPointer; documents count all of theirs. */
const BESIDE: Readonly<Record<number, number>> = {
  ...{ 0x02: 4, 0x0d: 4, 0x0e: 4, 0x05: 5, 0x0c: 16, 0x03: 0, 0x04: 0, 0x0f: 0 },
};
const REGEX = 0x0b;

/** Where the value that begins at `at` ends; undefined when its type is unknown. */
function endOf(bytes: Buffer, type: number, at: number): number | undefined {
  const fixed = FIXED[type];
  if (fixed !== undefined) return at + fixed;
  const beside = BESIDE[type];
  if (beside !== undefined) return at + bytes.readInt32LE(at) + beside;
  return type === REGEX ? bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1 : undefined;
}

const names = new WeakMap<ReadonlySet<string>, Buffer[]>();

function namesOf(fields: ReadonlySet<string>): Buffer[] {
  const known = names.get(fields);
  if (known) return known;
  const made = [...fields].map((name) => Buffer.from(`${name}\0`));
  names.set(fields, made);
  return made;
}

/** With its closing zero, so that no name is taken for one that it begins. */
function isNamed(bytes: Buffer, at: number, name: Buffer): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false;
  return true;
}

/** The document with these fields alone, as `decode` gives them. Error 2 when the bytes are no BSON. */
export function decodeFields(stored: Uint8Array, fields: ReadonlySet<string>): Doc {
  const bytes = Buffer.isBuffer(stored) ? stored : Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  if (bytes.length < 5 || bytes.readInt32LE(0) !== bytes.length) return decode(stored);
  const wanted = namesOf(fields);
  const parts: Buffer[] = [];
  let size = 5;
  let at = 4;
  while (at < bytes.length && bytes[at] !== 0) {
    const start = at;
    const type = bytes[at] as number;
    const name = at + 1;
    at = name;
    while (bytes[at] !== 0 && at < bytes.length) at++;
    const end = endOf(bytes, type, at + 1);
    if (end === undefined || end > bytes.length) return decode(stored);
    if (wanted.some((one) => isNamed(bytes, name, one))) {
      parts.push(bytes.subarray(start, end));
      size += end - start;
    }
    at = end;
  }
  return size === 5 ? {} : decode(joined(parts, size));
}

function joined(parts: readonly Buffer[], size: number): Buffer {
  const document = Buffer.allocUnsafe(size);
  let at = document.writeInt32LE(size, 0);
  for (const part of parts) at += part.copy(document, at);
  document[at] = 0;
  return document;
}
