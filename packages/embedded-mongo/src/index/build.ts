/** Filling a new index from the documents a collection already has. */
import { engine } from '../engine.js';
import { failure } from '../session/failure.js';
import { namespaceOf, type Collection, type IndexDef } from '../store/catalog.js';
import { docPrefix, encodeId, prefixEnd, toBytes } from '../store/layout.js';
import type { WriteScope } from './mutate.js';
import { entriesOf } from './entries.js';
import { showValue } from './show.js';

const CHUNK = 1000;

/** Writes the entries of every document into the scope; throws 11000 when the documents contradict a unique index. */
export function buildIndex(scope: WriteScope, collection: Collection, index: IndexDef): void {
  const prefix = docPrefix(collection.id);
  let start = prefix;
  for (;;) {
    const chunk = scope.view.read({ start, end: prefixEnd(prefix) }, CHUNK, false);
    for (const [, bytes] of chunk) addEntries(scope, collection, index, bytes);
    const last = chunk.at(-1);
    if (!last || chunk.length < CHUNK) return;
    start = last[0] + '\0';
  }
}

function addEntries(scope: WriteScope, collection: Collection, index: IndexDef, bytes: Uint8Array): void {
  const doc = engine.decode(bytes);
  const id = encodeId(doc['_id']);
  const { entries, multikey, cut } = entriesOf(index, doc, id);
  const value = toBytes(id);
  for (const { key, values } of entries) {
    if (index.unique && scope.overlay.entries.has(key)) {
      const pairs = index.key.map(([path], at) => [path, values[at] ?? null] as const);
      const shown = pairs.map(([path, part]) => `${path}: ${showValue(part)}`).join(', ');
      throw failure(
        11000,
        `E11000 duplicate key error collection: ${namespaceOf(collection)} index: ${index.name} dup key: { ${shown} }`,
        {
          extra: { keyPattern: Object.fromEntries(index.key), keyValue: Object.fromEntries(pairs) },
        },
      );
    }
    scope.overlay.put(key, value);
  }
  index.multikey ||= multikey;
  index.cut ||= cut;
}
