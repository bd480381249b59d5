/**
 * Writing one document together with all its index entries. Everything that can refuse the write is checked before the
 * first entry is laid into the overlay, so a refused write leaves nothing behind.
 */
import { engine } from '../engine.js';
import { failure } from '../session/failure.js';
import { MAX_ID_BYTES, docPrefix, encodeId, toBytes, toKey, type Key } from '../store/layout.js';
import { namespaceOf, type Catalog, type Collection, type IndexDef } from '../store/catalog.js';
import type { Overlay, View } from '../store/view.js';
import type { Doc, Value } from '../types.js';
import { entriesOf, sameKeys, type DocEntries, type IndexEntry } from './entries.js';
import { showValue } from './show.js';

/** 16 MiB, MongoDB's limit of one document. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** Where a statement writes: a transaction, or a plain command inside its group. */
export interface WriteScope {
  readonly view: View;
  readonly overlay: Overlay;
  readonly catalog: Catalog;
  /** Makes the key this statement's own, or throws: a conflict in a transaction, a wait for a plain write. */
  claim(key: Key): void;
  /** A transaction remembers what it touched, so that a drop or an index build waits for it. */
  touch(collection: Collection): void;
}

interface Change {
  index: IndexDef;
  before: DocEntries;
  after: DocEntries;
}

const EMPTY: DocEntries = { entries: [], multikey: false, cut: false };

export function docKey(collection: Collection, id: Value): Key {
  return docPrefix(collection.id) + encodeId(id);
}

/** Throws 11000 when the `_id` or a unique key is taken, 10334 when the document is too large. */
export function insertDoc(scope: WriteScope, collection: Collection, doc: Doc, bytes: Uint8Array): void {
  checkSize(bytes);
  const id = encodeId(doc['_id']);
  const key = docPrefix(collection.id) + id;
  scope.touch(collection);
  scope.claim(key);
  if (scope.view.get(key) !== undefined) throw duplicate(collection, '_id_', [['_id', doc['_id']]]);
  const changes = collection.indexes.map((index) => ({ index, before: EMPTY, after: entriesOf(index, doc, id) }));
  checkUnique(scope, collection, changes, id);
  scope.overlay.put(key, bytes);
  applyChanges(scope, collection, changes, id);
  if (id.length >= MAX_ID_BYTES) mark(scope, collection, () => (collection.idCut = true), collection.idCut);
}

/** Replaces a stored document by another with the same `_id`. */
export function replaceDoc(
  scope: WriteScope,
  collection: Collection,
  before: Doc,
  after: Doc,
  bytes: Uint8Array,
): void {
  checkSize(bytes);
  const id = encodeId(before['_id']);
  const key = docPrefix(collection.id) + id;
  scope.touch(collection);
  scope.claim(key);
  const changes = collection.indexes
    .filter((index) => index.building !== undefined || !sameKeys(index, before, after))
    .map((index) => ({ index, before: entriesOf(index, before, id), after: entriesOf(index, after, id) }));
  checkUnique(scope, collection, changes, id);
  scope.overlay.put(key, bytes);
  applyChanges(scope, collection, changes, id);
}

export function removeDoc(scope: WriteScope, collection: Collection, doc: Doc): void {
  const id = encodeId(doc['_id']);
  const key = docPrefix(collection.id) + id;
  scope.touch(collection);
  scope.claim(key);
  const changes = collection.indexes.map((index) => ({ index, before: entriesOf(index, doc, id), after: EMPTY }));
  checkUnique(scope, collection, changes, id);
  scope.overlay.remove(key);
  applyChanges(scope, collection, changes, id);
}

function checkUnique(scope: WriteScope, collection: Collection, changes: readonly Change[], id: Key): void {
  for (const { index, before, after } of changes) {
    if (!index.unique) continue;
    for (const { key } of before.entries) if (!has(after, key)) scope.claim(key);
    for (const entry of after.entries)
      if (isNew(index, before, entry.key)) checkFree(scope, collection, index, entry, id);
  }
}

function checkFree(scope: WriteScope, collection: Collection, index: IndexDef, entry: IndexEntry, id: Key): void {
  scope.claim(entry.key);
  const holder = scope.view.get(entry.key);
  if (holder === undefined || toKey(holder) === id) return;
  throw duplicate(
    collection,
    index.name,
    index.key.map(([path], at) => [path, entry.values[at]] as const),
    index,
  );
}

/** An index that is being filled may not have had the entry yet. */
function isNew(index: IndexDef, before: DocEntries, key: Key): boolean {
  return index.building !== undefined || !has(before, key);
}

function has(entries: DocEntries, key: Key): boolean {
  return entries.entries.some((entry) => entry.key === key);
}

function applyChanges(scope: WriteScope, collection: Collection, changes: readonly Change[], id: Key): void {
  let value: Buffer | undefined;
  for (const { index, before, after } of changes) {
    for (const { key } of before.entries) if (!has(after, key)) scope.overlay.remove(key);
    for (const { key } of after.entries) if (isNew(index, before, key)) scope.overlay.put(key, (value ??= toBytes(id)));
    markIndex(scope, collection, index, after);
  }
}

function markIndex(scope: WriteScope, collection: Collection, index: IndexDef, entries: DocEntries): void {
  if (entries.multikey) mark(scope, collection, () => (index.multikey = true), index.multikey);
  if (entries.cut) mark(scope, collection, () => (index.cut = true), index.cut);
}

/**
 * The marks only ever make the planner more careful, so they stay in memory when the write is given up; then the next
 * write that needs them saves them.
 */
function mark(scope: WriteScope, collection: Collection, set: () => void, marked: boolean): void {
  if (marked && collection.marksSaved) return;
  set();
  collection.marksSaved = false;
  scope.catalog.save(collection, scope.overlay);
}

function checkSize(bytes: Uint8Array): void {
  if (bytes.byteLength <= MAX_DOCUMENT_BYTES) return;
  throw failure(
    10334,
    `object to insert too large. size in bytes: ${bytes.byteLength}, max size: ${MAX_DOCUMENT_BYTES}`,
  );
}

function duplicate(
  collection: Collection,
  name: string,
  pairs: ReadonlyArray<readonly [string, Value]>,
  index?: IndexDef,
): Error {
  const shown = pairs.map(([path, value]) => `${path}: ${showValue(value)}`).join(', ');
  const keyPattern = index ? Object.fromEntries(index.key) : { _id: 1 };
  const keyValue = Object.fromEntries(pairs.map(([path, value]) => [path, value ?? null]));
  return failure(
    11000,
    `E11000 duplicate key error collection: ${namespaceOf(collection)} index: ${name} dup key: { ${shown} }`,
    { extra: { keyPattern, keyValue } },
  );
}

/** Encodes with `_id` first, as MongoDB stores it. */
export function encodeStored(doc: Doc): Uint8Array {
  if (Object.keys(doc)[0] === '_id' || !('_id' in doc)) return engine.encode(doc);
  const { _id, ...rest } = doc;
  return engine.encode({ _id: _id as Value, ...rest });
}
