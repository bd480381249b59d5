/** Owns `$unwind`: one document per array element. */
import { Long } from 'bson';
import { MongoError } from '../errors.js';
import { isObject, typeName } from '../bson/types.js';
import { Draft } from '../update/draft.js';
import { PAUSE, type Doc, type Pausing } from '../types.js';
import { namedOperand } from './builders.js';
import { fieldPath } from './compiler.js';

interface Options {
  path: string[];
  index: string[] | undefined;
  preserve: boolean;
}

function optionsOf(spec: unknown): Options {
  const named =
    typeof spec === 'string'
      ? { path: spec }
      : namedOperand('$unwind', spec, ['path'], ['includeArrayIndex', 'preserveNullAndEmptyArrays']);
  const {
    path,
    includeArrayIndex: index,
    preserveNullAndEmptyArrays: preserve = false,
  }: Record<string, unknown> = named;
  if (typeof path !== 'string')
    throw new MongoError(28808, `expected a string as the path for $unwind stage, got ${typeName(path)}`);
  if (!path.startsWith('$'))
    throw new MongoError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  if (typeof preserve !== 'boolean')
    throw new MongoError(28809, 'expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage');
  if (index !== undefined && (typeof index !== 'string' || index === ''))
    throw new MongoError(28810, 'expected a non-empty string for the includeArrayIndex option to $unwind stage');
  if (typeof index === 'string' && index.startsWith('$'))
    throw new MongoError(
      28822,
      `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${index}`,
    );
  return { path: fieldPath(path.slice(1)), index: typeof index === 'string' ? fieldPath(index) : undefined, preserve };
}

/** The value at the path through documents only; an array on the way counts as missing. */
function at(doc: Doc, path: readonly string[]): unknown {
  let value: unknown = doc;
  for (const part of path) value = isObject(value) && Object.hasOwn(value, part) ? (value[part] as unknown) : undefined;
  return value;
}

function withIndex(draft: Draft, options: Options, index: number | undefined): Doc {
  if (options.index) draft.set(options.index, index === undefined ? null : Long.fromNumber(index));
  return draft.root;
}

function* unwindOne(doc: Doc, options: Options): Iterable<Doc> {
  const value = at(doc, options.path);
  if (Array.isArray(value) && value.length > 0) {
    for (let index = 0; index < value.length; index++) {
      const draft = new Draft(doc);
      draft.set(options.path, value[index]);
      yield withIndex(draft, options, index);
    }
    return;
  }
  const nothing = value === undefined || value === null || Array.isArray(value);
  if (nothing && !options.preserve) return;
  const draft = new Draft(doc);
  if (Array.isArray(value)) draft.remove(options.path);
  yield withIndex(draft, options, undefined);
}

/** Compiles an `$unwind`. Errors 28808 to 28822. */
export function compileUnwind(spec: unknown): (source: Pausing<Doc>) => Pausing<Doc> {
  const options = optionsOf(spec);
  return function* (source) {
    for (const doc of source) {
      if (doc === PAUSE) yield PAUSE;
      else yield* unwindOne(doc, options);
    }
  };
}
