/**
 * Warns members before points expire and before a level ends. A row of the clock is asked for wherever one for the end itself is; when it
 * is due, everything is worked out anew, so that nobody is warned of what they spent or kept meanwhile. Changes nothing but when the next
 * warning is due.
 */
import type { ClientSession } from 'mongoose';
import type { DueRow, NewDomainEvent, Owed } from '../../contracts/index.js';
import type { Person } from '../customers/index.js';
import type { Core } from './core.js';
import { growthIn, levelAt, versionAt } from './levels.js';
import type { LevelState, ProgrammeVersion } from './levels.js';
import { joined, levelWarnKey, nothingOwed, pointsWarnKey } from './owed.js';
import type { Account, GrowthRow } from './shapes.js';
import { lastWarning, levelWarnings, nextWarning, pointsWarnings } from './warn-moments.js';
import type { WarnOptions } from './warn-moments.js';

/** One row a customer, at the next warning of any of their lots; it stays until it was dealt with, also when that is late. */
export function warnPointsRow(account: Account, now: Date, options: WarnOptions): DueRow[] {
  const next = nextWarning(
    account.lots.flatMap(({ expiresAt }) => pointsWarnings(expiresAt, options)),
    now,
  );
  if (!next || (account.warnDueAt && account.warnDueAt <= next)) return [];
  account.warnDueAt = next;
  const customerId = String(account._id);
  return [{ key: pointsWarnKey(customerId), kind: 'points.warn', customerId, dueAt: next, data: {} }];
}

export interface LevelWarning {
  timeZone: string;
  warn: WarnOptions;
  /** Warnings up to here were dealt with. */
  warnedTo: Date;
}

/** One row a person, at the next warning of their level's end. */
export function warnLevelRow(
  person: Person,
  state: Pick<LevelState, 'since' | 'validUntil'>,
  { timeZone, warn, warnedTo }: LevelWarning,
): Pick<Owed, 'due' | 'cancel'> {
  const key = levelWarnKey(person.id);
  const { since, validUntil } = state;
  const after = since && since > warnedTo ? since : warnedTo;
  const next = validUntil && nextWarning(levelWarnings(validUntil, warn, timeZone), after);
  if (!next) return { due: [], cancel: [key] };
  const customerId = String(person.customerIds[0]);
  return { due: [{ key, kind: 'level.warn', customerId, dueAt: next, data: {} }], cancel: [] };
}

export function createWarnings({ open, close, judged, store, versions, timeZone, warn }: Core) {
  /** When a warning of points is due: how many of the person's points expire then. Nothing where there are none left. */
  async function warnPoints(tx: ClientSession, person: Person, row: DueRow, now: Date): Promise<Owed> {
    const movement = await open(tx, person.customerIds, now);
    const own = movement.accounts.find(({ _id }) => String(_id) === row.customerId);
    if (!own) return nothingOwed();
    delete own.warnDueAt;
    const events = expiringOf(movement.accounts, row, { now, warn });
    return joined(await close(tx, movement, { changed: [own] }), { events, due: [], cancel: [] });
  }

  /** When a warning of a level is due: whether the growth value of the window would keep it, and what is missing. */
  async function warnLevel(tx: ClientSession, person: Person, row: DueRow, now: Date): Promise<Owed> {
    if (row.key !== levelWarnKey(person.id)) return nothingOwed();
    const rows = await store.growth(tx, person.customerIds);
    const all = await versions();
    const movement = await open(tx, person.customerIds, now);
    const state = levelAt(rows, all, now);
    const warnings = state.validUntil ? levelWarnings(state.validUntil, warn, timeZone) : [];
    const warning = lastWarning(warnings, row.dueAt, now);
    const events = warning ? endangeredOf(person, rows, { state, versions: all, days: warning.days, now }) : [];
    const owed = await judged(movement, person, rows, { warnedTo: now });
    return joined(await close(tx, movement, { changed: movement.accounts, owed }), { events, due: [], cancel: [] });
  }

  return { warnPoints, warnLevel };
}

/** One event an end that was warned of; of several records of one person the first that has such points tells it for all. */
function expiringOf(
  accounts: readonly Account[],
  { customerId, dueAt }: DueRow,
  { now, warn }: { now: Date; warn: WarnOptions },
): NewDomainEvent[] {
  const lots = accounts.flatMap((account) =>
    account.lots
      .filter(({ pending, expiresAt }) => !pending && expiresAt >= now)
      .map((lot) => ({ ...lot, of: String(account._id) })),
  );
  const ends = [...new Set(lots.map(({ expiresAt }) => expiresAt.getTime()))].sort((a, b) => a - b);
  return ends.flatMap((end) => {
    const expiresAt = new Date(end);
    const warning = lastWarning(pointsWarnings(expiresAt, warn), dueAt, now);
    const ending = lots.filter((lot) => lot.expiresAt.getTime() === end);
    if (!warning || ending[0]?.of !== customerId) return [];
    const amount = ending.reduce((total, { remaining }) => total + remaining, 0);
    const data = { amount, expiresAt: expiresAt.toISOString(), days: warning.days };
    return [{ kind: 'points.expiring' as const, customerId, at: now, data }];
  });
}

function endangeredOf(
  { customerIds }: Person,
  rows: readonly GrowthRow[],
  of: { state: LevelState; versions: readonly ProgrammeVersion[]; days: number; now: Date },
): NewDomainEvent[] {
  const { state, versions, days, now } = of;
  const until = state.validUntil;
  if (!until || levelAt(rows, versions, until).rank >= state.rank) return [];
  const { rules } = versionAt(versions, until);
  const needed = rules.levels[state.rank]?.growth ?? state.level.growth;
  const { code, title } = state.level;
  const missing = needed - growthIn(rows, until, rules.growth.windowDays);
  const data = { level: { code, title }, until: until.toISOString(), days, missing };
  return [{ kind: 'level.endangered', customerId: String(customerIds[0]), at: now, data }];
}
