/**
 * Owns the answer to "what BSON type is this value": its place in the canonical order, its number and its name.
 * Does not compare or convert.
 */
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
  UUID,
} from 'bson';
import type { Doc } from '../types.js';

/**
 * Tags in MongoDB's canonical order of types
 * (https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/); they are also the first byte of a key.
 */
export const TAG = {
  minKey: 0x0a,
  null: 0x14,
  number: 0x1e,
  string: 0x3c,
  object: 0x46,
  array: 0x50,
  binary: 0x5a,
  objectId: 0x64,
  bool: 0x6e,
  date: 0x78,
  timestamp: 0x82,
  regex: 0x8c,
  code: 0x96,
  codeWithScope: 0xa0,
  maxKey: 0xf0,
} as const;

const PLAIN = Object.prototype;
const BY_PROTOTYPE = new Map<unknown, number>([
  [Int32.prototype, TAG.number],
  [Double.prototype, TAG.number],
  [Long.prototype, TAG.number],
  [Decimal128.prototype, TAG.number],
  [ObjectId.prototype, TAG.objectId],
  [Date.prototype, TAG.date],
  [Binary.prototype, TAG.binary],
  [UUID.prototype, TAG.binary],
  [Uint8Array.prototype, TAG.binary],
  [Buffer.prototype, TAG.binary],
  [Timestamp.prototype, TAG.timestamp],
  [BSONRegExp.prototype, TAG.regex],
  [RegExp.prototype, TAG.regex],
  [MinKey.prototype, TAG.minKey],
  [MaxKey.prototype, TAG.maxKey],
]);
const BY_NAME: Readonly<Record<string, number>> = {
  Int32: TAG.number,
  Double: TAG.number,
  Long: TAG.number,
  Decimal128: TAG.number,
  ObjectId: TAG.objectId,
  Binary: TAG.binary,
  Timestamp: TAG.timestamp,
  BSONRegExp: TAG.regex,
  MinKey: TAG.minKey,
  MaxKey: TAG.maxKey,
  BSONSymbol: TAG.string,
  DBRef: TAG.object,
};

function tagOfObject(value: object): number {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === PLAIN || prototype === null) return TAG.object;
  const known = BY_PROTOTYPE.get(prototype);
  if (known !== undefined) return known;
  if (Array.isArray(value)) return TAG.array;
  if (value instanceof Code) return value.scope ? TAG.codeWithScope : TAG.code;
  const name = (value as { _bsontype?: unknown })._bsontype;
  if (typeof name === 'string') return BY_NAME[name] ?? TAG.object;
  if (value instanceof Date) return TAG.date;
  return value instanceof Uint8Array ? TAG.binary : TAG.object;
}

/** The value's place in the canonical order. `undefined` (missing) stands with null. */
export function tagOf(value: unknown): number {
  const type = typeof value;
  if (type === 'string') return TAG.string;
  if (type === 'object') return value === null ? TAG.null : tagOfObject(value as object);
  if (type === 'boolean') return TAG.bool;
  return type === 'number' || type === 'bigint' ? TAG.number : TAG.null;
}

/** True for an embedded document (not an array, not a BSON value class). */
export function isObject(value: unknown): value is Doc {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === PLAIN || prototype === null || (!Array.isArray(value) && tagOfObject(value) === TAG.object);
}

export const isNumber = (value: unknown): boolean => tagOf(value) === TAG.number;
export const isNullish = (value: unknown): value is null | undefined => value === undefined || value === null;

/** Type numbers and `$type` aliases, from https://www.mongodb.com/docs/manual/reference/bson-types/. */
export const TYPE_NUMBERS: Readonly<Record<string, number>> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
};

const NAME_BY_TAG = new Map<number, string>([
  [TAG.minKey, 'minKey'],
  [TAG.null, 'null'],
  [TAG.string, 'string'],
  [TAG.object, 'object'],
  [TAG.array, 'array'],
  [TAG.binary, 'binData'],
  [TAG.objectId, 'objectId'],
  [TAG.bool, 'bool'],
  [TAG.date, 'date'],
  [TAG.timestamp, 'timestamp'],
  [TAG.regex, 'regex'],
  [TAG.code, 'javascript'],
  [TAG.codeWithScope, 'javascriptWithScope'],
  [TAG.maxKey, 'maxKey'],
]);

/** The type's name as `$type` gives it; `missing` for undefined. */
export function typeName(value: unknown): string {
  if (value === undefined) return 'missing';
  const tag = tagOf(value);
  if (tag !== TAG.number) return NAME_BY_TAG.get(tag) ?? 'object';
  if (typeof value === 'bigint' || value instanceof Long) return 'long';
  if (value instanceof Int32) return 'int';
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) <= 0x7fffffff ? 'int' : 'double';
  return value instanceof Decimal128 ? 'decimal' : 'double';
}
