/** Holds the reasons of docs/errors.md (messages, refused callbacks) to the reasons in the code, in both directions. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { domainEventKinds, dueKinds } from '../../src/contracts/index.js';
import { contactReasons } from '../../src/domain/contact/index.js';
import { draftProblemCodes } from '../../src/domain/marketing/broadcasts-checks.js';
import { AUDIENCE_GREW, pauseReasons } from '../../src/domain/marketing/index.js';

import { grantRefusals } from '../../src/domain/membership/index.js';

const folders = ['src/flow', 'src/domain/contact', 'src/channels'];
/** Answered to whoever calls a webhook; everything else says what became of a message. */
const ofCallbacks = /^(webhook|cipher)\./;
/** Of calls that send nothing (codes, texts to be checked, sign-ins); never seen on a message. */
const ofCalls = new Set([
  'scene.length',
  'scene.characters',
  'page.query',
  'text.length',
  'code.invalid',
  'code.used',
  'person.notActive',
]);
/** Of a bot that is not signed in and of a rehearsal; they have tables of their own. */
const ofRuns = /^(bot\.(?!offline|elsewhere|noAnswer)|rehearsal\.|strategy\.toldBefore)/;

const code = String.raw`([a-z]\w*(?:\.[a-z]\w*)+)`;
/** `reason: 'a.b'`, a union of such in a type, and the helpers of codes.ts, send.ts and webhook.ts that take the reason as an argument. */
const written = [
  new RegExp(String.raw`\breason(?::| =) '${code}'`, 'g'),
  new RegExp(String.raw`(?<=\breason: '[^;\n]*\| )'${code}'`, 'g'),
  new RegExp(String.raw`\b(?:retry|refuse|unreachable|refused|answer|none)\((?:\d{3}, )?'${code}'`, 'g'),
  new RegExp(String.raw`\breason \?\? '${code}'`, 'g'),
  new RegExp(String.raw`\bbody: '${code}'`, 'g'),
  new RegExp(String.raw`\b(?:skipped|held|later)\((?:[^'(),]+(?:\(\))? \? )?'${code}'`, 'g'),
  new RegExp(String.raw`\blater\([^,\n]* : '${code}'`, 'g'),
  new RegExp(String.raw`\bskip\(batch, [\w.]+, '${code}'`, 'g'),
  new RegExp(String.raw`\b(?:giveUp\(batch|drop\(broadcast|tally\.refused\('\w+'), (?:'\w+', )?'${code}'`, 'g'),
];

function reasonsIn(source: string): string[] {
  return written.flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1] ?? ''));
}

/** Every literal of a reason's form, so that a reason written in a new way is not missed. Keys of objects are paths of fields. */
function literalsIn(source: string): string[] {
  const found = source.matchAll(new RegExp(String.raw`'${code}'(?!\]?:)`, 'g'));
  return [...found].map((match) => match[1] ?? '');
}

const sources = folders.flatMap((folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
);

interface Row {
  reason: string;
  outcomes: string[];
  cells: string[];
}

/** Rows of the table under a heading that holds `title`. The first cell names the outcome, the second the reason. */
function tableUnder(text: string, title: string): Row[] {
  const section = text.split(/^## /m).find((part) => part.split('\n')[0]?.includes(title)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => {
      const cells = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      return { reason: (cells[1] ?? '').replaceAll('`', ''), outcomes: (cells[0] ?? '').split(/, /), cells };
    });
}

const sorted = (list: Iterable<string>): string[] => [...new Set(list)].sort();

describe('the reasons in docs/errors.md', () => {
  const text = readFileSync('docs/errors.md', 'utf8');
  const messages = tableUnder(text, 'Message reasons');
  const callbacks = tableUnder(text, 'Refused callbacks');
  const offers = grantRefusals.map((reason) => `offer.${reason}`);
  const known = [...sources.flatMap(reasonsIn), ...Object.keys(contactReasons), ...offers];
  const inCode = known.filter((reason) => !ofCalls.has(reason) && !ofRuns.test(reason));

  it('are found however they are written', () => {
    expect(reasonsIn("{ outcome: 'refused', reason: 'a.one', scope: 'x' }")).toEqual(['a.one']);
    expect(reasonsIn("  | { ok: false; reason: 'a.one' | 'a.two' | 'a.three' };").sort()).toEqual(
      ['a.one', 'a.two', 'a.three'].sort(),
    );
    expect(reasonsIn("[retry('a.one', 'message', 5), [1]], refuse(403, 'a.two'), refused('a.three')")).toEqual([
      'a.one',
      'a.two',
      'a.three',
    ]);
    expect(reasonsIn("return none('a.one'); reason: way?.reason ?? 'a.two'")).toEqual(['a.one', 'a.two']);
    expect(reasonsIn("const reason = 'a.one';")).toEqual(['a.one']);
    expect(
      reasonsIn("later(x.y() ? 'a.one' : 'a.two', 3); held('a.three', until); skipped('a.b.four')").sort(),
    ).toEqual(['a.one', 'a.two', 'a.three', 'a.b.four'].sort());
    expect(
      reasonsIn("skip(batch, one.row, 'a.one'); giveUp(batch, 'skipped', 'a.two'); tally.refused('held', 'a.three')"),
    ).toEqual(['a.one', 'a.two', 'a.three']);
    expect(reasonsIn("{ reason: why, 'from.user': user, kind: 'a.one' }")).toEqual([]);
  });

  it('name exactly what can stand on a message', () => {
    expect(sorted(messages.map((row) => row.reason))).toEqual(sorted(inCode.filter((one) => !ofCallbacks.test(one))));
    expect(messages.length).toBe(new Set(messages.map((row) => row.reason)).size);
  });

  it('are all in the guide for service staff, and no others', () => {
    const guide = tableUnder(readFileSync('docs/service-staff.md', 'utf8'), '一条消息的状态');
    const named = guide.flatMap(({ cells }) =>
      [...(cells[0] ?? '').matchAll(/`([\w.]+)`/g)].map((match) => match[1] ?? ''),
    );
    expect(sorted(named)).toEqual(sorted(messages.map((row) => row.reason)));
  });

  it('name exactly what a refused callback is answered', () => {
    expect(sorted(callbacks.map((row) => row.reason))).toEqual(sorted(inCode.filter((one) => ofCallbacks.test(one))));
    expect(callbacks.length).toBe(new Set(callbacks.map((row) => row.reason)).size);
  });

  it('miss none that is written in another way', () => {
    const all = new Set<string>([...domainEventKinds, ...dueKinds, ...inCode, ...ofCalls]);
    const others = sources.flatMap(literalsIn).filter((literal) => !all.has(literal) && !ofRuns.test(literal));
    expect(sorted(others)).toEqual([]);
  });

  it('tell why a broadcast pauses, a rehearsal fails and a bot is not signed in', () => {
    const told = [
      ...tableUnder(text, 'Why a broadcast pauses'),
      ...tableUnder(text, 'The state of a personal account'),
    ];
    const runs = sources.flatMap(literalsIn).filter((literal) => ofRuns.test(literal));
    expect(sorted(told.map(({ reason }) => reason).filter((reason) => !reason.endsWith('…')))).toEqual(
      sorted([...runs, ...pauseReasons, AUDIENCE_GREW]),
    );
    for (const { cells } of told) expect(cells.filter((cell) => cell.length > 1)).toHaveLength(4);
  });

  it('tell what may be wrong with a draft', () => {
    const missing = draftProblemCodes.filter((one) => !text.includes(`\`${one}\``));
    expect(missing).toEqual([]);
  });

  it('have an outcome, a meaning and a remedy each', () => {
    const outcomes = new Set(['pending', 'held', 'skipped', 'refused', 'unknown']);
    for (const row of messages) expect(row.outcomes.filter((outcome) => !outcomes.has(outcome))).toEqual([]);
    for (const { outcomes: statuses } of callbacks) expect(statuses.join()).toMatch(/^40[034]$/);
    for (const { cells } of [...messages, ...callbacks]) {
      expect(cells).toHaveLength(4);
      for (const cell of cells.slice(1)) expect(cell).toMatch(/\S{2}/);
    }
  });
});
