/**
 * Owns a whole pipeline: it is validated before any document is read, its leading `$match $sort $skip $limit` are split
 * off for the planner, and the rest runs over whatever the planner reads.
 */
import { typeMismatch } from '../errors.js';
import { asInteger } from '../bson/number.js';
import { isObject } from '../bson/types.js';
import { compileFilter, parseOptions } from '../query/filter.js';
import type { CompiledPipeline, CompiledSort, Doc } from '../types.js';
import type { Env } from './compiler.js';
import type { Program } from './expression.js';
import { program } from './expression.js';
import { compileSort } from './sort.js';
import type { Stage, StageContext } from './stages.js';
import { countOf, sortStage, stageOf } from './stages.js';

interface Leading {
  filters: Doc[];
  sort: CompiledSort | undefined;
  skip: number;
  limit: number;
}

/** Takes one more stage into the leading part; false when it has to stay where it is. */
function absorb(leading: Leading, name: string, spec: unknown): boolean {
  const started = leading.skip > 0 || leading.limit < Infinity;
  if (name === '$match' && !started) leading.filters.push(spec as Doc);
  else if (name === '$sort' && !started && !leading.sort) leading.sort = compileSort(spec as Doc);
  else if (name === '$limit') leading.limit = Math.min(leading.limit, countOf('$limit', spec));
  else if (name === '$skip' && countOf('$skip', spec) < leading.limit) {
    const count = countOf('$skip', spec);
    leading.skip += count;
    leading.limit -= count;
  } else return false;
  return true;
}

function split(stages: ReadonlyArray<{ name: string; spec: unknown }>): { leading: Leading; rest: number } {
  const leading: Leading = { filters: [], sort: undefined, skip: 0, limit: Infinity };
  let rest = 0;
  while (rest < stages.length && absorb(leading, stages[rest]!.name, stages[rest]!.spec)) rest++;
  return { leading, rest };
}

/** A `$sort` directly before a `$limit` (or `$skip` and `$limit`) holds only as many as can come out. */
function sortLimit(specs: ReadonlyArray<{ name: string; spec: unknown }>, at: number): number {
  let skipped = 0;
  for (let next = at + 1; next < specs.length; next++) {
    const { name, spec } = specs[next]!;
    if (name === '$limit') return skipped + countOf('$limit', spec);
    if (name !== '$skip') break;
    skipped += countOf('$skip', spec);
  }
  return Infinity;
}

function contextFor({ compiler }: Program, letVariables: Doc | undefined): StageContext {
  const context: StageContext = {
    compiler,
    query: parseOptions(letVariables),
    inner: (pipeline) => chain(pipeline.map(stageOf), context),
  };
  return context;
}

/** Stages one after another, each with an environment of its own. */
function chain(specs: ReadonlyArray<ReturnType<typeof stageOf>>, context: StageContext): Stage {
  const stages = specs.map(({ name, spec, build }, at) =>
    name === '$sort' ? sortStage(spec, sortLimit(specs, at)) : build(spec, context),
  );
  return (source, env) => stages.reduce((docs, stage) => stage(docs, { ...env, vars: [...env.vars] }), source);
}

/** `{$group: {_id: <constant>, n: {$sum: 1}}}` or `{$count: 'n'}` after filters, `$skip` and `$limit` alone is a count. */
function countOnly(
  leading: Leading,
  rest: ReadonlyArray<{ name: string; spec: unknown }>,
): CompiledPipeline['countOnly'] {
  const [only, ...more] = rest;
  if (more.length > 0 || leading.sort) return undefined;
  if (only?.name === '$count') return { field: only.spec as string };
  if (only?.name !== '$group') return undefined;
  const { _id: id, ...fields } = only.spec as Doc;
  const [entry, ...others] = Object.entries(fields);
  if (!entry || others.length > 0 || !isConstant(id)) return undefined;
  const [field, accumulator] = entry as [string, Doc];
  const counts =
    (isObject(accumulator.$sum) ? undefined : asInteger(accumulator.$sum)) === 1 || '$count' in accumulator;
  return counts ? { idValue: id as unknown, field } : undefined;
}

const isConstant = (value: unknown): boolean =>
  !isObject(value) && !Array.isArray(value) && !(typeof value === 'string' && value.startsWith('$'));

/** Validates and compiles a pipeline. Errors 2, 14, 168, 238, 40323, 40324 and those of its stages. */
export function compilePipeline(pipeline: Doc[], options: { let?: Doc } = {}): CompiledPipeline {
  if (!Array.isArray(pipeline)) throw typeMismatch(`'pipeline' option must be specified as an array`);
  const context = program(options.let);
  const stages = contextFor(context, options.let);
  const specs = pipeline.map(stageOf);
  for (const { spec, build } of specs) build(spec, stages);
  const { leading, rest } = split(specs);
  const after = chain(specs.slice(rest), stages);
  const filter =
    leading.filters.length === 1 ? leading.filters[0]! : leading.filters.length === 0 ? {} : { $and: leading.filters };
  const counted = countOnly(leading, specs.slice(rest));
  return {
    leading: {
      filter: compileFilter(filter, options),
      ...(leading.sort ? { sort: leading.sort } : {}),
      skip: leading.skip,
      limit: leading.limit,
    },
    isPlainFind: rest === specs.length,
    ...(counted ? { countOnly: counted } : {}),
    run: (source, { now }) => after(source, context.env(now) as Env),
  };
}
