/** Everybody's scores and groups at once, from three numbers each. Pure. */
import { eightOf, groupOf, segmentOf } from './names.js';
import type { GroupCuts } from './names.js';
import type { InsightRules } from './rules.js';
import { fixedScores, largestTie, meanOf, medianOf, rankScores, sumOf } from './scoring.js';
import type { Scored } from './scoring.js';

/** One place a person: days since the last purchase, days with purchases in the window, fen of them. */
export interface Figures {
  recency: Float64Array;
  frequency: Float64Array;
  monetary: Float64Array;
}

type Three<T> = { recency: T; frequency: T; monetary: T };

/** What was done with the numbers, kept with the run. */
export interface Basis {
  methods: Three<'rank' | 'fixed'>;
  /** Of each figure the least good value that scored 2, 3, 4 and 5. */
  lowest: Three<Array<number | null>>;
  means: Three<number>;
  medians: Three<number>;
  /** The largest share of equal frequencies. */
  largestTie: number;
  /** From here on a figure is high for the eight; with `score`, the mean scores that have to be exceeded. */
  eight: Three<number> & { cut: InsightRules['eightCut'] };
  groups: GroupCuts;
}

export interface Judged {
  basis: Basis;
  of(index: number): { r: number; f: number; m: number; code: string; segment: string; eight: string; group: string };
}

export function judge(figures: Figures, rules: InsightRules): Judged {
  const { recency, frequency, monetary } = figures;
  const perOrder = averageOf(figures);
  const tie = largestTie(frequency);
  const methods = {
    recency: rules.scoring,
    frequency: tie > rules.tieShare ? ('fixed' as const) : rules.scoring,
    monetary: rules.scoring,
  };
  const money = rules.cuts.timesAverage.map((times) => times * perOrder);
  const r = scored(recency, methods.recency, rules.cuts.recency, -1);
  const f = scored(frequency, methods.frequency, rules.cuts.frequency, 1);
  const m = scored(monetary, methods.monetary, money, 1);
  const basis: Basis = {
    methods,
    lowest: { recency: r.lowest, frequency: f.lowest, monetary: m.lowest },
    means: { recency: meanOf(recency), frequency: meanOf(frequency), monetary: meanOf(monetary) },
    medians: { recency: medianOf(recency), frequency: medianOf(frequency), monetary: medianOf(monetary) },
    largestTie: tie,
    eight: { cut: rules.eightCut, recency: 0, frequency: 0, monetary: 0 },
    groups: {
      frequency: rules.groups.frequency ?? Math.max(3, medianOf(frequency.filter((count) => count >= 2))),
      perOrder: rules.groups.perOrder ?? perOrder,
    },
  };
  basis.eight = { ...eightCuts(basis, rules, [r, f, m]), cut: rules.eightCut };
  const { eight } = basis;
  return {
    basis,
    of: (i) => {
      const [rs, fs, ms] = [r.scores[i] ?? 0, f.scores[i] ?? 0, m.scores[i] ?? 0];
      const [days, count, fen] = [recency[i] ?? 0, frequency[i] ?? 0, monetary[i] ?? 0];
      const high =
        rules.eightCut === 'score'
          ? ([rs > eight.recency, fs > eight.frequency, ms > eight.monetary] as const)
          : ([days <= eight.recency, count >= eight.frequency, fen >= eight.monetary] as const);
      return {
        ...{ r: rs, f: fs, m: ms, code: `${rs}${fs}${ms}` },
        segment: segmentOf(rs, fs, ms, rules.combining),
        eight: eightOf(...high),
        group: groupOf(count, fen, basis.groups),
      };
    },
  };
}

const scored = (values: Float64Array, method: 'rank' | 'fixed', cuts: readonly number[], sign: 1 | -1): Scored =>
  method === 'rank' ? rankScores(values, sign) : fixedScores(values, cuts, sign);

/** Fen a purchase occasion over the whole shop. */
function averageOf({ frequency, monetary }: Figures): number {
  const occasions = sumOf(frequency);
  return occasions === 0 ? 0 : sumOf(monetary) / occasions;
}

function eightCuts(
  { means, medians }: Basis,
  { eightCut, eightFixed }: InsightRules,
  [r, f, m]: readonly [Scored, Scored, Scored],
): Three<number> {
  switch (eightCut) {
    case 'mean':
      return means;
    case 'median':
      return medians;
    case 'fixed':
      return eightFixed;
    case 'score':
      return { recency: meanOf(r.scores), frequency: meanOf(f.scores), monetary: meanOf(m.scores) };
  }
}
