/**
 * Owns sorting documents. A path that meets arrays sorts by its least value when ascending and by its greatest when
 * descending; an empty array stands below null.
 */
import { MongoError, badValue, notImplemented } from '../errors.js';
import { compare } from '../bson/compare.js';
import { field, splitPath } from '../bson/document.js';
import { asInteger } from '../bson/number.js';
import { isObject } from '../bson/types.js';
import { indexValues } from '../keys/values.js';
import { refuseCollation } from '../query/collation.js';
import type { CompiledSort, Direction, Doc } from '../types.js';

const EMPTY = Symbol('empty array');

function compareKeys(a: unknown, b: unknown): number {
  if (a === EMPTY || b === EMPTY) return emptyOrder(a, b);
  return compare(a, b);
}

function emptyOrder(a: unknown, b: unknown): number {
  if (a === b) return 0;
  const other = a === EMPTY ? b : a;
  const below = isMinKey(other) ? 1 : -1;
  return a === EMPTY ? below : -below;
}

const isMinKey = (value: unknown): boolean =>
  (value as { _bsontype?: unknown } | null | undefined)?._bsontype === 'MinKey';

type KeyOf = (doc: Doc) => unknown;

function keyOf(path: string, direction: Direction): KeyOf {
  const only = path.includes('.') ? undefined : path;
  return (doc) => {
    const direct = only === undefined ? undefined : field(doc, only);
    if (only !== undefined && !Array.isArray(direct)) return direct;
    if (Array.isArray(direct) && direct.length === 0) return EMPTY;
    const { values } = indexValues(doc, path);
    return values.reduce((best, value) => (direction * compare(value, best) < 0 ? value : best));
  };
}

function directionOf(value: unknown): Direction {
  if (isObject(value)) throw notImplemented('sorting by $meta');
  const direction = asInteger(value);
  if (direction === 1 || direction === -1) return direction;
  throw new MongoError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
}

interface Row {
  doc: Doc;
  keys: unknown[];
}

class Sort implements CompiledSort {
  readonly #keys: Array<{ keyOf: KeyOf; direction: Direction }>;

  constructor(readonly pattern: ReadonlyArray<readonly [string, Direction]>) {
    this.#keys = pattern.map(([path, direction]) => ({ keyOf: keyOf(path, direction), direction }));
  }

  compare(a: Doc, b: Doc): number {
    for (const { keyOf: key, direction } of this.#keys) {
      const order = compareKeys(key(a), key(b));
      if (order !== 0) return order * direction;
    }
    return 0;
  }

  top(docs: Iterable<Doc>, limit = Infinity): Doc[] {
    const { add, sorted } = this.collector(limit);
    for (const doc of docs) add(doc);
    return sorted();
  }

  collector(limit = Infinity): { add: (doc: Doc) => void; sorted: () => Doc[] } {
    const order = (a: Row, b: Row): number => this.#compareRows(a, b);
    let rows: Row[] = [];
    const room = limit === Infinity ? Infinity : Math.max(limit * 2, limit + 1024);
    return {
      add: (doc) => {
        rows.push({ doc, keys: this.#keys.map(({ keyOf: key }) => key(doc)) });
        if (rows.length >= room) rows = rows.sort(order).slice(0, limit);
      },
      sorted: () =>
        rows
          .sort(order)
          .slice(0, limit)
          .map((row) => row.doc),
    };
  }

  #compareRows(a: Row, b: Row): number {
    for (let i = 0; i < this.#keys.length; i++) {
      const order = compareKeys(a.keys[i], b.keys[i]);
      if (order !== 0) return order * this.#keys[i]!.direction;
    }
    return 0;
  }
}

/** Validates and compiles a sort. Errors 2, 15975, 238. */
export function compileSort(sort: Doc, options: { collation?: Doc } = {}): CompiledSort {
  refuseCollation(options.collation);
  if (!isObject(sort)) throw badValue('the sort must be an object');
  const pattern = Object.entries(sort).map(([path, value]): readonly [string, Direction] => {
    if (path === '' || path.startsWith('$') || splitPath(path).includes(''))
      throw badValue(`'${path}' is no sort path`);
    return [path, directionOf(value)];
  });
  if (pattern.length > 32) throw new MongoError(13103, 'too many compound keys');
  return new Sort(pattern);
}
