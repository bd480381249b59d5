/** Owns the update operators on arrays: `$push $addToSet $pull $pullAll $pop`. */
import { badValue, failedToParse, typeMismatch } from '../errors.js';
import { compare, equals } from '../bson/compare.js';
import { asInteger } from '../bson/number.js';
import { isObject, typeName } from '../bson/types.js';
import { hashKey } from '../keys/encode.js';
import type { ParseOptions } from '../query/parse.js';
import { parseCondition, parseFilter } from '../query/parse.js';
import { documentTest } from '../query/nodes.js';
import { isRegex } from '../query/regex.js';
import { compileSort } from '../agg/sort.js';
import type { Operator } from './scalars.js';

type Arrange = (array: unknown[]) => unknown[];

function integerOf(name: string, value: unknown): number {
  const number = asInteger(value);
  if (number === undefined)
    throw badValue(`The value for ${name} must be an integer value but was given type: ${typeName(value)}`);
  return number;
}

function sorter(spec: unknown): Arrange {
  if (isObject(spec)) {
    if (Object.keys(spec).length === 0) throw badValue('The $sort pattern is empty when it should be a set of fields.');
    const sort = compileSort(spec);
    const asDoc = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});
    return (array) => [...array].sort((a, b) => sort.compare(asDoc(a), asDoc(b)));
  }
  const direction = asInteger(spec);
  if (direction !== 1 && direction !== -1) throw badValue('The $sort element value must be either 1 or -1');
  return (array) => [...array].sort((a, b) => direction * compare(a, b));
}

function slicer(limit: number): Arrange {
  return (array) => (limit >= 0 ? array.slice(0, limit) : array.slice(limit));
}

const MODIFIERS = new Set(['$each', '$slice', '$sort', '$position']);

interface Push {
  items: readonly unknown[];
  position: number | undefined;
  arrange: Arrange[];
}

/** A document with `$each` is modifiers; anything else is the value to push. */
function parsePush(operand: unknown): Push {
  if (!isObject(operand) || !('$each' in operand)) return { items: [operand], position: undefined, arrange: [] };
  const unknown = Object.keys(operand).find((name) => !MODIFIERS.has(name));
  if (unknown) throw badValue(`Unrecognized clause in $push: ${unknown}`);
  const items: unknown = operand.$each;
  if (!Array.isArray(items))
    throw badValue(`The argument to $each in $push must be an array but it was of type: ${typeName(items)}`);
  const position = operand.$position === undefined ? undefined : integerOf('$position', operand.$position);
  const arrange: Arrange[] = [];
  if (operand.$sort !== undefined) arrange.push(sorter(operand.$sort));
  if (operand.$slice !== undefined) arrange.push(slicer(integerOf('$slice', operand.$slice)));
  return { items, position, arrange };
}

function insertAt(array: readonly unknown[], items: readonly unknown[], position = array.length): unknown[] {
  const at = position < 0 ? Math.max(0, array.length + position) : Math.min(position, array.length);
  return [...array.slice(0, at), ...items, ...array.slice(at)];
}

const push: Operator = (operand) => {
  const { items, position, arrange } = parsePush(operand);
  return (current, _context, place) => {
    if (current !== undefined && !Array.isArray(current)) {
      throw badValue(
        `The field '${place.name}' must be an array but is of type ${typeName(current)} in document {_id: ${place.id()}}`,
      );
    }
    return arrange.reduce((array, step) => step(array), insertAt(current ?? [], items, position));
  };
};

const addToSet: Operator = (operand) => {
  const each = isObject(operand) && Object.keys(operand)[0] === '$each';
  const items: unknown = each ? operand.$each : [operand];
  if (!Array.isArray(items))
    throw typeMismatch(`The argument to $each in $addToSet must be an array but it was of type ${typeName(items)}`);
  if (each && Object.keys(operand).length > 1)
    throw badValue(`Found unexpected fields after $each in $addToSet: ${Object.keys(operand).join(', ')}`);
  return (current, _context, place) => {
    if (current !== undefined && !Array.isArray(current)) {
      throw badValue(
        `Cannot apply $addToSet to non-array field. Field named '${place.name}' has non-array type ${typeName(current)}`,
      );
    }
    const seen = new Set((current ?? []).map(hashKey));
    const added = items.filter((item) => !seen.has(hashKey(item)) && seen.add(hashKey(item)));
    return added.length === 0 && current !== undefined
      ? undefined
      : [...((current as unknown[] | undefined) ?? []), ...added];
  };
};

function without(op: string, drop: (value: unknown) => boolean): ReturnType<Operator> {
  return (current) => {
    if (current === undefined) return undefined;
    if (!Array.isArray(current)) throw badValue(`Cannot apply ${op} to a non-array value`);
    const kept = current.filter((value) => !drop(value));
    return kept.length === current.length ? undefined : kept;
  };
}

/** A document of operators tests each element; another document is a filter on elements that are documents. */
function pullTest(condition: unknown, options: ParseOptions): (value: unknown) => boolean {
  if (!isObject(condition))
    return isRegex(condition) ? parseCondition(condition, options) : (value) => equals(value, condition);
  if (Object.keys(condition)[0]?.startsWith('$') && !/^\$(and|or|nor|expr)$/.test(Object.keys(condition)[0]!))
    return parseCondition(condition, options);
  const test = documentTest(parseFilter(condition, options));
  return (value) => isObject(value) && test(value);
}

const pullAll: Operator = (operand) => {
  if (!Array.isArray(operand))
    throw badValue(`$pullAll requires an array argument but was given a ${typeName(operand)}`);
  return without('$pullAll', (value) => operand.some((item) => equals(item, value)));
};

const pop: Operator = (operand, path) => {
  const end = asInteger(operand);
  if (end !== 1 && end !== -1) throw failedToParse(`$pop expects 1 or -1, found: ${String(operand)}`);
  return (current) => {
    if (current === undefined) return undefined;
    if (!Array.isArray(current))
      throw typeMismatch(`Path '${path}' contains an element of non-array type '${typeName(current)}'`);
    return end === 1 ? current.slice(0, -1) : current.slice(1);
  };
};

/** Operators on arrays; `$pull` reads its condition as a filter. */
export function arrayOperators(options: ParseOptions): Readonly<Record<string, Operator>> {
  return {
    $push: push,
    $addToSet: addToSet,
    $pull: (operand) => without('$pull', pullTest(operand, options)),
    $pullAll: pullAll,
    $pop: pop,
  };
}
