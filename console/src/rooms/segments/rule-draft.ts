/** The rule builder's work on a rule: groups and conditions as the screen shows them, changed by whole copies. Pure; no text, no server. */
import type { SegmentCondition, SegmentFieldView, SegmentRule } from '../../api/types.js';

export type Op = SegmentFieldView['ops'][number];
export type GroupKind = 'all' | 'any';
export interface Group {
  kind: GroupKind;
  children: SegmentRule[];
}
/** A node as it is shown: what it is, and whether it is asked for or excluded. */
export type Shown = { negated: boolean; path: string } & ({ group: Group } | { condition: SegmentCondition });

export const MAX_DEPTH = 6;
export const MAX_CONDITIONS = 50;

/** `not` around a node is shown as a mark on it; two of them take each other back. `path`: where the server finds the inner node. */
export function show(rule: SegmentRule, path = 'rule'): Shown {
  if ('not' in rule) {
    const inner = show(rule.not, `${path}.not`);
    return { ...inner, negated: !inner.negated };
  }
  if ('all' in rule) return { negated: false, path, group: { kind: 'all', children: rule.all } };
  if ('any' in rule) return { negated: false, path, group: { kind: 'any', children: rule.any } };
  return { negated: false, path, condition: rule };
}

export const negate = (rule: SegmentRule): SegmentRule => ('not' in rule ? rule.not : { not: rule });
export const toRule = ({ kind, children }: Group): SegmentRule =>
  kind === 'all' ? { all: children } : { any: children };

/** The same node with other contents, still excluded if it was. */
export function put(rule: SegmentRule, inner: SegmentRule): SegmentRule {
  return show(rule).negated ? { not: inner } : inner;
}

export const withChild = (group: Group, index: number, child: SegmentRule): Group => ({
  ...group,
  children: group.children.map((one, i) => (i === index ? child : one)),
});
export const withoutChild = (group: Group, index: number): Group => ({
  ...group,
  children: group.children.filter((_one, i) => i !== index),
});

/** Conditions and how deep groups lie, a rule's `not` counted as one: as the server measures. */
export function measure(rule: SegmentRule): { depth: number; conditions: number } {
  const below = 'all' in rule ? rule.all : 'any' in rule ? rule.any : 'not' in rule ? [rule.not] : undefined;
  if (!below) return { depth: 0, conditions: 1 };
  const inner = below.map(measure);
  return {
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
    conditions: inner.reduce((sum, { conditions }) => sum + conditions, 0),
  };
}

/** What a condition on a field begins with. Undefined where only the marketer can know. */
export function firstValue(field: SegmentFieldView, op: Op): unknown {
  if (op === 'known') return undefined;
  if (op === 'withinDays' || op === 'beforeDays') return 30;
  if (field.kind === 'boolean') return true;
  if (field.kind === 'window:behaviour') return { type: 'any', days: 30, times: 1 };
  if (field.kind === 'window:purchase') return { days: 30, orders: 1 };
  if (field.kind === 'window:repurchase') return { category: '', from: 0.8, to: 1.2 };
  if (field.kind === 'choice' || field.kind === 'set' || field.kind === 'text') return [];
  if (field.kind === 'number' || field.kind === 'money') {
    const one = field.kind === 'money' ? 100_00 : 1;
    return op === 'between' ? [one, one * 10] : one;
  }
  return undefined;
}

export function newCondition(field: SegmentFieldView, op = field.ops[0]): SegmentCondition {
  const value = firstValue(field, op ?? 'known');
  return { field: field.code, op: op ?? 'known', ...(value === undefined ? {} : { value }) };
}

/** Another operator keeps the value where it still fits. */
export function withOp(condition: SegmentCondition, op: Op, field: SegmentFieldView): SegmentCondition {
  const days = ['withinDays', 'beforeDays'];
  const keeps = (days.includes(op) && days.includes(condition.op)) || (isLimit(op) && isLimit(condition.op));
  return keeps ? { ...condition, op } : newCondition(field, op);
}
const isLimit = (op: Op): boolean => op === 'atLeast' || op === 'atMost';

const isWhole = (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value);
const isFilled = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '' && value !== null;

const needed = (field: SegmentFieldView | undefined): string[] =>
  field?.kind === 'window:repurchase'
    ? ['category', 'from', 'to']
    : field?.kind === 'window:behaviour'
      ? ['type', 'days']
      : ['days'];

/** Whether nothing is left to fill in; what is filled in is the server's to judge. */
export function isComplete({ op, value }: SegmentCondition, field: SegmentFieldView | undefined): boolean {
  if (op === 'known') return true;
  if (op === 'between')
    return Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'number');
  if (op === 'withinDays' || op === 'beforeDays') return isWhole(value);
  if (op === 'inside')
    return needed(field).every((part) => isFilled((value as Record<string, unknown> | undefined)?.[part]));
  if (field?.kind === 'boolean') return typeof value === 'boolean';
  return isFilled(value);
}

/** Whether every condition is filled in, so that counting makes sense. */
export function isWholeRule(rule: SegmentRule, fields: ReadonlyMap<string, SegmentFieldView>): boolean {
  const shown = show(rule);
  if ('group' in shown) return shown.group.children.every((child) => isWholeRule(child, fields));
  return isComplete(shown.condition, fields.get(shown.condition.field));
}

export interface Problem {
  path: string;
  message: string;
}
/** Of a condition: what was said of it or of its parts. */
export const problemsAt = (problems: readonly Problem[], path: string): Problem[] =>
  problems.filter(
    (one) => one.path === path || ['field', 'op', 'value'].some((part) => one.path.startsWith(`${path}.${part}`)),
  );

/** What was said of no condition that is shown: beside the whole rule. */
export function problemsElsewhere(problems: readonly Problem[], rule: SegmentRule): Problem[] {
  const paths = conditionPaths(rule, 'rule');
  return problems.filter((one) => !paths.some((path) => problemsAt([one], path).length > 0));
}

function conditionPaths(rule: SegmentRule, path: string): string[] {
  const shown = show(rule, path);
  if (!('group' in shown)) return [shown.path];
  const { kind, children } = shown.group;
  return children.flatMap((child, i) => conditionPaths(child, `${shown.path}.${kind}.${i}`));
}
