/** Owns the stages that turn one document into one: `$project $addFields $set $unset $replaceRoot $replaceWith`. */
import { MongoError } from '../errors.js';
import { isObject, typeName } from '../bson/types.js';
import { parseProjection, place } from '../project/parse.js';
import type { Rules } from '../project/tree.js';
import { applyRules } from '../project/tree.js';
import type { Doc } from '../types.js';
import type { Compiler, Env } from './compiler.js';
import { fieldPath } from './compiler.js';
import { namedOperand } from './builders.js';

export type Transform = (doc: Doc, env: Env) => Doc;
export type TransformBuilder = (spec: unknown, compiler: Compiler) => Transform;

const project: TransformBuilder = (spec, compiler) => {
  if (!isObject(spec)) throw new MongoError(15969, '$project specification must be an object');
  if (Object.keys(spec).length === 0)
    throw new MongoError(51272, 'projection specification must have at least one field');
  const { mode, rules } = parseProjection(spec, { compiler });
  return (doc, env) => applyRules(doc, rules, { mode, env, position: undefined });
};

/** `{a: {b: 1}}` means `a.b`; a document with an operator, or an empty one, is a value. */
function addRules(rules: Rules, path: string, value: unknown, compiler: Compiler): void {
  const names = isObject(value) ? Object.keys(value) : [];
  if (isObject(value) && names.length > 0 && !names.some((name) => name.startsWith('$'))) {
    for (const name of names) addRules(rules, `${path}.${name}`, value[name], compiler);
    return;
  }
  fieldPath(path);
  place(rules, path, { kind: 'compute', expr: compiler.compile(value) });
}

const addFields: TransformBuilder = (spec, compiler) => {
  if (!isObject(spec))
    throw new MongoError(40272, `$addFields specification stage must be an object, got ${typeName(spec)}`);
  const rules: Rules = new Map();
  for (const [path, value] of Object.entries(spec)) addRules(rules, path, value, compiler);
  return (doc, env) => applyRules(doc, rules, { mode: 'addition', env, position: undefined });
};

const unset: TransformBuilder = (spec) => {
  const paths: unknown = typeof spec === 'string' ? [spec] : spec;
  if (!Array.isArray(paths) || paths.length === 0)
    throw new MongoError(31002, '$unset specification must be a string or an array with at least one field');
  const rules: Rules = new Map();
  for (const path of paths) {
    if (typeof path !== 'string')
      throw new MongoError(31120, '$unset specification must be a string or an array containing only string values');
    fieldPath(path);
    place(rules, path, { kind: 'exclude' });
  }
  return (doc, env) => applyRules(doc, rules, { mode: 'exclusion', env, position: undefined });
};

function replaceWith(op: string): TransformBuilder {
  return (spec, compiler) => {
    const expr = compiler.compile(op === '$replaceRoot' ? namedOperand(op, spec, ['newRoot'], []).newRoot : spec);
    return (doc, env) => {
      const next = expr(env);
      if (isObject(next)) return next;
      throw new MongoError(
        40228,
        `'${op === '$replaceRoot' ? 'newRoot' : 'replacement document'}' expression must evaluate to an object, but resulting value was of type: ${typeName(next)}`,
      );
    };
  };
}

export const TRANSFORMS: Readonly<Record<string, TransformBuilder>> = {
  $project: project,
  $addFields: addFields,
  $set: addFields,
  $unset: unset,
  $replaceRoot: replaceWith('$replaceRoot'),
  $replaceWith: replaceWith('$replaceWith'),
};
