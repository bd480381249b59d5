/**
 * What every movement begins and ends with: accounts touched and brought up to now; accounts, postings and figures stored together, and
 * what others have to be told.
 */
import type { ClientSession, Types } from 'mongoose';
import type { Owed } from '../../contracts/index.js';
import type { FigureChange, Person, WriteFigures } from '../customers/index.js';
import { begin, exactSteps } from './book.js';
import type { Movement, Steps } from './book.js';
import type { GrowthDifference } from './growth.js';
import type { ProgrammeVersion } from './levels.js';
import { eventOf, expireDue, joined, releaseDue } from './owed.js';
import { judgePerson } from './person-level.js';
import type { Judging } from './person-level.js';
import type { Account, GrowthRow } from './shapes.js';
import type { LedgerStore } from './store.js';
import { warnPointsRow } from './warn.js';
import { usualWarnings } from './warn-moments.js';
import type { WarnOptions } from './warn-moments.js';

export interface CoreOptions {
  store: LedgerStore;
  versions(): Promise<readonly ProgrammeVersion[]>;
  writeFigures: WriteFigures;
  /** The shop's zone: months and days of validity are counted in it. */
  timeZone: string;
  steps?: Steps;
  /** When members are warned of what ends. */
  warn?: WarnOptions;
}

export interface Closing {
  growth?: GrowthDifference;
  /** Accounts changed beside their postings. */
  changed?: readonly Account[];
  owed?: Owed;
}

export type Core = ReturnType<typeof createCore>;

export function createCore(options: CoreOptions) {
  const { store, versions, writeFigures, timeZone, steps = exactSteps, warn = usualWarnings } = options;
  /** The figures of accounts as they were opened. An account without postings may have none yet. */
  const figured = new WeakMap<Account, string>();

  /** Accounts of these customers, touched and brought up to now. */
  async function open(tx: ClientSession, customerIds: readonly Types.ObjectId[], now: Date): Promise<Movement> {
    const movement = begin(await store.lock(tx, customerIds), now, steps);
    for (const account of movement.accounts) if (account.seq > 0) figured.set(account, figuresKey(account));
    for (const account of movement.accounts) steps.advance(movement, account);
    return movement;
  }

  /** Stores the movement with the figures of its customers, and says what it owes. */
  async function close(
    tx: ClientSession,
    movement: Movement,
    { growth, changed = [], owed }: Closing = {},
  ): Promise<Owed> {
    const { postings, now } = movement;
    const moved = movement.accounts.filter(
      (account) => changed.includes(account) || postings.some(({ customerId }) => customerId.equals(account._id)),
    );
    const due = moved.flatMap((account) => [...expireDue(account, now), ...warnPointsRow(account, now, warn)]);
    await store.save(tx, { accounts: moved, postings, ...(growth ? { growth } : {}) });
    const refigured = moved.filter((account) => figured.get(account) !== figuresKey(account));
    if (refigured.length) await writeFigures(tx, refigured.map(figuresOf));
    const { due: releases, cancel } = releaseDue(postings, movement.accounts);
    const own: Owed = { events: postings.flatMap(eventOf), due: [...releases, ...due], cancel };
    return owed ? joined(own, owed) : own;
  }

  /** The person's level by these growth entries, written onto the accounts of the movement. */
  async function judged(
    movement: Movement,
    person: Person,
    rows: readonly GrowthRow[],
    how: Pick<Judging, 'growth' | 'regrouped' | 'warnedTo'> = {},
  ): Promise<Owed> {
    return judgePerson(movement.accounts, person, rows, {
      ...{ versions: await versions(), now: movement.now, timeZone, warn },
      ...how,
    });
  }

  return { open, close, judged, store, versions, timeZone, steps, warn };
}

const figuresKey = ({ available, growth, level }: Account): string => `${available} ${growth} ${level?.code ?? ''}`;

const figuresOf = ({ _id, available, growth, level }: Account): FigureChange => ({
  customerId: _id,
  set: { points: available, growth, ...(level ? { level: level.code } : {}) },
});
