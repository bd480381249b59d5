/**
 * The points ledger: what people ask for, what orders want and what the clock owes. Each movement has a natural key, so the same again
 * changes nothing. Writes in the caller's transaction; must not know chats or who may ask.
 */
import type { ClientSession } from 'mongoose';
import type { Owed } from '../../contracts/index.js';
import type { Person } from '../customers/index.js';
import { createCore } from './core.js';
import type { CoreOptions } from './core.js';
import { createMovements } from './movements.js';
import { createSettleOrder } from './settle-order.js';
import type { SettleParts } from './settle-order.js';
import { createWarnings } from './warn.js';

export type LedgerOptions = CoreOptions & SettleParts;

export type Ledger = ReturnType<typeof createLedger>;

export function createLedger(options: LedgerOptions) {
  const core = createCore(options);
  const { open, close, judged, store } = core;

  /** The clock's part alone: what is due happens, and the next due rows are asked for. */
  async function catchUp(tx: ClientSession, person: Person, now: Date): Promise<Owed> {
    const movement = await open(tx, person.customerIds, now);
    const changed = movement.accounts.filter(({ expiryDueAt }) => expiryDueAt && expiryDueAt <= now);
    return close(tx, movement, { changed });
  }

  /** The level that the person's growth entries give: when a level's validity ends or, `regrouped`, after a link or its undo. */
  async function relevel(
    tx: ClientSession,
    person: Person,
    now: Date,
    { regrouped = false }: { regrouped?: boolean } = {},
  ): Promise<Owed> {
    const rows = await store.growth(tx, person.customerIds);
    const movement = await open(tx, person.customerIds, now);
    const owed = await judged(movement, person, rows, { regrouped });
    return close(tx, movement, { changed: movement.accounts, owed });
  }

  const settleOrder = createSettleOrder(core, options);
  return { ...createMovements(core), ...createWarnings(core), settleOrder, catchUp, relevel };
}
