/**
 * Conditions on what a person did or bought in a window of days, and on repurchases that are due. A window's days are those of the shop's
 * zone, today included. Beside each window stands what it implies of one indexed value, so that an index finds the candidates.
 */
import { BehaviourWindow, PurchaseWindow, RepurchaseWindow } from '../../contracts/index.js';
import { checked } from './comparisons.js';
import { dayOf, daysBetween, momentsOf, shiftDay, startOfDay } from './days.js';
import { isMisfit } from './question.js';
import type { Filter, MadeQuestion, RuleContext } from './question.js';
import type { BehaviourDay, PortraitRecord, PurchaseDay } from './portrait.js';

interface Days {
  first: string;
  last: string;
}

function lastDays(days: number, { now, timeZone }: RuleContext): Days {
  const last = dayOf(now, timeZone);
  return { first: shiftDay(last, 1 - days), last };
}

const lies = (day: string, { first, last }: Days): boolean => day >= first && day <= last;
const sumOf = <T>(rows: readonly T[], of: (row: T) => number): number => rows.reduce((sum, row) => sum + of(row), 0);

/** Adds up `name` over the rows of the array in the window; `also`: a further expression on `$$row`. */
function sumIn(array: string, name: string, { first, last }: Days, also: unknown[]): Filter {
  const inWindow = [{ $gte: ['$$row.d', first] }, { $lte: ['$$row.d', last] }, ...also];
  const rows = { $filter: { input: { $ifNull: [`$${array}`, []] }, as: 'row', cond: { $and: inWindow } } };
  return { $reduce: { input: rows, initialValue: 0, in: { $add: ['$$value', `$$this.${name}`] } } };
}

/** So often in the last days. */
export function askBehaviour(_op: unknown, value: unknown, ctx: RuleContext): MadeQuestion {
  const read = checked(BehaviourWindow, value, 'type, days from 1 to 180, times from 1');
  if (isMisfit(read)) return read;
  const { type, days, times } = read.value;
  const window = lastDays(days, ctx);
  const anything = type === 'any';
  const of = ({ did }: PortraitRecord): BehaviourDay[] =>
    did.filter((row) => (anything || row.t === type) && lies(row.d, window));
  const count = (portrait: PortraitRecord): number => sumOf(of(portrait), ({ n }) => n);
  const some = {
    lastBehaviourAt: { $gte: startOfDay(window.first, ctx.timeZone) },
    did: { $elemMatch: { ...(anything ? {} : { t: type }), d: { $gte: window.first, $lte: window.last } } },
  };
  const sum = sumIn('did', 'n', window, anything ? [] : [{ $eq: ['$$row.t', type] }]);
  return {
    filter: times === 1 ? some : { ...some, $expr: { $gte: [sum, times] } },
    holds: (portrait) => count(portrait) >= times,
    seen: (portrait) => ({ times: count(portrait), from: window.first, to: window.last }),
  };
}

/** So many orders in the last days, and so much spent where that is asked. With a category: on days on which it was bought. */
export function askPurchases(_op: unknown, value: unknown, ctx: RuleContext): MadeQuestion {
  const read = checked(PurchaseWindow, value, 'days from 1 to 730, orders from 1, spent from 0, category');
  if (isMisfit(read)) return read;
  const { days, category, orders, spent = 0 } = read.value;
  const window = lastDays(days, ctx);
  const of = ({ bought }: PortraitRecord): PurchaseDay[] =>
    bought.filter(({ d, c }) => lies(d, window) && (category === undefined || c.includes(category)));
  const count = (portrait: PortraitRecord): number => sumOf(of(portrait), ({ n }) => n);
  const total = (portrait: PortraitRecord): number => sumOf(of(portrait), ({ s }) => s);
  const inCategory = category === undefined ? [] : [{ $in: [category, '$$row.c'] }];
  const sums = [
    ...(orders > 1 ? [{ $gte: [sumIn('bought', 'n', window, inCategory), orders] }] : []),
    ...(spent > 0 ? [{ $gte: [sumIn('bought', 's', window, inCategory), spent] }] : []),
  ];
  return {
    filter: { ...boughtIn(window, category, ctx), ...(sums.length > 0 ? { $expr: { $and: sums } } : {}) },
    holds: (portrait) => count(portrait) >= orders && total(portrait) >= spent,
    seen: (portrait) => ({ orders: count(portrait), spent: total(portrait), from: window.first, to: window.last }),
  };
}

function boughtIn(window: Days, category: string | undefined, { timeZone }: RuleContext): Filter {
  const since = { $gte: startOfDay(window.first, timeZone) };
  const days = { d: { $gte: window.first, $lte: window.last } };
  if (category === undefined) return { lastOrderAt: since, bought: { $elemMatch: days } };
  return {
    categories: { $elemMatch: { c: category, at: since } },
    bought: { $elemMatch: { ...days, c: category } },
  };
}

/** Shares of a cycle as whole days; what is within a billionth of a whole one is that one. */
const wholeDays = (days: number): number => Math.ceil(days - 1e-9);

/**
 * The days since the last order with the category, as a share of its cycle: from `from`, below `to`; so the steps of a ladder meet and do not
 * overlap.
 */
export function askRepurchase(_op: unknown, value: unknown, ctx: RuleContext): MadeQuestion {
  const read = checked(RepurchaseWindow, value, 'category, from and to as shares of its cycle');
  if (isMisfit(read)) return read;
  const { category, from, to } = read.value;
  if (from >= to) return { expected: 'from below to' };
  const cycle = ctx.cycleDays(category);
  const today = dayOf(ctx.now, ctx.timeZone);
  const latest = shiftDay(today, -wholeDays(from * cycle));
  const earliest = shiftDay(today, 1 - wholeDays(to * cycle));
  const last = ({ categories }: PortraitRecord): Date | undefined => categories.find(({ c }) => c === category)?.at;
  const ago = (portrait: PortraitRecord): number | undefined => {
    const at = last(portrait);
    return at && daysBetween(dayOf(at, ctx.timeZone), today);
  };
  return {
    filter: { categories: { $elemMatch: { c: category, at: momentsOf(earliest, latest, ctx.timeZone) } } },
    holds: (portrait) => {
      const days = ago(portrait);
      return days !== undefined && days >= wholeDays(from * cycle) && days < wholeDays(to * cycle);
    },
    seen: (portrait) => ({ lastAt: last(portrait) ?? null, days: ago(portrait) ?? null, cycleDays: cycle }),
  };
}
