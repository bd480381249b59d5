/** Owns the shape a projection describes, as a tree by field, and applying it to a document. Fields keep the document's order. */
import { isObject } from '../bson/types.js';
import { field } from '../bson/document.js';
import type { Doc } from '../types.js';
import type { Env, Expr } from '../agg/compiler.js';

/** What happens to one field. */
export type Rule =
  | { kind: 'include' }
  | { kind: 'exclude' }
  | { kind: 'compute'; expr: Expr }
  | { kind: 'array'; apply: (value: unknown, position: number | undefined) => unknown }
  | { kind: 'fields'; rules: Rules };
export type Rules = Map<string, Rule>;

export type Mode = 'inclusion' | 'exclusion' | 'addition';

export interface Run {
  mode: Mode;
  env: Env;
  position: number | undefined;
}

const computes = new WeakMap<Rules, boolean>();

/** Whether the rules make a field that the document need not have. */
function makesFields(rules: Rules): boolean {
  const known = computes.get(rules);
  if (known !== undefined) return known;
  const result = [...rules.values()].some(
    (rule) => rule.kind === 'compute' || (rule.kind === 'fields' && makesFields(rule.rules)),
  );
  computes.set(rules, result);
  return result;
}

/** A field below the top: arrays are entered, scalars are kept, dropped or replaced as the mode says. */
function applyBelow(value: unknown, rules: Rules, run: Run): unknown {
  if (Array.isArray(value))
    return value.map((item) => applyBelow(item, rules, run)).filter((item) => item !== undefined);
  if (isObject(value)) return applyRules(value, rules, run);
  if (run.mode === 'exclusion') return value;
  return makesFields(rules) ? applyRules({}, rules, run) : run.mode === 'addition' ? value : undefined;
}

function kept(value: unknown, rule: Rule | undefined, run: Run): unknown {
  if (rule === undefined) return run.mode === 'inclusion' ? undefined : value;
  switch (rule.kind) {
    case 'include':
      return value;
    case 'exclude':
      return undefined;
    case 'compute':
      return run.mode === 'addition' ? rule.expr(run.env) : undefined;
    case 'array':
      return rule.apply(value, run.position);
    case 'fields':
      return applyBelow(value, rule.rules, run);
  }
}

/** Fields that come after those of the document: the computed ones. */
function made(doc: Doc, name: string, rule: Rule, run: Run): unknown {
  const present = field(doc, name) !== undefined;
  if (rule.kind === 'compute' && !(present && run.mode === 'addition')) return rule.expr(run.env);
  if (rule.kind === 'fields' && !present && makesFields(rule.rules)) return applyRules({}, rule.rules, run);
  return undefined;
}

/** The document through the rules; the input is not changed. */
export function applyRules(doc: Doc, rules: Rules, run: Run): Doc {
  const result: Doc = {};
  for (const name of Object.keys(doc)) {
    const value = kept(doc[name] as unknown, rules.get(name), run);
    if (value !== undefined) result[name] = value;
  }
  if (!makesFields(rules)) return result;
  for (const [name, rule] of rules) {
    const value = made(doc, name, rule, run);
    if (value !== undefined) result[name] = value;
  }
  return result;
}
