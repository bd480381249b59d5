/** From a createIndexes specification to an index definition. Whatever is not supported is refused here, by name. */
import { engine } from '../engine.js';
import { failure, notImplemented } from '../session/failure.js';
import { asNumber, docField, flag, isDoc, numberField } from '../commands/values.js';
import type { Collection, IndexDef } from '../store/catalog.js';
import type { Doc, KeyPattern } from '../types.js';

const OPTIONS = new Set([
  'key',
  'name',
  'unique',
  'sparse',
  'hidden',
  'partialFilterExpression',
  'expireAfterSeconds',
  'background',
  'v',
  'ns',
  'collation',
]);
/** What MongoDB allows in a partial filter. */
const PARTIAL_OPERATORS = new Set(['$eq', '$exists', '$gt', '$gte', '$lt', '$lte', '$type', '$and', '$or', '$in']);
const MAX_EXPIRE_SECONDS = 2147483647;

export type IndexSpec = Omit<IndexDef, 'id' | 'multikey' | 'cut' | 'seq'>;

/** Throws 67 (CannotCreateIndex) for a wrong specification, 238 for a kind of index that is not supported. */
export function parseIndex(spec: Doc): IndexSpec {
  for (const option of Object.keys(spec)) if (!OPTIONS.has(option)) throw notImplemented(`index option '${option}'`);
  const collation = docField(spec, 'collation');
  if (collation && collation['locale'] !== 'simple') throw notImplemented("index option 'collation'");
  const keyDoc = docField(spec, 'key');
  if (!keyDoc || Object.keys(keyDoc).length === 0) throw failure(67, 'Index keys cannot be empty.');
  const key = parseKey(keyDoc);
  const name = spec['name'] as unknown;
  if (typeof name !== 'string' || name === '')
    throw failure(9, "The 'name' field is a required property of an index specification");
  const index: IndexSpec = {
    name,
    key,
    unique: flag(spec, 'unique'),
    sparse: flag(spec, 'sparse'),
    hidden: flag(spec, 'hidden'),
  };
  const partial = docField(spec, 'partialFilterExpression');
  if (partial) {
    if (index.sparse) throw failure(67, 'cannot mix "partialFilterExpression" and "sparse" options');
    checkPartial(partial);
    index.partial = { source: partial, filter: engine.compileFilter(partial) };
  }
  const expire = numberField(spec, 'expireAfterSeconds');
  if (expire !== undefined) index.expireAfterSeconds = checkExpire(expire, key);
  return index;
}

function parseKey(keyDoc: Doc): KeyPattern {
  return Object.entries(keyDoc).map(([path, value]) => {
    if (path === '$**' || path.endsWith('.$**')) throw notImplemented('a wildcard index');
    if (typeof value === 'string') throw notImplemented(`an index of type '${value}'`);
    const direction = asNumber(value);
    if (direction === undefined || direction === 0 || Number.isNaN(direction)) {
      throw failure(67, `Values in v:2 index key pattern must be a number > 0 or < 0. Field: ${path}`);
    }
    if (path === '' || path.startsWith('$') || path.split('.').includes(''))
      throw failure(67, `Index key contains an illegal field name: '${path}'`);
    return [path, direction > 0 ? 1 : -1] as const;
  });
}

function checkPartial(filter: Doc): void {
  for (const [name, value] of Object.entries(filter)) {
    if (name.startsWith('$') && !PARTIAL_OPERATORS.has(name))
      throw failure(67, `unsupported expression in partial index: ${name}`);
    if (name === '$exists' && !flag(filter, '$exists'))
      throw failure(67, 'unsupported expression in partial index: $exists: false');
    if (Array.isArray(value) && name !== '$in') value.filter(isDoc).forEach(checkPartial);
    else if (isDoc(value)) checkPartial(value);
  }
}

function checkExpire(seconds: number, key: KeyPattern): number {
  if (seconds < 0 || seconds > MAX_EXPIRE_SECONDS)
    throw failure(67, `TTL index 'expireAfterSeconds' option must be within 0 and ${MAX_EXPIRE_SECONDS}`);
  if (key.length > 1) throw failure(67, 'TTL indexes are single-field indexes, compound indexes do not support TTL');
  if (key[0]?.[0] === '_id')
    throw failure(67, "The field 'expireAfterSeconds' is not valid for an _id index specification");
  return seconds;
}

/** As listIndexes and error messages show it. */
export function indexDoc(index: IndexSpec): Doc {
  return {
    v: 2,
    key: Object.fromEntries(index.key),
    name: index.name,
    ...(index.unique ? { unique: true } : {}),
    ...(index.sparse ? { sparse: true } : {}),
    ...(index.hidden ? { hidden: true } : {}),
    ...(index.partial ? { partialFilterExpression: index.partial.source } : {}),
    ...(index.expireAfterSeconds === undefined ? {} : { expireAfterSeconds: index.expireAfterSeconds }),
  };
}

/** 'same' when the collection has exactly this index; throws 85 or 86 when it has a contradicting one. */
export function compareWithExisting(collection: Collection, wanted: IndexSpec): 'same' | 'new' {
  const keyText = JSON.stringify(wanted.key);
  if (keyText === '[["_id",1]]') return 'same';
  for (const existing of collection.indexes) {
    const sameKey = JSON.stringify(existing.key) === keyText;
    if (sameKey && existing.name === wanted.name && optionsText(existing) === optionsText(wanted)) return 'same';
    if (existing.name === wanted.name) {
      const message = `An existing index has the same name as the requested index. Requested index: ${wanted.name}`;
      throw failure(86, `${message}, with a different ${sameKey ? 'set of options' : 'key'}`);
    }
    if (sameKey && partialText(existing) === partialText(wanted)) {
      throw failure(85, `Index already exists with a different name: ${existing.name}`);
    }
  }
  return 'new';
}

function partialText(index: IndexSpec): string {
  return index.partial ? Buffer.from(engine.encode(index.partial.source)).toString('hex') : '';
}

function optionsText(index: IndexSpec): string {
  return JSON.stringify([index.unique, index.sparse, index.expireAfterSeconds ?? null, partialText(index)]);
}
