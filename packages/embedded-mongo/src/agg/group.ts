/** Owns `$group` and `$sortByCount`'s grouping: one pass, one entry per distinct `_id`. */
import { MongoError, notImplemented } from '../errors.js';
import { isObject } from '../bson/types.js';
import { hashKey } from '../keys/encode.js';
import { PAUSE, type Doc, type Pausing } from '../types.js';
import type { Accumulator } from './accumulators.js';
import { ACCUMULATORS } from './accumulators.js';
import type { Compiler, Env, Expr } from './compiler.js';

interface Field {
  name: string;
  make: () => Accumulator;
  expr: Expr;
}

const REFUSED = new Set([
  ...[
    '$accumulator',
    '$bottom',
    '$bottomN',
    '$concatArrays',
    '$firstN',
    '$lastN',
    '$maxN',
    '$median',
    '$minN',
    '$percentile',
  ],
  ...['$setUnion', '$stdDevPop', '$stdDevSamp', '$top', '$topN'],
]);

function fieldOf(name: string, spec: unknown, compiler: Compiler): Field {
  if (name.includes('.')) throw new MongoError(40235, `The field name '${name}' cannot contain '.'`);
  if (name.startsWith('$')) throw new MongoError(40236, `The field name '${name}' cannot be an operator name`);
  if (!isObject(spec)) throw new MongoError(40234, `The field '${name}' must be an accumulator object`);
  const [op = '', ...more] = Object.keys(spec);
  if (more.length > 0 || op === '') throw new MongoError(40238, `The field '${name}' must specify one accumulator`);
  const make = Object.hasOwn(ACCUMULATORS, op) ? ACCUMULATORS[op] : undefined;
  if (!make && REFUSED.has(op)) throw notImplemented(`the accumulator ${op}`);
  if (!make) throw new MongoError(15952, `unknown group operator '${op}'`);
  const operand: unknown = spec[op];
  if (op === '$count' && !(isObject(operand) && Object.keys(operand).length === 0))
    throw new MongoError(2, '$count takes no arguments, i.e. $count:{}');
  if (Array.isArray(operand) && operand.length !== 1)
    throw new MongoError(40237, `The ${op} accumulator is a unary operator`);
  return { name, make, expr: compiler.compile(Array.isArray(operand) ? operand[0] : operand) };
}

interface Group {
  id: unknown;
  states: Accumulator[];
}

function* collect(
  source: Pausing<Doc>,
  id: Expr,
  fields: readonly Field[],
  env: Env,
): Generator<typeof PAUSE, Map<string, Group>, void> {
  const groups = new Map<string, Group>();
  for (const doc of source) {
    if (doc === PAUSE) {
      yield PAUSE;
      continue;
    }
    env.root = doc;
    const value = id(env) ?? null;
    const key = hashKey(value);
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { id: value, states: fields.map((field) => field.make()) }));
    for (let i = 0; i < fields.length; i++) group.states[i]!.add(fields[i]!.expr(env));
  }
  return groups;
}

/** Compiles a `$group`. Errors 15947, 15952, 15955, 40234 to 40238. */
export function compileGroup(spec: unknown, compiler: Compiler): (source: Pausing<Doc>, env: Env) => Pausing<Doc> {
  if (!isObject(spec)) throw new MongoError(15947, `a group's fields must be specified in an object`);
  if (!('_id' in spec)) throw new MongoError(15955, 'a group specification must include an _id');
  const id = compiler.compile(spec._id);
  const fields = Object.entries(spec).flatMap(([name, value]) =>
    name === '_id' ? [] : [fieldOf(name, value, compiler)],
  );
  return function* (source, env) {
    const groups = yield* collect(source, id, fields, env);
    for (const group of groups.values()) {
      const result: Doc = { _id: group.id };
      fields.forEach((field, index) => (result[field.name] = group.states[index]!.result()));
      yield result;
    }
  };
}
