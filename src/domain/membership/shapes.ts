/**
 * The shapes of the points ledger: accounts, lots, postings. What the pure modules work on and what the database stores, one and the same.
 * Points are integers; times are business time.
 */
import type { Types } from 'mongoose';

/**
 * `member:debt` counts what could not be taken back; `program:owed` is its counterpart. Those two stand apart: without them
 * issued = redeemed + expired + clawed + pending + available.
 */
export const ledgerAccounts = [
  'program:issued',
  'member:pending',
  'member:available',
  'program:redeemed',
  'program:expired',
  'program:clawed',
  'member:debt',
  'program:owed',
] as const;
export type LedgerAccount = (typeof ledgerAccounts)[number];

/** `id` is known once commerce has stored the order; a spending may name an order that was not yet reported. */
export interface OrderName {
  id?: string;
  source: string;
  orderNo: string;
}

/** What is fixed about a lot when it is made; only a pending one may still be given other dates. */
export interface LotTerms {
  id: Types.ObjectId;
  earnedAt: Date;
  availableAt: Date;
  /** The last moment at which it holds. */
  expiresAt: Date;
  order?: OrderName;
}

/** A lot with something left. All of it is pending, or all of it is available. */
export interface Lot extends LotTerms {
  remaining: number;
  pending: boolean;
}

/** Every leg but those of debt names its lot, so the legs sum to 0 for each lot too. */
export interface Leg {
  account: LedgerAccount;
  amount: number;
  lot?: Types.ObjectId;
}

export const postingKinds = [
  'earn',
  'release',
  'spend',
  'return',
  'expire',
  'claw',
  'offset',
  'adjust',
  'join',
  'checkin',
  'date',
] as const;
export type PostingKind = (typeof postingKinds)[number];

/** What an order's points were computed from, kept so that a refund is computed from the same. */
export interface Basis {
  perYuan: number;
  /** The level's percentage when the order was paid. */
  percent: number;
}

/** One entry of the journal; never changed. Belongs to one customer: a movement over several customers is several postings. */
export interface Posting {
  _id: Types.ObjectId;
  /** Natural key: the same movement again finds it taken. */
  key: string;
  customerId: Types.ObjectId;
  /** Counts this customer's postings from 1. */
  seq: number;
  kind: PostingKind;
  at: Date;
  legs: Leg[];
  /** Terms of lots that this posting makes, opens again, dates anew or takes from. */
  lots?: LotTerms[];
  order?: OrderName;
  reason?: string;
  /** Who: a staff member's id, an API key's id. */
  by?: string;
  /** What the whole movement was asked for; it may be several postings. */
  asked?: number;
  /** The first posting of the movement, where this one is a later part of it. */
  partOf?: Types.ObjectId;
  basis?: Basis;
  /** Taken back in all; of it the part that had expired already is forgiven, and the part nobody had becomes debt. */
  claw?: { total: number; forgiven: number; debt: number };
  /** The account after it. */
  after: Totals;
}

export interface Totals {
  available: number;
  pending: number;
  debt: number;
}

/** The current state of one customer; everything in it but the level can be rebuilt from the postings. */
export interface Account extends Totals {
  /** The customer's id. */
  _id: Types.ObjectId;
  /** Number and moment of the last posting. */
  seq: number;
  at: Date;
  /** Counts the movements that began with it. */
  touches?: number;
  /** Those with something left, in order of use. */
  lots: Lot[];
  /** The earliest expiry for which a due row was asked. */
  expiryDueAt?: Date;
  /** The next warning of expiry for which a due row was asked. */
  warnDueAt?: Date;
  checkin?: { date: string; days: number };
  /** Growth value inside the window, of this customer's own entries. */
  growth: number;
  /** The person's level. `of`: the customers it was computed over, where they are several. */
  level?: { code: string; since?: Date; validUntil?: Date; at: Date; of?: Types.ObjectId[] };
}

/** A grant of growth value or what a refund takes off it again. Recomputed from the order's state, so a row may change. */
export interface GrowthRow {
  /** Natural key. */
  _id: string;
  customerId: Types.ObjectId;
  amount: number;
  /** Decides in which windows it counts: the completion, for a refund too. */
  at: Date;
  /** Counts from here on: the completion, or the refund. */
  from: Date;
  order?: OrderName;
}
