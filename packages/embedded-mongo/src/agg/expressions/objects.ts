/** Owns expressions on documents, and the accumulators that also serve as expressions on their arguments. */
import { MongoError } from '../../errors.js';
import { entriesOf } from '../../bson/compare.js';
import { field } from '../../bson/document.js';
import { isNullish, isObject, typeName } from '../../bson/types.js';
import type { Doc } from '../../types.js';
import { ACCUMULATORS } from '../accumulators.js';
import type { Builder, OperatorTable } from '../compiler.js';
import { eager, namedOperand, unary } from '../builders.js';

function mergeObjects(values: unknown[]): Doc {
  const merged: Doc = {};
  for (const value of values.length === 1 && Array.isArray(values[0]) ? values[0] : values) {
    if (isNullish(value)) continue;
    if (!isObject(value))
      throw new MongoError(40400, `$mergeObjects requires object inputs, but input is of type ${typeName(value)}`);
    Object.assign(merged, value);
  }
  return merged;
}

const getField: Builder = (operand, compiler, op) => {
  const short =
    typeof operand === 'string' || !isObject(operand) || Object.keys(operand).some((name) => name.startsWith('$'));
  const spec = short ? { field: operand } : namedOperand(op, operand, ['field'], ['input']);
  const name = compiler.compile(spec.field);
  const input = spec.input === undefined ? undefined : compiler.compile(spec.input);
  return (env) => {
    const wanted = name(env);
    if (typeof wanted !== 'string') throw new MongoError(3041704, `${op} requires 'field' to evaluate to type String`);
    const source = input ? input(env) : env.root;
    if (source === null) return null;
    return isObject(source) ? field(source, wanted) : undefined;
  };
};

/** `$sum` and its like over the arguments; a single argument that is an array is taken apart. */
function accumulate(name: string): Builder {
  const make = ACCUMULATORS[name]!;
  return eager(0, Infinity, (values) => {
    const state = make();
    for (const value of values.length === 1 && Array.isArray(values[0]) ? values[0] : values) state.add(value);
    return state.result();
  });
}

export const OBJECTS: OperatorTable = {
  $mergeObjects: eager(0, Infinity, mergeObjects),
  $getField: getField,
  $objectToArray: unary((value, op) => {
    if (!isObject(value)) throw new MongoError(40390, `${op} requires a document input, found: ${typeName(value)}`);
    return entriesOf(value).map(([k, v]) => ({ k, v }));
  }),
  $sum: accumulate('$sum'),
  $avg: accumulate('$avg'),
  $min: accumulate('$min'),
  $max: accumulate('$max'),
};
