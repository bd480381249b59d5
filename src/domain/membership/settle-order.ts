/**
 * Settles an order with the ledger: what its state wants is compared with what was booked, and the difference is moved. Must not know
 * how orders are reported.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { OrderFacts, Owed } from '../../contracts/index.js';
import type { Person } from '../customers/index.js';
import { accountOf, credit, post, termsOf } from './book.js';
import type { Movement } from './book.js';
import { addDays, endOfMonthAfter } from './calendar.js';
import type { Core } from './core.js';
import { growthDifference, growthRowsOf } from './growth.js';
import type { GrowthRowsOf } from './growth.js';
import { levelAt, versionAt } from './levels.js';
import type { ProgrammeVersion } from './levels.js';
import { nothingOwed } from './owed.js';
import * as settlement from './settlement.js';
import type { Account, Basis, GrowthRow, LotTerms, OrderName } from './shapes.js';

export type SettleSteps = Pick<typeof settlement, 'bookedOf' | 'claw' | 'giveBack' | 'toReturn' | 'wanted'>;

/** Parts that a test may replace by broken ones. */
export interface SettleParts {
  settle?: SettleSteps;
  growthRowsOf?: GrowthRowsOf;
}

export type SettleOrder = (tx: ClientSession, person: Person, facts: OrderFacts, now: Date) => Promise<Owed>;

export function createSettleOrder(core: Core, parts: SettleParts): SettleOrder {
  const { open, close, judged, store, steps } = core;
  const { bookedOf, claw, giveBack, toReturn, wanted } = parts.settle ?? settlement;
  const rowsOf = parts.growthRowsOf ?? growthRowsOf;

  /**
   * Brings points and growth value to where the order's state wants them: whatever was reported before, in whatever order. Gives points
   * used for the order back, takes earned ones back, and dates what is pending.
   */
  async function settleOrder(tx: ClientSession, person: Person, facts: OrderFacts, now: Date): Promise<Owed> {
    const order = { id: facts.id, source: facts.source, orderNo: facts.orderNo };
    const history = await store.ofOrder(tx, order);
    const booked = bookedOf(history);
    const versions = await core.versions();
    const knowsBasis = booked.basis !== undefined || !facts.paidAt;
    const rows = knowsBasis && !facts.completedAt ? undefined : await store.growth(tx, person.customerIds);
    const basis = booked.basis ?? basisOf(facts, versions, rows ?? []);
    const difference = (basis ? wanted(facts, basis) : 0) - booked.net;
    const share = settlement.undone(facts);
    const dates = facts.paidAt ? datesOf(facts, facts.paidAt, versions) : undefined;
    const mayRedate = dates !== undefined && settlement.hasOtherDates(history, dates);
    const existing = rows?.filter((row) => row.order?.id === facts.id) ?? [];
    const growth = rows ? growthDifference(rowsOf(facts, versions), existing) : undefined;
    const grows = growth !== undefined && growth.put.length + growth.remove.length > 0;
    if (difference === 0 && share.part === 0 && !mayRedate && !grows) return nothingOwed();

    const earner = booked.earner ?? new Types.ObjectId(facts.customerId);
    const movement = await open(
      tx,
      [...person.customerIds, earner, ...booked.returnable.map((one) => one.customerId)],
      now,
    );
    const account = accountOf(movement, earner);
    // The number of the order's postings before this one: a key that no other movement of the order can have.
    const keyOf = (what: string): string =>
      `${what}:${facts.id}:${history.length + movement.postings.filter((one) => one.order?.id === facts.id).length}`;
    if (dates) redate(movement, account, booked.ownLots, dates, { key: keyOf('date'), order });
    if (difference > 0 && dates && basis) {
      const terms: LotTerms = { id: steps.newId(), ...dates, order };
      credit(movement, account, terms, difference, { key: keyOf('earn'), kind: 'earn', order, basis });
    }
    steps.advance(movement, account);
    const back = toReturn(booked, share);
    if (back > 0) {
      giveBack(movement, booked, back, { key: keyOf('return'), order });
      for (const one of movement.accounts) steps.offset(movement, one, keyOf(`return-${String(one._id)}`));
    }
    if (difference < 0) {
      // What its own lots still hold comes first: only what they lack can have expired.
      const covered = settlement.remainingOf(booked.ownLots, account) >= -difference;
      const forgivable = covered ? 0 : await forgivableOf(tx, booked, movement);
      claw(movement, account, -difference, { key: keyOf('claw'), order, ownLots: booked.ownLots, forgivable });
    }
    if (!grows || !rows || !growth) return close(tx, movement);
    const after = [...rows.filter((row) => row.order?.id !== facts.id), ...rowsOf(facts, versions)];
    const owed = await judged(movement, person, after, { growth });
    return close(tx, movement, { growth, changed: movement.accounts, owed });
  }

  /** How much of the order's own lots has expired and was not forgiven yet. */
  async function forgivableOf(tx: ClientSession, booked: settlement.Booked, movement: Movement): Promise<number> {
    const postings = [...(await store.ofLots(tx, booked.ownLots)), ...movement.postings];
    return Math.max(0, settlement.expiredOf(booked.ownLots, postings) - booked.forgiven);
  }

  function datesOf(facts: OrderFacts, paidAt: Date, versions: readonly ProgrammeVersion[]): settlement.Dates {
    const { returnWindowDays, receivedAfterDays, validMonths } = versionAt(versions, paidAt).rules.points;
    // Counted as received by then, its points are available; a receipt that is told afterwards takes nothing back.
    const latest = addDays(paidAt, receivedAfterDays + returnWindowDays);
    const received = facts.receivedAt && facts.receivedAt < latest ? facts.receivedAt : undefined;
    const ends = received ? addDays(received, returnWindowDays) : latest;
    const availableAt = returnWindowDays === 0 ? paidAt : ends;
    return { earnedAt: paidAt, availableAt, expiresAt: endOfMonthAfter(availableAt, validMonths, core.timeZone) };
  }

  return settleOrder;
}

function basisOf(
  facts: OrderFacts,
  versions: readonly ProgrammeVersion[],
  rows: readonly GrowthRow[],
): Basis | undefined {
  if (!facts.paidAt) return undefined;
  const { rules } = versionAt(versions, facts.paidAt);
  return { perYuan: rules.points.perYuan, percent: levelAt(rows, versions, facts.paidAt).level.pointsPercent };
}

/** Points that are still pending get the dates that the order has now; what became available keeps its own. */
function redate(
  movement: Movement,
  account: Account,
  ownLots: readonly Types.ObjectId[],
  dates: settlement.Dates,
  draft: { key: string; order: OrderName },
): void {
  const lots = account.lots
    .filter((lot) => lot.pending && ownLots.some((id) => id.equals(lot.id)))
    .filter((lot) => lot.availableAt.getTime() !== dates.availableAt.getTime())
    .map((lot) => ({ ...termsOf(lot), ...dates, earnedAt: lot.earnedAt }));
  if (lots.length) post(movement, account, { ...draft, kind: 'date', legs: [], lots });
}
