/** Owns reading a filter document into nodes. Everything it does not know is refused here, before any data is touched. */
import { BSONRegExp } from 'bson';
import { badValue, notImplemented } from '../errors.js';
import { regexParts } from '../bson/compare.js';
import { splitPath } from '../bson/document.js';
import { isObject, tagOf, TAG, typeName } from '../bson/types.js';
import type { Doc, Interval } from '../types.js';
import { bitsTest } from './bits.js';
import { intervalsFor, pointsFor, prefixIntervals } from './intervals.js';
import type { FilterNode, PathNode } from './nodes.js';
import { documentTest, valueTest } from './nodes.js';
import { equalTest, existsTest, inTest, modTest, rangeTest, regexTest, sizeTest, typeTest } from './operators.js';
import { isRegex, literalPrefix } from './regex.js';
import type { Test } from './walk.js';
import { matched } from './walk.js';

/** How `$expr` is compiled; handed in so that queries do not depend on the expression language. */
export type ExprCompiler = (spec: unknown) => (doc: Doc) => boolean;

export interface ParseOptions {
  expr: ExprCompiler;
}

interface Leaf {
  op: string;
  operand: unknown;
  test: Test;
  elements?: boolean;
  intervals?: Interval[] | undefined;
  values?: readonly unknown[];
  inner?: FilterNode;
}

function leafAt(path: string, leaf: Leaf): PathNode {
  const { op, operand, test, elements = true } = leaf;
  const node: PathNode = { kind: 'path', path, parts: splitPath(path), op, operand, test, elements };
  if (leaf.intervals) node.intervals = leaf.intervals;
  if (leaf.values) node.values = leaf.values;
  if (leaf.inner) node.inner = leaf.inner;
  return node;
}

const not = (child: FilterNode): FilterNode => ({ kind: 'not', child });
const and = (children: FilterNode[]): FilterNode => (children.length === 1 ? children[0]! : { kind: 'and', children });

type FieldOperator = (path: string, operand: unknown, options: ParseOptions) => FilterNode;

function equality(path: string, operand: unknown): FilterNode {
  return leafAt(path, { op: '$eq', operand, test: equalTest(operand), intervals: intervalsFor('$eq', operand) });
}

function range(op: string): FieldOperator {
  return (path, operand) =>
    leafAt(path, { op, operand, test: rangeTest(op, operand), intervals: intervalsFor(op, operand) });
}

function pattern(path: string, pattern: string, options: string): FilterNode {
  const test = regexTest(pattern, options);
  const operand = new BSONRegExp(pattern, options);
  const prefix = literalPrefix(pattern, options);
  const intervals = prefix === undefined ? undefined : prefixIntervals(prefix, operand);
  return leafAt(path, { op: '$regex', operand, test, intervals });
}

/** A bare value after a path, or after `$eq`-like places that also take patterns. */
function implicit(path: string, value: unknown): FilterNode {
  if (!isRegex(value)) return equality(path, value);
  return pattern(path, regexParts(value).pattern, regexParts(value).options);
}

function listOperand(op: string, operand: unknown): unknown[] {
  if (!Array.isArray(operand)) throw badValue(`${op} needs an array`);
  if (operand.some(isOperatorDocument)) throw badValue(`cannot nest $ under ${op}`);
  return operand;
}

function among(path: string, operand: unknown, op = '$in'): FilterNode {
  const values = listOperand(op, operand);
  const plain = !values.some(isRegex);
  const leaf: Leaf = { op: '$in', operand: values, test: inTest(values) };
  return leafAt(path, plain ? { ...leaf, intervals: pointsFor(values), values } : leaf);
}

const REFERENCE_FIELDS = new Set(['$ref', '$id', '$db']);

/** `{$gt: 1}` is an operator document; `{}`, `{a: 1}` and DBRef-shaped documents are values. */
function isOperatorDocument(value: unknown): value is Doc {
  if (!isObject(value)) return false;
  const first = Object.keys(value)[0];
  return first !== undefined && first.startsWith('$') && !REFERENCE_FIELDS.has(first);
}

function negation(path: string, operand: unknown, options: ParseOptions): FilterNode {
  if (isRegex(operand)) return not(implicit(path, operand));
  if (!isObject(operand)) throw badValue('$not needs a regex or a document');
  if (Object.keys(operand).length === 0) throw badValue('$not cannot be empty');
  return not(fieldOperators(path, operand, options));
}

const LOGICAL = new Set(['$and', '$or', '$nor', '$expr', '$comment']);

function elementMatch(path: string, operand: unknown, options: ParseOptions): FilterNode {
  if (!isObject(operand)) throw badValue('$elemMatch needs an Object');
  const onValues = isOperatorDocument(operand) && !LOGICAL.has(Object.keys(operand)[0]!);
  const inner = onValues ? fieldOperators('', operand, options) : parseFilter(operand, options);
  const element = onValues ? valueTest(inner) : elementTest(documentTest(inner));
  const test: Test = (value) => Array.isArray(value) && someElement(value, element);
  const leaf: Leaf = { op: '$elemMatch', operand, test, elements: false, inner };
  return leafAt(path, leaf);
}

/** Array elements are matched as documents; an array inside the array is one with its indexes as names. */
const elementTest =
  (test: (doc: Doc) => boolean): Test =>
  (value) =>
    Array.isArray(value) ? test({ ...value }) : isObject(value) && test(value);

function someElement(array: readonly unknown[], test: Test): boolean {
  const index = array.findIndex((item) => test(item));
  if (index < 0) return false;
  matched.position = index;
  return true;
}

function everyOf(path: string, operand: unknown, options: ParseOptions): FilterNode {
  if (!Array.isArray(operand)) throw badValue('$all needs an array');
  if (operand.length === 0) return { kind: 'never' };
  const isMatch = (value: unknown): boolean => isObject(value) && Object.keys(value)[0] === '$elemMatch';
  if (operand.some(isMatch) && !operand.every(isMatch)) throw badValue('no $ expressions in $all');
  if (operand.every(isMatch)) return and(operand.map((item: Doc) => elementMatch(path, item.$elemMatch, options)));
  if (operand.some(isOperatorDocument)) throw badValue('no $ expressions in $all');
  return and(operand.map((item) => implicit(path, item)));
}

function exists(path: string, operand: unknown): FilterNode {
  const { test, negate } = existsTest(operand);
  const node = leafAt(path, { op: '$exists', operand: true, test, elements: false });
  return negate ? not(node) : node;
}

const bits =
  (op: string): FieldOperator =>
  (path, operand) =>
    leafAt(path, { op, operand, test: bitsTest(op, operand) });

/** Operators on a field. The names are the list in SUPPORTED.md. */
export const FIELD_OPERATORS: Readonly<Record<string, FieldOperator>> = {
  $eq: (path, operand) => {
    if (isRegex(operand)) return leafAt(path, { op: '$eq', operand, test: equalTest(operand) });
    return equality(path, operand);
  },
  $ne: (path, operand) => {
    if (isRegex(operand)) throw badValue(`Can't have regex as arg to $ne.`);
    return not(equality(path, operand));
  },
  $gt: range('$gt'),
  $gte: range('$gte'),
  $lt: range('$lt'),
  $lte: range('$lte'),
  $in: (path, operand) => among(path, operand),
  $nin: (path, operand) => not(among(path, operand, '$nin')),
  $exists: exists,
  $type: (path, operand) => leafAt(path, { op: '$type', operand, test: typeTest(operand) }),
  $not: negation,
  $elemMatch: elementMatch,
  $all: everyOf,
  $size: (path, operand) => leafAt(path, { op: '$size', operand, test: sizeTest(operand), elements: false }),
  $mod: (path, operand) => leafAt(path, { op: '$mod', operand, test: modTest(operand) }),
  $bitsAllSet: bits('$bitsAllSet'),
  $bitsAllClear: bits('$bitsAllClear'),
  $bitsAnySet: bits('$bitsAnySet'),
  $bitsAnyClear: bits('$bitsAnyClear'),
};

/** Operators that MongoDB has and this database refuses. */
const REFUSED = new Set([
  ...[
    '$where',
    '$text',
    '$jsonSchema',
    '$near',
    '$nearSphere',
    '$geoWithin',
    '$geoIntersects',
    '$geoNear',
    '$within',
    '$sampleRate',
  ],
  ...[
    '$alwaysTrue',
    '$alwaysFalse',
    '$maxDistance',
    '$minDistance',
    '$geometry',
    '$box',
    '$center',
    '$centerSphere',
    '$polygon',
  ],
]);

function fieldOperators(path: string, operators: Doc, options: ParseOptions): FilterNode {
  const nodes: FilterNode[] = [];
  for (const [op, operand] of Object.entries(operators)) {
    if (op === '$regex' || op === '$options') continue;
    if (REFUSED.has(op)) throw notImplemented(`the query operator ${op}`);
    if (op === '$comment') continue;
    const make = Object.hasOwn(FIELD_OPERATORS, op) ? FIELD_OPERATORS[op] : undefined;
    if (!make) throw badValue(`unknown operator: ${op}`);
    nodes.push(make(path, operand, options));
  }
  if ('$regex' in operators) nodes.push(regexPair(path, operators.$regex, operators.$options));
  else if ('$options' in operators) throw badValue('$options needs a $regex');
  return and(nodes);
}

function regexPair(path: string, source: unknown, optionText: unknown): FilterNode {
  if (optionText !== undefined && typeof optionText !== 'string') throw badValue('$options has to be a string');
  if (typeof source === 'string') return pattern(path, source, [...(optionText ?? '')].sort().join(''));
  if (!isRegex(source)) throw badValue('$regex has to be a string');
  const parts = regexParts(source);
  if (optionText && parts.options) throw badValue('options set in both $regex and $options');
  return pattern(path, parts.pattern, optionText ?? parts.options);
}

function branchesOf(op: string, operand: unknown, options: ParseOptions): FilterNode[] {
  if (!Array.isArray(operand)) throw badValue(`${op} argument must be an array, but was given as ${typeName(operand)}`);
  if (operand.length === 0) throw badValue(`${op} argument must be a non-empty array`);
  return operand.map((branch) => {
    if (tagOf(branch) !== TAG.object) throw badValue('$or/$and/$nor entries need to be full objects');
    return parseFilter(branch as Doc, options);
  });
}

type TopOperator = (operand: unknown, options: ParseOptions) => FilterNode | undefined;
const logical =
  (kind: 'and' | 'or' | 'nor'): TopOperator =>
  (operand, options) => ({ kind, children: branchesOf(`$${kind}`, operand, options) });

/** Operators in place of a field name. */
export const TOP_OPERATORS: Readonly<Record<string, TopOperator>> = {
  $and: logical('and'),
  $or: logical('or'),
  $nor: logical('nor'),
  $expr: (operand, options) => ({ kind: 'expr', operand, test: options.expr(operand) }),
  $comment: () => undefined,
};

function topLevel(op: string, operand: unknown, options: ParseOptions): FilterNode | undefined {
  if (REFUSED.has(op)) throw notImplemented(`the query operator ${op}`);
  const make = Object.hasOwn(TOP_OPERATORS, op) ? TOP_OPERATORS[op] : undefined;
  if (!make)
    throw badValue(
      `unknown top level operator: ${op}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
    );
  return make(operand, options);
}

/** A whole filter document. Throws 2 for what is wrong or unknown, 238 for what is known and refused. */
export function parseFilter(filter: Doc, options: ParseOptions): FilterNode {
  if (!isObject(filter)) throw badValue('filter must be an object');
  const nodes = Object.entries(filter).flatMap(([name, value]) => {
    const node = name.startsWith('$') ? topLevel(name, value, options) : onField(name, value, options);
    return node ? [node] : [];
  });
  return and(nodes);
}

function onField(path: string, value: unknown, options: ParseOptions): FilterNode {
  return isOperatorDocument(value) ? fieldOperators(path, value, options) : implicit(path, value);
}

/** A condition on one value: operators, a pattern or equality (as `$pull` takes it). */
export function parseCondition(condition: unknown, options: ParseOptions): Test {
  return valueTest(onField('', condition, options));
}
