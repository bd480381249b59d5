/** The programme's form: what is not right yet, and what saving would change. Pure. */
import type { LevelRule, ProgrammeRules } from '../../api/types.js';

/** Plain data, so a copy by way of JSON is whole. */
export const copyRules = (rules: ProgrammeRules): ProgrammeRules => JSON.parse(JSON.stringify(rules)) as ProgrammeRules;

export type ProgrammeProblem =
  | { field: 'number'; at: string }
  | {
      field: 'level.code' | 'level.codeTwice' | 'level.title' | 'level.first' | 'level.order' | 'level.percent';
      at: number;
    }
  | { field: 'level.benefit'; at: number }
  | { field: 'levels' };

/** The numbers of points and growth with their bounds; `whole` ones take no decimals. */
export const numberFields = [
  { path: 'points.perYuan', min: 0, max: 100, whole: false },
  { path: 'points.returnWindowDays', min: 0, max: 90, whole: true },
  { path: 'points.receivedAfterDays', min: 1, max: 90, whole: true },
  { path: 'points.validMonths', min: 1, max: 120, whole: true },
  { path: 'points.checkin', min: 0, max: 10_000, whole: true },
  { path: 'points.join', min: 0, max: 100_000, whole: true },
  { path: 'points.birthdayChangeDays', min: 0, max: 3650, whole: true },
  { path: 'growth.perYuan', min: 0, max: 100, whole: false },
  { path: 'growth.join', min: 0, max: 1_000_000, whole: true },
  { path: 'growth.windowDays', min: 1, max: 3650, whole: true },
  { path: 'growth.validDays', min: 1, max: 3650, whole: true },
] as const;
export type NumberPath = (typeof numberFields)[number]['path'];

export function numberAt(rules: ProgrammeRules, path: NumberPath): number {
  const [group, name] = path.split('.') as ['points' | 'growth', string];
  return (rules[group] as Record<string, number>)[name] ?? Number.NaN;
}
export function setNumber(rules: ProgrammeRules, path: NumberPath, value: number): void {
  const [group, name] = path.split('.') as ['points' | 'growth', string];
  (rules[group] as Record<string, number>)[name] = value;
}

/** The first thing that the server would refuse. */
export function programmeProblem(rules: ProgrammeRules): ProgrammeProblem | undefined {
  for (const { path, min, max, whole } of numberFields) {
    const value = numberAt(rules, path);
    if (!(value >= min && value <= max) || (whole && !Number.isInteger(value))) return { field: 'number', at: path };
  }
  const { levels } = rules;
  if (levels.length === 0 || levels.length > 10) return { field: 'levels' };
  for (const [at, level] of levels.entries()) {
    const field = levelProblem(level, levels, at);
    if (field) return { field, at };
  }
  return undefined;
}

type LevelField = Extract<ProgrammeProblem, { at: number }>['field'];

function levelProblem(level: LevelRule, levels: readonly LevelRule[], at: number): LevelField | undefined {
  const { code, title, growth, pointsPercent, benefits } = level;
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(code)) return 'level.code';
  if (levels.findIndex((one) => one.code === code) !== at) return 'level.codeTwice';
  if (!title['zh-CN'].trim() || !title.en.trim()) return 'level.title';
  if (at === 0 && growth !== 0) return 'level.first';
  if (!Number.isInteger(growth) || (at > 0 && growth <= (levels[at - 1]?.growth ?? 0))) return 'level.order';
  if (!Number.isInteger(pointsPercent) || pointsPercent < 100 || pointsPercent > 1000) return 'level.percent';
  return benefits.some((one) => !one['zh-CN'].trim() || !one.en.trim()) ? 'level.benefit' : undefined;
}

/** One thing that would be different. Of levels `name` is the code. */
export type RuleChange =
  | { kind: 'number'; path: NumberPath; from: number; to: number }
  | { kind: 'level.added' | 'level.removed'; name: string }
  | { kind: 'level.growth' | 'level.percent'; name: string; from: number; to: number }
  | { kind: 'level.vip'; name: string; to: boolean }
  | { kind: 'level.words'; name: string };

export function changesOf(before: ProgrammeRules, after: ProgrammeRules): RuleChange[] {
  const numbers = numberFields.flatMap(({ path }): RuleChange[] => {
    const [from, to] = [numberAt(before, path), numberAt(after, path)];
    return from === to ? [] : [{ kind: 'number', path, from, to }];
  });
  const known = new Map(before.levels.map((level) => [level.code, level]));
  const kept = after.levels.flatMap((level): RuleChange[] => {
    const old = known.get(level.code);
    return old ? levelChanges(old, level) : [{ kind: 'level.added', name: level.code }];
  });
  const codes = new Set(after.levels.map(({ code }) => code));
  const gone = before.levels.filter(({ code }) => !codes.has(code));
  return [...numbers, ...kept, ...gone.map(({ code }): RuleChange => ({ kind: 'level.removed', name: code }))];
}

function levelChanges(old: LevelRule, next: LevelRule): RuleChange[] {
  const name = next.code;
  const words = (level: LevelRule): string => JSON.stringify([level.title, level.benefits]);
  return [
    ...(old.growth === next.growth ? [] : [{ kind: 'level.growth' as const, name, from: old.growth, to: next.growth }]),
    ...(old.pointsPercent === next.pointsPercent
      ? []
      : [{ kind: 'level.percent' as const, name, from: old.pointsPercent, to: next.pointsPercent }]),
    ...(old.vip === next.vip ? [] : [{ kind: 'level.vip' as const, name, to: next.vip }]),
    ...(words(old) === words(next) ? [] : [{ kind: 'level.words' as const, name }]),
  ];
}

/** Some people may stand on another level, or none any more, when this is saved. */
export const movesLevels = (changes: readonly RuleChange[]): boolean =>
  changes.some(
    (one) =>
      one.kind === 'level.growth' ||
      one.kind === 'level.removed' ||
      one.kind === 'level.added' ||
      (one.kind === 'number' && one.path === 'growth.windowDays'),
  );

/** A level above the last one, ready to be named. */
export function nextLevel(levels: readonly LevelRule[]): LevelRule {
  const last = levels.at(-1);
  const codes = new Set(levels.map(({ code }) => code));
  let n = levels.length + 1;
  while (codes.has(`level-${n}`)) n += 1;
  return {
    code: `level-${n}`,
    title: { 'zh-CN': '', en: '' },
    growth: (last?.growth ?? 0) + 1000,
    pointsPercent: last?.pointsPercent ?? 100,
    vip: last?.vip ?? false,
    benefits: [],
  };
}
