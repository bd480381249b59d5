/** The same rules asked of one portrait in memory, without the database: whether a person is in, and why. Pure. */
import type { Explained, SegmentRule } from '../../contracts/index.js';
import type { PortraitRecord } from './portrait.js';
import { prepareRule } from './prepare.js';
import type { Prepared } from './prepare.js';
import type { RuleContext } from './question.js';

export function matchesRule(rule: SegmentRule, portrait: PortraitRecord, ctx: RuleContext): boolean {
  const prepared = prepareRule(rule, ctx);
  if (!prepared.ok || (prepared.personal && !portrait.personalised)) return false;
  return holds(prepared.root, portrait);
}

function holds(node: Prepared, portrait: PortraitRecord): boolean {
  switch (node.kind) {
    case 'all':
      return node.children.every((child) => holds(child, portrait));
    case 'any':
      return node.children.some((child) => holds(child, portrait));
    case 'not':
      return !holds(node.child, portrait);
    case 'segment':
      return holds(node.inner, portrait);
    case 'condition':
      return node.question.holds(portrait);
  }
}

/**
 * The tree of answers. A rule about what people did or bought stands under a condition on `personalised`; another segment has its own tree
 * below it; of a rule that cannot be asked the problems are what was seen.
 */
export function explainRule(rule: SegmentRule, portrait: PortraitRecord, ctx: RuleContext): Explained {
  const prepared = prepareRule(rule, ctx);
  if (!prepared.ok) return { kind: 'condition', holds: false, seen: { problems: prepared.problems } };
  const tree = explain(prepared.root, portrait);
  if (!prepared.personal) return tree;
  const gate: Explained = {
    kind: 'condition',
    condition: { field: 'personalised', op: 'is', value: true },
    holds: portrait.personalised,
    seen: portrait.personalised,
  };
  return { kind: 'all', holds: gate.holds && tree.holds, children: [gate, tree] };
}

function explain(node: Prepared, portrait: PortraitRecord): Explained {
  switch (node.kind) {
    case 'all':
    case 'any': {
      const children = node.children.map((child) => explain(child, portrait));
      const answers = children.map((child) => child.holds);
      const answer = node.kind === 'all' ? answers.every(Boolean) : answers.some(Boolean);
      return { kind: node.kind, holds: answer, children };
    }
    case 'not': {
      const child = explain(node.child, portrait);
      return { kind: 'not', holds: !child.holds, children: [child] };
    }
    case 'segment': {
      const inner = explain(node.inner, portrait);
      return { kind: 'condition', condition: node.condition, holds: inner.holds, children: [inner] };
    }
    case 'condition': {
      const { condition, question } = node;
      return { kind: 'condition', condition, holds: question.holds(portrait), seen: question.seen(portrait) };
    }
  }
}
