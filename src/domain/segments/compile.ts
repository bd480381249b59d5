/**
 * A rule as one filter of the database over portraits. A `not` is carried down to the conditions, so that what stands under two of them, or
 * beside one, can still be found by an index; each condition that stays negated becomes `$nor`, which is its exact opposite. Pure.
 */
import type { SegmentRule } from '../../contracts/index.js';
import { prepareRule } from './prepare.js';
import type { Prepared, PreparedRule } from './prepare.js';
import type { Filter, RuleContext } from './question.js';

type Term = { kind: 'and' | 'or'; terms: Term[] } | { kind: 'leaf'; filter: Filter; indexed: boolean };

const EVERYBODY: Term = { kind: 'and', terms: [] };
const NOBODY: Term = { kind: 'or', terms: [] };
/** People who allow that what they do decides what they get. */
const personalised: Term = { kind: 'leaf', filter: { personalised: true }, indexed: false };

export function compileRule(rule: SegmentRule, ctx: RuleContext): Filter {
  return filterOf(termOfRule(prepareRule(rule, ctx)));
}

/** Whether indexes find its people, so that counting them reads little more than them. */
export function isSelective(rule: SegmentRule, ctx: RuleContext): boolean {
  return isFound(termOfRule(prepareRule(rule, ctx)));
}

function termOfRule(prepared: PreparedRule): Term {
  if (!prepared.ok) return NOBODY;
  const root = termOf(prepared.root, false);
  return prepared.personal ? joined('and', [personalised, root]) : root;
}

function termOf(node: Prepared, negated: boolean): Term {
  switch (node.kind) {
    case 'not':
      return termOf(node.child, !negated);
    case 'segment':
      return termOf(node.inner, negated);
    case 'condition':
      if (negated) return { kind: 'leaf', filter: { $nor: [node.question.filter] }, indexed: false };
      return { kind: 'leaf', filter: node.question.filter, indexed: node.indexed };
    case 'all':
    case 'any': {
      const kind = (node.kind === 'all') === negated ? 'or' : 'and';
      return joined(
        kind,
        node.children.map((child) => termOf(child, negated)),
      );
    }
  }
}

/** Without groups of the same kind inside, and settled where one part settles it. What an index finds comes first. */
function joined(kind: 'and' | 'or', parts: readonly Term[]): Term {
  const terms = parts.flatMap((part) => (part.kind === kind ? part.terms : [part]));
  const settles = kind === 'and' ? isNobody : isEverybody;
  if (terms.some(settles)) return kind === 'and' ? NOBODY : EVERYBODY;
  const [only] = terms;
  if (only && terms.length === 1) return only;
  return { kind, terms: terms.toSorted((a, b) => Number(isFound(b)) - Number(isFound(a))) };
}

const isEverybody = (term: Term): boolean => term.kind === 'and' && term.terms.length === 0;
const isNobody = (term: Term): boolean => term.kind === 'or' && term.terms.length === 0;

function isFound(term: Term): boolean {
  switch (term.kind) {
    case 'leaf':
      return term.indexed;
    case 'or':
      return term.terms.every(isFoundDirectly);
    case 'and':
      return term.terms.some(isFound);
  }
}

/** Each way of an `or` must be found by itself, without a further `or`. */
const isFoundDirectly = (term: Term): boolean =>
  term.kind === 'leaf' ? term.indexed : term.terms.some((part) => part.kind === 'leaf' && part.indexed);

function filterOf(term: Term): Filter {
  switch (term.kind) {
    case 'leaf':
      return term.filter;
    case 'or':
      return isNobody(term) ? { _id: { $in: [] } } : { $or: term.terms.map(filterOf) };
    case 'and':
      return merged(term.terms.map(filterOf));
  }
}

/** Side by side in one record where no two speak of the same path: it is the shortest form, and the one that a count reads from keys alone. */
function merged(filters: readonly Filter[]): Filter {
  const together: Filter = {};
  const rest: Filter[] = [];
  for (const filter of filters) {
    if (Object.keys(filter).some((path) => path in together)) rest.push(filter);
    else Object.assign(together, filter);
  }
  return rest.length === 0 ? together : { $and: [together, ...rest] };
}
