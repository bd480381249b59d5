/** Owns finding where each field of an encoded key ends (the layout is encode.ts's). */
import { TAG } from '../bson/types.js';
import type { Direction } from '../types.js';

/** Bytes after the tag of values that always have as many. */
const SIZES = new Map<number, number>([
  [TAG.null, 0],
  [TAG.minKey, 0],
  [TAG.maxKey, 0],
  [TAG.objectId, 12],
  [TAG.bool, 1],
  [TAG.date, 8],
  [TAG.timestamp, 8],
]);
const NUMBER_BYTES = 10;
/** The byte of a number that is exactly its double. */
const EXACT = 1;

/** The end of the field that begins at `from`; undefined for values whose length is not plain: documents, arrays, long decimals … */
function fieldEnd(key: string, from: number, turned: number): number | undefined {
  const tag = key.charCodeAt(from) ^ turned;
  const size = SIZES.get(tag);
  if (size !== undefined) return from + 1 + size;
  if (tag === TAG.number) {
    const end = from + NUMBER_BYTES;
    return (key.charCodeAt(end - 1) ^ turned) === EXACT ? end : undefined;
  }
  if (tag !== TAG.string) return undefined;
  const end = key.indexOf(turned ? '\xff\xff' : '\0\0', from + 1);
  return end < 0 ? undefined : end + 2;
}

/** A key's parts, one for each direction; undefined when it holds a value whose end cannot be told. `from`: where the first begins. */
export function splitKeyText(key: string, from: number, directions: readonly Direction[]): string[] | undefined {
  const parts: string[] = [];
  let at = from;
  for (const direction of directions) {
    const end = fieldEnd(key, at, direction === -1 ? 0xff : 0);
    if (end === undefined || end > key.length) return undefined;
    parts.push(key.slice(at, end));
    at = end;
  }
  return parts;
}
