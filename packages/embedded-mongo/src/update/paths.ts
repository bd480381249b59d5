/**
 * Owns update paths: parsing (`a.b`, `a.$`, `a.$[]`, `a.$[id]`), conflicts between them, and resolving them in a document.
 */
import { MongoError, badValue, conflictingUpdate, dollarPrefixedField, failedToParse } from '../errors.js';
import { field, isIndex, splitStrictPath } from '../bson/document.js';
import { isObject, typeName } from '../bson/types.js';
import type { Doc, UpdateContext } from '../types.js';
import { shown } from './show.js';

/** Array filter identifier to the test on one element. */
export type ArrayFilters = ReadonlyMap<string, (element: unknown) => boolean>;

const FILTERED = /^\$\[(.*)\]$/;

/** Paths that were parsed already: the statements of a bulk write name the same ones. */
const parsed = new Map<string, readonly string[]>();
const MOST_PARSED = 1000;

/** The parts of an update path; positional parts are kept as written. Errors 2, 9, 52, 56. */
export function parseUpdatePath(path: string): readonly string[] {
  const known = parsed.get(path);
  if (known) return known;
  const parts = parse(path);
  if (parsed.size >= MOST_PARSED) parsed.clear();
  parsed.set(path, parts);
  return parts;
}

function parse(path: string): string[] {
  const parts = splitStrictPath(path);
  parts.forEach((part, index) => {
    const positional = part === '$' || FILTERED.test(part);
    if (positional && index === 0)
      throw badValue(`Cannot have positional (i.e. '${part}') element in the first position in path '${path}'`);
    if (!positional && part.startsWith('$') && !['$ref', '$id', '$db'].includes(part)) {
      throw dollarPrefixedField(`The dollar ($) prefixed field '${part}' in '${path}' is not valid for storage.`);
    }
  });
  if (parts.filter((part) => part === '$').length > 1)
    throw badValue(`Too many positional (i.e. '$') elements found in path '${path}'`);
  return parts;
}

/** The identifiers of `$[id]` parts. */
export function identifiersOf(parts: readonly string[]): string[] {
  return parts.flatMap((part) => {
    const id = FILTERED.exec(part)?.[1];
    return id ? [id] : [];
  });
}

export const isPositional = (parts: readonly string[]): boolean =>
  parts.some((part) => part.startsWith('$') && (part === '$' || FILTERED.test(part)));

const startsWith = (a: readonly string[], b: readonly string[]): boolean =>
  b.length <= a.length && b.every((part, index) => part === a[index]);

/** Error 40 when one path is another or lies above it. Siblings such as `a.$.x` and `a.$.y` are no conflict. */
export function refuseConflicts(paths: ReadonlyArray<readonly string[]>): void {
  const sorted = paths
    .map((parts) => ({ parts, key: parts.join('\0') }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const seen: Array<readonly string[]> = [];
  for (const { parts } of sorted) {
    while (seen.length > 0 && !startsWith(parts, seen[seen.length - 1]!)) seen.pop();
    const above = seen[seen.length - 1];
    if (above)
      throw conflictingUpdate(`Updating the path '${parts.join('.')}' would create a conflict at '${above.join('.')}'`);
    seen.push(parts);
  }
}

/** Order in which operators are applied: lexicographic by part, whole numbers numerically. */
export function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x === y) continue;
    if (isIndex(x) && isIndex(y)) return Number(x) - Number(y);
    return x < y ? -1 : 1;
  }
  return a.length - b.length;
}

function arrayAt(value: unknown, parts: readonly string[], at: number): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const path = parts.slice(0, at).join('.');
  if (value === undefined)
    throw badValue(`The path '${path}' must exist in the document in order to apply array updates.`);
  throw badValue(`Cannot apply array updates to non-array element ${parts[at - 1]}: ${shown(value)}`);
}

function indexesFor(part: string, array: readonly unknown[], filters: ArrayFilters): number[] {
  const id = FILTERED.exec(part)![1]!;
  const all = array.map((_, index) => index);
  if (id === '') return all;
  const test = filters.get(id);
  if (!test) throw badValue(`No array filter found for identifier '${id}'`);
  return all.filter((index) => test(array[index]));
}

function step(value: unknown, part: string): unknown {
  if (Array.isArray(value)) return isIndex(part) ? (value[Number(part)] as unknown) : undefined;
  return isObject(value) ? field(value, part) : undefined;
}

/** The concrete paths (indexes instead of `$`, `$[]`, `$[id]`) in this document. */
export function resolvePaths(
  doc: Doc,
  parts: readonly string[],
  filters: ArrayFilters,
  context: UpdateContext,
): string[][] {
  let found: Array<{ value: unknown; path: string[] }> = [{ value: doc, path: [] }];
  parts.forEach((part, at) => {
    found = found.flatMap(({ value, path }) => {
      if (part === '$') {
        const position = positionOf(context);
        return [{ value: step(value, position), path: [...path, position] }];
      }
      if (!FILTERED.test(part)) return [{ value: step(value, part), path: [...path, part] }];
      const array = arrayAt(value, [...path, part], at);
      return indexesFor(part, array, filters).map((index) => ({ value: array[index], path: [...path, String(index)] }));
    });
  });
  return found.map(({ path }) => path);
}

function positionOf(context: UpdateContext): string {
  if (context.position === undefined) {
    throw badValue('The positional operator did not find the match needed from the query.');
  }
  return String(context.position);
}

/** Error 9 for identifiers without a filter and for filters without use. */
export function checkIdentifiers(paths: ReadonlyArray<readonly string[]>, filters: ArrayFilters): void {
  const used = new Set<string>();
  for (const parts of paths) {
    for (const id of identifiersOf(parts)) {
      if (!filters.has(id)) throw badValue(`No array filter found for identifier '${id}' in path '${parts.join('.')}'`);
      used.add(id);
    }
  }
  for (const id of filters.keys()) {
    if (!used.has(id)) throw failedToParse(`The array filter for identifier '${id}' was not used in the update`);
  }
}

/** For messages about a value of the wrong type. */
export const typeError = (code: number, message: string, value: unknown): MongoError =>
  new MongoError(code, `${message}${typeName(value)}`);
