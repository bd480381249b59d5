/** What operators ask of one value: as a condition of the database and as a function. Pure. */
import { z } from 'zod';
import type { SegmentOp } from '../../contracts/index.js';
import { dayOf, daysBetween, momentsOf, shiftDay, startOfDay } from './days.js';
import type { Misfit, RuleContext } from './question.js';

export interface Comparison {
  /** Beside a path, or inside `$elemMatch`. */
  condition: unknown;
  holds(value: unknown): boolean;
}

export type Comparing = (op: SegmentOp, value: unknown, ctx: RuleContext) => Comparison | Misfit;

/** The earliest moment a Date can hold: whatever is known lies at or after it. */
export const EARLIEST = new Date(-8.64e15);

const MAX_VALUES = 200;
/** A hundred years: further away no day can be told from the others. */
const MAX_DAYS = 36_500;

/** One value, or several of which any will do. */
const oneOrMore = <T>(each: z.ZodType<T>) =>
  z.union([each.transform((one) => [one]), z.array(each).min(1).max(MAX_VALUES)]);

const words = oneOrMore(z.string().min(1).max(200));
const numbers = oneOrMore(z.number());
const flag = z.boolean();
const nothing = z.literal(true).optional();
const days = z.int().min(1).max(MAX_DAYS);
const wholeDays = z.int().min(-MAX_DAYS).max(MAX_DAYS);

const range = (each: z.ZodType<number>) =>
  z.tuple([each, each]).refine(([low, high]) => low <= high, 'the first must not be above the second');

export function checked<T>(schema: z.ZodType<T>, value: unknown, expected: string): { value: T } | Misfit {
  const read = schema.safeParse(value);
  return read.success ? { value: read.data } : { expected };
}

/** Turns a checked value into a comparison, or says what was expected. */
export function compare<T>(
  schema: z.ZodType<T>,
  value: unknown,
  expected: string,
  make: (value: T) => Comparison,
): Comparison | Misfit {
  const read = checked(schema, value, expected);
  return 'expected' in read ? read : make(read.value);
}

const anyOf = <T>(values: readonly T[]): unknown => (values.length === 1 ? values[0] : { $in: [...values] });

const NO_SUCH: Misfit = { expected: 'an operator of this field' };
const EXPECTED_NOTHING = 'no value';

export const known = (value: unknown, least: unknown, isKind: (value: unknown) => boolean): Comparison | Misfit =>
  compare(nothing, value, EXPECTED_NOTHING, () => ({ condition: { $gte: least }, holds: isKind }));

const isWord = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isDate = (value: unknown): value is Date => value instanceof Date;

/** Of words: is, known. */
export const compareWords: Comparing = (op, value) => {
  if (op === 'known') return known(value, '', isWord);
  if (op !== 'is' && op !== 'has') return NO_SUCH;
  return compare(words, value, 'a text, or 1 to 200 of them', (wanted) => ({
    condition: anyOf(wanted),
    holds: (found) => wanted.some((one) => one === found),
  }));
};

type ByOperator = Partial<Record<SegmentOp, () => Comparison | Misfit>>;
const chosen = (by: ByOperator, op: SegmentOp): Comparison | Misfit => by[op]?.() ?? NO_SUCH;

/** Of numbers: is, atLeast, atMost, between, known. */
export const compareNumbers: Comparing = (op, value) => {
  const some = (condition: unknown, holds: (found: number) => boolean): Comparison => ({
    condition,
    holds: (found) => isNumber(found) && holds(found),
  });
  const by: ByOperator = {
    is: () =>
      compare(numbers, value, 'a number, or 1 to 200 of them', (wanted) =>
        some(anyOf(wanted), (found) => wanted.includes(found)),
      ),
    atLeast: () => compare(z.number(), value, 'a number', (low) => some({ $gte: low }, (found) => found >= low)),
    atMost: () => compare(z.number(), value, 'a number', (high) => some({ $lte: high }, (found) => found <= high)),
    between: () =>
      compare(range(z.number()), value, 'two numbers, the lower first', ([low, high]) =>
        some({ $gte: low, $lte: high }, (found) => found >= low && found <= high),
      ),
    known: () => known(value, -Infinity, isNumber),
  };
  return chosen(by, op);
};

/**
 * Of moments. `withinDays` n: on one of the last n days, today being one of them. `beforeDays` n: earlier than those. So each known moment up to
 * today answers yes to exactly one of the two.
 */
export const compareDates: Comparing = (op, value, { now, timeZone }) => {
  const today = dayOf(now, timeZone);
  const some = (condition: unknown, holds: (day: string) => boolean): Comparison => ({
    condition,
    holds: (found) => isDate(found) && holds(dayOf(found, timeZone)),
  });
  const by: ByOperator = {
    withinDays: () =>
      compare(days, value, 'a whole number of days from 1', (n) => {
        const first = shiftDay(today, 1 - n);
        return some(momentsOf(first, today, timeZone), (day) => day >= first && day <= today);
      }),
    beforeDays: () =>
      compare(days, value, 'a whole number of days from 1', (n) => {
        const first = shiftDay(today, 1 - n);
        return some({ $lt: startOfDay(first, timeZone) }, (day) => day < first);
      }),
    known: () => known(value, EARLIEST, isDate),
  };
  return chosen(by, op);
};

/** Of moments that lie ahead, as the number of days left: 0 today, 1 tomorrow, below 0 past. */
export const compareDaysLeft: Comparing = (op, value, { now, timeZone }) => {
  const today = dayOf(now, timeZone);
  const left = (found: unknown): number | undefined =>
    isDate(found) ? daysBetween(today, dayOf(found, timeZone)) : undefined;
  const from = (n: number): Date => startOfDay(shiftDay(today, n), timeZone);
  const some = (condition: unknown, holds: (n: number) => boolean): Comparison => ({
    condition,
    holds: (found) => {
      const n = left(found);
      return n !== undefined && holds(n);
    },
  });
  const by: ByOperator = {
    atLeast: () =>
      compare(wholeDays, value, 'a whole number of days', (low) => some({ $gte: from(low) }, (n) => n >= low)),
    atMost: () =>
      compare(wholeDays, value, 'a whole number of days', (high) => some({ $lt: from(high + 1) }, (n) => n <= high)),
    between: () =>
      compare(range(wholeDays), value, 'two whole numbers of days, the lower first', ([low, high]) =>
        some({ $gte: from(low), $lt: from(high + 1) }, (n) => n >= low && n <= high),
      ),
    known: () => known(value, EARLIEST, isDate),
  };
  return chosen(by, op);
};

/** Of yes and no: is, known. */
export const compareFlags: Comparing = (op, value) => {
  if (op === 'known') return known(value, false, (found) => typeof found === 'boolean');
  if (op !== 'is') return NO_SUCH;
  return compare(flag, value, 'true or false', (wanted) => ({
    condition: wanted,
    holds: (found) => found === wanted,
  }));
};
