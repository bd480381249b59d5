/** Owns the projection of `find` and `findAndModify`. */
import type { CompiledProjection, Doc } from '../types.js';
import { program } from '../agg/expression.js';
import { parseOptions } from '../query/filter.js';
import { parseProjection } from './parse.js';
import { applyRules } from './tree.js';

/** Validates and compiles a projection; an empty one returns documents as they are. */
export function compileProjection(projection: Doc): CompiledProjection {
  const { compiler, env } = program();
  const { mode, rules } = parseProjection(projection, { compiler, find: parseOptions() });
  if (rules.size === 0) return { apply: (doc) => doc };
  const environment = env(new Date());
  return {
    apply(doc, context) {
      environment.root = doc;
      return applyRules(doc, rules, { mode, env: environment, position: context?.position });
    },
  };
}
