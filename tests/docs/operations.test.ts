/** Holds docs/operations.md to the configuration and to what the clock owes: every key, every limit, every kind of row, every task. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ConfigSchema } from '../../src/config-schema.js';
import { parse } from 'yaml';
import { dueKinds } from '../../src/contracts/index.js';

const text = readFileSync('docs/operations.md', 'utf8');
const config = parse(readFileSync('config/default.yaml', 'utf8')) as {
  security: { rateLimits: Record<string, number> };
};

/** Rows of the table whose head begins with `title`. */
function rowsUnder(title: string): string[][] {
  const [, table = ''] = text.split(new RegExp(`^\\| ${title}[^\\n]*\\n\\|[- |]+\\n`, 'm'));
  return (table.split('\n\n')[0] ?? '').split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const named = (cell = ''): string[] => [...cell.matchAll(/`([\w.]+)`/g)].map((match) => match[1] ?? '');

describe('docs/operations.md', () => {
  it('names every key of the configuration, and no other', () => {
    const keys = rowsUnder('key').flatMap(([cell]) => named(cell));
    expect(keys.sort()).toEqual(Object.keys(ConfigSchema.shape).sort());
  });

  it('tells the limits of requests as they are', () => {
    const shown = rowsUnder('`security.rateLimits').map(([name, value]) => [named(name)[0], Number(value)]);
    expect(Object.fromEntries(shown)).toEqual(config.security.rateLimits);
  });

  it('names every kind of row that the clock owes', () => {
    expect(rowsUnder('kind').flatMap(([cell]) => named(cell))).toEqual([...dueKinds]);
  });

  it('names the tasks of marketing with how often each runs', () => {
    const source = readFileSync('src/app-campaigns.ts', 'utf8');
    const tasks = [...source.matchAll(/\{ name: '([\w ]+)', everyMs: ([\d_]+)/g)];
    const shown = rowsUnder('task').map(([name = '', every = '']) => {
      const [, number, unit] = /^([\d.]+) (s|min)$/.exec(every) ?? [];
      return [name.replaceAll('`', ''), Number(number) * (unit === 'min' ? 60_000 : 1000)];
    });
    expect(shown.length).toBeGreaterThan(4);
    expect(shown.sort()).toEqual(tasks.map(([, name, ms = '']) => [name, Number(ms.replaceAll('_', ''))]).sort());
  });
});
