/**
 * The past, written by the bulk functions of the domain: who the customers are, their orders and figures, their growth value. No points,
 * no messages. The functions are handed in; this file only knows their order.
 */
import type { ClientSession, Types } from 'mongoose';
import type { CustomerInput, CustomerRef, NewDomainEvent, OrderInput, Owed, Profile } from '../contracts/index.js';
import type { BatchResult, Fate, HistoryPort } from './ports.js';

interface StoredOrder {
  source: string;
  orderNo: string;
}

export interface HistoryParts<Order extends StoredOrder> {
  resolveMany(
    tx: ClientSession,
    source: string,
    refs: readonly CustomerRef[],
    at: Date,
  ): Promise<{ customerIds: Types.ObjectId[]; alone: ReadonlySet<string>; events: NewDomainEvent[] }>;
  addHistory(
    tx: ClientSession,
    batch: ReadonlyArray<{ customerId: Types.ObjectId; input: OrderInput }>,
    now: Date,
  ): Promise<{
    orders: Order[];
    updated: Order[];
    refused: Array<{ index: number; problems: ReadonlyArray<{ path: string; message: string }> }>;
    events: NewDomainEvent[];
  }>;
  /** `alone`: customers who are known to be linked with nobody. */
  growHistory(tx: ClientSession, orders: readonly Order[], alone: ReadonlySet<string>, now: Date): Promise<Owed>;
  /** Gathers what the work changes of customers' figures and writes it together. */
  figuresAtOnce<T>(tx: ClientSession, work: () => Promise<T>): Promise<T>;
  /** Keeps what the clock is to remind of. */
  storeDue(tx: ClientSession, owed: Pick<Owed, 'due' | 'cancel'>): Promise<void>;
  /** Of different customers. Events only for what became other than before; `linked`: of what phones said of who is who. */
  putProfiles(
    tx: ClientSession,
    rows: ReadonlyArray<{ customerId: Types.ObjectId; profile: Profile; at: Date }>,
    source: string,
  ): Promise<{
    puts: ReadonlyArray<{ ok: true; events: NewDomainEvent[] } | { ok: false; reason: string }>;
    linked: NewDomainEvent[];
  }>;
}

export function createHistory<Order extends StoredOrder>(parts: HistoryParts<Order>): HistoryPort {
  async function orders(tx: ClientSession, batch: readonly OrderInput[], now: Date): Promise<BatchResult> {
    const refs = batch.map(({ customer }) => customer);
    const who = await parts.resolveMany(tx, sourceOf(batch), refs, now);
    const reports = batch.map((input, i) => ({ customerId: idAt(who.customerIds, i), input }));
    const { added, owed } = await parts.figuresAtOnce(tx, async () => {
      const written = await parts.addHistory(tx, reports, now);
      const moved = [...written.orders, ...written.updated];
      return {
        added: written,
        owed: moved.length > 0 ? await parts.growHistory(tx, moved, who.alone, now) : nothingOwed,
      };
    });
    if (owed.due.length + owed.cancel.length > 0) await parts.storeDue(tx, owed);
    return { fates: fatesOf(batch, added), events: [...who.events, ...added.events, ...owed.events] };
  }

  async function customers(tx: ClientSession, batch: readonly CustomerInput[], now: Date): Promise<BatchResult> {
    const who = await parts.resolveMany(tx, sourceOf(batch), batch.map(refOf), now);
    const began = customersOf(who.events.filter(({ kind }) => kind === 'customer.created'));
    const events = [...who.events];
    const movedIds = customersOf(events);
    const rows = batch.map((input, i) => ({
      customerId: idAt(who.customerIds, i),
      profile: profileOf(input),
      at: input.updatedAt ?? now,
    }));
    const fates: Fate[] = [];
    // A customer named twice in one batch is written in two goes, the later line upon the earlier.
    for (const go of eachOnce(rows)) {
      const { puts, linked } = await parts.putProfiles(tx, go, sourceOf(batch));
      events.push(...linked);
      for (const [i, put] of puts.entries()) {
        const id = String(go[i]?.customerId);
        if (put.ok) events.push(...put.events);
        if (put.ok && put.events.length > 0) movedIds.add(id);
        fates.push(fateOf(put, { isNew: began.has(id), moved: movedIds.has(id) }));
      }
    }
    return { fates, events };
  }

  return { orders, customers };
}

/** Stretches of rows in which nobody comes twice, in their order. */
function eachOnce<Row extends { customerId: Types.ObjectId }>(rows: readonly Row[]): Row[][] {
  const goes: Row[][] = [];
  let seen = new Set<string>();
  for (const row of rows) {
    const id = String(row.customerId);
    if (goes.length === 0 || seen.has(id)) {
      goes.push([]);
      seen = new Set();
    }
    seen.add(id);
    goes.at(-1)?.push(row);
  }
  return goes;
}

function fateOf(
  put: { ok: true } | { ok: false; reason: string },
  { isNew, moved }: { isNew: boolean; moved: boolean },
): Fate {
  if (!put.ok) return { outcome: 'refused', path: 'birthday', value: put.reason };
  return { outcome: isNew ? 'new' : moved ? 'changed' : 'unchanged' };
}

const nothingOwed: Owed = { events: [], due: [], cancel: [] };

function fatesOf<Order extends StoredOrder>(
  batch: readonly OrderInput[],
  { orders, updated, refused }: Awaited<ReturnType<HistoryParts<Order>['addHistory']>>,
): Fate[] {
  const [added, changed] = [orders, updated].map((list) => new Set(list.map(({ orderNo }) => orderNo)));
  const problems = new Map(refused.map(({ index, problems: [first] }) => [index, first]));
  return batch.map(({ orderNo }, i): Fate => {
    const problem = problems.get(i);
    if (problem) return { outcome: 'refused', path: problem.path, value: problem.message };
    return { outcome: added?.has(orderNo) ? 'new' : changed?.has(orderNo) ? 'changed' : 'unchanged' };
  });
}

/** A file has one source: its mapping says which. */
const sourceOf = (batch: ReadonlyArray<{ source: string }>): string => batch[0]?.source ?? '';

function idAt(ids: readonly Types.ObjectId[], i: number): Types.ObjectId {
  const id = ids[i];
  if (!id) throw new Error('a customer of the batch was not resolved');
  return id;
}

const customersOf = (events: readonly NewDomainEvent[]): Set<string | undefined> =>
  new Set(events.map(({ customerId }) => customerId));

export function refOf({ externalId, phone, phoneVerifiedAt, unionid, openid, name }: CustomerInput): CustomerRef {
  return {
    externalId,
    ...(phone ? { phone } : {}),
    ...(phone && phoneVerifiedAt ? { phoneVerifiedAt } : {}),
    ...(unionid ? { unionid } : {}),
    ...(openid ? { openid } : {}),
    ...(name ? { name } : {}),
  };
}

function profileOf({ name, gender, birthday, province, city, address }: CustomerInput): Profile {
  return {
    ...(name ? { name } : {}),
    ...(gender ? { gender } : {}),
    ...(birthday ? { birthday } : {}),
    ...(province ? { province } : {}),
    ...(city ? { city } : {}),
    ...(address ? { address } : {}),
  };
}
