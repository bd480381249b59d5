/** find, getMore, killCursors, count, distinct */
import { Long } from 'bson';
import { engine } from '../engine.js';
import { failure, notImplemented } from '../session/failure.js';
import { choosePlan, type Plan } from '../plan/planner.js';
import { findRows, type FindSpec } from '../plan/find.js';
import { countCovered, isPoints } from '../plan/covered.js';
import { PAUSE, type Paused, type Row } from '../plan/scan.js';
import type { View } from '../store/view.js';
import type { CompiledFilter, CompiledProjection, CompiledSort, Doc, Value } from '../types.js';
import {
  collectionName,
  findCollection,
  namespaceName,
  openReading,
  type Call,
  type Command,
  type Reading,
} from './context.js';
import { FIRST_BATCH, drain } from './cursors.js';
import { collationOf } from './modify.js';
import { asNumber, countField, docField, flag, hintField, numberField } from './values.js';

export const FIND_FIELDS = [
  'filter',
  'sort',
  'projection',
  'skip',
  'limit',
  'batchSize',
  'singleBatch',
  'hint',
  'let',
  'collation',
  'allowDiskUse',
  'noCursorTimeout',
  'allowPartialResults',
] as const;

export interface CompiledFind {
  source: Doc;
  filter: CompiledFilter;
  sort?: CompiledSort;
  projection?: CompiledProjection;
  positional: boolean;
  skip: number;
  limit: number;
  hint?: string | Doc;
  collated: boolean;
}

export function compileFind(body: Doc): CompiledFind {
  const collation = collationOf(docField(body, 'collation'));
  const variables = docField(body, 'let');
  const source = docField(body, 'filter') ?? {};
  const sort = docField(body, 'sort');
  const projection = docField(body, 'projection');
  const hint = hintField(body);
  refuseBackwards(sort);
  refuseBackwards(hint);
  const limit = numberField(body, 'limit') ?? 0;
  const options = { ...(collation ? { collation } : {}), ...(variables ? { let: variables } : {}) };
  return {
    source,
    filter: engine.compileFilter(source, options),
    skip: countField(body, 'skip') ?? 0,
    limit: limit === 0 ? Infinity : Math.abs(limit),
    positional: projection !== undefined && Object.keys(projection).some((path) => path.endsWith('.$')),
    collated: collation !== undefined,
    ...(hint === undefined ? {} : { hint }),
    ...(sort && Object.keys(sort).length > 0 && !('$natural' in sort)
      ? { sort: engine.compileSort(sort, collation ? { collation } : {}) }
      : {}),
    ...(projection && Object.keys(projection).length > 0 ? { projection: engine.compileProjection(projection) } : {}),
  };
}

/** Natural order is the order of ids; only its forward direction is offered. */
function refuseBackwards(order: string | Doc | undefined): void {
  if (typeof order === 'object' && '$natural' in order && asNumber(order['$natural']) !== 1)
    throw notImplemented('$natural: -1');
}

/** What the planner decides for a compiled find on an existing collection. */
export function planFind(call: Call, reading: Reading, find: Omit<CompiledFind, 'positional'>): FindSpec | undefined {
  const collection = findCollection(call);
  if (!collection) return undefined;
  const hint = find.collated ? { $natural: 1 } : find.hint;
  const plan: Plan = choosePlan(reading.view, {
    collection,
    filter: find.filter,
    snapshotSeq: reading.seq,
    limited: Number.isFinite(find.limit),
    ...(hint === undefined ? {} : { hint }),
    ...(find.sort ? { sort: find.sort.pattern } : {}),
  });
  return {
    plan,
    filter: find.filter,
    covered: Object.keys(find.source).length === 0 && plan.kind !== 'OR' ? isWhole(plan) : isPoints(plan, find.source),
    skip: find.skip,
    limit: find.limit,
    ...(find.sort ? { sort: find.sort } : {}),
  };
}

/** Without a filter every row matches, whatever the scan. */
function isWhole(plan: Plan): boolean {
  return plan.kind === 'COLLSCAN' || plan.kind === 'IXSCAN';
}

export const find: Command = {
  fields: FIND_FIELDS,
  inTransaction: true,
  async run(call) {
    const { body, server } = call;
    const compiled = compileFind(body);
    const batchSize = countField(body, 'batchSize') ?? FIRST_BATCH;
    const single = flag(body, 'singleBatch') || (numberField(body, 'limit') ?? 0) < 0;
    const reading = openReading(call);
    let rows: Paused<Uint8Array>;
    try {
      const spec = planFind(call, reading, compiled);
      rows = spec ? findBytes(reading.view, spec, compiled) : nothing();
    } catch (error) {
      reading.release();
      throw error;
    }
    return server.cursors.open(
      cursorSource(call, namespaceName(call), rows, reading),
      single && batchSize === 0 ? 1 : batchSize,
      !single,
    );
  },
};

export function cursorSource(
  call: Call,
  namespace: string,
  rows: Paused<Uint8Array>,
  reading: Reading,
): Parameters<Call['server']['cursors']['open']>[0] {
  const deadline = deadlineOf(call);
  return {
    namespace,
    rows,
    release: () => {
      rows.return();
      reading.release();
    },
    ...(call.transaction ? { transaction: call.transaction } : {}),
    ...(call.session ? { session: call.session.id } : {}),
    ...(deadline === undefined ? {} : { deadline }),
  };
}

export function deadlineOf(call: Call): number | undefined {
  const limit = countField(call.body, 'maxTimeMS');
  return limit ? Date.now() + limit : undefined;
}

export function* nothing(): Paused<Uint8Array> {
  return;
}

function* findBytes(view: View, spec: FindSpec, find: CompiledFind): Paused<Uint8Array> {
  for (const row of findRows(view, spec, { keysExamined: 0, docsExamined: 0 })) {
    if (row === PAUSE) yield PAUSE;
    else yield find.projection ? project(row, find, find.projection) : row.bytes;
  }
}

function project(row: Row, find: CompiledFind, projection: CompiledProjection): Uint8Array {
  const doc = row.doc ?? engine.decode(row.bytes);
  const position = find.positional ? find.filter.matchPosition(doc).position : undefined;
  return engine.encode(projection.apply(doc, position === undefined ? {} : { position }));
}

export const getMore: Command = {
  fields: ['collection', 'batchSize'],
  inTransaction: true,
  run(call) {
    const id = call.body['getMore'] as unknown;
    if (!(id instanceof Long)) throw failure(14, 'getMore must be a 64-bit integer');
    const namespace = `${call.db}.${String(call.body['collection'])}`;
    const batchSize = countField(call.body, 'batchSize') || Infinity;
    return call.server.cursors.more(id.toBigInt(), namespace, batchSize, call.session?.id);
  },
};

export const killCursors: Command = {
  fields: ['cursors'],
  inTransaction: true,
  run(call) {
    const ids = call.body['cursors'] as unknown;
    if (!Array.isArray(ids) || !ids.every((id) => id instanceof Long))
      throw failure(14, 'cursors must be 64-bit integers');
    const cursorsKilled = ids.filter((id) => call.server.cursors.kill(id.toBigInt()));
    const cursorsNotFound = ids.filter((id) => !cursorsKilled.includes(id));
    return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
  },
};

export const count: Command = {
  fields: ['query', 'limit', 'skip', 'hint', 'collation'],
  inTransaction: true,
  async run(call) {
    const { query, ...rest } = call.body;
    const compiled = compileFind(query === undefined ? rest : { ...rest, filter: query as Doc });
    const reading = openReading(call);
    try {
      const n = await countRows(call, reading, compiled);
      return { n, ok: 1 };
    } finally {
      reading.release();
    }
  },
};

/** Counts from keys alone when they say it exactly, else by reading. */
export async function countRows(
  call: Call,
  reading: Reading,
  compiled: Omit<CompiledFind, 'positional'>,
): Promise<number> {
  const spec = planFind(call, reading, compiled);
  if (!spec) return 0;
  const fromKeys = countCovered(reading.view, spec.plan, compiled.source);
  if (fromKeys !== undefined) return Math.max(0, Math.min(fromKeys - spec.skip, spec.limit));
  let n = 0;
  const unsorted: FindSpec = { ...spec };
  delete unsorted.sort;
  await drain(findRows(reading.view, unsorted, { keysExamined: 0, docsExamined: 0 }), deadlineOf(call), () => (n += 1));
  return n;
}

export const distinct: Command = {
  fields: ['key', 'query', 'collation', 'hint'],
  inTransaction: true,
  async run(call) {
    const path = call.body['key'] as unknown;
    if (typeof path !== 'string') throw failure(14, "BSON field 'distinct.key' is the wrong type, expected string");
    collectionName(call);
    const { query, ...rest } = call.body;
    const compiled = compileFind(query === undefined ? rest : { ...rest, filter: query as Doc });
    const reading = openReading(call);
    try {
      const spec = planFind(call, reading, compiled);
      const values = new Map<string, Value>();
      if (spec) {
        await drain(findRows(reading.view, spec, { keysExamined: 0, docsExamined: 0 }), deadlineOf(call), (row) => {
          for (const value of engine.indexValues(row.doc ?? engine.decode(row.bytes), path).values) {
            if (value !== undefined) addValue(values, value);
          }
        });
      }
      return { values: [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value), ok: 1 };
    } finally {
      reading.release();
    }
  },
};

function addValue(values: Map<string, Value>, value: Value): void {
  const key = engine.encodeKeyText([value], [1]);
  if (!values.has(key)) values.set(key, value);
}
