/** What an import asks of the product. Filled by whoever composes it; the import knows no other module. */
import type { ClientSession } from 'mongoose';
import type { Cause, CustomerInput, NewDomainEvent, OrderInput } from '../contracts/index.js';

/** What became of each record of a batch, by its place in the batch. */
export type Fate = { outcome: 'new' | 'changed' | 'unchanged' } | { outcome: 'refused'; path: string; value: string };

export interface BatchResult {
  fates: Fate[];
  events: NewDomainEvent[];
}

/** The past: written inside the caller's transaction, without points and without messages. May run twice. */
export interface HistoryPort {
  orders(tx: ClientSession, batch: readonly OrderInput[], now: Date): Promise<BatchResult>;
  customers(tx: ClientSession, batch: readonly CustomerInput[], now: Date): Promise<BatchResult>;
}

/** The way of the open API, each order in its own transaction: points, levels and notices as if it happened now. */
export interface LivePort {
  order(input: OrderInput, cause: Cause): Promise<Fate>;
}

/** Stores what happened, inside the transaction. */
export type StoreEvents = (tx: ClientSession, events: readonly NewDomainEvent[], cause: Cause) => Promise<void>;
