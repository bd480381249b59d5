/** Writes the person's level onto their accounts and tells when it rose or fell. Pure but for the accounts it is handed. */
import type { DueRow, NewDomainEvent, Owed } from '../../contracts/index.js';
import type { Person } from '../customers/index.js';
import type { GrowthDifference } from './growth.js';
import { growthIn, levelAt, rankNow, versionAt } from './levels.js';
import type { LevelState, ProgrammeVersion } from './levels.js';
import { levelKey, levelWarnKey } from './owed.js';
import type { Account, GrowthRow } from './shapes.js';
import { warnLevelRow } from './warn.js';
import type { WarnOptions } from './warn-moments.js';

export interface Judging {
  versions: readonly ProgrammeVersion[];
  now: Date;
  /** What changed, for the timeline. */
  growth?: GrowthDifference;
  /** Records became one person or two again: the level changes for the person now, however long ago it was reached. */
  regrouped?: boolean;
  /** The shop's zone, and when members are warned of what ends. */
  timeZone: string;
  warn: WarnOptions;
  /** Warnings up to here were dealt with; absent: up to when the level was judged last, or now where it never was. */
  warnedTo?: Date;
}

/** `rows` are all growth entries of the person. Accounts of others are left alone. */
export function judgePerson(
  accounts: readonly Account[],
  person: Person,
  rows: readonly GrowthRow[],
  { versions, now, growth, regrouped = false, timeZone, warn, warnedTo }: Judging,
): Owed {
  const own = accounts.filter(({ _id }) => person.customerIds.some((id) => id.equals(_id)));
  const before = Math.max(0, ...own.map((account) => rankBefore(account, versions, now)));
  const wasLimited = own.some(({ level }) => level?.validUntil);
  const judgedAt = Math.max(0, ...own.map(({ level }) => level?.at.getTime() ?? 0));
  const state = levelAt(rows, versions, now);
  const { windowDays } = versionAt(versions, now).rules.growth;
  for (const account of own) {
    const entries = rows.filter(({ customerId }) => customerId.equals(account._id));
    account.growth = growthIn(entries, now, windowDays);
    account.level = cacheOf(state, person, now);
  }
  const customerId = String(person.customerIds[0]);
  const events = [
    ...growthEvents(customerId, { state, now }, growth),
    ...levelEvents(customerId, before, { state, versions, now, at: regrouped ? now : (state.since ?? now) }),
  ];
  const key = levelKey(person.id);
  if (!state.validUntil) return { events, due: [], cancel: wasLimited ? [key, levelWarnKey(person.id)] : [] };
  const from = warnedTo ?? (judgedAt ? new Date(judgedAt) : now);
  const warning = warnLevelRow(person, state, { timeZone, warn, warnedTo: from });
  const due: DueRow = { key, kind: 'level.expire', customerId, dueAt: state.validUntil, data: {} };
  return { events, due: [due, ...warning.due], cancel: warning.cancel };
}

function rankBefore({ level }: Account, versions: readonly ProgrammeVersion[], now: Date): number {
  if (!level) return 0;
  const known = versions.flatMap(({ rules }) => rules.levels).findLast(({ code }) => code === level.code);
  return known ? rankNow({ level: known }, versions, now) : 0;
}

export function cacheOf(
  state: LevelState,
  { customerIds }: Pick<Person, 'customerIds'>,
  now: Date,
): NonNullable<Account['level']> {
  return {
    code: state.level.code,
    ...(state.since ? { since: state.since } : {}),
    ...(state.validUntil ? { validUntil: state.validUntil } : {}),
    at: now,
    ...(customerIds.length > 1 ? { of: [...customerIds] } : {}),
  };
}

function growthEvents(
  customerId: string,
  { state, now }: { state: LevelState; now: Date },
  difference?: GrowthDifference,
): NewDomainEvent[] {
  if (!difference || difference.amount === 0) return [];
  const row = difference.put.at(-1);
  const order = row?.order ? { source: row.order.source, orderNo: row.order.orderNo } : {};
  const at = row?.from ?? now;
  return [
    {
      kind: 'growth.changed',
      customerId: row ? String(row.customerId) : customerId,
      at,
      data: { amount: difference.amount, growth: state.growth, ...order },
    },
  ];
}

function levelEvents(
  customerId: string,
  before: number,
  { state, versions, now, at }: { state: LevelState; versions: readonly ProgrammeVersion[]; now: Date; at: Date },
): NewDomainEvent[] {
  if (state.rank === before) return [];
  const { levels } = versionAt(versions, now).rules;
  const named = (rank: number): Record<string, unknown> => ({ code: levels[rank]?.code, title: levels[rank]?.title });
  const data = {
    level: named(state.rank),
    from: named(before),
    vip: state.level.vip,
    growth: state.growth,
    ...(state.validUntil ? { validUntil: state.validUntil.toISOString() } : {}),
  };
  return [{ kind: state.rank > before ? 'level.reached' : 'level.lost', customerId, at, data }];
}
