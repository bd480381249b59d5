import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { ACCUMULATORS } from '../../src/agg/accumulators.js';
import { EXPRESSIONS } from '../../src/agg/expression.js';
import { STAGES } from '../../src/agg/stages.js';
import { PROJECTION_OPERATORS } from '../../src/project/parse.js';
import { FIELD_OPERATORS, TOP_OPERATORS } from '../../src/query/parse.js';
import { UPDATE_OPERATORS } from '../../src/update/operators.js';

// Tests run from the repository's root or from the package's own folder.
const path = existsSync('SUPPORTED.md') ? 'SUPPORTED.md' : 'packages/embedded-mongo/SUPPORTED.md';
const text = readFileSync(path, 'utf8');

function listed(heading: string): string[] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^- `(\$[A-Za-z0-9]*)`$/gm)].map((match) => match[1]!).sort();
}

describe('SUPPORTED.md says what the code does', () => {
  const tables: Array<[string, readonly string[]]> = [
    ['Query operators', [...Object.keys(TOP_OPERATORS), ...Object.keys(FIELD_OPERATORS), '$regex', '$options']],
    ['Update operators', UPDATE_OPERATORS],
    ['Projection operators', PROJECTION_OPERATORS],
    ['Aggregation stages', Object.keys(STAGES)],
    ['Accumulators', Object.keys(ACCUMULATORS)],
    ['Expressions', Object.keys(EXPRESSIONS)],
  ];
  it.each(tables)('%s', (heading, names) => {
    expect(names.length).toBeGreaterThan(2);
    expect(listed(heading)).toEqual([...names].sort());
  });
});
