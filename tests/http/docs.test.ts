/** Holds docs/errors.md and docs/admin.md to the code, in both directions. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { permissions, staffRoles } from '../../src/contracts/index.js';
import { may, staffDefaults } from '../../src/domain/staff/index.js';
import type { StaffModule } from '../../src/domain/staff/index.js';
import { commerceProblemCodes } from '../../src/domain/commerce/index.js';
import { broadcastRefusals } from '../../src/domain/marketing/index.js';
import { createHttpServer } from '../../src/http/server.js';
import { fileProblems } from '../../src/imports/problem.js';
import { log } from '../domain/staff/setup.js';
import { fakes } from './fakes.js';

const read = (path: string): string => readFileSync(path, 'utf8');

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => read(join(entry.parentPath, entry.name)));
}

/** Codes where they are thrown, with their status: constructors, subclasses, `notFound('x')`, refused reports, and the table of the domain's refusals. */
function thrownCodes(source: string): Array<[string, number]> {
  const thrown = [...source.matchAll(/(?:RequestProblem|super)\(\s*(\d{3}),\s*'([\w.]+)'/g)];
  const missing = [...source.matchAll(/\bnotFound\(\s*'(\w+)'/g)];
  const reports = [...source.matchAll(/\brefusedReport\(\s*'([\w.]+)'/g)];
  const tabled = [...source.matchAll(/^ *'([a-z]\w*\.\w+)': \[(\d{3}), ['"]/gm)];
  return [
    ...thrown.map((match): [string, number] => [match[2] ?? '', Number(match[1])]),
    ...missing.map((match): [string, number] => [`${match[1]}.notFound`, 404]),
    ...reports.map((match): [string, number] => [match[1] ?? '', 422]),
    ...tabled.map((match): [string, number] => [match[1] ?? '', Number(match[2])]),
  ];
}

/** Thrown with a code that comes from elsewhere: what a file lacks, what the platform says of whoever signs in, the steps of broadcasts. */
const handedOn: Array<[string, number]> = [
  ...Object.keys(fileProblems).map((code): [string, number] => [code, 400]),
  ['code.invalid', 401],
  ['code.used', 401],
  ['person.frozen', 403],
  ...Object.keys(broadcastRefusals).map((code): [string, number] => [code, 409]),
];
/** Every place that throws a code it was handed, so that a new one is not missed; the last is `refusedReport`. */
const placesOfHandedOn = [
  'RequestProblem(400, error.code',
  'RequestProblem(401, reason',
  'RequestProblem(403, reason',
  'RequestProblem(409, code',
  'RequestProblem(422, code',
];

function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe('docs/errors.md', () => {
  const rows = rowsOf(read('docs/errors.md'));
  const documented = new Map(rows.map(([code = '', status = '']) => [code.replaceAll('`', ''), Number(status)]));
  const written = sources('src');
  const thrown = new Map([...written.flatMap(thrownCodes), ...handedOn]);

  it('finds codes however they are written', () => {
    expect(thrownCodes("throw new RequestProblem(\n  409,\n  'a.b',")).toEqual([['a.b', 409]]);
    expect(thrownCodes("super(400, 'a.c', 'x'); throw notFound('thing');")).toEqual([
      ['a.c', 400],
      ['thing.notFound', 404],
    ]);
    expect(
      thrownCodes("  'a.d': [409, 'No.'],\n  'a.e': [403, \"It's no.\"],\nthrow refusedReport('a.f', 'x')"),
    ).toEqual([
      ['a.f', 422],
      ['a.d', 409],
      ['a.e', 403],
    ]);
  });

  it('knows where codes come from elsewhere', () => {
    const places = written.flatMap((source) =>
      [...source.matchAll(/new RequestProblem\(\s*(?:\d{3}|status),\s*[a-z][\w.]*/g)].map((match) => match[0].slice(4)),
    );
    expect(places.sort()).toEqual([...placesOfHandedOn, 'RequestProblem(status, reason'].sort());
  });

  it('lists exactly the codes that are thrown, with their status', () => {
    const sorted = (map: Map<string, number>) => [...map].sort(([a], [b]) => a.localeCompare(b));
    expect(sorted(documented)).toEqual(sorted(thrown));
    expect(rows.length).toBe(documented.size);
  });

  it('gives each a meaning and a remedy', () => {
    for (const row of rows) expect(row.filter((cell) => cell.length > 2)).toHaveLength(4);
  });

  it('knows every refusal a route declares', () => {
    const { routes } = createHttpServer(fakes().ports, {} as StaffModule, {
      publicUrl: 'http://x',
      trustProxy: false,
      log,
    });
    const declared = new Set(routes.flatMap(({ refusals }) => refusals));
    expect([...declared].filter((code) => !documented.has(code))).toEqual([]);
  });
});

describe('docs/shop-systems.md', () => {
  it('names what can be wrong with a report', () => {
    const text = read('docs/shop-systems.md');
    expect(commerceProblemCodes.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });
});

describe('config/default.yaml', () => {
  it('and the staff module agree on the sign-in rules', () => {
    const { security } = parse(read('config/default.yaml')) as { security: Record<string, unknown> };
    const shared = Object.keys(staffDefaults).filter((key) => key in security);
    expect(shared).toContain('lockoutFailures');
    expect(staffDefaults).toMatchObject(Object.fromEntries(shared.map((key) => [key, security[key]])));
  });
});

describe('docs/admin.md', () => {
  const text = read('docs/admin.md').replace(/ +/g, ' ');

  it('shows the permission table as it is', () => {
    const shown = rowsOf(text).map(([name = '', , ...marks]) => [
      name.replaceAll('`', ''),
      ...marks.map((mark) => mark === '✓'),
    ]);
    expect(shown).toEqual(
      permissions.map((permission) => [permission, ...staffRoles.map((role) => may(role, permission))]),
    );
  });

  it('shows the sign-in rules as they are', () => {
    const { captchaAfterFailures, lockoutFailures, lockoutMinutes, sessionHours, sessionMaxDays } = staffDefaults;
    const { captchaAfterAddressFailures, lockoutAddressFailures, captchaSeconds } = staffDefaults;
    const cells = [
      `| ${captchaAfterFailures} | \`security.captchaAfterFailures\` |`,
      `| ${lockoutFailures} | \`security.lockoutFailures\` |`,
      `| ${lockoutMinutes} 分钟 · min | \`security.lockoutMinutes\` |`,
      `| ${captchaAfterAddressFailures} / ${lockoutAddressFailures} |`,
      `| ${captchaSeconds} s |`,
      `| ${sessionHours} 小时 · h | \`security.sessionHours\` |`,
      `| ${sessionMaxDays} 天 · days |`,
    ];
    for (const cell of cells) expect(text).toContain(cell);
  });
});
