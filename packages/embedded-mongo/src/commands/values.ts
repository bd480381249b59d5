/** Reading command arguments: numbers come as BSON numbers, options may be absent. Wrong types are error 14. */
import { Decimal128, Double, Int32, Long } from 'bson';
import { failure } from '../session/failure.js';
import type { Doc } from '../types.js';

export function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof Int32 || value instanceof Double) return value.valueOf();
  if (value instanceof Long) return value.toNumber();
  if (value instanceof Decimal128) return Number(value.toString());
  return undefined;
}

export function numberField(body: Doc, name: string): number | undefined {
  const value = body[name] as unknown;
  if (value === undefined || value === null) return undefined;
  const number = asNumber(value);
  if (number === undefined) throw wrongType(name, 'a number');
  return number;
}

/** A whole number of at least 0. */
export function countField(body: Doc, name: string): number | undefined {
  const number = numberField(body, name);
  if (number !== undefined && (number < 0 || !Number.isFinite(number)))
    throw failure(2, `BSON field '${name}' value must be >= 0`);
  return number === undefined ? undefined : Math.trunc(number);
}

export function docField(body: Doc, name: string): Doc | undefined {
  const value = body[name] as unknown;
  if (value === undefined || value === null) return undefined;
  if (!isDoc(value)) throw wrongType(name, 'an object');
  return value;
}

export function docsField(body: Doc, name: string): Doc[] | undefined {
  const value = body[name] as unknown;
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every(isDoc)) throw wrongType(name, 'an array of objects');
  return value;
}

export function isDoc(value: unknown): value is Doc {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !('_bsontype' in value) &&
    !(value instanceof Date)
  );
}

/** True for true and for non-zero numbers, as MongoDB's safe booleans. */
export function flag(body: Doc, name: string): boolean {
  const value = body[name] as unknown;
  if (typeof value === 'boolean') return value;
  const number = asNumber(value);
  return number !== undefined && number !== 0;
}

export function wrongType(name: string, wanted: string): Error {
  return failure(14, `BSON field '${name}' is the wrong type, expected ${wanted}`);
}

export function hintField(body: Doc): string | Doc | undefined {
  const hint = body['hint'] as unknown;
  if (hint === undefined || hint === null) return undefined;
  if (typeof hint === 'string') return hint;
  if (isDoc(hint)) return Object.keys(hint).length === 0 ? undefined : hint;
  throw wrongType('hint', 'a string or an object');
}
