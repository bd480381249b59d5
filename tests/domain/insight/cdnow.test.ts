/**
 * Ranks of the public CDNOW sample (Fader and Hardie: 2,357 customers, purchases of 1997 and 1998) as of 30 September 1997. The data set is
 * not part of the project: HUIKE_CDNOW names the published file (https://www.brucehardie.com/datasets/), and without it this says that nothing
 * was compared.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { judge } from '../../../src/domain/insight/judge.js';
import { defaultInsightRules } from '../../../src/domain/insight/rules.js';

const file = process.env['HUIKE_CDNOW'];
const DAY_MS = 86_400_000;
const END = Date.UTC(1997, 8, 30);

function figuresOf(text: string) {
  const buyers = new Map<string, { days: Set<number>; cents: number }>();
  for (const line of text.split('\n')) {
    const [id, , day = '', , dollars] = line.trim().split(/\s+/);
    const at = Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6)));
    if (!id || !(at <= END)) continue;
    const buyer = buyers.get(id) ?? { days: new Set<number>(), cents: 0 };
    buyer.days.add(at);
    buyer.cents += Math.round(Number(dollars) * 100);
    buyers.set(id, buyer);
  }
  const all = [...buyers.values()];
  return {
    recency: Float64Array.from(all, ({ days }) => (END - Math.max(...days)) / DAY_MS),
    frequency: Float64Array.from(all, ({ days }) => days.size),
    monetary: Float64Array.from(all, ({ cents }) => cents),
  };
}

it('scores the CDNOW sample as its published counts', () => {
  if (file === undefined) {
    process.stderr.write('CDNOW was NOT compared: HUIKE_CDNOW does not name the file\n');
    return;
  }
  const figures = figuresOf(readFileSync(file, 'latin1'));
  const judged = judge(figures, { ...defaultInsightRules, tieShare: 1 });
  const rows = Array.from(figures.recency, (_, i) => judged.of(i));
  const counts = (of: 'r' | 'f' | 'm') =>
    [1, 2, 3, 4, 5].map((score) => rows.filter((row) => row[of] === score).length);
  expect(rows).toHaveLength(2357);
  expect(counts('r')).toEqual([480, 478, 459, 475, 465]);
  expect(counts('f')).toEqual([1411, 0, 439, 214, 293]);
  expect(counts('m')).toEqual([480, 464, 471, 471, 471]);
  expect(judged.basis.means.monetary / 100).toBeCloseTo(73.45, 2);
  expect(judged.basis.medians.monetary / 100).toBeCloseTo(36.11, 2);
  // Three of five bought once: by default their frequency goes by its cuts, and ranks would have left a score empty.
  const usual = judge(figures, defaultInsightRules);
  expect(usual.basis.largestTie).toBeCloseTo(0.599, 3);
  expect(usual.basis.methods).toEqual({ recency: 'rank', frequency: 'fixed', monetary: 'rank' });
  expect(Array.from(figures.frequency, (count, i) => count === 2 && usual.of(i).f !== 2).some(Boolean)).toBe(false);
});
