/**
 * Owns the one order of values. Matcher, sort, index keys, `$group`, `$min`, `$addToSet`: all ask here, so that adding
 * an index can never change a result.
 */
import { BSONRegExp, Code, Double, Int32 } from 'bson';
import type { Binary, DBRef, Long, ObjectId, Timestamp } from 'bson';
import type { Doc } from '../types.js';
import { compareNumbers, kindOf } from './number.js';
import { TAG, tagOf } from './types.js';

/** Code point order (which is UTF-8 byte order); JavaScript's own is UTF-16 and misplaces characters above U+FFFF. */
export function compareStrings(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    if (x < 0xd800 || y < 0xd800) return x - y;
    const highX = x > 0xdfff ? 0 : 1;
    const highY = y > 0xdfff ? 0 : 1;
    return highX === highY ? x - y : highX - highY;
  }
  return a.length - b.length;
}

/** The fields of a document in order, also of the driver's DBRef class. */
export function entriesOf(value: Doc): Array<[string, unknown]> {
  const name = (value as { _bsontype?: unknown })._bsontype;
  if (name !== 'DBRef' || Object.hasOwn(value, '_bsontype')) return Object.entries(value);
  const ref = value as unknown as DBRef;
  const database: Array<[string, unknown]> = ref.db === undefined ? [] : [['$db', ref.db]];
  return [['$ref', ref.collection], ['$id', ref.oid], ...database, ...Object.entries(ref.fields)];
}

function compareObjects(a: Doc, b: Doc): number {
  const left = entriesOf(a);
  const right = entriesOf(b);
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const [nameA, valueA] = left[i]!;
    const [nameB, valueB] = right[i]!;
    const byType = tagOf(valueA) - tagOf(valueB);
    if (byType !== 0) return byType;
    if (nameA !== nameB) return compareStrings(nameA, nameB);
    const byValue = compare(valueA, valueB);
    if (byValue !== 0) return byValue;
  }
  return left.length - right.length;
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const order = compare(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Bytes and subtype of Binary, UUID or a raw byte array. */
export function binaryParts(value: unknown): { bytes: Uint8Array; subtype: number } {
  if (value instanceof Uint8Array) return { bytes: value, subtype: 0 };
  const binary = value as Binary;
  return { bytes: binary.buffer.subarray(0, binary.length()), subtype: binary.sub_type };
}

function compareBinaries(a: unknown, b: unknown): number {
  const left = binaryParts(a);
  const right = binaryParts(b);
  if (left.bytes.length !== right.bytes.length) return left.bytes.length - right.bytes.length;
  if (left.subtype !== right.subtype) return left.subtype - right.subtype;
  return Buffer.compare(left.bytes, right.bytes);
}

/** Pattern and options; a RegExp from the wire carries option `s` as its `g` flag. */
export function regexParts(value: unknown): { pattern: string; options: string } {
  if (value instanceof BSONRegExp) return { pattern: value.pattern, options: value.options };
  const regex = value as RegExp;
  const options = `${regex.ignoreCase ? 'i' : ''}${regex.multiline ? 'm' : ''}${regex.dotAll || regex.global ? 's' : ''}`;
  return { pattern: regex.source, options };
}

/** Source text and scope of a code value. */
export function codeParts(value: unknown): { source: string; scope: Doc } {
  const code = value as Code;
  return { source: String(code.code), scope: code.scope ?? {} };
}

const sign = (value: number): number => (value < 0 ? -1 : value > 0 ? 1 : 0);
const high = (value: Timestamp): number => (value as unknown as Long).high >>> 0;
const low = (value: Timestamp): number => (value as unknown as Long).low >>> 0;

function compareSameTag(tag: number, a: unknown, b: unknown): number {
  switch (tag) {
    case TAG.number:
      return compareNumbers(a, b);
    case TAG.string:
      return compareStrings(String(a), String(b));
    case TAG.object:
      return compareObjects(a as Doc, b as Doc);
    case TAG.array:
      return compareArrays(a as unknown[], b as unknown[]);
    case TAG.objectId:
      return Buffer.compare((a as ObjectId).id, (b as ObjectId).id);
    case TAG.date:
      return (a as Date).getTime() - (b as Date).getTime();
    case TAG.bool:
      return Number(a) - Number(b);
    case TAG.binary:
      return compareBinaries(a, b);
    case TAG.timestamp:
      return high(a as Timestamp) - high(b as Timestamp) || low(a as Timestamp) - low(b as Timestamp);
    case TAG.regex:
      return compareRegexes(a, b);
    case TAG.code:
    case TAG.codeWithScope:
      return (
        compareStrings(codeParts(a).source, codeParts(b).source) ||
        compareObjects(codeParts(a).scope, codeParts(b).scope)
      );
    default:
      return 0;
  }
}

function compareRegexes(a: unknown, b: unknown): number {
  const left = regexParts(a);
  const right = regexParts(b);
  return compareStrings(left.pattern, right.pattern) || compareStrings(left.options, right.options);
}

/** -1, 0 or 1: MongoDB's canonical order over all BSON types; missing (undefined) equals null. */
export function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a instanceof Int32 && b instanceof Int32) return a.value - b.value < 0 ? -1 : a.value === b.value ? 0 : 1;
  const tag = tagOf(a);
  const other = tagOf(b);
  if (tag !== other) return tag < other ? -1 : 1;
  return sign(compareSameTag(tag, a, b));
}

/** Equal for MongoDB: 1, 1.0 and Decimal128 1.00 are; documents with another field order are not. */
export const equals = (a: unknown, b: unknown): boolean => compare(a, b) === 0;

/** Equal also in type and representation, as an update judges whether it changes anything. */
export function identical(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a === null || b === null) return false;
  const tag = tagOf(a);
  if (tag !== tagOf(b)) return false;
  if (tag === TAG.number) return kindOf(a) === kindOf(b) && sameNumber(a, b);
  if (tag === TAG.array) {
    const [left, right] = [a as unknown[], b as unknown[]];
    return left.length === right.length && left.every((item, index) => identical(item, right[index]));
  }
  if (tag !== TAG.object) return compareSameTag(tag, a, b) === 0;
  const [left, right] = [entriesOf(a as Doc), entriesOf(b as Doc)];
  if (left.length !== right.length) return false;
  return left.every(([name, value], index) => name === right[index]![0] && identical(value, right[index]![1]));
}

function sameNumber(a: unknown, b: unknown): boolean {
  if (a instanceof Double && b instanceof Double) return Object.is(a.value, b.value);
  if (kindOf(a) === 'decimal') return String(a) === String(b);
  return compareNumbers(a, b) === 0;
}
