/**
 * What segments see of one person: one document a person, put together from what the other modules hold, so that every condition is a
 * question to one collection and an index. It is derived and can be rebuilt at any time; nothing else may be kept here.
 */
import type { Types } from 'mongoose';
import type { AgeBand } from '../customers/index.js';

/** Days are YYYY-MM-DD in the shop's zone; amounts fen. */
export interface BehaviourDay {
  /** view, cart.add … */
  t: string;
  d: string;
  n: number;
}

/** Effective orders placed on one day. `c`: categories in them. */
export interface PurchaseDay {
  d: string;
  n: number;
  s: number;
  c: string[];
}

/** Latest effective order with this category. `q`: pieces in it. */
export interface CategoryLast {
  c: string;
  at: Date;
  q: number;
}

export interface Scores {
  /** 1 to 5 each, 5 best. */
  r: number;
  f: number;
  m: number;
  /** rfm as three digits, for example 545. */
  code: string;
  /** One of the eleven, for example champions. */
  segment: string;
  /** One of the Chinese eight, for example key-value. */
  eight: string;
  /** The run that gave them. */
  runId: string;
}

export interface PortraitRecord {
  /** The person's id. */
  _id: Types.ObjectId;
  /** Oldest first. */
  customerIds: Types.ObjectId[];
  builtAt: Date;
  name?: string;
  /** When the oldest record was made. */
  createdAt: Date;
  lastSeenAt?: Date;
  joinedAt?: Date;
  gender?: string;
  ageBand?: AgeBand;
  /** Under 18 by what the person declared or their birthday. */
  minor: boolean;
  /** MM-DD; never of a minor. */
  birthday?: string;
  /** 1 to 12. */
  birthMonth?: number;
  province?: string;
  city?: string;
  tags: string[];
  /** Custom fields. Dates as Date. */
  fields: Array<{ k: string; v: string | number | boolean | Date }>;
  /** Ids of the static lists the person is on. */
  lists: string[];
  points: number;
  growth: number;
  level?: string;
  /** When the level ends unless it is kept. */
  levelUntil?: Date;
  /** Ids of coupons of which the person holds a voucher that can be used. */
  coupons: string[];
  orders: number;
  spent: number;
  items: number;
  /** spent / orders, rounded down; absent without an order. */
  average?: number;
  firstOrderAt?: Date;
  lastOrderAt?: Date;
  /** When the latest order arrived. */
  lastReceivedAt?: Date;
  /** Of the last 730 days, oldest first. */
  bought: PurchaseDay[];
  categories: CategoryLast[];
  lastBehaviourAt?: Date;
  /** Of the last 180 days, oldest first. */
  did: BehaviourDay[];
  scores?: Scores;
  /** A to E. */
  group?: string;
  /** Channels on which the person can be written to: official-account, mini-program, wechaty. */
  channels: string[];
  /** `purpose.channel` agreed to now, for example promotion.wechat; of `all` every channel is listed. */
  consents: string[];
  /** `purpose` withdrawn by the latest word on it: promotion, care. */
  refusals: string[];
  /** False: no segmentation by what the person did, no scores. */
  personalised: boolean;
}
