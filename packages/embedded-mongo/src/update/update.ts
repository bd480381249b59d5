/** Owns the three kinds of update (replacement, operators, pipeline) and the rule that `_id` never changes. */
import { MongoError, dollarPrefixedField, failedToParse, immutableField } from '../errors.js';
import { compare, identical } from '../bson/compare.js';
import { isObject } from '../bson/types.js';
import type { CompiledUpdate, Doc, UpdateContext } from '../types.js';
import { compileUpdatePipeline } from '../agg/updatePipeline.js';
import { parseOptions } from '../query/filter.js';
import { Draft } from './draft.js';
import { compileArrayFilters } from './filters.js';
import { compileOperators, hasId } from './operators.js';
import { shown } from './show.js';

interface UpdateOptions {
  arrayFilters?: Doc[];
  let?: Doc;
}

function refuseIdChange(before: Doc, after: Doc, message: (id: unknown) => string): void {
  if (!hasId(before)) return;
  if (!hasId(after) || compare(before._id, after._id) !== 0) throw immutableField(message(after._id));
}

const pathMessage = (): string => `Performing an update on the path '_id' would modify the immutable field '_id'`;
const wholeMessage = (id: unknown): string =>
  `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${shown(id)}`;

function operatorUpdate(update: Doc, options: UpdateOptions): CompiledUpdate {
  const parsing = parseOptions(options.let);
  const run = compileOperators(update, compileArrayFilters(options.arrayFilters ?? [], parsing), parsing);
  return {
    kind: 'operators',
    apply(doc, context) {
      const draft = new Draft(doc);
      run(draft, context);
      refuseIdChange(doc, draft.root, pathMessage);
      return draft.modified ? { doc: draft.root, modified: true } : { doc, modified: false };
    },
  };
}

/** `_id` first, then the replacement's fields. */
function replaced(doc: Doc, replacement: Doc): Doc {
  if (!hasId(doc)) return replacement;
  const { _id: id, ...rest } = replacement;
  if (id !== undefined && compare(id, doc._id) !== 0) throw immutableField(wholeMessage(id));
  return { _id: doc._id as unknown, ...rest };
}

function replacementUpdate(replacement: Doc): CompiledUpdate {
  const dollar = Object.keys(replacement).find((name) => name.startsWith('$'));
  if (dollar)
    throw dollarPrefixedField(
      `The dollar ($) prefixed field '${dollar}' in '${dollar}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
    );
  return {
    kind: 'replace',
    apply(doc) {
      const next = replaced(doc, replacement);
      return { doc: next, modified: !identical(doc, next) };
    },
  };
}

function pipelineUpdate(pipeline: Doc[], options: UpdateOptions): CompiledUpdate {
  const run = compileUpdatePipeline(pipeline, options.let);
  return {
    kind: 'pipeline',
    apply(doc: Doc, context: UpdateContext) {
      const result = run(doc, context.now);
      const next = hasId(doc) && !hasId(result) ? { _id: doc._id as unknown, ...result } : result;
      refuseIdChange(doc, next, wholeMessage);
      return { doc: next, modified: !identical(doc, next) };
    },
  };
}

/** Validates and compiles an update of any kind. Errors 2, 9, 14, 40, 52, 56 here; 2, 14, 28, 66 when applied. */
export function compileUpdate(update: Doc | Doc[], options: UpdateOptions = {}): CompiledUpdate {
  if (options.arrayFilters?.length && (Array.isArray(update) || !isOperators(update))) {
    throw failedToParse('arrayFilters may not be specified for pipeline-syle updates or replacements');
  }
  if (Array.isArray(update)) return pipelineUpdate(update, options);
  if (!isObject(update)) throw new MongoError(9, 'Update argument must be either an object or an array');
  return isOperators(update) ? operatorUpdate(update, options) : replacementUpdate(update);
}

/** An update is operators when its first field is one; then all must be. */
const isOperators = (update: Doc): boolean => Object.keys(update)[0]?.startsWith('$') ?? false;
