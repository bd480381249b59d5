/** Owns `arrayFilters`: one test per identifier. */
import { badValue, failedToParse } from '../errors.js';
import { isObject } from '../bson/types.js';
import type { Doc } from '../types.js';
import { documentTest } from '../query/nodes.js';
import type { ParseOptions } from '../query/parse.js';
import { parseFilter } from '../query/parse.js';
import type { ArrayFilters } from './paths.js';

const IDENTIFIER = /^[a-z][a-zA-Z0-9]*$/;

/** The names the filter's paths begin with, looking into `$and`, `$or`, `$nor`. */
function rootsOf(filter: Doc): string[] {
  return Object.entries(filter).flatMap(([name, value]) => {
    if (!name.startsWith('$')) return [name.split('.')[0]!];
    return Array.isArray(value) ? value.filter(isObject).flatMap(rootsOf) : [];
  });
}

function identifierOf(filter: unknown): string {
  if (!isObject(filter)) throw failedToParse('each array filter must be an object');
  const roots = [...new Set(rootsOf(filter))];
  const [id] = roots;
  if (id === undefined) throw failedToParse('Cannot use an expression without a top-level field name in arrayFilters');
  if (roots.length > 1) {
    throw failedToParse(
      `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${roots[0]}' and '${roots[1]}'`,
    );
  }
  if (!IDENTIFIER.test(id)) {
    throw badValue(
      `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${id}'`,
    );
  }
  return id;
}

/** Identifier to test. Errors 2 and 9. */
export function compileArrayFilters(filters: readonly unknown[], options: ParseOptions): ArrayFilters {
  const tests = new Map<string, (element: unknown) => boolean>();
  for (const filter of filters) {
    const id = identifierOf(filter);
    if (tests.has(id)) throw failedToParse(`Found multiple array filters with the same top-level field name ${id}`);
    const test = documentTest(parseFilter(filter as Doc, options));
    tests.set(id, (element) => test({ [id]: element }));
  }
  return tests;
}
