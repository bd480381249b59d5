/** How a field of the catalogue is made: the kinds of fields, each with its operators and the place in the portrait that it asks. */
import type { SegmentFieldView, SegmentOp, Titles } from '../../contracts/index.js';
import {
  compareDates,
  compareDaysLeft,
  compareFlags,
  compareNumbers,
  compareWords,
  type Comparing,
  type Comparison,
} from './comparisons.js';
import type { PortraitRecord } from './portrait.js';
import { isMisfit } from './question.js';
import type { MadeQuestion, Misfit, RuleContext, SegmentField } from './question.js';

export type FieldOption = NonNullable<SegmentFieldView['options']>[number];
type Unit = NonNullable<SegmentFieldView['unit']>;

/** What every field says of itself. */
export interface Plain {
  code: string;
  zh: string;
  en: string;
  group: SegmentFieldView['group'];
  /** Where the portrait holds it; absent: under its code. */
  path?: string;
  indexed?: boolean;
  options?: readonly FieldOption[];
  unit?: Unit;
  /** Never absent from a portrait: `known` would say nothing. */
  always?: boolean;
}

/** Groups that tell what the person did, bought or is scored. */
const personalGroups: ReadonlySet<string> = new Set(['purchase', 'behaviour', 'value']);

export function fieldOf(
  { code, zh, en, group, indexed = false, options, unit }: Plain,
  kind: SegmentField['kind'],
  ops: readonly SegmentOp[],
  ask: SegmentField['ask'],
): SegmentField {
  return {
    ...{ code, title: { 'zh-CN': zh, en }, group, kind, ops: [...ops], ask, indexed },
    ...(options ? { options: [...options] } : {}),
    ...(unit ? { unit } : {}),
    personal: personalGroups.has(group),
  };
}

export const option = (value: string, zh: string, en: string): FieldOption => ({ value, title: titles(zh, en) });
const titles = (zh: string, en: string): Titles => ({ 'zh-CN': zh, en });

/** The value at a dotted path; undefined where nothing is. */
export const valueAt = (portrait: PortraitRecord, path: string): unknown =>
  path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], portrait);

/** A field with one value a person. */
function single(compare: Comparing, kind: SegmentField['kind'], ops: readonly SegmentOp[], plain: Plain): SegmentField {
  const path = plain.path ?? plain.code;
  const usable = plain.always ? ops.filter((op) => op !== 'known') : ops;
  return fieldOf(plain, kind, usable, (op, value, ctx) =>
    questionOf(compare(op, value, ctx), ({ condition, holds }) => ({
      filter: { [path]: condition },
      holds: (portrait) => holds(valueAt(portrait, path)),
      seen: (portrait) => valueAt(portrait, path) ?? null,
    })),
  );
}

export function questionOf(
  compared: Comparison | Misfit,
  make: (comparison: Comparison) => Exclude<MadeQuestion, Misfit>,
): MadeQuestion {
  return isMisfit(compared) ? compared : make(compared);
}

const numberOps = ['atLeast', 'atMost', 'between', 'is', 'known'] as const;

/** Of a closed list only its values fit. */
export const choice = (plain: Plain): SegmentField =>
  single(ofOptions(plain.options, compareWords), 'choice', ['is', 'known'], plain);
export const text = (plain: Plain): SegmentField => single(compareWords, 'text', ['is', 'known'], plain);
export const number = (plain: Plain): SegmentField => single(compareNumbers, 'number', numberOps, plain);
export const money = (plain: Plain): SegmentField =>
  single(compareNumbers, 'money', ['atLeast', 'atMost', 'between', 'known'], { unit: 'fen', ...plain });
export const date = (plain: Plain): SegmentField =>
  single(compareDates, 'date', ['withinDays', 'beforeDays', 'known'], plain);
export const daysLeft = (plain: Plain): SegmentField =>
  single(compareDaysLeft, 'number', ['atMost', 'atLeast', 'between', 'known'], { unit: 'days', ...plain });

/** A field with any number of words a person. */
export function set(plain: Plain): SegmentField {
  const path = plain.path ?? plain.code;
  const compare = ofOptions(plain.options, compareWords);
  return fieldOf(plain, 'set', ['has', 'known'], (op, value, ctx) =>
    questionOf(compare(op, value, ctx), ({ condition, holds }) => ({
      filter: { [path]: condition },
      holds: (portrait) => wordsAt(portrait, path).some(holds),
      seen: (portrait) => wordsAt(portrait, path),
    })),
  );
}

/** `path` may lead through an array of records: `categories.c`. */
function wordsAt(portrait: PortraitRecord, path: string): unknown[] {
  const [head = '', name] = path.split('.');
  const values = (valueAt(portrait, head) as unknown[] | undefined) ?? [];
  return name === undefined ? values : values.map((one) => (one as Record<string, unknown>)[name]);
}

export function ofOptions(options: readonly FieldOption[] | undefined, compare: Comparing): Comparing {
  if (!options) return compare;
  const allowed = new Set(options.map(({ value }) => value));
  const fits = (value: unknown): boolean => [value].flat().every((one) => allowed.has(one as string));
  return (op, value, ctx: RuleContext) =>
    op === 'known' || fits(value) ? compare(op, value, ctx) : { expected: `one or more of ${[...allowed].join(', ')}` };
}

const comparingOf = {
  text: { kind: 'text', compare: compareWords, ops: ['is', 'known'] },
  choice: { kind: 'choice', compare: compareWords, ops: ['is', 'known'] },
  number: { kind: 'number', compare: compareNumbers, ops: numberOps },
  date: { kind: 'date', compare: compareDates, ops: ['withinDays', 'beforeDays', 'known'] },
  boolean: { kind: 'boolean', compare: compareFlags, ops: ['is', 'known'] },
} as const satisfies Record<string, { kind: SegmentField['kind']; compare: Comparing; ops: readonly SegmentOp[] }>;

type CustomField = RuleContext['fields'] extends ReadonlyMap<string, infer Field> ? Field : never;

/** A field of the shop's own. An option that was taken out of its list may still be asked for: people may still have it. */
export function custom({ key, title, type, options }: CustomField): SegmentField {
  const { kind, compare, ops } = comparingOf[type];
  const plain: Plain = {
    ...{ code: `custom:${key}`, zh: title['zh-CN'], en: title.en, group: 'profile', indexed: true },
    ...(options ? { options } : {}),
  };
  return fieldOf(plain, kind, ops, (op, value, ctx) =>
    questionOf(compare(op, value, ctx), ({ condition, holds }) => ({
      filter: { fields: { $elemMatch: { k: key, v: condition } } },
      holds: ({ fields }) => fields.some(({ k, v }) => k === key && holds(v)),
      seen: ({ fields }) => fields.find(({ k }) => k === key)?.v ?? null,
    })),
  );
}
