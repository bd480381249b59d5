/** Owns operator updates: which operators there are, in which order they apply, and their conflicts. */
import { badValue, failedToParse, notImplemented } from '../errors.js';
import { hasField } from '../bson/document.js';
import type { Doc, UpdateContext } from '../types.js';
import type { ParseOptions } from '../query/parse.js';
import { arrayOperators } from './arrays.js';
import { Draft } from './draft.js';
import type { ArrayFilters } from './paths.js';
import {
  checkIdentifiers,
  comparePaths,
  isPositional,
  parseUpdatePath,
  refuseConflicts,
  resolvePaths,
} from './paths.js';
import type { Change, Operator } from './scalars.js';
import { SCALAR_OPERATORS, fieldsOf } from './scalars.js';
import { shown } from './show.js';

interface Step {
  op: string;
  parts: readonly string[];
  change?: Change;
  /** For `$rename`. */
  to?: readonly string[];
}

/** All update operators, as listed in SUPPORTED.md. */
export const UPDATE_OPERATORS: readonly string[] = [
  ...Object.keys(SCALAR_OPERATORS),
  ...['$unset', '$rename', '$push', '$addToSet', '$pull', '$pullAll', '$pop'],
];
const REFUSED = new Set(['$pushAll', '$v', '$diff']);
const MOST_CHECKED = 500;

function renameStep(path: string, target: unknown): Step {
  if (typeof target !== 'string')
    throw badValue(`The 'to' field for $rename must be a string: ${path}: ${shown(target)}`);
  const [parts, to] = [parseUpdatePath(path), parseUpdatePath(target)];
  if (path === target) throw badValue(`The source and target field for $rename must differ: ${path}: "${target}"`);
  if (isPositional(parts)) throw badValue(`The source field for $rename may not be dynamic: ${path}`);
  if (isPositional(to)) throw badValue(`The destination field for $rename may not be dynamic: ${target}`);
  return { op: '$rename', parts, to };
}

function stepsOf(op: string, operand: unknown, options: ParseOptions): Step[] {
  const operator = operatorOf(op, options);
  return fieldsOf(op, operand).map(([path, value]) => {
    if (op === '$rename') return renameStep(path, value);
    const parts = parseUpdatePath(path);
    return operator ? { op, parts, change: operator(value, path) } : { op, parts };
  });
}

/** Undefined for the two operators that are no change of one value: `$rename` and `$unset`. */
function operatorOf(op: string, options: ParseOptions): Operator | undefined {
  if (op === '$rename' || op === '$unset') return undefined;
  if (Object.hasOwn(SCALAR_OPERATORS, op)) return SCALAR_OPERATORS[op];
  const table = arrayOperators(options);
  if (Object.hasOwn(table, op)) return table[op];
  if (REFUSED.has(op)) throw notImplemented(`the update operator ${op}`);
  throw failedToParse(
    `Unknown modifier: ${op}. Expected a valid update modifier or pipeline-style update specified as an array`,
  );
}

function refuseArraysOnTheWay(draft: Draft, parts: readonly string[], role: 'source' | 'destination'): void {
  for (let at = 1; at < parts.length; at++) {
    if (Array.isArray(draft.get(parts.slice(0, at)))) {
      throw badValue(
        `The ${role} field cannot be an array element, '${parts.join('.')}' in doc with _id: ${shown(draft.root._id)} has an array field called '${parts[at - 1]}'`,
      );
    }
  }
}

function rename(draft: Draft, from: readonly string[], to: readonly string[]): void {
  refuseArraysOnTheWay(draft, from, 'source');
  refuseArraysOnTheWay(draft, to, 'destination');
  const value = draft.get(from);
  if (value === undefined) return;
  draft.set(to, value);
  draft.remove(from);
}

function applyAt(draft: Draft, step: Step, path: readonly string[], context: UpdateContext): void {
  if (step.to) return rename(draft, path, step.to);
  if (!step.change) return draft.remove(path);
  const place = { name: path[path.length - 1]!, id: () => shown(draft.root._id) };
  const value = step.change(draft.get(path), context, place);
  if (value !== undefined) draft.set(path, value);
}

/** Lists of paths that were found free of conflicts and of identifiers: the statements of a bulk write name the same ones. */
const checked = new Set<string>();

function checkPaths(paths: ReadonlyArray<readonly string[]>, filters: ArrayFilters): void {
  const list = JSON.stringify(paths);
  if (filters.size === 0 && checked.has(list)) return;
  refuseConflicts(paths);
  checkIdentifiers(paths, filters);
  if (filters.size > 0 || paths.some(isPositional)) return;
  if (checked.size >= MOST_CHECKED) checked.clear();
  checked.add(list);
}

/** Validates an operator update and gives its application to a draft. Errors 2, 9, 14, 28, 40, 52, 56. */
export function compileOperators(
  update: Doc,
  filters: ArrayFilters,
  options: ParseOptions,
): (draft: Draft, context: UpdateContext) => void {
  const steps = Object.entries(update).flatMap(([op, operand]) => stepsOf(op, operand, options));
  const paths = steps.flatMap((step) => (step.to ? [step.parts, step.to] : [step.parts]));
  checkPaths(paths, filters);
  steps.sort((a, b) => comparePaths(a.parts, b.parts));
  const positional = steps.some((step) => isPositional(step.parts));
  return (draft, context) => {
    const active = context.inserting ? steps : steps.filter((step) => step.op !== '$setOnInsert');
    const resolved = active.map((step) => ({
      step,
      paths: isPositional(step.parts) ? resolvePaths(draft.root, step.parts, filters, context) : [step.parts],
    }));
    if (positional) refuseConflicts(resolved.flatMap((item) => item.paths));
    for (const { step, paths: concrete } of resolved) for (const path of concrete) applyAt(draft, step, path, context);
  };
}

/** Whether the document has an `_id` of its own. */
export const hasId = (doc: Doc): boolean => hasField(doc, '_id');
