/**
 * Owns order-preserving bytes: `Buffer.compare(encodeKey(a), encodeKey(b))` has the sign of `compare(a, b)`.
 * Indexes, sort, distinct and `$group` use the same bytes.
 *
 * Layout: one type tag (canonical order), then
 *   number  8-byte double with the sign trick, then 00 / 01 / 02 as the exact value is below, at or above that double;
 *           when not at it, the exact decimal follows (exponent, digits), so int64 above 2^53 and Decimal128 keep order
 *   string  UTF-8 with 00 written 00 ff, ended by 00 00
 *   object  per field: value's tag, name, 00, value; ended by 00          array: per element tag and value; ended by 00
 *   binary  length, subtype, bytes     date: int64 with the sign bit turned     a descending field has its bytes inverted
 */
import type { ObjectId, Timestamp } from 'bson';
import type { Direction, Doc } from '../types.js';
import { binaryParts, codeParts, entriesOf, regexParts } from '../bson/compare.js';
import { exactDecimal, exactDouble, isExactDouble, toDouble } from '../bson/number.js';
import { TAG, tagOf } from '../bson/types.js';

let buffer = Buffer.allocUnsafe(4096);
let length = 0;

function reserve(bytes: number): void {
  if (length + bytes <= buffer.length) return;
  const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + bytes));
  buffer.copy(larger, 0, 0, length);
  buffer = larger;
}

function byte(value: number): void {
  reserve(1);
  buffer[length++] = value;
}

function bytes(value: Uint8Array): void {
  reserve(value.length);
  buffer.set(value, length);
  length += value.length;
}

function text(value: string): void {
  reserve(value.length * 3 + 2);
  if (value.includes('\0')) {
    for (const code of Buffer.from(value)) {
      byte(code);
      if (code === 0) byte(0xff);
    }
  } else length += buffer.write(value, length, 'utf8');
  reserve(2);
  buffer[length++] = 0;
  buffer[length++] = 0;
}

function name(value: string): void {
  reserve(value.length * 3 + 1);
  length += buffer.write(value, length, 'utf8');
  buffer[length++] = 0;
}

function double(value: number): void {
  reserve(8);
  if (value !== value) {
    buffer.fill(0, length, length + 8);
  } else {
    buffer.writeDoubleBE(value === 0 ? 0 : value, length);
    const negative = buffer[length]! & 0x80;
    if (negative) for (let i = 0; i < 8; i++) buffer[length + i] = ~buffer[length + i]! & 0xff;
    else buffer[length]! |= 0x80;
  }
  length += 8;
}

function number(value: unknown): void {
  const approx = toDouble(value);
  double(approx);
  if (isExactDouble(value)) return byte(1);
  const exact = exactDecimal(value);
  byte(Number.isFinite(approx) ? 1 + exact.cmp(exactDouble(approx)) : approx > 0 ? 0 : 2);
  const from = length;
  reserve(2);
  length = buffer.writeUInt16BE(exact.e + 0x8000, length);
  for (const digit of exact.abs().toExponential().replace(/e.*$/, '').replace('.', '')) byte(Number(digit) + 2);
  byte(1);
  if (exact.isNegative()) invert(from);
}

function invert(from: number): void {
  for (let i = from; i < length; i++) buffer[i] = ~buffer[i]! & 0xff;
}

function date(value: Date): void {
  reserve(8);
  const time = value.getTime();
  buffer.writeBigInt64BE(BigInt(time === time ? time : 0), length);
  buffer[length]! ^= 0x80;
  length += 8;
}

function object(value: Doc): void {
  for (const [key, inner] of entriesOf(value)) {
    byte(tagOf(inner));
    name(key);
    payload(tagOf(inner), inner);
  }
  byte(0);
}

function binary(value: unknown): void {
  const parts = binaryParts(value);
  reserve(5);
  length = buffer.writeUInt32BE(parts.bytes.length, length);
  byte(parts.subtype);
  bytes(parts.bytes);
}

function timestamp(value: Timestamp): void {
  reserve(8);
  const { high, low } = value as unknown as { high: number; low: number };
  length = buffer.writeInt32BE(high | 0, length);
  length = buffer.writeInt32BE(low | 0, length);
}

function payload(tag: number, value: unknown): void {
  switch (tag) {
    case TAG.number:
      return number(value);
    case TAG.string:
      return text(String(value));
    case TAG.object:
      return object(value as Doc);
    case TAG.array:
      for (const item of value as unknown[]) tagged(item);
      return byte(0);
    case TAG.binary:
      return binary(value);
    case TAG.objectId:
      return bytes((value as ObjectId).id);
    case TAG.bool:
      return byte(value ? 1 : 0);
    case TAG.date:
      return date(value as Date);
    case TAG.timestamp:
      return timestamp(value as Timestamp);
    case TAG.regex:
      text(regexParts(value).pattern);
      return text(regexParts(value).options);
    case TAG.code:
    case TAG.codeWithScope:
      text(codeParts(value).source);
      return object(codeParts(value).scope);
    default:
  }
}

function tagged(value: unknown): void {
  const tag = tagOf(value);
  byte(tag);
  payload(tag, value);
}

function write(values: readonly unknown[], directions: readonly Direction[]): void {
  length = 0;
  for (let i = 0; i < values.length; i++) {
    const from = length;
    tagged(values[i]);
    if (directions[i] === -1) invert(from);
  }
}

/** The bytes of one or more values, field by field, a direction of -1 inverting that field's bytes. */
export function encodeKey(values: readonly unknown[], directions: readonly Direction[]): Uint8Array {
  write(values, directions);
  return Uint8Array.prototype.slice.call(buffer, 0, length);
}

/** The same as text whose char codes are the bytes. */
export function encodeKeyText(values: readonly unknown[], directions: readonly Direction[]): string {
  write(values, directions);
  return buffer.toString('latin1', 0, length);
}

const ASCENDING: readonly Direction[] = [1];

/** A string that is equal for two values exactly when `compare` calls them equal; for Maps and Sets. */
export function hashKey(value: unknown): string {
  if (typeof value === 'string') return `s${value}`;
  const tag = tagOf(value);
  if (tag === TAG.number && isExactDouble(value)) return `n${toDouble(value)}`;
  if (tag === TAG.null) return 'z';
  if (tag === TAG.bool) return value ? 't' : 'f';
  return `k${encodeKeyText([value], ASCENDING)}`;
}
