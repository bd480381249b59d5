/** The growth value that orders grant and what refunds take off it: the rows an order should have, and how they differ from those it has. Pure. */
import type { OrderFacts } from '../../contracts/index.js';
import { kept, worth } from './amounts.js';
import { versionAt } from './levels.js';
import type { ProgrammeVersion } from './levels.js';
import type { GrowthRow } from './shapes.js';
import { Types } from 'mongoose';

export type GrowthRowsOf = (facts: OrderFacts, versions: readonly ProgrammeVersion[]) => GrowthRow[];

/** Granted on completion and dated by it; each refund a row of its own that carries the same date, so both leave the window together. */
export function growthRowsOf(facts: OrderFacts, versions: readonly ProgrammeVersion[]): GrowthRow[] {
  const { id, source, orderNo, completedAt, cash } = facts;
  if (!completedAt || !facts.paidAt) return [];
  const granted = worth(cash, versionAt(versions, completedAt).rules.growth.perYuan);
  if (granted === 0) return [];
  const customerId = new Types.ObjectId(facts.customerId);
  const row = { customerId, at: completedAt, order: { id, source, orderNo } };
  const rows: GrowthRow[] = [{ _id: `order:${id}`, ...row, amount: granted, from: completedAt }];
  let refunded = 0;
  let left = granted;
  for (const refund of [...facts.refunds].sort((a, b) => a.at.getTime() - b.at.getTime())) {
    refunded = Math.min(cash, refunded + refund.amount);
    const stays = kept(granted, { part: refunded, whole: cash });
    const from = refund.at > completedAt ? refund.at : completedAt;
    if (stays < left) rows.push({ _id: `order:${id}:${refund.refundNo}`, ...row, amount: stays - left, from });
    left = stays;
  }
  return rows;
}

export interface GrowthDifference {
  put: GrowthRow[];
  remove: string[];
  /** By how much the order's growth value changes in all. */
  amount: number;
}

/** What has to be written so that the order has exactly the wanted rows. */
export function growthDifference(wanted: readonly GrowthRow[], existing: readonly GrowthRow[]): GrowthDifference {
  const before = new Map(existing.map((row) => [row._id, row]));
  const after = new Set(wanted.map(({ _id }) => _id));
  const total = (rows: readonly GrowthRow[]): number => rows.reduce((all, { amount }) => all + amount, 0);
  return {
    put: wanted.filter((row) => !isSame(row, before.get(row._id))),
    remove: existing.filter(({ _id }) => !after.has(_id)).map(({ _id }) => _id),
    amount: total(wanted) - total(existing),
  };
}

const isSame = (a: GrowthRow, b: GrowthRow | undefined): boolean =>
  b !== undefined &&
  a.amount === b.amount &&
  a.at.getTime() === b.at.getTime() &&
  a.from.getTime() === b.from.getTime() &&
  a.customerId.equals(b.customerId);
