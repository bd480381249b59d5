/** insert */
import { ObjectId } from 'bson';
import { engine } from '../engine.js';
import { failure } from '../session/failure.js';
import { encodeStored, insertDoc } from '../index/mutate.js';
import type { Doc } from '../types.js';
import { collectionName, type Command } from './context.js';
import { docsField } from './values.js';
import { eachStatement, ensureCollection, runWrite } from './write.js';

export const MAX_BATCH = 100_000;

export const insert: Command = {
  fields: ['documents', 'ordered', 'bypassDocumentValidation'],
  inTransaction: true,
  async run(call) {
    const name = collectionName(call);
    const documents =
      call.request.sequences.get('documents') ??
      (docsField(call.body, 'documents') ?? []).map((doc) => engine.encode(doc));
    if (documents.length < 1 || documents.length > MAX_BATCH) {
      throw failure(16, `Write batch sizes must be between 1 and ${MAX_BATCH}. Got ${documents.length} operations.`);
    }
    const prepared = documents.map(prepare);
    await ensureCollection(call, name);
    return runWrite(call, (scope) => {
      const collection = scope.catalog.get(call.db, name);
      if (!collection) throw failure(112, 'the collection was dropped', { labels: ['TransientTransactionError'] });
      let n = 0;
      const errors = eachStatement(call, prepared, call.body['ordered'] !== false, ({ doc, bytes }) => {
        insertDoc(scope, collection, doc, bytes);
        n += 1;
      });
      return writeReply({ n }, errors);
    });
  },
};

export function writeReply(reply: Doc, errors: readonly Doc[]): Doc {
  return { ...reply, ...(errors.length > 0 ? { writeErrors: errors } : {}), ok: 1 };
}

/** Bytes that begin with `_id` are stored as they came. */
function prepare(bytes: Uint8Array): { doc: Doc; bytes: Uint8Array } {
  const doc = engine.decode(bytes);
  if (!('_id' in doc)) {
    const withId: Doc = { _id: new ObjectId(), ...doc };
    return { doc: withId, bytes: engine.encode(withId) };
  }
  checkId(doc['_id']);
  return Object.keys(doc)[0] === '_id' ? { doc, bytes } : { doc, bytes: encodeStored(doc) };
}

export function checkId(id: unknown): void {
  const kind = Array.isArray(id)
    ? 'array'
    : id instanceof RegExp || bsonType(id) === 'BSONRegExp'
      ? 'regex'
      : id === undefined
        ? 'undefined'
        : undefined;
  if (kind) throw failure(53, `The '_id' value cannot be of type ${kind}`);
  if (
    bsonType(id) === undefined &&
    typeof id === 'object' &&
    id !== null &&
    Object.keys(id).some((key) => key.startsWith('$'))
  ) {
    throw failure(52, "_id fields may not contain '$'-prefixed fields");
  }
}

function bsonType(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? (value as { _bsontype?: string })._bsontype : undefined;
}
