/** The cuts of a run as rows of a table: what scored 2, 3, 4, 5 from where on. Whatever else the run says of itself is left to the caller. */
export interface CutRow {
  figure: 'recency' | 'frequency' | 'monetary';
  method: string;
  /** Of the scores 2 to 5; null where nobody scored it. */
  lowest: Array<number | null>;
  mean: number | null;
  eight: number | null;
}

const figures = ['recency', 'frequency', 'monetary'] as const;
const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const numberOr = (value: unknown): number | null => (typeof value === 'number' ? value : null);

export function cutRows(cuts: Record<string, unknown>): CutRow[] {
  const [methods, lowest] = [record(cuts['methods']), record(cuts['lowest'])];
  const [means, eight] = [record(cuts['means']), record(cuts['eight'])];
  return figures.flatMap((figure): CutRow[] => {
    const values = lowest[figure];
    if (!Array.isArray(values)) return [];
    return [
      {
        figure,
        method: String(methods[figure] ?? ''),
        lowest: values.map(numberOr),
        mean: numberOr(means[figure]),
        eight: numberOr(eight[figure]),
      },
    ];
  });
}

/** From here on somebody buys often, and dear. */
export function groupCuts(cuts: Record<string, unknown>): { frequency: number; perOrder: number } | undefined {
  const groups = record(cuts['groups']);
  const [frequency, perOrder] = [numberOr(groups['frequency']), numberOr(groups['perOrder'])];
  return frequency === null || perOrder === null ? undefined : { frequency, perOrder };
}

/** Whether the shop chose F by itself for the second side of the grid, in place of F and M together. */
export const usesFrequencyAlone = (cuts: Record<string, unknown>): boolean =>
  record(cuts['rules'])['combining'] === 'RF';
