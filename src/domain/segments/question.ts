/**
 * A condition made ready: the same question as a filter of the database and as a function over one portrait. Both are written apart, so that
 * a test can hold them against each other. What is not known answers no, and a `not` around it therefore yes.
 */
import type { CustomField } from '../customers/index.js';
import type { SegmentFieldView, SegmentOp, SegmentRule } from '../../contracts/index.js';
import type { PortraitRecord } from './portrait.js';

export type Filter = Record<string, unknown>;

/** What rules may know besides the portrait. Days are those of `timeZone`. */
export interface RuleContext {
  now: Date;
  timeZone: string;
  /** Days from one order of a category to the next, as they usually lie apart. */
  cycleDays(category: string): number;
  /** The shop's own fields, by key. */
  fields: ReadonlyMap<string, CustomField>;
  /** The rule of a saved segment. */
  segment(id: string): SegmentRule | undefined;
  /** Whether there is such a static list. Absent: not asked. */
  list?: (id: string) => boolean;
}

export interface Question {
  filter: Filter;
  /** False: this one no index answers, though the field has one. */
  indexed?: false;
  holds(portrait: PortraitRecord): boolean;
  /** For the screen: what is known of the person in this respect. */
  seen(portrait: PortraitRecord): unknown;
}

/** A value that does not fit: what was expected. */
export interface Misfit {
  expected: string;
}

export type MadeQuestion = Question | Misfit;
export const isMisfit = <T extends object>(made: T | Misfit): made is Misfit => 'expected' in made;

/** One field of the catalogue. */
export interface SegmentField extends SegmentFieldView {
  /** About what the person did, bought or is scored: rules with it leave out people who said no to personalisation. */
  personal: boolean;
  /** An index of portraits finds the people of whom a condition on it is true. */
  indexed: boolean;
  /** Only with one of `ops`. */
  ask(op: SegmentOp, value: unknown, ctx: RuleContext): MadeQuestion;
}
