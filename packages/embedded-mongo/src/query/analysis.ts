/** Owns what a filter says without looking at documents: index bounds, equalities for upserts, implication. */
import { isIndex } from '../bson/document.js';
import { compare } from '../bson/compare.js';
import { tagOf, TAG } from '../bson/types.js';
import type { PathConstraint, Value } from '../types.js';
import { intersect, within } from './intervals.js';
import type { FilterNode, PathNode } from './nodes.js';

/** The nodes that must all hold. */
export function conjuncts(node: FilterNode): FilterNode[] {
  if (node.kind === 'and') return node.children.flatMap(conjuncts);
  if (node.kind === 'or' && node.children.length === 1) return conjuncts(node.children[0]!);
  return [node];
}

/** Bounds of one node; inside `$elemMatch` the path continues from the array's. */
function boundsOf(node: FilterNode, prefix = ''): PathConstraint[] {
  if (node.kind !== 'path') return [];
  const path = [prefix, node.path].filter((part) => part !== '').join('.');
  if (path.split('.').some(isIndex)) return [];
  if (node.inner) return conjuncts(node.inner).flatMap((child) => boundsOf(child, path));
  return node.intervals ? [{ path, intervals: node.intervals, exact: true }] : [];
}

/**
 * The constraints an index may use. When several hold on one path their intersection comes first, with `exact` false: on a
 * multikey index different elements may satisfy each, so there only one of the single ones that follow may be used.
 */
export function constraintsOf(node: FilterNode): PathConstraint[] {
  const single = conjuncts(node).flatMap((child) => boundsOf(child));
  const paths = [...new Set(single.map((constraint) => constraint.path))];
  return paths.flatMap((path) => {
    const on = single.filter((constraint) => constraint.path === path);
    if (on.length === 1) return on;
    const intervals = on.map((constraint) => constraint.intervals).reduce(intersect);
    return [{ path, intervals, exact: false }, ...on];
  });
}

/** Constraints per branch of an `$or` that must hold, when every branch has some. */
export function branchesOf(node: FilterNode): PathConstraint[][] | undefined {
  for (const child of conjuncts(node)) {
    if (child.kind !== 'or') continue;
    const branches = child.children.map(constraintsOf);
    if (branches.every((branch) => branch.length > 0)) return branches;
  }
  return undefined;
}

/** Equalities that surely hold. */
export function equalitiesOf(node: FilterNode): Array<{ path: string; value: Value }> {
  return conjuncts(node).flatMap((child) =>
    child.kind === 'path' && child.op === '$eq' ? [{ path: child.path, value: child.operand }] : [],
  );
}

function sameNode(a: FilterNode, b: FilterNode): boolean {
  if (a.kind === 'path' && b.kind === 'path')
    return a.path === b.path && a.op === b.op && compare(a.operand, b.operand) === 0;
  if (a.kind === 'not' && b.kind === 'not') return sameNode(a.child, b.child);
  if (a.kind === 'expr' && b.kind === 'expr') return compare(a.operand, b.operand) === 0;
  if ((a.kind === 'or' && b.kind === 'or') || (a.kind === 'nor' && b.kind === 'nor')) {
    return (
      a.children.length === b.children.length && a.children.every((child, index) => sameNode(child, b.children[index]!))
    );
  }
  return false;
}

const isArray = (value: Value): boolean => tagOf(value) === TAG.array;

/** The values one of which the node's path surely reaches. */
function valuesOf(node: PathNode): readonly Value[] | undefined {
  const values = node.op === '$eq' ? [node.operand] : node.values;
  return values?.some(isArray) ? undefined : values;
}

/** A range or a type other than null is only satisfied by a field that is there. */
function surelyExists(node: PathNode): boolean {
  const values = valuesOf(node);
  if (values) return values.every((value) => tagOf(value) !== TAG.null);
  if (node.op === '$exists' || node.op === '$type' || node.op === '$regex' || node.op === '$size') return true;
  return /^\$(gt|lt)e?$/.test(node.op) && tagOf(node.operand) !== TAG.null;
}

function pathImplies(known: PathNode, wanted: PathNode): boolean {
  if (known.path !== wanted.path) return false;
  if (sameNode(known, wanted)) return true;
  if (wanted.op === '$exists') return surelyExists(known);
  const values = valuesOf(known);
  if (values && wanted.elements) return values.every((value) => tagOf(value) !== TAG.null && wanted.test(value));
  if (wanted.op === '$regex') return false;
  return known.intervals !== undefined && wanted.intervals !== undefined && within(known.intervals, wanted.intervals);
}

/** A negation is implied by itself alone: with arrays, an equality elsewhere does not exclude other values. */
function nodeImplies(known: FilterNode, wanted: FilterNode): boolean {
  if (known.kind === 'or') return known.children.every((child) => implies(child, wanted));
  if (known.kind === 'path' && wanted.kind === 'path') return pathImplies(known, wanted);
  return sameNode(known, wanted);
}

/** Whether every document that matches `known` surely matches `wanted`. */
export function implies(known: FilterNode, wanted: FilterNode): boolean {
  return conjuncts(wanted).every((part) => {
    if (part.kind === 'or' && part.children.some((child) => implies(known, child))) return true;
    return conjuncts(known).some((have) => nodeImplies(have, part));
  });
}
