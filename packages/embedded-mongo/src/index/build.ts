/**
 * Filling a new index from the documents a collection already has. A large one is filled in steps between which others get their turns. Who
 * writes meanwhile keeps the entries of what they write, so a step leaves those documents alone. Nobody reads the index before it is whole,
 * and a mark in the table has its entries removed should the build not end.
 */
import { engine } from '../engine.js';
import { failure } from '../session/failure.js';
import { namespaceOf, type Collection, type IndexDef } from '../store/catalog.js';
import { docPrefix, prefixEnd, toBytes, toKey, type Key } from '../store/layout.js';
import type { Snapshot, Store } from '../store/store.js';
import { Overlay, OverlayView, type View } from '../store/view.js';
import { PAUSE, type Paused, type Value } from '../types.js';
import { isTurnOver } from '../plan/turn.js';
import { entriesOf } from './entries.js';
import { showValue } from './show.js';

const CHUNK = 500;
/** Documents whose entries are laid into the store in one step. */
const STEP = 10_000;

interface Found {
  key: Key;
  id: Key;
  values: readonly Value[];
}

/** Whether it is done in one piece: then it costs no snapshot and no waiting for the disk. */
export const isSmall = (view: View, collection: Collection): boolean => {
  const prefix = docPrefix(collection.id);
  return view.keys({ start: prefix, end: prefixEnd(prefix) }, CHUNK).length < CHUNK;
};

/** All in one; throws 11000 when the documents contradict a unique index, 171 on parallel arrays. */
export function buildAtOnce(view: View, collection: Collection, index: IndexDef, overlay: Overlay): void {
  const laid = new OverlayView(view, overlay);
  for (const step of steps(view, collection, index)) if (step !== PAUSE) lay(laid, overlay, collection, index, step);
}

/** Fills the index from the snapshot, in steps. `pause` is called between turns. Throws as buildAtOnce does. */
export async function buildInSteps(
  store: Store,
  snapshot: Snapshot,
  { collection, index, pause }: { collection: Collection; index: IndexDef; pause: () => Promise<void> },
): Promise<void> {
  const prefix = docPrefix(collection.id);
  for (const step of steps(snapshot.view, collection, index)) {
    if (step === PAUSE) await pause();
    else {
      await store.write((view) => {
        if (!collection.indexes.includes(index)) throw failure(276, `the build of index ${index.name} was ended`);
        const overlay = new Overlay();
        const unwritten = step.filter(({ id }) => store.lastWrite(prefix + id) <= snapshot.seq);
        lay(new OverlayView(view, overlay), overlay, collection, index, unwritten);
        store.apply(overlay, { isTracked: false });
      });
    }
  }
}

/** The entries of so many documents after the other, in the order of their keys, which is how the store takes them fastest. */
function* steps(view: View, collection: Collection, index: IndexDef): Paused<Found[]> {
  const prefix = docPrefix(collection.id);
  let found: Found[] = [];
  let documents = 0;
  let start = prefix;
  for (;;) {
    const chunk = view.read({ start, end: prefixEnd(prefix) }, CHUNK, false);
    for (const [key, bytes] of chunk) {
      found.push(...entriesAt(index, bytes, key.slice(prefix.length)));
      if (isTurnOver()) yield PAUSE;
    }
    documents += chunk.length;
    const last = chunk.at(-1);
    const isLast = last === undefined || chunk.length < CHUNK;
    if (isLast || documents >= STEP) {
      yield found.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
      found = [];
      documents = 0;
    }
    if (isLast) return;
    start = last[0] + '\0';
  }
}

const fieldsOf = new WeakMap<IndexDef, ReadonlySet<string>>();

function entriesAt(index: IndexDef, bytes: Uint8Array, id: Key): Found[] {
  const fields = fieldsOf.get(index) ?? new Set(index.key.map(([path]) => path.split('.', 1)[0] as string));
  fieldsOf.set(index, fields);
  // What a partial index holds may depend on any field.
  const doc = index.partial ? engine.decode(bytes) : engine.decodeFields(bytes, fields);
  const { entries, multikey, cut } = entriesOf(index, doc, id);
  index.multikey ||= multikey;
  index.cut ||= cut;
  return entries.map(({ key, values }) => ({ key, id, values }));
}

function lay(view: View, overlay: Overlay, collection: Collection, index: IndexDef, found: readonly Found[]): void {
  for (const { key, id, values } of found) {
    const holder = index.unique ? view.get(key) : undefined;
    if (holder !== undefined && toKey(holder) !== id) throw contradicted(collection, index, values);
    overlay.put(key, toBytes(id));
  }
}

function contradicted(collection: Collection, index: IndexDef, values: readonly Value[]): Error {
  const pairs = index.key.map(([path], at) => [path, values[at] ?? null] as const);
  const shown = pairs.map(([path, part]) => `${path}: ${showValue(part)}`).join(', ');
  return failure(
    11000,
    `E11000 duplicate key error collection: ${namespaceOf(collection)} index: ${index.name} dup key: { ${shown} }`,
    { extra: { keyPattern: Object.fromEntries(index.key), keyValue: Object.fromEntries(pairs) } },
  );
}
