/**
 * Scores of 1 to 5, 5 best, of very many values at once. Pure, over typed arrays. Every value is scored by itself against everybody's
 * (independent scoring), and equal values always score the same, so that the order in which people are read decides nothing.
 */

export const SCORES = 5;

export interface Scored {
  scores: Uint8Array;
  /** The least good value that scored 2, 3, 4 and 5; null where nobody did. Kept for every run: people also move because others moved. */
  lowest: Array<number | null>;
}

/** 1 + ⌊5 × (how many are worse) / n⌋. `sign` -1 where less is better. */
export function rankScores(values: Float64Array, sign: 1 | -1): Scored {
  const sorted = Float64Array.from(values, (value) => sign * value).sort();
  const scores = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const worse = countBelow(sorted, sign * (values[i] ?? 0));
    scores[i] = 1 + Math.floor((SCORES * worse) / values.length);
  }
  return { scores, lowest: lowestOf(values, scores, sign) };
}

/** Four rising cuts make five bins, each with its lower cut and without its upper one. Of `sign` -1 the first bin is the best. */
export function fixedScores(values: Float64Array, cuts: readonly number[], sign: 1 | -1): Scored {
  const scores = Uint8Array.from(values, (value) => {
    const reached = cuts.filter((cut) => cut <= value).length;
    return sign === 1 ? 1 + reached : SCORES - reached;
  });
  return { scores, lowest: lowestOf(values, scores, sign) };
}

/** The largest share of equal values. */
export function largestTie(values: Float64Array): number {
  const sorted = values.slice().sort();
  let [most, run] = [0, 0];
  for (let i = 0; i < sorted.length; i += 1) {
    run = i > 0 && sorted[i] === sorted[i - 1] ? run + 1 : 1;
    if (run > most) most = run;
  }
  return values.length === 0 ? 0 : most / values.length;
}

export function meanOf(values: ArrayLike<number>): number {
  return values.length === 0 ? 0 : sumOf(values) / values.length;
}

export function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i] ?? 0;
  return sum;
}

/** The middle value, or half way between the two middle ones. */
export function medianOf(values: Float64Array): number {
  if (values.length === 0) return 0;
  const sorted = values.slice().sort();
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? 0, sorted[sorted.length >> 1] ?? 0];
  return (low + high) / 2;
}

/** How many of the sorted values are less. */
function countBelow(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lowestOf(values: Float64Array, scores: Uint8Array, sign: 1 | -1): Array<number | null> {
  const lowest = new Array<number | null>(SCORES + 1).fill(null);
  for (let i = 0; i < values.length; i += 1) {
    const [score, value] = [scores[i] ?? 0, values[i] ?? 0];
    const known = lowest[score] ?? null;
    if (known === null || sign * value < sign * known) lowest[score] = value;
  }
  return lowest.slice(2);
}
