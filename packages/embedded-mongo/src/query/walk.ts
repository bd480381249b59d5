/**
 * Owns how a dotted path meets arrays when a filter is matched: every element of every array on the way is visited,
 * a numeric part also means that index, and an array at the end is visited element by element and then as a whole.
 */
import { field } from '../bson/document.js';
import { isObject } from '../bson/types.js';
import type { Doc } from '../types.js';

/** Says whether a visited value satisfies the predicate; missing is visited as undefined. */
export type Test = (value: unknown) => boolean;

/** The index in the outermost array through which the last match was found (what `$` stands for); -1 when none. */
export const matched = { position: -1 };

function visitLeaf(value: unknown, elements: boolean, test: Test): boolean {
  if (elements && Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      if (test(value[i])) {
        matched.position = i;
        return true;
      }
    }
  }
  return test(value);
}

function visitElement(item: unknown, index: number, walk: Walk, at: number): boolean {
  const { parts, test } = walk;
  if (isObject(item) && visitFrom(item, walk, at)) return true;
  if (parts[at] !== String(index)) return false;
  if (at === parts.length - 1) return test(item);
  if (isObject(item)) return visitFrom(item, walk, at + 1);
  return Array.isArray(item) && visitArray(item, walk, at + 1);
}

function visitArray(array: readonly unknown[], walk: Walk, at: number): boolean {
  for (let i = 0; i < array.length; i++) {
    if (!visitElement(array[i], i, walk, at)) continue;
    matched.position = i;
    return true;
  }
  return false;
}

function visitFrom(doc: Doc, walk: Walk, from: number): boolean {
  const { parts, elements, test } = walk;
  let value: unknown = doc;
  for (let at = from; at < parts.length; at++) {
    if (Array.isArray(value)) return visitArray(value, walk, at);
    if (!isObject(value)) return test(undefined);
    value = field(value, parts[at]!);
  }
  return visitLeaf(value, elements, test);
}

interface Walk {
  parts: readonly string[];
  /** Whether an array at the end of the path is opened. */
  elements: boolean;
  test: Test;
}

/** A predicate on documents: whether any value the path reaches satisfies the test. */
export function pathPredicate(parts: readonly string[], elements: boolean, test: Test): (doc: Doc) => boolean {
  const only = parts.length === 1 ? parts[0]! : undefined;
  if (only !== undefined) return (doc) => visitLeaf(field(doc, only), elements, test);
  const walk: Walk = { parts, elements, test };
  return (doc) => visitFrom(doc, walk, 0);
}
