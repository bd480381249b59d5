/**
 * Membership: the points ledger, growth value and levels, coupons and vouchers, the programme's versions. Every writing function writes
 * inside the caller's transaction and returns what it caused; expected refusals are values with a stable reason. Knows an order only by
 * its facts. Must not send, and must not know who may ask.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { DueRow, OrderFacts, Owed, ProgrammeRules } from '../../contracts/index.js';
import type { Person, WriteFigures } from '../customers/index.js';
import { createCheck } from './check.js';
import { createCoupons } from './coupons.js';
import { createHistory } from './history.js';
import { createLedger } from './ledger.js';
import type { LedgerOptions } from './ledger.js';
import { levelAt } from './levels.js';
import type { MembershipModels } from './models.js';
import { joined } from './owed.js';
import { createProgramme } from './programme.js';
import { createReads } from './reads.js';
import { isWhollyUndone, undone } from './settlement.js';
import { createStore } from './store.js';
import type { LedgerStore } from './store.js';
import { createVouchers } from './vouchers.js';
import { usualWarnings } from './warn-moments.js';
import type { WarnOptions } from './warn-moments.js';

export { membershipModels } from './models.js';
export type { CouponRecord, MembershipModels, ProgrammeRecord, VoucherRecord } from './models.js';
export type { Account, GrowthRow, Lot, OrderName, Posting, PostingKind } from './shapes.js';
export type { AdjustRequest, Adjusting, GrantRequest, Granted, SpendRequest, Spending } from './movements.js';
export type { Balance, Entry, OrderPoints, PersonLevel } from './reads.js';
export { orderLabel } from './reads.js';
export { asOfNow, grantRefusals, redeemRefusals } from './vouchers.js';
export type {
  GrantRefusal,
  GrantVoucher,
  GrantedVoucher,
  RedeemRefusal,
  RedeemRequest,
  Redeemed,
  Released,
  Revoked,
} from './vouchers.js';
export type { Coupons, PutCoupon } from './coupons.js';
export type { HistoryItem } from './history.js';
export type { LevelState, ProgrammeVersion } from './levels.js';
export { usualWarnings } from './warn-moments.js';
export type { WarnOptions } from './warn-moments.js';
export { codeEnd, tidyCode } from './codes.js';

export interface MembershipOptions {
  writeFigures: WriteFigures;
  /** The shop's zone: days, months and validity are counted in it. */
  timeZone: string;
  /** The programme until somebody changes it. */
  defaults: ProgrammeRules;
  /** When members are warned that points expire or a level ends; absent: as usual. */
  warn?: WarnOptions;
  /** For tests: another store, and parts with a planted fault. */
  replace?: Pick<LedgerOptions, 'steps' | 'settle' | 'growthRowsOf'> & { store?: LedgerStore };
}

export type Membership = ReturnType<typeof createMembership>;

export function createMembership(models: MembershipModels, options: MembershipOptions) {
  const { writeFigures, timeZone, defaults, warn = usualWarnings, replace = {} } = options;
  const programme = createProgramme(models, defaults);
  const { versions } = programme;
  const { store = createStore(models), ...parts } = replace;
  const ledger = createLedger({ store, versions, writeFigures, timeZone, warn, ...parts });
  const reads = createReads(models, { versions, timeZone });
  const coupons = createCoupons(models);
  const levelOf = async (tx: ClientSession, person: Person, now: Date): Promise<string> =>
    levelAt(await store.growth(tx, person.customerIds), await versions(), now).level.code;
  const { giveBackFor, expire, ...vouchers } = createVouchers(models, { coupons, timeZone, levelOf });
  const { take: _take, ...couponSettings } = coupons;

  /**
   * Brings points, growth value, level and the voucher of an order to where the order's state wants them. Any report may come late,
   * twice or in another order.
   */
  async function settleOrder(tx: ClientSession, person: Person, facts: OrderFacts, now: Date): Promise<Owed> {
    const owed = await ledger.settleOrder(tx, person, facts, now);
    if (!isWhollyUndone(undone(facts))) return owed;
    return joined(owed, await giveBackFor(tx, facts, now));
  }

  /** The due rows of the clock. `person` is of the row's customer; a row that came early or in vain changes nothing. */
  const releaseDue = (tx: ClientSession, person: Person, _row: DueRow, now: Date): Promise<Owed> =>
    ledger.catchUp(tx, person, now);
  const levelDue = (tx: ClientSession, person: Person, _row: DueRow, now: Date): Promise<Owed> =>
    ledger.relevel(tx, person, now);
  const voucherDue = (tx: ClientSession, _person: Person, row: DueRow, now: Date): Promise<Owed> =>
    expire(tx, new Types.ObjectId(String(row.data['voucherId'])), now);

  /** After a link of the person's records, or its undo. */
  const regroup = (tx: ClientSession, person: Person, now: Date): Promise<Owed> =>
    ledger.relevel(tx, person, now, { regrouped: true });

  const { spend, adjust, grant } = ledger;
  const { balance, balanceAsOf, lots, statement, spentBy, ofOrders, checkin } = reads;
  return {
    settleOrder,
    releaseDue,
    expireDue: releaseDue,
    levelDue,
    warnPointsDue: ledger.warnPoints,
    warnLevelDue: ledger.warnLevel,
    voucherDue,
    regroup,
    points: { spend, adjust, grant, balance, balanceAsOf, lots, statement, spentBy, ofOrders, checkin },
    levels: { of: reads.levelOf },
    coupons: couponSettings,
    vouchers,
    programme,
    growHistory: createHistory(models, { versions, writeFigures, timeZone, warn }),
    check: createCheck(models, { versions }),
  };
}
