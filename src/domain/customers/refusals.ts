/**
 * What is refused of what a shop system tells of a customer. The newest word wins in profiles and consents alike: one from the future
 * would win for ever, and no withdrawal could follow it. Pure.
 */
import type { ConsentInput, FieldProblem } from '../../contracts/index.js';

/** How far the shop's clock may be ahead of ours, as in its reports of orders. */
const MOST_AHEAD_MS = 10 * 60_000;

/** Every reason to refuse it, by its path in the body; empty when there is none. */
export function customerProblems(
  { updatedAt, consents = [] }: { updatedAt?: Date | undefined; consents?: readonly ConsentInput[] | undefined },
  now: Date,
): FieldProblem[] {
  const named: Array<[string, Date | undefined]> = [
    ['updatedAt', updatedAt],
    ...consents.map(({ at }, i): [string, Date] => [`consents.${i}.at`, at]),
  ];
  return named.flatMap(([path, at]) => (at && isAhead(at, now) ? [{ path, code: CODE, message: MESSAGE }] : []));
}

const CODE = 'customer.timeInFuture';
const MESSAGE = 'lies in the future: check the clock and the time zone';
const isAhead = (at: Date, now: Date): boolean => at.getTime() > now.getTime() + MOST_AHEAD_MS;
