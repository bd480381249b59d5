/**
 * src/ uses only what the embedded database lists as supported, so that the product runs the same on it and on MongoDB.
 * Read from the source, not from a run: an operator on a path no test takes counts too.
 */
import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const list = readFileSync('packages/embedded-mongo/SUPPORTED.md', 'utf8');

function section(title: string): Set<string> {
  const body = list.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
  const items = body.split('\n').filter((line) => line.startsWith('- '));
  return new Set(
    items.flatMap((item) => [...(item.split(':')[0] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')),
  );
}

const operators = new Set(
  [
    'Query operators',
    'Update operators',
    'Projection operators',
    'Aggregation stages',
    'Accumulators',
    'Expressions',
  ].flatMap((title) => [...section(title)]),
);
const indexOptions = section('Index options');

/** Operators stand as property names: `$set:`, `'$set'` or `$set }`. Type names of zod are not among them. */
function operatorsIn(source: string): string[] {
  return [...source.matchAll(/['"{,\s(](\$[a-z][A-Za-z]*)['"]?\s*:/g)].map((match) => match[1] ?? '');
}

function indexOptionsIn(source: string): string[] {
  const calls = [...source.matchAll(/\.index\(\s*\{[^}]*\},\s*\{([^)]*)\}\s*,?\s*\)/g)].map((match) => match[1] ?? '');
  return calls.flatMap((call) =>
    [...call.replace(/\{[^}]*\}/g, '').matchAll(/(\w+)\s*:/g)].map((match) => match[1] ?? ''),
  );
}

const files = readdirSync('src', { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, source: readFileSync(join('src', file), 'utf8') }));

function unlisted(sources: Array<{ file: string; source: string }>): string[] {
  return sources.flatMap(({ file, source }) => [
    ...operatorsIn(source)
      .filter((operator) => !operators.has(operator))
      .map((operator) => `${file}: ${operator}`),
    ...indexOptionsIn(source)
      .filter((option) => !indexOptions.has(option))
      .map((option) => `${file}: index option ${option}`),
  ]);
}

describe('the list of what the embedded database supports', () => {
  it('was read', () => {
    expect(operators.size).toBeGreaterThan(100);
    expect([...indexOptions]).toEqual(
      expect.arrayContaining(['unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds']),
    );
  });

  it('holds every operator and index option that src/ uses', () => {
    const used = new Set(files.flatMap(({ source }) => operatorsIn(source)));
    expect([...used]).toEqual(expect.arrayContaining(['$set', '$inc', '$exists', '$or']));
    expect(files.flatMap(({ source }) => indexOptionsIn(source))).toEqual(
      expect.arrayContaining(['unique', 'expireAfterSeconds']),
    );
    expect(unlisted(files)).toEqual([]);
  });

  it('is seen to catch a planted operator and a planted index option', () => {
    const source = "find({ $where: 'x' }); schema.index({ at: 1 }, { collation: 'zh' });";
    expect(unlisted([{ file: 'planted.ts', source }])).toEqual([
      'planted.ts: $where',
      'planted.ts: index option collation',
    ]);
  });

  it('is kept to for what is no operator: change streams, full-text search, geography', () => {
    for (const { file, source } of files)
      expect([file, /\.watch\(\s*\[|\$text|\$near|geoWithin/.test(source)]).toEqual([file, false]);
  });
});
