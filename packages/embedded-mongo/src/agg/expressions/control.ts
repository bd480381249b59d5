/** Owns comparison, boolean and conditional expressions, `$let`, `$literal`. */
import { Int32 } from 'bson';
import { MongoError } from '../../errors.js';
import { compare } from '../../bson/compare.js';
import { isNullish, isObject } from '../../bson/types.js';
import type { Builder, Expr, OperatorTable } from '../compiler.js';
import { isTrue } from '../compiler.js';
import { eager, lazy, namedOperand } from '../builders.js';

/** The order expressions use: as everywhere, but missing is below null. */
export function compareValues(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) {
    if (a === b) return 0;
    const other = a === undefined ? b : a;
    const below = (other as { _bsontype?: unknown } | null)?._bsontype === 'MinKey' ? 1 : -1;
    return a === undefined ? below : -below;
  }
  return compare(a, b);
}

const comparison = (holds: (order: number) => boolean): Builder =>
  lazy(
    2,
    2,
    ([a, b]) =>
      (env) =>
        holds(compareValues(a!(env), b!(env))),
  );

const cond: Builder = (operand, compiler, op) => {
  const named = isObject(operand) ? namedOperand(op, operand, ['if', 'then', 'else'], []) : undefined;
  const list = named ? [named.if, named.then, named.else] : operand;
  return lazy(
    3,
    3,
    ([test, yes, no]) =>
      (env) =>
        isTrue(test!(env)) ? yes!(env) : no!(env),
  )(list, compiler, op);
};

const ifNull = lazy(2, Infinity, (exprs) => (env) => {
  let value: unknown;
  for (const expr of exprs) {
    value = expr(env);
    if (!isNullish(value)) return value;
  }
  return value;
});

const switchOf: Builder = (operand, compiler, op) => {
  const { branches, default: otherwise } = namedOperand(op, operand, ['branches'], ['default']);
  if (!Array.isArray(branches)) throw new MongoError(40060, "$switch expected an array for 'branches'");
  if (branches.length === 0) throw new MongoError(40068, '$switch requires at least one branch.');
  const compiled = branches.map((branch) => {
    const { case: test, then } = namedOperand('$switch branch', branch, ['case', 'then'], []);
    return { test: compiler.compile(test), then: compiler.compile(then) };
  });
  const fallback = otherwise === undefined ? undefined : compiler.compile(otherwise);
  return (env) => {
    for (const { test, then } of compiled) if (isTrue(test(env))) return then(env);
    if (fallback) return fallback(env);
    throw new MongoError(40066, '$switch could not find a matching branch for an input, and no default was specified.');
  };
};

const letIn: Builder = (operand, compiler, op) => {
  const { vars, in: body } = namedOperand(op, operand, ['vars', 'in'], []);
  if (!isObject(vars)) throw new MongoError(16876, 'invalid parameter: expected an object (vars)');
  const values = Object.values(vars).map((value) => compiler.compile(value));
  const { compiler: inner, slots } = compiler.bind(...Object.keys(vars));
  const result: Expr = inner.compile(body);
  return (env) => {
    const computed = values.map((value) => value(env));
    slots.forEach((slot, index) => (env.vars[slot] = computed[index]));
    return result(env);
  };
};

export const CONTROL: OperatorTable = {
  $eq: comparison((order) => order === 0),
  $ne: comparison((order) => order !== 0),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $cmp: eager(2, 2, ([a, b]) => new Int32(compareValues(a, b))),
  $and: lazy(0, Infinity, (exprs) => (env) => exprs.every((expr) => isTrue(expr(env)))),
  $or: lazy(0, Infinity, (exprs) => (env) => exprs.some((expr) => isTrue(expr(env)))),
  $not: lazy(
    1,
    1,
    ([expr]) =>
      (env) =>
        !isTrue(expr!(env)),
  ),
  $cond: cond,
  $ifNull: ifNull,
  $switch: switchOf,
  $let: letIn,
  $literal: (operand) => () => operand,
};
