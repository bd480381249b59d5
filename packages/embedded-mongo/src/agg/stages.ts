/** Owns the stages of a pipeline: each is compiled once into a function from documents to documents. */
import { Int32 } from 'bson';
import { MongoError, notImplemented } from '../errors.js';
import { asInteger, countValue } from '../bson/number.js';
import { isNumber, isObject } from '../bson/types.js';
import { documentTest } from '../query/nodes.js';
import { parseFilter } from '../query/parse.js';
import type { ParseOptions } from '../query/parse.js';
import { PAUSE, type Doc, type Pausing } from '../types.js';
import type { Compiler, Env } from './compiler.js';
import { compileGroup } from './group.js';
import { compileSort } from './sort.js';
import { TRANSFORMS } from './transforms.js';
import { compileUnwind } from './unwind.js';

/** Documents in, documents out; the environment is the stage's own. A pause that comes in goes out where it came, so that long work can be left. */
export type Stage = (source: Pausing<Doc>, env: Env) => Pausing<Doc>;

export interface StageContext {
  compiler: Compiler;
  query: ParseOptions;
  /** Compiles a pipeline inside a stage. */
  inner(pipeline: readonly unknown[]): Stage;
}
type StageBuilder = (spec: unknown, context: StageContext) => Stage;

/** The operand of `$limit` or `$skip`. */
export function countOf(op: '$limit' | '$skip', spec: unknown): number {
  const count = asInteger(spec);
  const code = op === '$limit' ? 2107201 : 5107200;
  if (!isNumber(spec) || count === undefined)
    throw new MongoError(code, `invalid argument to ${op} stage: Expected an integer: ${op}: ${String(spec)}`);
  if (count < 0)
    throw new MongoError(code, `invalid argument to ${op} stage: Expected a non-negative number in: ${op}: ${count}`);
  if (op === '$limit' && count === 0) throw new MongoError(15958, 'the limit must be positive');
  return count;
}

const match: StageBuilder = (spec, { query }) => {
  if (!isObject(spec)) throw new MongoError(15959, 'the match filter must be an expression in an object');
  const test = documentTest(parseFilter(spec, query));
  return function* (source) {
    for (const doc of source) if (doc === PAUSE || test(doc)) yield doc;
  };
};

/** A `$sort`; with a limit only that many are held. */
export function sortStage(spec: unknown, limit = Infinity): Stage {
  if (!isObject(spec)) throw new MongoError(15973, 'the $sort key specification must be an object');
  if (Object.keys(spec).length === 0) throw new MongoError(15976, '$sort stage must have at least one sort key');
  const sort = compileSort(spec);
  return function* (source) {
    const collector = sort.collector(limit);
    for (const doc of source) {
      if (doc === PAUSE) yield PAUSE;
      else collector.add(doc);
    }
    yield* collector.sorted();
  };
}

const skip: StageBuilder = (spec) => {
  const count = countOf('$skip', spec);
  return function* (source) {
    let left = count;
    for (const doc of source) if (doc === PAUSE || left-- <= 0) yield doc;
  };
};

const limit: StageBuilder = (spec) => {
  const count = countOf('$limit', spec);
  return function* (source) {
    let left = count;
    for (const doc of source) {
      yield doc;
      if (doc !== PAUSE && --left <= 0) return;
    }
  };
};

const count: StageBuilder = (spec) => {
  if (typeof spec !== 'string' || spec === '')
    throw new MongoError(40156, 'the count field must be a non-empty string');
  if (spec.startsWith('$')) throw new MongoError(40158, 'the count field cannot be a $-prefixed path');
  if (spec.includes('.')) throw new MongoError(40160, `the count field cannot contain '.'`);
  return function* (source) {
    let total = 0;
    for (const doc of source) {
      if (doc === PAUSE) yield PAUSE;
      else total++;
    }
    if (total > 0) yield { [spec]: countValue(total) };
  };
};

const sortByCount: StageBuilder = (spec, { compiler }) => {
  const expression =
    (typeof spec === 'string' && spec.startsWith('$')) || (isObject(spec) && Object.keys(spec)[0]?.startsWith('$'));
  if (!expression)
    throw new MongoError(
      40149,
      'the sortByCount field must be defined as a $-prefixed path or an expression inside an object',
    );
  const group = compileGroup({ _id: spec, count: { $sum: new Int32(1) } }, compiler);
  const sort = sortStage({ count: new Int32(-1) });
  return (source, env) => sort(group(source, env), env);
};

function* collect(source: Pausing<Doc>, into: Doc[]): Generator<typeof PAUSE, void, void> {
  for (const doc of source) {
    if (doc === PAUSE) yield PAUSE;
    else into.push(doc);
  }
}

/** Documents between two pauses of what is read again from memory. */
const DOCS_PER_PAUSE = 100;

function* pausing(docs: readonly Doc[]): Pausing<Doc> {
  for (const [at, doc] of docs.entries()) {
    if (at % DOCS_PER_PAUSE === DOCS_PER_PAUSE - 1) yield PAUSE;
    yield doc;
  }
}

const facet: StageBuilder = (spec, { inner }) => {
  if (!isObject(spec) || Object.keys(spec).length === 0)
    throw new MongoError(40169, 'the $facet specification must be a non-empty object');
  const facets = Object.entries(spec).map(([name, pipeline]) => {
    if (name.startsWith('$') || name.includes('.') || name === '')
      throw new MongoError(16412, `'${name}' is no name for a facet`);
    if (!Array.isArray(pipeline)) throw new MongoError(40170, `arguments to $facet must be arrays, ${name} is not`);
    if (pipeline.some((stage) => isObject(stage) && '$facet' in stage))
      throw new MongoError(40600, '$facet is not allowed to be used within a $facet stage');
    return [name, inner(pipeline)] as const;
  });
  return function* (source, env) {
    const docs: Doc[] = [];
    yield* collect(source, docs);
    const result: Doc = {};
    for (const [name, stage] of facets) {
      const rows: Doc[] = [];
      yield* collect(stage(pausing(docs), { ...env, vars: [...env.vars] }), rows);
      result[name] = rows;
    }
    yield result;
  };
};

const transformed = Object.fromEntries(
  Object.entries(TRANSFORMS).map(([name, build]): [string, StageBuilder] => [
    name,
    (spec, { compiler }) => {
      const transform = build(spec, compiler);
      return function* (source, env) {
        for (const doc of source) {
          if (doc === PAUSE) {
            yield PAUSE;
            continue;
          }
          env.root = doc;
          yield transform(doc, env);
        }
      };
    },
  ]),
);

/** Every stage, as listed in SUPPORTED.md. */
export const STAGES: Readonly<Record<string, StageBuilder>> = {
  $match: match,
  $sort: (spec) => sortStage(spec),
  $skip: skip,
  $limit: limit,
  ...transformed,
  $unwind: (spec) => compileUnwind(spec),
  $group: (spec, { compiler }) => compileGroup(spec, compiler),
  $count: count,
  $sortByCount: sortByCount,
  $facet: facet,
};

const REFUSED = new Set([
  ...[
    '$lookup',
    '$graphLookup',
    '$unionWith',
    '$merge',
    '$out',
    '$bucket',
    '$bucketAuto',
    '$sample',
    '$setWindowFields',
    '$densify',
    '$fill',
  ],
  ...[
    '$geoNear',
    '$redact',
    '$changeStream',
    '$changeStreamSplitLargeEvent',
    '$collStats',
    '$indexStats',
    '$currentOp',
    '$listSessions',
  ],
  ...[
    '$listLocalSessions',
    '$planCacheStats',
    '$documents',
    '$search',
    '$searchMeta',
    '$vectorSearch',
    '$shardedDataDistribution',
    '$querySettings',
  ],
]);

/** The name and operand of a stage. Errors 40323, 40324, 238. */
export function stageOf(stage: unknown): { name: string; spec: unknown; build: StageBuilder } {
  if (!isObject(stage)) throw new MongoError(14, "Each element of the 'pipeline' array must be an object");
  const [name = '', ...more] = Object.keys(stage);
  if (more.length > 0 || name === '')
    throw new MongoError(40323, 'A pipeline stage specification object must contain exactly one field.');
  if (REFUSED.has(name)) throw notImplemented(`the aggregation stage ${name}`);
  const build = Object.hasOwn(STAGES, name) ? STAGES[name] : undefined;
  if (!build) throw new MongoError(40324, `Unrecognized pipeline stage name: '${name}'`);
  return { name, spec: stage[name], build };
}
