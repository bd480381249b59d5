/**
 * The level a person has at a moment, replayed from all their growth entries. Pure and independent of the order in which reports came.
 * A level is reached at once and holds for its validity; when that ends it is judged again by the growth value of the window. A refund
 * takes growth value off, and a level only falls when its validity ends. Points never count.
 */
import type { LevelRule, ProgrammeRules } from '../../contracts/index.js';
import { DAY_MS, addDays } from './calendar.js';
import type { GrowthRow } from './shapes.js';

export type GrowthEntry = Pick<GrowthRow, 'amount' | 'at' | 'from'>;

/** Rules and the moment they hold from. */
export interface ProgrammeVersion {
  version: number;
  from: Date;
  rules: ProgrammeRules;
}

export interface LevelState {
  level: LevelRule;
  /** Place of the level among those of its version; 0 the lowest. */
  rank: number;
  /** Growth value in the window at the moment asked for. */
  growth: number;
  /** When its validity began and ends; the lowest level has neither until it was judged. */
  since?: Date;
  validUntil?: Date;
}

/** The version in force; before the first, the first. */
export function versionAt(versions: readonly ProgrammeVersion[], at: Date): ProgrammeVersion {
  const version = versions.findLast(({ from }) => from <= at) ?? versions[0];
  if (!version) throw new Error('there is no version of the programme');
  return version;
}

/** Growth value of the window (at - windowDays, at]: half open, so an entry leaves exactly windowDays after its day. */
export function growthIn(entries: readonly GrowthEntry[], at: Date, windowDays: number): number {
  const until = at.getTime();
  const after = until - windowDays * DAY_MS;
  let growth = 0;
  for (const entry of entries) {
    const dated = entry.at.getTime();
    if (dated > after && dated <= until && entry.from.getTime() <= until) growth += entry.amount;
  }
  return growth;
}

/** `versions` by their moment, oldest first; entries in any order. */
export function levelAt(
  entries: readonly GrowthEntry[],
  versions: readonly ProgrammeVersion[],
  asOf: Date,
): LevelState {
  let state = lowest(versions, asOf);
  const moments = [...new Set(entries.filter(({ from }) => from <= asOf).map(({ from }) => from.getTime()))];
  for (const moment of moments.sort((a, b) => a - b)) {
    const at = new Date(moment);
    state = judgeExpiries(state, entries, versions, at);
    const earned = judge(entries, versions, at);
    if (earned.rank > rankNow(state, versions, at)) state = earned;
  }
  state = judgeExpiries(state, entries, versions, asOf);
  const { rules } = versionAt(versions, asOf);
  const rank = rankNow(state, versions, asOf);
  const growth = growthIn(entries, asOf, rules.growth.windowDays);
  return { ...state, rank, level: rules.levels[rank] ?? state.level, growth };
}

function lowest(versions: readonly ProgrammeVersion[], at: Date): LevelState {
  return { level: levelOf(versionAt(versions, at).rules, 0), rank: 0, growth: 0 };
}

function judgeExpiries(
  before: LevelState,
  entries: readonly GrowthEntry[],
  versions: readonly ProgrammeVersion[],
  until: Date,
): LevelState {
  let state = before;
  while (state.validUntil && state.validUntil <= until) state = judge(entries, versions, state.validUntil);
  return state;
}

/** The level that the window's growth value earns at a moment, beginning there. */
function judge(entries: readonly GrowthEntry[], versions: readonly ProgrammeVersion[], at: Date): LevelState {
  const { rules } = versionAt(versions, at);
  const growth = growthIn(entries, at, rules.growth.windowDays);
  const rank = rankOf(rules, growth);
  const period = rank > 0 ? { since: at, validUntil: addDays(at, rules.growth.validDays) } : { since: at };
  return { level: levelOf(rules, rank), rank, growth, ...period };
}

const rankOf = (rules: ProgrammeRules, growth: number): number =>
  Math.max(
    0,
    rules.levels.findLastIndex((level) => level.growth <= growth),
  );

/** The level's place among those in force now; where its code is gone, that of its old threshold. */
export function rankNow({ level }: Pick<LevelState, 'level'>, versions: readonly ProgrammeVersion[], at: Date): number {
  const { rules } = versionAt(versions, at);
  const same = rules.levels.findIndex(({ code }) => code === level.code);
  return same >= 0 ? same : rankOf(rules, level.growth);
}

function levelOf(rules: ProgrammeRules, rank: number): LevelRule {
  const level = rules.levels[rank];
  if (!level) throw new Error('the programme has no levels');
  return level;
}
