/** Owns reading a projection: inclusion or exclusion, `_id`, computed fields, and the array operators of `find`. */
import { MongoError, badValue, emptyFieldName, notImplemented } from '../errors.js';
import { splitPath } from '../bson/document.js';
import { asInteger } from '../bson/number.js';
import { isNumber, isObject, typeName } from '../bson/types.js';
import type { Doc } from '../types.js';
import type { Compiler } from '../agg/compiler.js';
import { isTrue } from '../agg/compiler.js';
import { documentTest } from '../query/nodes.js';
import { parseCondition, parseFilter } from '../query/parse.js';
import type { ParseOptions } from '../query/parse.js';
import type { Mode, Rule, Rules } from './tree.js';

export interface ParseProjection {
  compiler: Compiler;
  /** For `find`: how filters inside `$elemMatch` are read. Without it the array operators do not exist. */
  find?: ParseOptions;
}

export interface ParsedProjection {
  mode: Mode;
  rules: Rules;
  positional: boolean;
}

interface Leaf {
  path: string;
  rule: Rule;
  /** Which mode the leaf asks for; undefined when it goes with either. */
  wants: 'inclusion' | 'exclusion' | undefined;
}

/** The operators only `find` has, as listed in SUPPORTED.md. */
export const PROJECTION_OPERATORS = ['$slice', '$elemMatch', '$'] as const;

function sliceRule(operand: unknown): Rule {
  const list = Array.isArray(operand) ? operand : [operand];
  const numbers = list.map(asInteger);
  if (numbers.includes(undefined) || list.length > 2)
    throw new MongoError(28667, 'Invalid $slice syntax. The given syntax did not match the find() syntax');
  const [first, count] = numbers as number[];
  if (count !== undefined && count <= 0) throw new MongoError(28729, `The $slice limit must be positive: ${count}`);
  return { kind: 'array', apply: (value) => (Array.isArray(value) ? slice(value, first!, count) : value) };
}

function slice(array: readonly unknown[], first: number, count: number | undefined): unknown[] {
  if (count === undefined) return first >= 0 ? array.slice(0, first) : array.slice(first);
  const from = first < 0 ? Math.max(0, array.length + first) : first;
  return array.slice(from, from + count);
}

function elemMatchRule(operand: unknown, options: ParseOptions): Rule {
  if (!isObject(operand))
    throw new MongoError(31274, `elemMatch: Invalid argument, object required, but got ${typeName(operand)}`);
  const first = Object.keys(operand)[0];
  const onValues = first !== undefined && first.startsWith('$') && !['$and', '$or', '$nor', '$expr'].includes(first);
  const onDocument = onValues ? undefined : documentTest(parseFilter(operand, options));
  const test = onDocument
    ? (item: unknown): boolean => isObject(item) && onDocument(item)
    : parseCondition(operand, options);
  const apply = (value: unknown): unknown => {
    if (!Array.isArray(value)) return undefined;
    const index = value.findIndex((item) => test(item));
    return index < 0 ? undefined : [value[index]];
  };
  return { kind: 'array', apply };
}

function positionalRule(path: string): Rule {
  const apply = (value: unknown, position: number | undefined): unknown => {
    if (!Array.isArray(value)) return value;
    if (position === undefined || position >= value.length) {
      throw new MongoError(
        51246,
        `Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array (${path})`,
      );
    }
    return [value[position]];
  };
  return { kind: 'array', apply };
}

function checkName(path: string): void {
  if (path === '') throw emptyFieldName('An empty projection path is not valid');
  const parts = splitPath(path);
  if (parts.includes('')) throw new MongoError(15998, `FieldPath field names may not be empty strings: '${path}'`);
  const dollar = parts.find((part) => part.startsWith('$'));
  if (dollar !== undefined) throw new MongoError(16410, `FieldPath field names may not start with '$': '${path}'`);
}

function operatorLeaf(path: string, value: Doc, options: ParseProjection): Leaf {
  const op = Object.keys(value)[0]!;
  if (op === '$meta') throw notImplemented('the projection operator $meta');
  if (options.find && op === '$slice' && !isAggregateSlice(value.$slice))
    return { path, rule: sliceRule(value.$slice), wants: undefined };
  if (options.find && op === '$elemMatch')
    return { path, rule: elemMatchRule(value.$elemMatch, options.find), wants: 'inclusion' };
  return { path, rule: { kind: 'compute', expr: options.compiler.compile(value) }, wants: 'inclusion' };
}

/** `{$slice: ['$a', 1]}` is the expression, `{$slice: [1, 2]}` the operator of `find`. */
const isAggregateSlice = (operand: unknown): boolean =>
  Array.isArray(operand) && operand.length > 0 && !isNumber(operand[0]);

function leavesOf(path: string, value: unknown, options: ParseProjection): Leaf[] {
  if (options.find && path.endsWith('.$')) {
    checkName(path.slice(0, -2));
    return [{ path: path.slice(0, -2), rule: positionalRule(path), wants: 'inclusion' }];
  }
  checkName(path);
  if (typeof value === 'boolean' || isNumber(value)) {
    const include = isTrue(value);
    return [{ path, rule: { kind: include ? 'include' : 'exclude' }, wants: include ? 'inclusion' : 'exclusion' }];
  }
  if (!isObject(value))
    return [{ path, rule: { kind: 'compute', expr: options.compiler.compile(value) }, wants: 'inclusion' }];
  const names = Object.keys(value);
  if (names.length === 0)
    throw new MongoError(51270, `An empty sub-projection is not a valid value. Found empty object at path '${path}'`);
  if (names.some((name) => name.startsWith('$'))) return [operatorLeaf(path, value, options)];
  return names.flatMap((name) => leavesOf(`${path}.${name}`, value[name], options));
}

/** Puts a rule at its path. Errors 31249 and 31250 when paths collide. */
export function place(rules: Rules, path: string, rule: Rule): void {
  const parts = path.split('.');
  let at = rules;
  parts.forEach((part, index) => {
    const present = at.get(part);
    if (index === parts.length - 1) {
      if (present) throw new MongoError(present.kind === 'fields' ? 31250 : 31250, `Path collision at ${path}`);
      at.set(part, rule);
      return;
    }
    if (present && present.kind !== 'fields')
      throw new MongoError(31249, `Path collision at ${path} remaining portion ${parts.slice(index + 1).join('.')}`);
    const next: Rule = present ?? { kind: 'fields', rules: new Map() };
    at.set(part, next);
    at = (next as { rules: Rules }).rules;
  });
}

/** `_id` goes with either mode, unless it alone decides. */
function modeOf(leaves: readonly Leaf[]): Mode {
  const deciding = leaves.filter((leaf) => leaf.path !== '_id');
  const first =
    deciding.find((leaf) => leaf.wants)?.wants ?? (deciding.length > 0 ? 'exclusion' : leaves[0]?.wants) ?? 'exclusion';
  for (const { path, wants } of deciding) {
    if (wants === undefined || wants === first) continue;
    if (first === 'inclusion')
      throw new MongoError(31254, `Cannot do exclusion on field ${path} in inclusion projection`);
    throw new MongoError(31253, `Cannot do inclusion on field ${path} in exclusion projection`);
  }
  return first;
}

/** Validates a projection. Errors 2, 31249, 31250, 31253, 31254, 51270, and those of expressions and filters. */
export function parseProjection(spec: Doc, options: ParseProjection): ParsedProjection {
  if (!isObject(spec)) throw badValue('a projection must be an object');
  const leaves = Object.entries(spec).flatMap(([path, value]) => leavesOf(path, value, options));
  const positionals = Object.keys(spec).filter((path) => path.endsWith('.$'));
  if (positionals.length > 1)
    throw new MongoError(31276, 'Cannot specify more than one positional projection per query.');
  const mode = modeOf(leaves);
  const rules: Rules = new Map();
  if (mode === 'inclusion' && !leaves.some((leaf) => leaf.path === '_id' || leaf.path.startsWith('_id.')))
    rules.set('_id', { kind: 'include' });
  for (const { path, rule } of leaves) place(rules, path, rule);
  return { mode, rules, positional: positionals.length > 0 };
}
