/** Which keys a document has in an index. Pure: a document in, keys out. */
import { engine } from '../engine.js';
import { failure } from '../session/failure.js';
import { MAX_FIELD_BYTES, encodeId, indexPrefix, shorten, type Key } from '../store/layout.js';
import type { IndexDef } from '../store/catalog.js';
import type { Direction, Doc, Value } from '../types.js';

export interface IndexEntry {
  key: Key;
  /** The values the key stands for, one for each path: what error 11000 reports. */
  values: readonly Value[];
}

export interface DocEntries {
  entries: IndexEntry[];
  multikey: boolean;
  cut: boolean;
}

const NONE: DocEntries = { entries: [], multikey: false, cut: false };

/** What of an index is the same for every document. */
interface Shape {
  paths: string[][];
  directions: Direction[];
  prefix: Key;
}

const shapes = new WeakMap<IndexDef, Shape>();

function shapeOf(index: IndexDef): Shape {
  const known = shapes.get(index);
  if (known) return known;
  const shape = {
    paths: index.key.map(([path]) => engine.splitPath(path)),
    directions: index.key.map(([, direction]) => direction),
    prefix: indexPrefix(index.id),
  };
  shapes.set(index, shape);
  return shape;
}

/**
 * The keys of one document in one index; none when a partial or sparse index leaves it out. `id` is the id part of the document's key.
 * Throws 171 on parallel arrays.
 */
export function entriesOf(index: IndexDef, doc: Doc, id: Key = encodeId(doc['_id'])): DocEntries {
  if (index.partial && !index.partial.filter.matches(doc)) return NONE;
  const { paths, directions, prefix } = shapeOf(index);
  const suffix = index.unique ? '' : id;
  const plain = engine.plainValues(doc, paths);
  if (plain) {
    if (index.sparse && plain.every((value) => value === undefined)) return NONE;
    const fields = engine.encodeKeyText(plain, directions);
    const key = prefix + shorten(fields, MAX_FIELD_BYTES) + suffix;
    return { entries: [{ key, values: plain }], multikey: false, cut: fields.length > MAX_FIELD_BYTES };
  }
  const { tuples, multikey } = tuplesOf(index, doc);
  if (index.sparse && tuples.every((tuple) => tuple.every((value) => value === undefined))) return NONE;
  const byKey = new Map<Key, readonly Value[]>();
  let cut = false;
  for (const values of tuples) {
    const fields = engine.encodeKeyText(values, directions);
    cut ||= fields.length > MAX_FIELD_BYTES;
    byKey.set(prefix + shorten(fields, MAX_FIELD_BYTES) + suffix, values);
  }
  return { entries: [...byKey].map(([key, values]) => ({ key, values })), multikey, cut };
}

/** True when a change from one document to the other cannot have changed its keys in the index. */
export function sameKeys(index: IndexDef, before: Doc, after: Doc): boolean {
  // What a partial index holds depends on any field.
  if (index.partial) return false;
  return index.key.every(([path]) => before[head(path)] === after[head(path)]);
}

interface Tuples {
  tuples: Value[][];
  multikey: boolean;
}

function tuplesOf(index: IndexDef, doc: Doc): Tuples {
  const shared = sharedArray(index, doc);
  if (shared === undefined) return product(index, doc);
  // Two paths inside one array belong together element by element, not each with each.
  const elements = doc[shared] as unknown[];
  return {
    tuples: elements.flatMap((element) => product(index, { ...doc, [shared]: element }).tuples),
    multikey: true,
  };
}

function sharedArray(index: IndexDef, doc: Doc): string | undefined {
  if (index.key.length < 2) return undefined;
  const heads = index.key.map(([path]) => head(path));
  return heads.find(
    (name, at) => heads.indexOf(name) !== at && Array.isArray(doc[name]) && (doc[name] as unknown[]).length > 0,
  );
}

function head(path: string): string {
  const dot = path.indexOf('.');
  return dot < 0 ? path : path.slice(0, dot);
}

function product(index: IndexDef, doc: Doc): Tuples {
  let tuples: Value[][] = [[]];
  let arrayPath: string | undefined;
  for (const [path] of index.key) {
    const { values, multikey } = engine.indexValues(doc, path);
    if (multikey && arrayPath !== undefined && head(arrayPath) !== head(path)) {
      throw failure(171, `cannot index parallel arrays [${path}] [${arrayPath}]`);
    }
    if (multikey) arrayPath = path;
    const all = values.length === 0 ? [undefined] : values;
    tuples = tuples.flatMap((tuple) => all.map((value) => [...tuple, value]));
  }
  return { tuples, multikey: arrayPath !== undefined };
}
