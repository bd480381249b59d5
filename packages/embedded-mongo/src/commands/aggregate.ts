/** aggregate */
import { engine } from '../engine.js';
import { failure, notImplemented } from '../session/failure.js';
import { findRows, type FindSpec } from '../plan/find.js';
import { PAUSE, type Paused } from '../plan/scan.js';
import { isTurnOver } from '../plan/turn.js';
import type { View } from '../store/view.js';
import type { CompiledPipeline, Doc } from '../types.js';
import { collectionName, namespaceName, openReading, type Call, type Command, type Reading } from './context.js';
import { FIRST_BATCH } from './cursors.js';
import { countRows, cursorSource, noStats, planFind, type CompiledFind } from './find.js';
import { collationOf } from './modify.js';
import { countField, docField, docsField, hintField } from './values.js';

export const AGGREGATE_FIELDS = [
  'pipeline',
  'cursor',
  'hint',
  'let',
  'collation',
  'allowDiskUse',
  'bypassDocumentValidation',
] as const;

export function compileAggregate(body: Doc): { pipeline: CompiledPipeline; leading: Omit<CompiledFind, 'positional'> } {
  const stages = docsField(body, 'pipeline');
  if (!stages) throw failure(9, "'pipeline' must be specified as an array");
  if (collationOf(docField(body, 'collation'))) throw notImplemented("option 'collation' of aggregate");
  const variables = docField(body, 'let');
  const pipeline = engine.compilePipeline(stages, variables ? { let: variables } : {});
  const first = stages[0] ?? {};
  const hint = hintField(body);
  const { filter, sort, skip, limit } = pipeline.leading;
  const matchOnly = '$match' in first && !(stages[1] && '$match' in stages[1]);
  const source: Doc = matchOnly ? (first['$match'] as Doc) : '$match' in first ? { $and: [] } : {};
  return {
    pipeline,
    leading: {
      source: usableSource(stages, source),
      filter,
      skip,
      limit,
      collated: false,
      ...(sort ? { sort } : {}),
      ...(hint === undefined ? {} : { hint }),
    },
  };
}

/** The filter as it was written, only when a single leading `$match` (or none) is the whole filter; else one nothing trusts. */
function usableSource(stages: readonly Doc[], source: Doc): Doc {
  const matches = stages.slice(0, 4).filter((stage) => '$match' in stage).length;
  return matches > ('$match' in (stages[0] ?? {}) ? 1 : 0) ? { $and: [] } : source;
}

export const aggregate: Command = {
  fields: AGGREGATE_FIELDS,
  inTransaction: true,
  async run(call) {
    if (typeof call.body['aggregate'] !== 'string') throw notImplemented('aggregate on a database');
    collectionName(call);
    const { pipeline, leading } = compileAggregate(call.body);
    const cursor = docField(call.body, 'cursor');
    if (!cursor) throw failure(9, "The 'cursor' option is required");
    for (const name of Object.keys(cursor)) if (name !== 'batchSize') throw notImplemented(`option 'cursor.${name}'`);
    const batchSize = countField(cursor, 'batchSize') ?? FIRST_BATCH;
    const reading = openReading(call);
    let rows: Paused<Uint8Array>;
    try {
      rows = await rowsOf(call, reading, pipeline, leading);
    } catch (error) {
      reading.release();
      throw error;
    }
    return call.server.cursors.open(cursorSource(call, namespaceName(call), rows, reading), batchSize, true);
  },
};

async function rowsOf(
  call: Call,
  reading: Reading,
  pipeline: CompiledPipeline,
  leading: Omit<CompiledFind, 'positional'>,
): Promise<Paused<Uint8Array>> {
  const { countOnly } = pipeline;
  if (countOnly) {
    const n = await countRows(call, reading, leading);
    const { field, ...id } = countOnly;
    return counted(n === 0 ? [] : [{ ...('idValue' in id ? { _id: id.idValue } : {}), [field]: n }]);
  }
  return pipelineRows(reading.view, planFind(call, reading, leading, { whole: !pipeline.isPlainFind }), pipeline);
}

function* counted(docs: readonly Doc[]): Paused<Uint8Array> {
  for (const doc of docs) yield engine.encode(doc);
}

function* pipelineRows(view: View, spec: FindSpec | undefined, pipeline: CompiledPipeline): Paused<Uint8Array> {
  if (pipeline.isPlainFind) {
    if (spec) for (const row of findRows(view, spec, noStats())) yield row === PAUSE ? PAUSE : row.bytes;
    return;
  }
  for (const doc of pipeline.run(documents(view, spec), { now: new Date() })) {
    yield doc === PAUSE ? PAUSE : engine.encode(doc);
    if (isTurnOver()) yield PAUSE;
  }
}

function* documents(view: View, spec: FindSpec | undefined): Paused<Doc> {
  if (!spec) return;
  for (const row of findRows(view, spec, noStats())) {
    yield row === PAUSE ? PAUSE : (row.doc ?? engine.decode(row.bytes));
    if (isTurnOver()) yield PAUSE;
  }
}
