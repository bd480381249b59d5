/** Owns the compiled filter that the rest of the database uses. */
import type { CompiledFilter, Doc, PathConstraint, Value } from '../types.js';
import { compilePredicate } from '../agg/expression.js';
import { refuseCollation } from './collation.js';
import { branchesOf, constraintsOf, equalitiesOf, implies } from './analysis.js';
import type { FilterNode } from './nodes.js';
import { documentTest } from './nodes.js';
import type { ParseOptions } from './parse.js';
import { parseFilter } from './parse.js';
import { matched } from './walk.js';

class Filter implements CompiledFilter {
  readonly matches: (doc: Doc) => boolean;
  readonly constraints: PathConstraint[];
  readonly equalities: Array<{ path: string; value: Value }>;
  readonly branches?: PathConstraint[][];

  constructor(readonly root: FilterNode) {
    this.matches = documentTest(root);
    this.constraints = constraintsOf(root);
    this.equalities = equalitiesOf(root);
    const branches = branchesOf(root);
    if (branches) this.branches = branches;
  }

  matchPosition(doc: Doc): { matched: boolean; position?: number } {
    matched.position = -1;
    const found = this.matches(doc);
    return found && matched.position >= 0 ? { matched: found, position: matched.position } : { matched: found };
  }

  implies(other: CompiledFilter): boolean {
    return other instanceof Filter && implies(this.root, other.root);
  }
}

/** How filters with `$expr` are parsed, with the command's `let` variables. */
export const parseOptions = (letVariables?: Doc): ParseOptions => ({
  expr: (spec) => compilePredicate(spec, letVariables),
});

/** Validates and compiles a filter. Errors 2, 14, 51091, 168, 238; never touches data. */
export function compileFilter(filter: Doc, options: { let?: Doc; collation?: Doc } = {}): CompiledFilter {
  refuseCollation(options.collation);
  return new Filter(parseFilter(filter, parseOptions(options.let)));
}
