/**
 * Which collections and indexes exist, in memory and in the table. Owns numbering (numbers are never used again) and the
 * garbage list of dropped ranges; must not read documents.
 */
import { randomUUID } from 'node:crypto';
import { Binary } from 'bson';
import { engine } from '../engine.js';
import type { CompiledFilter, Doc, KeyPattern } from '../types.js';
import { CATALOG_PREFIX, GARBAGE_PREFIX, docPrefix, indexPrefix, prefixEnd, u32, type Key } from './layout.js';
import type { Overlay, View } from './view.js';

export interface IndexDef {
  id: number;
  name: string;
  key: KeyPattern;
  unique: boolean;
  sparse: boolean;
  hidden: boolean;
  partial?: { source: Doc; filter: CompiledFilter };
  expireAfterSeconds?: number;
  /** Some document has more than one entry. Never goes back to false. */
  multikey: boolean;
  /** Some entry is cut to a prefix and a hash, so the order of entries is not exact. Never goes back to false. */
  cut: boolean;
  /** While it is being filled: writes keep it, nothing reads it. Settles when it is whole, or given up. */
  building?: Promise<void>;
  /** The commit that built it: a snapshot taken earlier does not hold its entries. */
  seq: number;
}

export interface Collection {
  id: number;
  db: string;
  name: string;
  uuid: Binary;
  indexes: IndexDef[];
  /** As IndexDef.cut, for the ids. */
  idCut: boolean;
  /** False while memory has a mark (multikey, cut) that the table may not have. */
  marksSaved: boolean;
}

export function namespaceOf(collection: Collection): string {
  return `${collection.db}.${collection.name}`;
}

const SCAN_ALL = 1_000_000;

export class Catalog {
  private readonly collections = new Map<string, Collection>();
  private nextNumber = 1;
  garbage: Key[] = [];

  load(view: View): void {
    this.collections.clear();
    this.nextNumber = 1;
    for (const [, bytes] of view.read({ start: CATALOG_PREFIX, end: prefixEnd(CATALOG_PREFIX) }, SCAN_ALL, false)) {
      const collection = fromDoc(engine.decode(bytes));
      this.collections.set(namespaceOf(collection), collection);
      this.passNumber(collection.id);
      for (const index of collection.indexes) this.passNumber(index.id);
    }
    this.garbage = view
      .read({ start: GARBAGE_PREFIX, end: prefixEnd(GARBAGE_PREFIX) }, SCAN_ALL, false)
      .map(([key]) => key.slice(GARBAGE_PREFIX.length));
    for (const prefix of this.garbage) this.passNumber(Buffer.from(prefix.slice(1), 'latin1').readUInt32BE());
  }

  private passNumber(number: number): void {
    this.nextNumber = Math.max(this.nextNumber, number + 1);
  }

  takeNumber(): number {
    return this.nextNumber++;
  }

  get(db: string, name: string): Collection | undefined {
    return this.collections.get(`${db}.${name}`);
  }

  in(db: string): Collection[] {
    return [...this.collections.values()].filter((c) => c.db === db).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  all(): Collection[] {
    return [...this.collections.values()];
  }

  /** Creates the collection; the caller commits the overlay. */
  create(db: string, name: string, overlay: Overlay): Collection {
    const uuid = new Binary(Buffer.from(randomUUID().replaceAll('-', ''), 'hex'), Binary.SUBTYPE_UUID);
    const collection: Collection = {
      id: this.takeNumber(),
      db,
      name,
      uuid,
      indexes: [],
      idCut: false,
      marksSaved: true,
    };
    this.collections.set(namespaceOf(collection), collection);
    this.save(collection, overlay);
    return collection;
  }

  /** Has the collection's row written when the overlay is: as memory has it at that moment, never an older state. */
  save(collection: Collection, overlay: Overlay): void {
    overlay.beforeApply.set(collection, () => {
      if (this.get(collection.db, collection.name) !== collection) return;
      collection.marksSaved = true;
      overlay.put(catalogKey(collection), engine.encode(toDoc(collection)));
    });
  }

  drop(collection: Collection, overlay: Overlay): void {
    this.collections.delete(namespaceOf(collection));
    overlay.remove(catalogKey(collection));
    this.discard(docPrefix(collection.id), overlay);
    for (const index of collection.indexes) this.discard(indexPrefix(index.id), overlay);
  }

  dropIndex(collection: Collection, index: IndexDef, overlay: Overlay): void {
    collection.indexes = collection.indexes.filter((other) => other !== index);
    this.save(collection, overlay);
    this.discard(indexPrefix(index.id), overlay);
  }

  /** An index that is to be filled, kept by writes from now on: should that not end, its entries are removed at the next start. */
  addUnfinished(collection: Collection, index: IndexDef, overlay: Overlay): void {
    overlay.put(GARBAGE_PREFIX + indexPrefix(index.id), Buffer.alloc(1));
    collection.indexes.push(index);
  }

  /** It is whole, and read from this commit on. */
  finish(collection: Collection, index: IndexDef, overlay: Overlay): void {
    overlay.remove(GARBAGE_PREFIX + indexPrefix(index.id));
    delete index.building;
    this.save(collection, overlay);
  }

  /** Gives up an unfinished index: what it has is removed in small steps. */
  giveUp(collection: Collection, index: IndexDef): void {
    if (!collection.indexes.includes(index)) return;
    collection.indexes = collection.indexes.filter((other) => other !== index);
    this.garbage.push(indexPrefix(index.id));
  }

  /** A dropped range is emptied later, in small steps; its number is never used again. */
  private discard(prefix: Key, overlay: Overlay): void {
    overlay.put(GARBAGE_PREFIX + prefix, Buffer.alloc(1));
    this.garbage.push(prefix);
  }

  /** Removes at most `limit` entries of dropped ranges. */
  sweepGarbage(view: View, overlay: Overlay, limit: number): void {
    const prefix = this.garbage[0];
    if (prefix === undefined) return;
    const entries = view.read({ start: prefix, end: prefixEnd(prefix) }, limit, false);
    for (const [key] of entries) overlay.remove(key);
    if (entries.length === limit) return;
    overlay.remove(GARBAGE_PREFIX + prefix);
    this.garbage.shift();
  }
}

export const isWhole = ({ building }: IndexDef): boolean => building === undefined;

function catalogKey(collection: Collection): Key {
  return CATALOG_PREFIX + u32(collection.id);
}

function toDoc(collection: Collection): Doc {
  return {
    id: collection.id,
    db: collection.db,
    name: collection.name,
    uuid: collection.uuid,
    idCut: collection.idCut,
    indexes: collection.indexes.filter(isWhole).map((index) => ({
      id: index.id,
      name: index.name,
      key: Object.fromEntries(index.key),
      unique: index.unique,
      sparse: index.sparse,
      hidden: index.hidden,
      multikey: index.multikey,
      cut: index.cut,
      ...(index.partial ? { partial: index.partial.source } : {}),
      ...(index.expireAfterSeconds === undefined ? {} : { expireAfterSeconds: index.expireAfterSeconds }),
    })),
  };
}

function fromDoc(doc: Doc): Collection {
  const indexes = (doc['indexes'] as Doc[]).map((stored): IndexDef => {
    const index: IndexDef = {
      id: Number(stored['id']),
      name: stored['name'] as string,
      key: Object.entries(stored['key'] as Doc).map(([path, d]) => [path, Number(d) === 1 ? 1 : -1] as const),
      unique: stored['unique'] === true,
      sparse: stored['sparse'] === true,
      hidden: stored['hidden'] === true,
      multikey: stored['multikey'] === true,
      cut: stored['cut'] === true,
      seq: 0,
    };
    if (stored['partial']) {
      const source = stored['partial'] as Doc;
      index.partial = { source, filter: engine.compileFilter(source) };
    }
    if (stored['expireAfterSeconds'] !== undefined) index.expireAfterSeconds = Number(stored['expireAfterSeconds']);
    return index;
  });
  return {
    id: Number(doc['id']),
    db: doc['db'] as string,
    name: doc['name'] as string,
    uuid: doc['uuid'] as Binary,
    idCut: doc['idCut'] === true,
    marksSaved: true,
    indexes,
  };
}
