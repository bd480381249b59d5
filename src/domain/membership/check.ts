/** Whether all that is stored keeps the rules of the ledger: one sentence for each that does not hold. Reads in batches; memory does not grow. */
import type { Types } from 'mongoose';
import { apply, emptyAccount } from './book.js';
import { growthIn, levelAt, versionAt } from './levels.js';
import type { ProgrammeVersion } from './levels.js';
import type { CouponRecord, MembershipModels, VoucherRecord } from './models.js';
import type { Account, GrowthRow, LedgerAccount, Posting } from './shapes.js';

const BATCH = 200;
const MAX_PROBLEMS = 100;

export interface CheckParts {
  versions(): Promise<readonly ProgrammeVersion[]>;
}

export function createCheck(models: MembershipModels, { versions }: CheckParts) {
  /** Empty when all is well; at most a hundred sentences. */
  return async function check(): Promise<string[]> {
    const problems: string[] = [];
    let seen = 0;
    for (let after: Types.ObjectId | undefined; problems.length < MAX_PROBLEMS;) {
      const batch = await models.accounts
        .find(after ? { _id: { $gt: after } } : {})
        .sort({ _id: 1 })
        .limit(BATCH)
        .lean<Account[]>();
      const found = await problemsOf(batch);
      problems.push(...found.problems);
      seen += found.postings;
      after = batch.at(-1)?._id;
      if (!after || batch.length < BATCH) break;
    }
    const stray = (await models.postings.countDocuments()) - seen;
    if (stray > 0 && problems.length < MAX_PROBLEMS)
      problems.push(`${stray} postings are of customers without an account`);
    return [...problems, ...(await couponProblems())].slice(0, MAX_PROBLEMS);
  };

  async function problemsOf(batch: readonly Account[]): Promise<{ problems: string[]; postings: number }> {
    const all = await versions();
    const customerId = { $in: batch.map(({ _id }) => _id) };
    const rebuilt = new Map(batch.map(({ _id }) => [String(_id), new Rebuilt(_id)]));
    const cursor = models.postings.find({ customerId }).sort({ customerId: 1, seq: 1 }).lean<Posting>().cursor();
    let count = 0;
    for await (const posting of cursor as AsyncIterable<Posting>) {
      count += 1;
      rebuilt.get(String(posting.customerId))?.add(posting);
    }
    const rows = await rowsFor(batch);
    const problems = batch.flatMap((account) => [
      ...(rebuilt.get(String(account._id))?.problems(account) ?? []),
      ...levelProblems(account, rows, all),
    ]);
    return { problems, postings: count };
  }

  async function rowsFor(batch: readonly Account[]): Promise<GrowthRow[]> {
    const ids = batch.flatMap(({ _id, level }) => level?.of ?? [_id]);
    return models.growth.find({ customerId: { $in: ids } }).lean<GrowthRow[]>();
  }

  async function couponProblems(): Promise<string[]> {
    const counts = await models.vouchers.aggregate<{ _id: Types.ObjectId; count: number }>([
      { $group: { _id: '$couponId', count: { $sum: 1 } } },
    ]);
    const countOf = new Map(counts.map(({ _id, count }) => [String(_id), count]));
    const coupons = await models.coupons.find().lean<CouponRecord[]>();
    const problems = coupons.flatMap(({ _id, granted, budget }) => {
      const found = countOf.get(String(_id)) ?? 0;
      return [
        ...(granted > budget ? [`coupon ${String(_id)} granted ${granted} of a budget of ${budget}`] : []),
        ...(granted !== found ? [`coupon ${String(_id)} counts ${granted} vouchers, and there are ${found}`] : []),
      ];
    });
    const odd = await models.vouchers
      .find({
        $or: [
          { state: 'used', 'order.source': { $exists: false } },
          { state: { $ne: 'used' }, 'order.source': { $exists: true } },
        ],
      })
      .limit(MAX_PROBLEMS)
      .lean<VoucherRecord[]>();
    return [
      ...problems,
      ...odd.map(({ _id, state }) => `voucher ${String(_id)} is ${state}, and its order says otherwise`),
    ];
  }
}

function levelProblems(account: Account, rows: readonly GrowthRow[], versions: readonly ProgrammeVersion[]): string[] {
  const { _id, level, growth } = account;
  if (!level) return [];
  const members = level.of ?? [_id];
  const entries = rows.filter(({ customerId }) => members.some((id) => id.equals(customerId)));
  const state = levelAt(entries, versions, level.at);
  const own = entries.filter(({ customerId }) => customerId.equals(_id));
  const value = growthIn(own, level.at, versionAt(versions, level.at).rules.growth.windowDays);
  return [
    ...(state.level.code === level.code
      ? []
      : [`${name(_id)} is ${level.code}, and the growth value gives ${state.level.code}`]),
    ...(value === growth ? [] : [`${name(_id)} keeps a growth value of ${growth}, and the entries give ${value}`]),
  ];
}

const name = (id: unknown): string => `account ${String(id)}`;

/** One account from its postings, with what each lot went through. */
export class Rebuilt {
  private readonly account: Account;
  private readonly sums = new Map<LedgerAccount, number>();
  private readonly lots = new Map<string, Map<LedgerAccount, number>>();
  private readonly found: string[] = [];

  constructor(customerId: Types.ObjectId) {
    this.account = emptyAccount(customerId);
  }

  add(posting: Posting): void {
    const { key, seq, at, legs } = posting;
    if (legs.reduce((all, { amount }) => all + amount, 0) !== 0) this.found.push(`the legs of ${key} do not sum to 0`);
    if (seq !== this.account.seq + 1)
      this.found.push(`posting ${key} is number ${seq}, and ${this.account.seq + 1} was next`);
    if (at < this.account.at) this.found.push(`posting ${key} is dated before the one it follows`);
    for (const { account, amount, lot } of legs) {
      this.sums.set(account, (this.sums.get(account) ?? 0) + amount);
      if (!lot) continue;
      const sums = this.lots.get(String(lot)) ?? new Map<LedgerAccount, number>();
      this.lots.set(String(lot), sums.set(account, (sums.get(account) ?? 0) + amount));
    }
    apply(this.account, posting);
    if (this.account.lots.some(({ remaining }) => remaining < 0))
      this.found.push(`posting ${key} leaves a lot below 0`);
    const { available, pending, debt } = this.account;
    if (Math.min(available, pending, debt) < 0) this.found.push(`posting ${key} leaves a sum below 0`);
  }

  problems(stored: Account): string[] {
    const about = name(stored._id);
    const sum = (account: LedgerAccount): number => this.sums.get(account) ?? 0;
    const issued = -sum('program:issued');
    const used = sum('program:redeemed') + sum('program:expired') + sum('program:clawed');
    const held = sum('member:pending') + sum('member:available');
    const differing = (['available', 'pending', 'debt', 'seq'] as const).filter(
      (one) => stored[one] !== this.account[one],
    );
    return [
      ...this.found.map((problem) => `${about}: ${problem}`),
      ...(issued === used + held ? [] : [`${about}: issued ${issued}, but ${used} used up and ${held} held`]),
      ...(stored.debt > 0 && stored.available > 0 ? [`${about} has points available and debt`] : []),
      ...differing.map((one) => `${about} says ${one} ${stored[one]}, and its postings ${this.account[one]}`),
      ...(lotsOf(stored) === lotsOf(this.account) ? [] : [`${about} keeps other lots than its postings give`]),
      ...[...this.lots].flatMap(([lot, sums]) => lotProblems(about, lot, sums)),
    ];
  }
}

const lotsOf = ({ lots }: Account): string =>
  lots
    .map(
      ({ id, remaining, pending, expiresAt }) =>
        `${String(id)} ${remaining} ${String(pending)} ${expiresAt.toISOString()}`,
    )
    .sort()
    .join();

/** What came into a lot is what is left of it and what was spent, expired and taken back. */
function lotProblems(about: string, lot: string, sums: ReadonlyMap<LedgerAccount, number>): string[] {
  const total = [...sums.values()].reduce((all, amount) => all + amount, 0);
  const below = [...sums].filter(([account, amount]) => account !== 'program:issued' && amount < 0);
  return [
    ...(total === 0 ? [] : [`${about}: the moves of lot ${lot} sum to ${total}`]),
    ...below.map(([account, amount]) => `${about}: lot ${lot} has ${amount} in ${account}`),
  ];
}
