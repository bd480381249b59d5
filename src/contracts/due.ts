/** What the clock owes: a row that is due at a moment, checked again then. And what a domain function says is owed because of a change. */
import type { NewDomainEvent } from './events.js';

export const dueKinds = [
  'order.chase',
  'points.release',
  'points.expire',
  'points.warn',
  'level.expire',
  'level.warn',
  'voucher.expire',
] as const;
export type DueKind = (typeof dueKinds)[number];

/** `key` is the row's natural key: the same again moves its moment, it never makes a second row. */
export interface DueRow {
  key: string;
  kind: DueKind;
  customerId: string;
  /** Business time. */
  dueAt: Date;
  data: Readonly<Record<string, unknown>>;
}

/** What a change caused. `cancel`: keys of due rows that are owed no more. */
export interface Owed {
  events: NewDomainEvent[];
  due: DueRow[];
  cancel: string[];
}

/** What membership needs to know of an order; it never sees the order itself. Amounts in fen. */
export interface OrderFacts {
  id: string;
  source: string;
  orderNo: string;
  customerId: string;
  placedAt: Date;
  paidAt?: Date;
  receivedAt?: Date;
  completedAt?: Date;
  /** Closed without ever being paid. */
  closedAt?: Date;
  /** Paid for goods: without freight, after every discount. */
  cash: number;
  /** First known from an import of the past: grows, but earns no points. */
  history?: true;
  /** Money given back so far, oldest first; only refunds that succeeded. */
  refunds: ReadonlyArray<{ refundNo: string; amount: number; at: Date }>;
}
