/** Owns which values a document contributes to an index on a path. */
import { field, isIndex, splitPath } from '../bson/document.js';
import { isObject } from '../bson/types.js';
import type { Doc, Value } from '../types.js';

interface Found {
  values: Value[];
  multikey: boolean;
}

function collect(value: unknown, parts: readonly string[], at: number, found: Found): void {
  if (Array.isArray(value)) return collectArray(value, parts, at, found);
  if (at === parts.length) {
    found.values.push(value);
  } else {
    collect(isObject(value) ? field(value, parts[at]!) : undefined, parts, at + 1, found);
  }
}

function collectArray(array: readonly unknown[], parts: readonly string[], at: number, found: Found): void {
  found.multikey = true;
  const part = parts[at];
  if (array.length === 0) found.values.push(undefined);
  else if (part === undefined) found.values.push(...array);
  else if (isIndex(part) && !array.some((item) => isObject(item) && field(item, part) !== undefined)) {
    collect(array[Number(part)], parts, at + 1, found);
  } else for (const item of array) collectItem(item, parts, at, found);
}

/** An array directly inside an array is not searched for fields, as in MongoDB. */
function collectItem(item: unknown, parts: readonly string[], at: number, found: Found): void {
  if (isObject(item)) collect(item, parts, at, found);
  else found.values.push(undefined);
}

/** One value for each path, or undefined when an array is on any way: then a path can yield several. Paths as `splitPath` cuts them. */
export function plainValues(doc: Doc, paths: ReadonlyArray<readonly string[]>): Value[] | undefined {
  const values: Value[] = [];
  for (const parts of paths) {
    let value: unknown = doc;
    for (const part of parts) {
      if (Array.isArray(value)) return undefined;
      value = isObject(value) ? field(value, part) : undefined;
    }
    if (Array.isArray(value)) return undefined;
    values.push(value);
  }
  return values;
}

/** The values a path yields for an index; more than one when it crosses an array. Missing, and an empty array, yield undefined. */
export function indexValues(doc: Doc, path: string): Found {
  const found: Found = { values: [], multikey: false };
  const parts = splitPath(path);
  collect(doc, parts, 0, found);
  return found;
}
