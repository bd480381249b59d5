/** explain of find, count, distinct, aggregate, update, delete and findAndModify: the plan, and what running it would read. */
import { notImplemented } from '../errors.js';
import { findRows, type FindSpec } from '../plan/find.js';
import type { CountPlan } from '../plan/counting.js';
import type { IndexScan, Plan } from '../plan/planner.js';
import type { Doc } from '../types.js';
import { namespaceName, openReading, type Call, type Command, type Reading } from './context.js';
import { compileAggregate } from './aggregate.js';
import { drain } from './turns.js';
import {
  compileFind,
  countRows,
  noStats,
  planFind,
  stopOf,
  wayToCount,
  type CompiledFind,
  type Counting,
} from './find.js';
import { compileTarget } from './update.js';
import { docField, docsField, wrongType } from './values.js';

type Explained = Omit<CompiledFind, 'positional'> & { isCount?: boolean };

export const explain: Command = {
  fields: ['verbosity'],
  async run(call) {
    const inner = docField(call.body, 'explain');
    if (!inner) throw wrongType('explain', 'an object');
    const name = Object.keys(inner)[0] ?? '';
    const { $db } = call.body;
    const asked: Call = { ...call, body: { $db, ...inner }, request: { ...call.request, name } };
    const reading = openReading(asked);
    try {
      const compiled = compile(asked, name);
      const found = await explained(asked, reading, compiled, call.body['verbosity'] !== 'queryPlanner');
      const queryPlanner = {
        namespace: namespaceName(asked),
        parsedQuery: compiled.source,
        winningPlan: found.stage,
        rejectedPlans: [],
      };
      const base = { queryPlanner, command: inner, serverInfo: { embedded: true, version: '7.0.0' }, ok: 1 };
      if (!found.run) return base;
      return { ...base, executionStats: { ...found.run, executionStages: found.stage } };
    } finally {
      reading.release();
    }
  },
};

interface Found {
  stage: Doc;
  /** What running it read; only where that was asked. */
  run?: Doc;
}

async function explained(call: Call, reading: Reading, compiled: Explained, isRun: boolean): Promise<Found> {
  const stats = noStats();
  const started = performance.now();
  const ended = (nReturned: number): Doc => ({
    executionSuccess: true,
    nReturned,
    executionTimeMillis: Math.round(performance.now() - started),
    totalKeysExamined: stats.keysExamined,
    totalDocsExamined: stats.docsExamined,
  });
  if (compiled.isCount) {
    const way = wayToCount(call, reading, compiled);
    const stage = describeCount(way);
    if (!isRun) return { stage };
    const n = await countRows(call, reading, compiled, stats);
    if (way && 'n' in way) stats.keysExamined = way.n;
    return { stage, run: ended(n) };
  }
  const spec = planFind(call, reading, compiled, { whole: false });
  const stage = describe(spec);
  if (!isRun) return { stage };
  let nReturned = 0;
  if (spec) await drain(findRows(reading.view, spec, stats), stopOf(call), () => (nReturned += 1));
  return { stage, run: ended(nReturned) };
}

function compile(call: Call, name: string): Explained {
  const { body } = call;
  if (name === 'find') return compileFind(body);
  if (name === 'count' || name === 'distinct') {
    const { query, ...rest } = body;
    const found = compileFind(query === undefined ? rest : { ...rest, filter: query as Doc });
    return { ...found, isCount: name === 'count' };
  }
  if (name === 'aggregate') {
    const { leading, pipeline } = compileAggregate({ ...body, cursor: {} });
    return { ...leading, isCount: pipeline.countOnly !== undefined };
  }
  if (name === 'findAndModify' || name === 'findandmodify') return fromStatement(call, body, 'query', 1);
  if (name === 'update' || name === 'delete') {
    const statement = docsField(body, name === 'update' ? 'updates' : 'deletes')?.[0] ?? {};
    return fromStatement(call, statement, 'q', name === 'update' && statement['multi'] !== true ? 1 : Infinity);
  }
  throw notImplemented(`explain of ${name}`);
}

function fromStatement(call: Call, statement: Doc, filterName: string, limit: number): Explained {
  const { filter, sort, hint, collated } = compileTarget(call, statement, filterName, limit !== 1);
  const source = docField(statement, filterName) ?? {};
  return {
    source,
    filter,
    skip: 0,
    limit,
    collated,
    ...(sort ? { sort } : {}),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** COUNT_SCAN: ranges of keys are counted. IXSCAN below COUNT: entries are tested by their keys. AND_HASH and OR: sets of ids. */
function describeCount(way: Counting | undefined): Doc {
  if (way === undefined) return { stage: 'EOF' };
  if ('spec' in way) return { stage: 'COUNT', inputStage: describe(way.spec) };
  if ('plan' in way) return { stage: 'COUNT', inputStage: describeIds(way.plan) };
  const scan = way.scan.kind === 'IXSCAN' ? describeIndex(way.scan) : {};
  return { stage: 'COUNT', inputStage: { ...scan, stage: 'COUNT_SCAN' } };
}

function describeIds(plan: CountPlan): Doc {
  if (plan.kind === 'or') return { stage: 'OR', inputStages: plan.branches.map(describeIds) };
  if (plan.kind === 'keys') return { ...describeIndex(plan.scan), filtersKeys: plan.test !== undefined };
  const without = plan.without.map((one) => ({ stage: 'EXCEPT', inputStage: describeIds(one) }));
  const stage = { stage: 'AND_HASH', inputStages: [...[plan.first, ...plan.also].map(describeIds), ...without] };
  return plan.rest ? { stage: 'FETCH', inputStage: stage } : stage;
}

function describe(spec: FindSpec | undefined): Doc {
  if (!spec) return { stage: 'EOF' };
  const found = describePlan(spec.plan);
  const sorted =
    spec.sort && !spec.plan.sorted
      ? { stage: 'SORT', sortPattern: Object.fromEntries(spec.sort.pattern), inputStage: found }
      : found;
  return Number.isFinite(spec.limit) ? { stage: 'LIMIT', limitAmount: spec.limit, inputStage: sorted } : sorted;
}

function describePlan(plan: Plan): Doc {
  if (plan.kind === 'COLLSCAN') return { stage: 'COLLSCAN', direction: 'forward' };
  if (plan.kind === 'OR')
    return { stage: 'FETCH', inputStage: { stage: 'OR', inputStages: plan.branches.map(describeIndex) } };
  return { stage: 'FETCH', inputStage: describeIndex(plan) };
}

function describeIndex(scan: IndexScan): Doc {
  return {
    stage: 'IXSCAN',
    keyPattern: Object.fromEntries(scan.pattern),
    indexName: scan.name,
    isMultiKey: scan.multikey,
    direction: scan.reverse ? 'backward' : 'forward',
    boundFields: scan.bounds.bound,
    ranges: scan.ranges.length,
  };
}
