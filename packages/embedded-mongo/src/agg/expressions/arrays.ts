/** Owns array and set expressions. */
import { Int32 } from 'bson';
import { MongoError } from '../../errors.js';
import { compare, equals } from '../../bson/compare.js';
import { asInteger, countValue } from '../../bson/number.js';
import { isNullish, isObject, typeName } from '../../bson/types.js';
import { hashKey } from '../../keys/encode.js';
import type { Builder, Expr, OperatorTable } from '../compiler.js';
import { isTrue } from '../compiler.js';
import { eager, namedOperand, strict, unary } from '../builders.js';

function arrayOf(code: number, op: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new MongoError(code, `${op}'s argument must be an array, but is ${typeName(value)}`);
}

function whole(code: number, op: string, value: unknown): number {
  const number = asInteger(value);
  if (number === undefined) throw new MongoError(code, `${op} requires a whole number, found: ${typeName(value)}`);
  return number;
}

const size = eager(1, 1, ([value]) => {
  if (!Array.isArray(value))
    throw new MongoError(17124, `The argument to $size must be an array, but was of type: ${typeName(value)}`);
  return new Int32(value.length);
});

function elementAt([array, at]: unknown[], op: string): unknown {
  const list = arrayOf(28689, op, array);
  const index = whole(28691, op, at);
  return list[index < 0 ? list.length + index : index];
}

const slice: Builder = strict(2, 3, ([array, a, b], op) => {
  const list = arrayOf(28724, op, array);
  const first = whole(28725, op, a);
  if (b === undefined) return first >= 0 ? list.slice(0, first) : list.slice(first);
  const count = whole(28727, op, b);
  if (count <= 0) throw new MongoError(28729, `Third argument to ${op} must be positive: ${count}`);
  const from = first < 0 ? Math.max(0, list.length + first) : first;
  return list.slice(from, from + count);
});

/** `$filter`, `$map`: a variable that takes each element in turn. */
function eachElement(
  operand: Record<string, unknown>,
  compiler: Parameters<Builder>[1],
  body: unknown,
): { input: Expr; set: (env: Parameters<Expr>[0], item: unknown) => void; inner: Expr } {
  const name = operand.as ?? 'this';
  if (typeof name !== 'string') throw new MongoError(9, `'as' must be a string`);
  const { compiler: scoped, slots } = compiler.bind(name);
  const slot = slots[0]!;
  return {
    input: compiler.compile(operand.input),
    set: (env, item) => (env.vars[slot] = item),
    inner: scoped.compile(body),
  };
}

const filter: Builder = (operand, compiler, op) => {
  const spec = namedOperand(op, operand, ['input', 'cond'], ['as', 'limit']);
  const { input, set, inner } = eachElement(spec, compiler, spec.cond);
  const limitOf = spec.limit === undefined ? undefined : compiler.compile(spec.limit);
  return (env) => {
    const array = input(env);
    if (isNullish(array)) return null;
    const wanted = limitOf?.(env) ?? null;
    const limit = wanted === null ? Infinity : whole(327391, op, wanted);
    if (limit < 1) throw new MongoError(327392, `${op}: limit must be greater than 0`);
    const kept: unknown[] = [];
    for (const item of arrayOf(28651, op, array)) {
      if (kept.length >= limit) break;
      set(env, item);
      if (isTrue(inner(env))) kept.push(item);
    }
    return kept;
  };
};

const map: Builder = (operand, compiler, op) => {
  const spec = namedOperand(op, operand, ['input', 'in'], ['as']);
  const { input, set, inner } = eachElement(spec, compiler, spec.in);
  return (env) => {
    const array = input(env);
    if (isNullish(array)) return null;
    return arrayOf(16883, op, array).map((item) => {
      set(env, item);
      return inner(env) ?? null;
    });
  };
};

const reduce: Builder = (operand, compiler, op) => {
  const spec = namedOperand(op, operand, ['input', 'initialValue', 'in'], []);
  const [input, initial] = [compiler.compile(spec.input), compiler.compile(spec.initialValue)];
  const { compiler: scoped, slots } = compiler.bind('value', 'this');
  const body = scoped.compile(spec.in);
  const [valueSlot, itemSlot] = [slots[0]!, slots[1]!];
  return (env) => {
    const array = input(env);
    if (isNullish(array)) return null;
    let value = initial(env);
    for (const item of arrayOf(40080, op, array)) {
      env.vars[valueSlot] = value;
      env.vars[itemSlot] = item;
      value = body(env);
    }
    return value;
  };
};

const includes = eager(2, 2, ([item, array], _env, op) => {
  if (!Array.isArray(array))
    throw new MongoError(40081, `${op} requires an array as a second argument, found: ${typeName(array)}`);
  return array.some((member) => equals(member, item));
});

const edge = (at: number): Builder => unary((value, op) => arrayOf(28689, op, value).at(at));

function range([start, end, step]: unknown[], _env: unknown, op: string): unknown[] {
  const [from, to] = [whole(34444, op, start), whole(34446, op, end)];
  const by = step === undefined ? 1 : whole(34448, op, step);
  if (by === 0) throw new MongoError(34449, `${op} requires a non-zero step value`);
  const items: unknown[] = [];
  for (let at = from; by > 0 ? at < to : at > to; at += by) items.push(countValue(at));
  return items;
}

/** A set's members in canonical order, each once. */
function distinct(items: readonly unknown[]): unknown[] {
  const seen = new Map<string, unknown>();
  for (const item of items) {
    const key = hashKey(item);
    if (!seen.has(key)) seen.set(key, item);
  }
  return [...seen.values()].sort(compare);
}

const setOf = (array: unknown, op: string): Map<string, unknown> =>
  new Map(arrayOf(17043, op, array).map((item) => [hashKey(item), item]));

const union = strict(0, Infinity, (arrays, op) => distinct(arrays.flatMap((array) => arrayOf(17043, op, array))));

const intersection = strict(0, Infinity, (arrays, op) => {
  const [first, ...others] = arrays;
  if (first === undefined) return [];
  const sets = others.map((array) => setOf(array, op));
  return distinct(arrayOf(17047, op, first).filter((item) => sets.every((set) => set.has(hashKey(item)))));
});

const difference = strict(2, 2, ([a, b], op) => {
  const without = setOf(b, op);
  const kept = new Map<string, unknown>();
  for (const item of arrayOf(17048, op, a))
    if (!without.has(hashKey(item)) && !kept.has(hashKey(item))) kept.set(hashKey(item), item);
  return [...kept.values()];
});

const zip: Builder = (operand, compiler, op) => {
  const {
    inputs,
    useLongestLength = false,
    defaults,
  } = namedOperand(op, operand, ['inputs'], ['useLongestLength', 'defaults']);
  if (!Array.isArray(inputs)) throw new MongoError(34461, 'inputs must be an array of expressions');
  if (typeof useLongestLength !== 'boolean') throw new MongoError(34463, 'useLongestLength must be a bool');
  if (defaults !== undefined && !useLongestLength)
    throw new MongoError(34466, 'cannot specify defaults unless useLongestLength is true');
  if (defaults !== undefined && !Array.isArray(defaults))
    throw new MongoError(34462, 'defaults must be an array of expressions');
  const arrays = inputs.map((input) => compiler.compile(input));
  const fallback = ((defaults as unknown[] | undefined) ?? []).map((value) => compiler.compile(value));
  return (env) => {
    const values = arrays.map((array) => array(env));
    if (values.some(isNullish)) return null;
    const lists = values.map((value) => arrayOf(34468, op, value));
    const lengths = lists.map((list) => list.length);
    const length = lists.length === 0 ? 0 : useLongestLength ? Math.max(...lengths) : Math.min(...lengths);
    return Array.from({ length }, (_, row) =>
      lists.map((list, column) => (row < list.length ? list[row] : (fallback[column]?.(env) ?? null))),
    );
  };
};

function pairOf(item: unknown): [string, unknown] {
  if (Array.isArray(item)) {
    if (item.length !== 2) throw new MongoError(40397, '$arrayToObject requires an array of size 2 arrays');
    if (typeof item[0] !== 'string') throw new MongoError(40395, '$arrayToObject requires keys of type string');
    return [item[0], item[1]];
  }
  if (!isObject(item))
    throw new MongoError(40398, `Unrecognised input type format for $arrayToObject: ${typeName(item)}`);
  if (Object.keys(item).length !== 2 || !('k' in item) || !('v' in item))
    throw new MongoError(40392, `$arrayToObject requires an object keys of 'k' and 'v'`);
  if (typeof item.k !== 'string')
    throw new MongoError(40394, '$arrayToObject requires an object with keys of type string');
  return [item.k, item.v];
}

export const ARRAYS: OperatorTable = {
  $size: size,
  $arrayElemAt: strict(2, 2, elementAt),
  $slice: slice,
  $filter: filter,
  $map: map,
  $reduce: reduce,
  $in: includes,
  $concatArrays: strict(0, Infinity, (arrays, op) => arrays.flatMap((array) => arrayOf(28664, op, array))),
  $first: edge(0),
  $last: edge(-1),
  $range: eager(2, 3, range),
  $reverseArray: unary((value, op) => [...arrayOf(34435, op, value)].reverse()),
  $setUnion: union,
  $setIntersection: intersection,
  $setDifference: difference,
  $isArray: eager(1, 1, ([value]) => Array.isArray(value)),
  $zip: zip,
  $arrayToObject: unary((value, op) => Object.fromEntries(arrayOf(40386, op, value).map(pairOf))),
};
