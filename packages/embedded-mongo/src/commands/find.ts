/** find, getMore, killCursors, count, distinct */
import { Long } from 'bson';
import { engine } from '../engine.js';
import { failure, notImplemented } from '../session/failure.js';
import { choosePlan, type Plan } from '../plan/planner.js';
import { findRows, type FindSpec } from '../plan/find.js';
import { planCount, type CountPlan } from '../plan/counting.js';
import { countCovered, isPoints } from '../plan/covered.js';
import { countRanges, countedRows } from '../plan/ids.js';
import { PAUSE, type Paused, type Row, type ScanStats } from '../plan/scan.js';
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
import { FIRST_BATCH } from './cursors.js';
import { breathe, drain, type Stop } from './turns.js';
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
  /** The fields that the projection shows, when it does nothing but show some: the others need not be decoded. */
  shown?: ReadonlySet<string>;
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
  const shown = shownFields(projection);
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
    ...(shown ? { shown } : {}),
    ...(hint === undefined ? {} : { hint }),
    ...(sort && Object.keys(sort).length > 0 && !('$natural' in sort)
      ? { sort: engine.compileSort(sort, collation ? { collation } : {}) }
      : {}),
    ...(projection && Object.keys(projection).length > 0 ? { projection: engine.compileProjection(projection) } : {}),
  };
}

/** Of `{a: 1, 'b.c': true}`: a, b and _id. */
function shownFields(projection: Doc = {}): ReadonlySet<string> | undefined {
  const paths = Object.entries(projection).filter(([path, value]) => path !== '_id' || asNumber(value) !== 0);
  const isPlain = ([path, value]: [string, unknown]): boolean =>
    !path.includes('$') && (value === true || (asNumber(value) ?? 0) !== 0);
  if (paths.length === 0 || !paths.every(isPlain)) return undefined;
  return new Set(['_id', ...paths.map(([path]) => path.split('.', 1)[0] as string)]);
}

/** Natural order is the order of ids; only its forward direction is offered. */
function refuseBackwards(order: string | Doc | undefined): void {
  if (typeof order === 'object' && '$natural' in order && asNumber(order['$natural']) !== 1)
    throw notImplemented('$natural: -1');
}

/** What the planner decides for a compiled find on an existing collection. */
export function planFind(
  call: Call,
  reading: Reading,
  find: Omit<CompiledFind, 'positional'>,
  { whole }: { whole: boolean },
): FindSpec | undefined {
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
    whole,
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
      const spec = planFind(call, reading, compiled, {
        whole: compiled.projection !== undefined && !compiled.shown,
      });
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
  return {
    namespace,
    rows,
    release: () => {
      rows.return();
      reading.release();
    },
    stop: stopOf(call),
    ...(call.session ? { session: call.session.id } : {}),
  };
}

/** What ends the call's work early. */
export function stopOf(call: Call): Stop {
  const limit = countField(call.body, 'maxTimeMS');
  return {
    connection: call.connection,
    ...(limit ? { deadline: Date.now() + limit } : {}),
    ...(call.transaction ? { transaction: call.transaction } : {}),
  };
}

export const noStats = (): ScanStats => ({ keysExamined: 0, docsExamined: 0 });

export function* nothing(): Paused<Uint8Array> {
  return;
}

function* findBytes(view: View, spec: FindSpec, find: CompiledFind): Paused<Uint8Array> {
  for (const row of findRows(view, spec, noStats())) {
    if (row === PAUSE) yield PAUSE;
    else yield find.projection ? project(row, find, find.projection) : row.bytes;
  }
}

function project(row: Row, find: CompiledFind, projection: CompiledProjection): Uint8Array {
  const doc = row.doc ?? (find.shown ? engine.decodeFields(row.bytes, find.shown) : engine.decode(row.bytes));
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
    return call.server.cursors.more(id.toBigInt(), namespace, batchSize, {
      session: call.session?.id,
      connection: call.connection,
    });
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
  stats: ScanStats = noStats(),
): Promise<number> {
  const way = wayToCount(call, reading, compiled);
  if (way === undefined) return 0;
  if ('n' in way) return withinLimits(way.n, compiled);
  const rows = 'spec' in way ? findRows(reading.view, way.spec, stats) : countedRows(reading.view, way.plan, stats);
  // What reads documents skips by itself.
  const { skip, limit } = 'spec' in way ? { skip: 0, limit: Infinity } : compiled;
  const stop = stopOf(call);
  let n = 0;
  for (const row of rows) {
    if (row === PAUSE) await breathe(stop);
    else n += 1;
    if (n >= skip + limit) break;
  }
  return Math.max(0, n - skip);
}

const withinLimits = (n: number, { skip, limit }: Pick<CompiledFind, 'skip' | 'limit'>): number =>
  Math.max(0, Math.min(n - skip, limit));

/** `n`: ranges of keys told it; of the index, when it was one. */
export type Counting = { n: number; scan: Plan } | { spec: FindSpec } | { plan: CountPlan };

/** So many entries are read at once sooner than a way round them is thought out. */
const FEW_ENTRIES = 200;

/** The number itself when ranges of keys tell it, else how to find it; undefined without a collection. */
export function wayToCount(
  call: Call,
  reading: Reading,
  compiled: Omit<CompiledFind, 'positional'>,
): Counting | undefined {
  const found = planFind(call, reading, compiled, { whole: false });
  if (!found) return undefined;
  const { view } = reading;
  const fromKeys = countCovered(view, found.plan, compiled.source);
  if (fromKeys !== undefined) return { n: fromKeys, scan: found.plan };
  const { sort: _order, ...spec } = found;
  if (compiled.hint !== undefined || compiled.collated || readsFew(view, spec.plan)) return { spec };
  const asked = { collection: spec.plan.collection, snapshotSeq: reading.seq };
  const plan = planCount(view, asked, compiled.filter);
  if (!plan) return { spec };
  const counted = plan.kind === 'keys' ? countRanges(view, plan) : undefined;
  return plan.kind === 'keys' && counted !== undefined ? { n: counted, scan: plan.scan } : { plan };
}

function readsFew(view: View, plan: Plan): boolean {
  if (plan.kind === 'COLLSCAN') return false;
  const scans = plan.kind === 'OR' ? plan.branches : [plan];
  let left = FEW_ENTRIES;
  for (const range of scans.flatMap(({ ranges }) => ranges)) {
    left -= view.keys(range, left).length;
    if (left <= 0) return false;
  }
  return true;
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
      const spec = planFind(call, reading, compiled, { whole: true });
      const values = new Map<string, Value>();
      if (spec) {
        await drain(findRows(reading.view, spec, noStats()), stopOf(call), (row) => {
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
