/** Owns how a value looks in an error message. */
import { EJSON } from 'bson';
import { isObject } from '../bson/types.js';

const MAX = 200;

/** Short, relaxed extended JSON. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text =
    isObject(value) || Array.isArray(value)
      ? EJSON.stringify(value as object, { relaxed: true })
      : EJSON.stringify({ v: value }).slice(5, -1);
  return text.length > MAX ? `${text.slice(0, MAX)}...` : text;
}
