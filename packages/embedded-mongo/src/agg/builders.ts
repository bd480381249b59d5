/** Owns the shapes operators come in: a fixed or varying number of arguments, or named ones. */
import { MongoError } from '../errors.js';
import { isNullish, isObject } from '../bson/types.js';
import type { Builder, Env, Expr } from './compiler.js';

function checkCount(op: string, count: number, min: number, max: number): void {
  if (count >= min && count <= max) return;
  const wanted = min === max ? `exactly ${min} arguments` : `at least ${min} arguments, and at most ${max}`;
  const code = min === max ? 16020 : 28667;
  throw new MongoError(code, `Expression ${op} takes ${wanted}. ${count} were passed in.`);
}

const listOf = (operand: unknown): readonly unknown[] => (Array.isArray(operand) ? operand : [operand]);

/** All arguments are evaluated, then the function is called with them. */
export function eager(min: number, max: number, fn: (values: unknown[], env: Env, op: string) => unknown): Builder {
  return (operand, compiler, op) => {
    const list = listOf(operand);
    checkCount(op, list.length, min, max);
    const exprs = list.map((item) => compiler.compile(item));
    return (env) =>
      fn(
        exprs.map((expr) => expr(env)),
        env,
        op,
      );
  };
}

/** One argument; null and missing give null without calling the function. */
export function unary(fn: (value: unknown, op: string) => unknown): Builder {
  return (operand, compiler, op) => {
    const list = listOf(operand);
    checkCount(op, list.length, 1, 1);
    const expr = compiler.compile(list[0]);
    return (env) => {
      const value = expr(env);
      return isNullish(value) ? null : fn(value, op);
    };
  };
}

/** Arguments of which any null or missing one gives null. */
export function strict(min: number, max: number, fn: (values: unknown[], op: string, env: Env) => unknown): Builder {
  return eager(min, max, (values, env, op) => (values.some(isNullish) ? null : fn(values, op, env)));
}

/** Arguments evaluated one by one by the operator itself. */
export function lazy(min: number, max: number, fn: (exprs: Expr[]) => Expr): Builder {
  return (operand, compiler, op) => {
    const list = listOf(operand);
    checkCount(op, list.length, min, max);
    return fn(list.map((item) => compiler.compile(item)));
  };
}

/** Checks the names of an operand document: error 9 for an unknown or missing one. */
export function namedOperand(
  op: string,
  operand: unknown,
  required: readonly string[],
  optional: readonly string[],
): Record<string, unknown> {
  if (!isObject(operand)) throw new MongoError(9, `${op} only supports an object as its argument`);
  const unknown = Object.keys(operand).find((name) => !required.includes(name) && !optional.includes(name));
  if (unknown !== undefined) throw new MongoError(9, `Unrecognized argument to ${op}: ${unknown}`);
  const missing = required.find((name) => !(name in operand));
  if (missing !== undefined) throw new MongoError(9, `Missing '${missing}' parameter to ${op}`);
  return operand;
}

/** Arguments by name, all evaluated; an argument not given is undefined and so is a missing value. */
export function named(
  required: readonly string[],
  optional: readonly string[],
  fn: (values: Record<string, unknown>, env: Env, op: string) => unknown,
): Builder {
  return (operand, compiler, op) => {
    const given = Object.entries(namedOperand(op, operand, required, optional));
    const exprs = given.map(([name, value]) => [name, compiler.compile(value)] as const);
    return (env) => {
      const values: Record<string, unknown> = {};
      for (const [name, expr] of exprs) values[name] = expr(env) ?? null;
      return fn(values, env, op);
    };
  };
}
