/** Owns the update operators that turn one value into another: `$set $inc $mul $min $max $currentDate $bit`. */
import { Int32, Long } from 'bson';
import { badValue, failedToParse, typeMismatch } from '../errors.js';
import { compare } from '../bson/compare.js';
import { arithmetic, kindOf, toDouble } from '../bson/number.js';
import { isNumber, isObject, typeName } from '../bson/types.js';
import type { UpdateContext } from '../types.js';
import { shown } from './show.js';

/** Where an operation happens, for its messages. */
export interface Place {
  /** The field's own name. */
  name: string;
  /** The document's `_id` as text. */
  id: () => string;
}

/** The field's new value from its present one (undefined when missing); returning undefined leaves the field as it is. */
export type Change = (current: unknown, context: UpdateContext, place: Place) => unknown;
/** Checks the operand once and gives the change. */
export type Operator = (operand: unknown, path: string) => Change;

function arithmeticOperator(op: '$inc' | '$mul'): Operator {
  const verb = op === '$inc' ? 'increment' : 'multiply';
  return (operand, path) => {
    if (!isNumber(operand))
      throw typeMismatch(`Cannot ${verb} with non-numeric argument: {${path}: ${shown(operand)}}`);
    const zero = arithmetic('subtract', operand, operand);
    return (current, _context, place) => {
      if (current === undefined) return op === '$inc' ? operand : zero;
      if (!isNumber(current)) {
        throw typeMismatch(
          `Cannot apply ${op} to a value of non-numeric type. {_id: ${place.id()}} has the field '${place.name}' of non-numeric type ${typeName(current)}`,
        );
      }
      const result = arithmetic(op === '$inc' ? 'add' : 'multiply', current, operand);
      if (result === undefined)
        throw badValue(
          `Failed to apply ${op} operations to current value (${shown(current)}) for document {_id: ${place.id()}}`,
        );
      return result;
    };
  };
}

const extreme =
  (better: (order: number) => boolean): Operator =>
  (operand) =>
  (current) =>
    current === undefined || better(compare(operand, current)) ? operand : undefined;

const BIT_OPS: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

const isInteger = (value: unknown): boolean => isNumber(value) && ['int', 'long'].includes(kindOf(value));
const toBig = (value: unknown): bigint => (value instanceof Long ? value.toBigInt() : BigInt(toDouble(value)));

/** `{and|or|xor: integer}`; a missing field counts as 0. */
const bit: Operator = (operand, path) => {
  if (!isObject(operand))
    throw badValue(
      `The $bit modifier is not compatible with a ${typeName(operand)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    );
  const steps = Object.entries(operand).map(([name, mask]) => {
    const combine = Object.hasOwn(BIT_OPS, name) ? BIT_OPS[name] : undefined;
    if (!combine)
      throw badValue(
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator: {${path}: ${shown(operand)}}`,
      );
    if (!isInteger(mask))
      throw badValue(
        `The $bit modifier field must be an Integer(32/64 bit); a '${typeName(mask)}' is not supported here: {${name}: ${shown(mask)}}`,
      );
    return { combine, mask };
  });
  if (steps.length === 0)
    throw badValue(`You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}`);
  return (current, _context, place) => {
    const start = current === undefined ? new Int32(0) : current;
    if (!isInteger(start))
      throw badValue(
        `Cannot apply $bit to a value of non-integral type._id: ${place.id()} has the field ${place.name} of non-integer type ${typeName(start)}`,
      );
    const long = [start, ...steps.map((step) => step.mask)].some((value) => kindOf(value) === 'long');
    const result = steps.reduce((value, { combine, mask }) => combine(value, toBig(mask)), toBig(start));
    return long ? Long.fromBigInt(result) : new Int32(Number(result));
  };
};

const currentDate: Operator = (operand, path) => {
  if (typeof operand === 'boolean') return (_current, context) => context.now;
  if (!isObject(operand))
    throw badValue(
      `${typeName(operand)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
    );
  const unknown = Object.keys(operand).find((name) => name !== '$type');
  if (unknown) throw badValue(`Unrecognized $currentDate option: ${unknown}`);
  if (operand.$type === 'date') return (_current, context) => context.now;
  if (operand.$type === 'timestamp') return (_current, context) => context.timestamp;
  throw badValue(
    `The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {${path} : {$type: 'date'}}}`,
  );
};

const set: Operator = (operand) => () => operand;

/** Operators that look at one value only. */
export const SCALAR_OPERATORS: Readonly<Record<string, Operator>> = {
  $set: set,
  $setOnInsert: (operand) => (_current, context) => (context.inserting ? operand : undefined),
  $inc: arithmeticOperator('$inc'),
  $mul: arithmeticOperator('$mul'),
  $min: extreme((order) => order < 0),
  $max: extreme((order) => order > 0),
  $currentDate: currentDate,
  $bit: bit,
};

/** The operand documents of update operators must be documents. */
export function fieldsOf(op: string, operand: unknown): Array<[string, unknown]> {
  if (isObject(operand)) return Object.entries(operand);
  throw failedToParse(
    `Modifiers operate on fields but we found type ${typeName(operand)} instead. For example: {$mod: {<field>: ...}} not {${op}: ${shown(operand)}}`,
  );
}
