/** Holds docs/marketing.md to the code: the table of routes, the gates, the library, the fields, the numbers, and the words of the console. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { audienceStates, purposes } from '../../src/contracts/index.js';
import { routeOrder, routeTable } from '../../src/domain/contact/routes.js';
import { contactReasons, isOptOut } from '../../src/domain/contact/index.js';
import { gateNames } from '../../src/domain/contact/judge.js';
import { segmentOf } from '../../src/domain/insight/names.js';
import { defaultInsightRules, LEAST_PEOPLE } from '../../src/domain/insight/rules.js';
import { library } from '../../src/domain/marketing/library.js';
import { segmentFields } from '../../src/domain/segments/catalogue.js';
import { rfmSegments } from '../../src/domain/segments/score-codes.js';
import { MOST_LOOKS } from '../../src/flow/rehearse.js';

const read = (path: string): string => readFileSync(path, 'utf8');
const text = read('docs/marketing.md');

interface Marketing {
  contact: {
    quietHours: { from: string; to: string };
    caps: Array<{ days: number; most: number }>;
    holidays: string[];
    holds: { enquiryHours: number; refundDays: number };
    warnings: { pointsDays: number[]; levelDays: number[] };
  };
  marketing: {
    approval: { people: number; costFen: number };
    autoPause: { unfollowShare: number; refusalShare: number; minimum: number };
    broadcastDays: number;
    repurchaseDays: { default: number };
  };
}
const { contact, marketing } = parse(read('config/default.yaml')) as Marketing;

/** Rows of the tables under a heading that holds `title`, their heads left out. */
function rowsUnder(title: string): string[][] {
  const section = text.split(/^## /m).find((part) => part.split('\n')[0]?.includes(title)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\| -/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
const codeIn = (cell = ''): string => /`([\w.-]+)`/.exec(cell)?.[1] ?? '';

describe('docs/marketing.md', () => {
  it('shows what may go which way, in the order in which ways are tried', () => {
    const [, ...rows] = rowsUnder('What may go which way');
    const permit = { yes: '可以 · yes', no: '不可以 · no', asked: '要求过 · asked', consent: '同意 · consent' };
    expect(rows.map(([way, ...cells]) => [codeIn(way), ...cells])).toEqual(
      routeOrder.map((route) => [route, ...purposes.map((purpose) => permit[routeTable[route][purpose]])]),
    );
  });

  it('names the reasons of the contact policy as they are', () => {
    const rows = rowsUnder('Who is left out').filter(([, care, promotion]) => care === '✓' || promotion === '✓');
    expect(rows).toHaveLength(gateNames.length);
    const named = rows.flatMap(([, , , outcome]) => codeIn(outcome) || []);
    expect(named).toHaveLength(6);
    expect(named.filter((reason) => !(reason in contactReasons))).toEqual([]);
  });

  it('tells the numbers of the configuration', () => {
    const cells = new Map(rowsUnder('Who is left out').map(([, value = '', key]) => [codeIn(key), value]));
    const numbers = (key: string): number[] => (cells.get(key)?.split(' · ')[0]?.match(/\d+/g) ?? []).map(Number);
    expect(numbers('contact.caps')).toEqual(contact.caps.flatMap(({ days, most }) => [days === 1 ? 24 : days, most]));
    expect(cells.get('contact.quietHours')).toBe(`${contact.quietHours.from}–${contact.quietHours.to}`);
    expect(contact.holidays).toEqual([]);
    expect(numbers('contact.holds.enquiryHours')).toEqual([contact.holds.enquiryHours]);
    expect(numbers('contact.holds.refundDays')).toEqual([contact.holds.refundDays]);
    const { approval, autoPause, broadcastDays, repurchaseDays } = marketing;
    for (const said of [
      `**${approval.people.toLocaleString('en')} 人**或券面超过 **${(approval.costFen / 100).toLocaleString('en')} 元**`,
      `取关超过 ${autoPause.unfollowShare * 100}%，或平台拒收超过 ${autoPause.refusalShare * 100}%`,
      `满 ${autoPause.minimum} 条`,
      `${broadcastDays} 天后还没发出的不再发`,
      `默认 ${repurchaseDays.default} 天`,
      `超过 ${MOST_LOOKS / 10_000} 万`,
      `不到 ${LEAST_PEOPLE} 人不打分`,
      `近 ${defaultInsightRules.windowDays} 天里有购买的天数`,
      `固定分界 ${defaultInsightRules.cuts.frequency.join('、')} 次`,
    ])
      expect(text).toContain(said);
  });

  it('shows the library as it is', () => {
    const [, ...rows] = rowsUnder('The library');
    const kinds = { reply: '回复 · reply', notice: '服务通知 · service notice', send: '' };
    const shown = rows.map(([code, title, , purpose, coupon, holdout, why]) => [
      codeIn(code),
      ...[title, purpose, coupon, holdout, why],
    ]);
    expect(shown).toEqual(
      library.map(({ code, body, coupon, why }) => {
        const [action] = body.actions;
        const sells = action?.args['purpose'] === 'promotion';
        const purpose = kinds[action?.code as keyof typeof kinds] || (sells ? '营销 · promotion' : '关怀 · care');
        const holdout = body.holdoutPercent ? `${body.holdoutPercent}%` : '';
        const title = `${body.title['zh-CN']} · ${body.title.en}`;
        return [code, title, purpose, coupon?.title ?? '', holdout, `${why['zh-CN']} ${why.en}`];
      }),
    );
  });

  it('tells when each of the library fires by the numbers it has', () => {
    const [, ...rows] = rowsUnder('The library');
    const when = new Map(rows.map(([code, , moment = '']) => [codeIn(code), moment]));
    const said = (code: string): string[] =>
      when
        .get(code)
        ?.split(' · ')[0]
        ?.match(/\d+(?:\.\d+)?/g) ?? [];
    for (const { code, body } of library) {
      const numbers = Object.values(body.trigger.args)
        .flat()
        .filter((value) => typeof value === 'number')
        .map(String);
      const missing = [...new Set(numbers)].filter((number) => !said(code).includes(number));
      // The ladder's later steps stand below the first, which names the cycle.
      expect([code, missing.filter((number) => number !== '60')]).toEqual([code, []]);
    }
  });

  it('lists the fields that segments can ask, with their comparisons', () => {
    const [, ...rows] = rowsUnder('What segments can ask');
    expect(
      rows.map(([group = '', title, code, ops = '']) => [
        codeIn(code),
        title,
        ops.match(/\w+/g)?.join(),
        group.endsWith('★'),
      ]),
    ).toEqual(
      segmentFields.map(({ code, title, ops, personal }) => [
        code,
        `${title['zh-CN']} · ${title.en}`,
        ops.join(),
        personal,
      ]),
    );
  });

  it('shows the eleven as they are', () => {
    const title = (code: string): string => rfmSegments.find(({ value }) => value === code)?.title['zh-CN'] ?? '';
    const [, ...rows] = rowsUnder('Scores and groups');
    expect(rows).toEqual(
      [5, 4, 3, 2, 1].map((r) => [String(r), ...[1, 2, 3, 4, 5].map((fm) => title(segmentOf(r, fm, fm)))]),
    );
  });

  it('names the words of an opt-out, and every state of an audience', () => {
    const words = /\*\*(退订[^*]*)\*\*/.exec(text)?.[1]?.split('、') ?? [];
    expect(words.length).toBe(6);
    expect(words.filter((word) => !isOptOut(word))).toEqual([]);
    const states = rowsUnder('Forecast and outcome').flatMap(([cell = '']) => cell.match(/`\w+`/g) ?? []);
    expect(states.map((state) => state.replaceAll('`', '')).sort()).toEqual([...audienceStates].sort());
  });

  it('calls things as the console does', () => {
    const zh = wordsOf('console/src/locales/zh-CN.json');
    const named = [...text.matchAll(/「([^」]+)」/g)].map((match) => match[1] ?? '');
    const ofFields = new Set(segmentFields.map(({ title }) => title['zh-CN']).concat('属于分群'));
    const ofLibrary = new Set(library.map(({ body }) => body.title['zh-CN']));
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((word) => !zh.has(word) && !ofFields.has(word) && !ofLibrary.has(word))).toEqual([]);
    const en = wordsOf('console/src/locales/en.json');
    const bold = [...text.matchAll(/\*\*([^*]+)\*\*/g)].map((match) => match[1] ?? '');
    const english = bold.filter((word) => /^[ -~]+$/.test(word) && /[a-z]{2}/.test(word));
    expect(english.length).toBeGreaterThan(25);
    expect(english.filter((word) => !en.has(word))).toEqual([]);
  });
});

/** Every text of the console. */
function wordsOf(path: string): Set<string> {
  const found = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value === 'string') found.add(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  collect(JSON.parse(read(path)));
  return found;
}
