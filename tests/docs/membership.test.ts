/** Holds the numbers of docs/membership.md and docs/admin.md to config/default.yaml. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const read = (path: string): string => readFileSync(path, 'utf8');

interface Tree {
  [key: string]: Tree | number | string | unknown[];
}
interface Level {
  title: { en: string };
  growth: number;
  pointsPercent: number;
}
const config = parse(read('config/default.yaml')) as Tree & {
  levels: Level[];
  staffLimits: Record<string, { points: number; voucherFen: number }>;
};

/** Numbers below a key, by their path. */
function numbersIn(tree: Tree, path: string): Array<[string, string]> {
  return Object.entries(tree).flatMap(([key, value]): Array<[string, string]> => {
    if (typeof value === 'object' && !Array.isArray(value)) return numbersIn(value, `${path}.${key}`);
    return typeof value === 'number' ? [[`${path}.${key}`, String(value)]] : [];
  });
}

function cellsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe('docs/membership.md', () => {
  const rows = cellsOf(read('docs/membership.md'));

  it.each(['points', 'growth', 'orders', 'identity'])('tells every number of %s as it is', (part) => {
    const shown = new Map(rows.map(([, value = '', key = '']) => [key.replaceAll('`', ''), value]));
    const wanted = numbersIn(config[part] as Tree, part);
    expect(wanted.length).toBeGreaterThan(1);
    for (const [key, value] of wanted) expect([key, shown.get(key)]).toEqual([key, value]);
  });

  it('tells the levels as they are', () => {
    const shown = rows.filter(([, , percent = '']) => /^\d\.\d$/.test(percent));
    expect(
      shown.map(([, growth = '', percent]) => [Number(growth.replace(',', '')), Math.round(Number(percent) * 100)]),
    ).toEqual(config.levels.map(({ growth, pointsPercent }) => [growth, pointsPercent]));
    expect(shown.map(([title]) => title)).toEqual(
      config.levels.map(({ title }) => expect.stringContaining(title.en) as unknown),
    );
  });
});

describe('docs/admin.md', () => {
  it('tells the limits of staff as they are', () => {
    const rows = cellsOf(read('docs/admin.md'));
    const shown = rows.flatMap(([role = '', points = '', voucher = '']) => {
      const fen = /\((\d+)\)$/.exec(voucher)?.[1];
      return fen ? [[role.split(' ')[0], { points: Number(points.replaceAll(',', '')), voucherFen: Number(fen) }]] : [];
    });
    expect(Object.fromEntries(shown)).toEqual(config.staffLimits);
  });
});
