/**
 * What is refused of a report, told by the report alone: were it to depend on what is stored, the order of arrival would decide.
 * What no rule here names is taken as the shop tells it. Pure.
 */
import type { BehaviourInput, FieldProblem, OrderInput } from '../../contracts/index.js';

export const commerceProblemCodes = [
  'order.paidBeyondAmount',
  'order.discountBeyondAmount',
  'order.refundBeyondPaid',
  'order.timeBeforePlaced',
  'order.timeInFuture',
  'behaviour.timeInFuture',
] as const;
export type CommerceProblemCode = (typeof commerceProblemCodes)[number];

/** `path` as in the body, such as `refunds.0.amount`. */
export interface CommerceProblem extends FieldProblem {
  code: CommerceProblemCode;
}

/** How far the shop's clock may be ahead of ours. A report from far in the future would be the newest for ever. */
const MOST_AHEAD_MS = 10 * 60_000;

/** Every reason to refuse this report; empty when there is none. */
export function orderProblems(report: OrderInput, now: Date): CommerceProblem[] {
  return [...amountProblems(report), ...refundProblems(report), ...timeProblems(report, now)];
}

export function behaviourProblems({ at }: BehaviourInput, now: Date): CommerceProblem[] {
  return isAhead(at, now) ? [problem('at', 'behaviour.timeInFuture', aheadMessage)] : [];
}

function amountProblems({ amount, paid, freight, discount }: OrderInput): CommerceProblem[] {
  return [
    // Some shops count freight into the amount, others beside it.
    ...(paid > amount + freight
      ? [problem('paid', 'order.paidBeyondAmount', 'is more than amount and freight, which are before discount')]
      : []),
    ...(discount > amount ? [problem('discount', 'order.discountBeyondAmount', 'is more than amount')] : []),
  ];
}

function refundProblems({ paid, refunds = [] }: OrderInput): CommerceProblem[] {
  const one = refunds.findIndex(({ amount }) => amount > paid);
  if (one >= 0) return [problem(`refunds.${one}.amount`, 'order.refundBeyondPaid', 'is more than paid')];
  const succeeded = new Map(
    refunds.filter(({ status }) => status === 'succeeded').map(({ refundNo, amount }) => [refundNo, amount]),
  );
  const sum = [...succeeded.values()].reduce((total, amount) => total + amount, 0);
  return sum > paid ? [problem('refunds', 'order.refundBeyondPaid', 'come to more than paid')] : [];
}

const times = ['updatedAt', 'paidAt', 'dispatchedAt', 'receivedAt', 'completedAt', 'closedAt'] as const;

function timeProblems(report: OrderInput, now: Date): CommerceProblem[] {
  const { shipments = [], refunds = [], placedAt, closesAt } = report;
  const named: Array<[string, Date | undefined]> = [
    ...times.map((name): [string, Date | undefined] => [name, report[name]]),
    ...shipments.map(({ at }, i): [string, Date] => [`shipments.${i}.at`, at]),
    ...refunds.map(({ at }, i): [string, Date] => [`refunds.${i}.at`, at]),
  ];
  const all: Array<[string, Date | undefined]> = [['placedAt', placedAt], ...named];
  const early: Array<[string, Date | undefined]> = [['closesAt', closesAt], ...named];
  return [
    ...early.flatMap(([path, at]) =>
      at && second(at) < second(placedAt) ? [problem(path, 'order.timeBeforePlaced', 'is before placedAt')] : [],
    ),
    ...all.flatMap(([path, at]) => (at && isAhead(at, now) ? [problem(path, 'order.timeInFuture', aheadMessage)] : [])),
  ];
}

/** Some systems tell seconds, others milliseconds, of the same moment. */
const second = (at: Date): number => Math.floor(at.getTime() / 1000);
const isAhead = (at: Date, now: Date): boolean => at.getTime() > now.getTime() + MOST_AHEAD_MS;
const aheadMessage = 'lies in the future: check the clock and the time zone';
const problem = (path: string, code: CommerceProblemCode, message: string): CommerceProblem => ({
  path,
  code,
  message,
});
