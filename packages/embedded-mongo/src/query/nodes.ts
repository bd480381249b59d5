/** Owns the parsed form of a filter and its evaluation. The parser builds it, the analysis reads it. */
import type { Doc, Interval, Value } from '../types.js';
import { isObject } from '../bson/types.js';
import type { Test } from './walk.js';
import { matched, pathPredicate } from './walk.js';

/** One predicate on one path. */
export interface PathNode {
  kind: 'path';
  path: string;
  parts: readonly string[];
  op: string;
  /** The operand, for comparing nodes with one another. */
  operand: Value;
  test: Test;
  /** Whether an array at the end of the path is opened. */
  elements: boolean;
  /** What an index may use. */
  intervals?: Interval[];
  /** For `$in`: its values when none is a pattern. */
  values?: readonly Value[];
  /** For `$elemMatch` over documents: the filter on the element. */
  inner?: FilterNode;
}

export type FilterNode =
  | PathNode
  | { kind: 'and' | 'or' | 'nor'; children: FilterNode[] }
  | { kind: 'not'; child: FilterNode }
  | { kind: 'expr'; operand: Value; test: (doc: Doc) => boolean }
  | { kind: 'never' };

type DocTest = (doc: Doc) => boolean;

function conjunction<T>(tests: ReadonlyArray<(value: T) => boolean>): (value: T) => boolean {
  const [first, second] = tests;
  if (!first) return () => true;
  if (!second) return first;
  if (tests.length === 2) return (value) => first(value) && second(value);
  return (value) => tests.every((test) => test(value));
}

/** A negated predicate finds no array position. */
function negated<T>(test: (value: T) => boolean): (value: T) => boolean {
  return (value) => {
    const before = matched.position;
    const result = !test(value);
    matched.position = before;
    return result;
  };
}

const disjunction =
  <T>(tests: ReadonlyArray<(value: T) => boolean>): ((value: T) => boolean) =>
  (value) =>
    tests.some((test) => test(value));

function combine<T>(
  node: FilterNode,
  leaf: (node: PathNode) => (value: T) => boolean,
  expr: (test: DocTest) => (value: T) => boolean,
): (value: T) => boolean {
  const inner = (child: FilterNode): ((value: T) => boolean) => combine(child, leaf, expr);
  switch (node.kind) {
    case 'path':
      return leaf(node);
    case 'and':
      return conjunction(node.children.map(inner));
    case 'or':
      return disjunction(node.children.map(inner));
    case 'nor':
      return negated(disjunction(node.children.map(inner)));
    case 'not':
      return negated(inner(node.child));
    case 'expr':
      return expr(node.test);
    case 'never':
      return () => false;
  }
}

/** The filter as a predicate on documents. */
export const documentTest = (node: FilterNode): DocTest =>
  combine<Doc>(
    node,
    (leaf) => pathPredicate(leaf.parts, leaf.elements, leaf.test),
    (test) => test,
  );

/** The filter as a predicate on one array element, its paths left out (`{$elemMatch: {$gt: 1}}`). */
export const valueTest = (node: FilterNode): Test =>
  combine<unknown>(
    node,
    (leaf) => leaf.test,
    (test) => (value) => isObject(value) && test(value),
  );
