/** Which people: a tree of conditions over what is known of a person, and the catalogue from which the console draws its builder. */
import { z } from 'zod';
import { Titles } from './titles.js';

/**
 * `is` one of the values · `has` any of the values (of a set) · `atLeast`, `atMost`, `between` numbers · `known` has any value ·
 * `withinDays` in the last n days · `beforeDays` longer than n days ago · `inside` a window (behaviour, purchases, repurchase) · `in` another segment
 * or a static list.
 */
export const segmentOps = [
  'is',
  'has',
  'atLeast',
  'atMost',
  'between',
  'known',
  'withinDays',
  'beforeDays',
  'inside',
  'in',
] as const;
export const SegmentOp = z.enum(segmentOps);
export type SegmentOp = z.infer<typeof SegmentOp>;

/** One condition on one field. Whether the operator fits the field, and the value the operator, is checked against the catalogue. */
export const SegmentCondition = z.strictObject({
  /** A code of the catalogue, or `custom:<key>`. */
  field: z.string().regex(/^[a-zA-Z][\w.-]{0,39}(:[\w-]{1,40})?$/, 'expected a field of the catalogue'),
  op: SegmentOp,
  value: z.unknown().optional(),
});
export type SegmentCondition = z.infer<typeof SegmentCondition>;

/** `all` of none is everybody, `any` of none is nobody. */
export type SegmentRule = { all: SegmentRule[] } | { any: SegmentRule[] } | { not: SegmentRule } | SegmentCondition;

export const MAX_RULE_DEPTH = 6;
export const MAX_RULE_CONDITIONS = 50;

/** Its name lets what is drawn from the schema (the API's document) point back at it instead of going round for ever. */
const Node: z.ZodType<SegmentRule> = z
  .lazy(() =>
    z.union([
      z.strictObject({ all: z.array(Node).max(MAX_RULE_CONDITIONS) }),
      z.strictObject({ any: z.array(Node).max(MAX_RULE_CONDITIONS) }),
      z.strictObject({ not: Node }),
      SegmentCondition,
    ]),
  )
  .meta({ id: 'SegmentRule' });

export const SegmentRule = Node.superRefine((rule, ctx) => {
  const { depth, conditions } = measure(rule);
  if (depth > MAX_RULE_DEPTH) ctx.addIssue(`groups may lie at most ${MAX_RULE_DEPTH} deep`);
  if (conditions > MAX_RULE_CONDITIONS) ctx.addIssue(`a rule takes at most ${MAX_RULE_CONDITIONS} conditions`);
});

function measure(rule: SegmentRule): { depth: number; conditions: number } {
  const below = childrenOf(rule);
  if (!below) return { depth: 0, conditions: 1 };
  const inner = below.map(measure);
  return {
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
    conditions: inner.reduce((sum, { conditions }) => sum + conditions, 0),
  };
}

/** Undefined for a condition. */
export function childrenOf(rule: SegmentRule): readonly SegmentRule[] | undefined {
  if ('all' in rule) return rule.all;
  if ('any' in rule) return rule.any;
  if ('not' in rule) return [rule.not];
  return undefined;
}

/** In the last `days` days (the shop's zone, today included), at least so often. `type` `any`: whatever they did. */
export const BehaviourWindow = z.strictObject({
  type: z.string().max(50).default('any'),
  days: z.int().min(1).max(180),
  times: z.int().min(1).max(1000).default(1),
});
export type BehaviourWindow = z.infer<typeof BehaviourWindow>;

/** Effective orders placed in the last `days` days, of one category or any: so many, or so much (fen). */
export const PurchaseWindow = z.strictObject({
  days: z.int().min(1).max(730),
  category: z.string().max(100).optional(),
  orders: z.int().min(1).max(1000).default(1),
  spent: z.int().min(0).optional(),
});
export type PurchaseWindow = z.infer<typeof PurchaseWindow>;

/** The last order of the category lies between these shares of its repurchase cycle ago. */
export const RepurchaseWindow = z.strictObject({
  category: z.string().min(1).max(100),
  from: z.number().min(0).max(10),
  to: z.number().min(0).max(20),
});
export type RepurchaseWindow = z.infer<typeof RepurchaseWindow>;

/** How the console draws the value. `window:*` have the shapes above; `segment` and `list` take an id. */
export const segmentFieldKinds = [
  'choice',
  'set',
  'number',
  'money',
  'date',
  'text',
  'boolean',
  'window:behaviour',
  'window:purchase',
  'window:repurchase',
  'segment',
  'list',
] as const;
export const SegmentFieldView = z.object({
  code: z.string(),
  title: Titles,
  group: z.enum(['profile', 'membership', 'purchase', 'behaviour', 'value', 'contact', 'other']),
  kind: z.enum(segmentFieldKinds),
  ops: z.array(SegmentOp),
  /** Of `choice` and `set`, where they are a closed list. */
  options: z.array(z.object({ value: z.string(), title: Titles })).optional(),
  unit: z.enum(['fen', 'points', 'days', 'orders', 'pieces']).optional(),
});
export type SegmentFieldView = z.infer<typeof SegmentFieldView>;

/** Why a person is in or out: the tree again, each node with its answer and what was seen. */
export interface Explained {
  /** The node's rule without its children. */
  kind: 'all' | 'any' | 'not' | 'condition';
  holds: boolean;
  condition?: SegmentCondition;
  /** Of a condition: what is known of the person, for the screen. Never a phone or an address. */
  seen?: unknown;
  children?: Explained[];
}
