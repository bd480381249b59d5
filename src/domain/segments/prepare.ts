/**
 * Makes a rule ready to be asked: each condition checked against the catalogue and turned into its question, each other segment replaced by
 * its rule. A rule of which one part cannot be asked holds for nobody: with that part left out, or taken as false under a `not`, it could
 * hold for everybody.
 */
import type { FieldProblem, SegmentCondition, SegmentRule } from '../../contracts/index.js';
import { fieldByCode, SEGMENT } from './catalogue.js';
import { isMisfit } from './question.js';
import type { Question, RuleContext } from './question.js';

export type Prepared =
  | { kind: 'all' | 'any'; children: Prepared[] }
  | { kind: 'not'; child: Prepared }
  | { kind: 'condition'; condition: SegmentCondition; question: Question; indexed: boolean; personal: boolean }
  | { kind: 'segment'; condition: SegmentCondition; inner: Prepared };

/** `personal`: people who said no to personalisation are out. */
export type PreparedRule = { ok: true; root: Prepared; personal: boolean } | { ok: false; problems: FieldProblem[] };

/** Of a rule with the rules of all segments it asks for. */
export const MAX_EXPANDED = 500;

const kept = new WeakMap<RuleContext, WeakMap<SegmentRule, PreparedRule>>();

/** The same rule under the same context is prepared once: it is asked of many people. */
export function prepareRule(rule: SegmentRule, ctx: RuleContext): PreparedRule {
  const rules = kept.get(ctx) ?? new WeakMap<SegmentRule, PreparedRule>();
  kept.set(ctx, rules);
  const known = rules.get(rule);
  if (known) return known;
  const made = prepare(rule, ctx);
  rules.set(rule, made);
  return made;
}

interface Making {
  ctx: RuleContext;
  problems: FieldProblem[];
  /** Segments whose rules are being made, outermost first. */
  within: string[];
  /** Shared by all parts. */
  seen: { conditions: number };
}

function prepare(rule: SegmentRule, ctx: RuleContext): PreparedRule {
  const making: Making = { ctx, problems: [], within: [], seen: { conditions: 0 } };
  const root = make(rule, 'rule', making);
  if (making.problems.length > 0) return { ok: false, problems: making.problems };
  return { ok: true, root, personal: isPersonal(root) };
}

/** Stands where a problem was found; never asked. */
const NOTHING: Prepared = { kind: 'any', children: [] };

function make(rule: SegmentRule, path: string, making: Making): Prepared {
  const list = (kind: 'all' | 'any', rules: readonly SegmentRule[]): Prepared => ({
    kind,
    children: rules.map((one, i) => make(one, `${path}.${kind}.${i}`, making)),
  });
  if ('all' in rule) return list('all', rule.all);
  if ('any' in rule) return list('any', rule.any);
  if ('not' in rule) return { kind: 'not', child: make(rule.not, `${path}.not`, making) };
  making.seen.conditions += 1;
  if (making.seen.conditions > MAX_EXPANDED) return tooLarge(making);
  return rule.field === SEGMENT ? makeSegment(rule, path, making) : makeCondition(rule, path, making);
}

function tooLarge(making: Making): Prepared {
  if (making.seen.conditions === MAX_EXPANDED + 1) {
    problem(making, 'rule', 'segment.tooLarge', `with its segments it takes at most ${MAX_EXPANDED} conditions`);
  }
  return NOTHING;
}

function makeCondition(condition: SegmentCondition, path: string, making: Making): Prepared {
  const { field: code, op, value } = condition;
  const field = fieldByCode(code, making.ctx);
  if (!field) return problem(making, `${path}.field`, 'segment.unknownField', `there is no field ${code}`);
  if (!field.ops.includes(op)) {
    return problem(making, `${path}.op`, 'segment.op', `expected one of ${field.ops.join(', ')}`);
  }
  const question = field.ask(op, value, making.ctx);
  if (isMisfit(question)) return problem(making, `${path}.value`, 'segment.value', `expected ${question.expected}`);
  return {
    kind: 'condition',
    condition,
    question,
    indexed: field.indexed && question.indexed !== false,
    personal: field.personal,
  };
}

function makeSegment(condition: SegmentCondition, path: string, making: Making): Prepared {
  const { op, value: id } = condition;
  if (op !== 'in') return problem(making, `${path}.op`, 'segment.op', 'expected in');
  const rule = typeof id === 'string' ? making.ctx.segment(id) : undefined;
  if (typeof id !== 'string' || !rule) {
    return problem(making, `${path}.value`, 'segment.unknown', 'expected a segment that there is');
  }
  if (making.within.includes(id)) {
    return problem(making, `${path}.value`, 'segment.cycle', 'the segments ask for each other in a circle');
  }
  const before = making.problems.length;
  const inner = make(rule, path, { ...making, within: [...making.within, id] });
  // A problem inside another segment is shown where that segment is asked for.
  for (const found of making.problems.slice(before)) found.path = `${path}.value`;
  return { kind: 'segment', condition, inner };
}

function problem(making: Making, path: string, code: string, message: string): Prepared {
  making.problems.push({ path, code, message });
  return NOTHING;
}

function isPersonal(node: Prepared): boolean {
  switch (node.kind) {
    case 'all':
    case 'any':
      return node.children.some(isPersonal);
    case 'not':
      return isPersonal(node.child);
    case 'segment':
      return isPersonal(node.inner);
    case 'condition':
      return node.personal;
  }
}

/** What is wrong with a rule: unknown fields, operators and values that do not fit, segments that are not there or go in a circle. */
export function checkRule(rule: SegmentRule, ctx: RuleContext): FieldProblem[] {
  const prepared = prepareRule(rule, ctx);
  return prepared.ok ? [] : prepared.problems;
}

/** Ids of the segments and lists that a rule names itself. */
export function namedBy(rule: SegmentRule): { segments: string[]; lists: string[] } {
  const found = { segments: new Set<string>(), lists: new Set<string>() };
  const walk = (node: SegmentRule): void => {
    if ('all' in node) node.all.forEach(walk);
    else if ('any' in node) node.any.forEach(walk);
    else if ('not' in node) walk(node.not);
    else if (typeof node.value === 'string' && node.field === SEGMENT) found.segments.add(node.value);
    else if (typeof node.value === 'string' && node.field === 'list') found.lists.add(node.value);
  };
  walk(rule);
  return { segments: [...found.segments], lists: [...found.lists] };
}
