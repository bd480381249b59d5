/** Owns the compiled filter that the rest of the database uses. */
import type { CompiledFilter, Doc, KeyPattern, KeyTest, PathConstraint, Value } from '../types.js';
import { compilePredicate } from '../agg/expression.js';
import { refuseCollation } from './collation.js';
import { branchesOf, conjuncts, constraintsOf, equalitiesOf, implies } from './analysis.js';
import { fieldsOf } from './fieldset.js';
import { keyTest } from './keytest.js';
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
  readonly fields?: ReadonlySet<string>;

  constructor(readonly root: FilterNode) {
    this.matches = documentTest(root);
    this.constraints = constraintsOf(root);
    this.equalities = equalitiesOf(root);
    const branches = branchesOf(root);
    if (branches) this.branches = branches;
    const fields = fieldsOf(root);
    if (fields) this.fields = fields;
  }

  matchPosition(doc: Doc): { matched: boolean; position?: number } {
    matched.position = -1;
    const found = this.matches(doc);
    return found && matched.position >= 0 ? { matched: found, position: matched.position } : { matched: found };
  }

  implies(other: CompiledFilter): boolean {
    return other instanceof Filter && implies(this.root, other.root);
  }

  conjuncts(): CompiledFilter[] {
    return partsOf(this.root).map((node) => new Filter(node));
  }

  either(): CompiledFilter[] | undefined {
    return this.root.kind === 'or' ? this.root.children.map((child) => new Filter(child)) : undefined;
  }

  excluded(): CompiledFilter | undefined {
    return this.root.kind === 'not' ? new Filter(this.root.child) : undefined;
  }

  and(others: readonly CompiledFilter[]): CompiledFilter {
    const roots = others.map((other) => (other as Filter).root);
    return roots.length === 0 ? this : new Filter({ kind: 'and', children: [this.root, ...roots] });
  }

  onKeys(pattern: KeyPattern, options: { multikey: boolean }): KeyTest | undefined {
    return keyTest(this.root, pattern, options);
  }
}

/** What must hold, a `$nor` taken apart into one negation for each of its parts. */
function partsOf(root: FilterNode): FilterNode[] {
  return conjuncts(root).flatMap((node) =>
    node.kind === 'nor' ? node.children.map((child): FilterNode => ({ kind: 'not', child })) : [node],
  );
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
