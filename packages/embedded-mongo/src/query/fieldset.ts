/** Owns which top-level fields a filter looks at, so that the others need not be decoded. */
import { isObject } from '../bson/types.js';
import type { FilterNode } from './nodes.js';

const ANY = Symbol('any field');

const headOf = (path: string): string => path.split('.', 1)[0] ?? '';

/** Field paths in an expression are texts with a dollar; names of variables that stand for the document have two. */
function addExpression(value: unknown, fields: Set<string | typeof ANY>): void {
  if (typeof value === 'string') {
    if (/^\$\$(ROOT|CURRENT)(\.|$)/.test(value)) fields.add(ANY);
    else if (/^\$[^$]/.test(value)) fields.add(headOf(value.slice(1)));
  } else if (Array.isArray(value)) {
    for (const item of value) addExpression(item, fields);
  } else if (isObject(value)) {
    // Its field need not be a text with a dollar.
    if ('$getField' in value) fields.add(ANY);
    for (const item of Object.values(value)) addExpression(item, fields);
  }
}

function add(node: FilterNode, fields: Set<string | typeof ANY>): void {
  if (node.kind === 'path') fields.add(headOf(node.path));
  else if (node.kind === 'expr') addExpression(node.operand, fields);
  else if (node.kind === 'not') add(node.child, fields);
  else if (node.kind !== 'never') for (const child of node.children) add(child, fields);
}

/** Undefined when it may look at any field. */
export function fieldsOf(node: FilterNode): ReadonlySet<string> | undefined {
  const fields = new Set<string | typeof ANY>();
  add(node, fields);
  return fields.has(ANY) ? undefined : (fields as Set<string>);
}
