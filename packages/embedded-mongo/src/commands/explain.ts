/** explain of find, count, distinct, aggregate, update, delete and findAndModify: the plan, and what running it would read. */
import { notImplemented } from '../errors.js';
import { findRows, type FindSpec } from '../plan/find.js';
import { countCovered } from '../plan/covered.js';
import type { IndexScan, Plan } from '../plan/planner.js';
import type { Doc } from '../types.js';
import { namespaceName, openReading, type Call, type Command } from './context.js';
import { compileAggregate } from './aggregate.js';
import { drain } from './cursors.js';
import { compileFind, deadlineOf, planFind, type CompiledFind } from './find.js';
import { compileTarget } from './update.js';
import { docField, docsField, wrongType } from './values.js';

type Explained = Omit<CompiledFind, 'positional'>;

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
      const spec = planFind(asked, reading, compiled);
      const queryPlanner = {
        namespace: namespaceName(asked),
        parsedQuery: compiled.source,
        winningPlan: describe(spec),
        rejectedPlans: [],
      };
      const base = { queryPlanner, command: inner, serverInfo: { embedded: true, version: '7.0.0' }, ok: 1 };
      if (call.body['verbosity'] === 'queryPlanner') return base;
      return { ...base, executionStats: await execute(asked, spec, compiled, reading.view, name) };
    } finally {
      reading.release();
    }
  },
};

function compile(call: Call, name: string): Explained {
  const { body } = call;
  if (name === 'find') return compileFind(body);
  if (name === 'count' || name === 'distinct') {
    const { query, ...rest } = body;
    return compileFind(query === undefined ? rest : { ...rest, filter: query as Doc });
  }
  if (name === 'aggregate') return compileAggregate({ ...body, cursor: {} }).leading;
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

async function execute(
  call: Call,
  spec: FindSpec | undefined,
  compiled: Explained,
  view: Parameters<typeof findRows>[0],
  name: string,
): Promise<Doc> {
  const started = performance.now();
  const stats = { keysExamined: 0, docsExamined: 0 };
  let nReturned = 0;
  const fromKeys = spec && name === 'count' ? countCovered(view, spec.plan, compiled.source) : undefined;
  if (fromKeys !== undefined) {
    nReturned = fromKeys;
    stats.keysExamined = fromKeys;
  } else if (spec) await drain(findRows(view, spec, stats), deadlineOf(call), () => (nReturned += 1));
  return {
    executionSuccess: true,
    nReturned,
    executionTimeMillis: Math.round(performance.now() - started),
    totalKeysExamined: stats.keysExamined,
    totalDocsExamined: stats.docsExamined,
    executionStages: describe(spec),
  };
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
