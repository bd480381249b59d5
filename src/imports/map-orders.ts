/**
 * Rows of a file -> an order as the open API takes it. Pure. Fills what an export leaves out by rules that docs/import.md lists; never
 * guesses what would move money.
 */
import { OrderInput } from '../contracts/index.js';
import type { OrderStatus } from '../contracts/index.js';
import { orderFields } from '../contracts/http/imports.js';
import type { ImportField, ImportMapping, OrderField } from '../contracts/http/imports.js';
import type { Cells } from './cells.js';
import { tidyMoment } from './dates.js';
import { createDraft } from './draft.js';
import type { Made } from './draft.js';
import type { SourceRow } from './rows.js';
import { good, tidyCount, tidyKey, tidyMoney, tidyPhone, tidyStatus } from './tidy.js';
import type { Tidied } from './tidy.js';

type Draft = ReturnType<typeof createDraft>;
const MAX_ITEMS = 200;
const DAY_MS = 86_400_000;
const text = (value: string): Tidied<string> => good(value);

export interface Mapping {
  mapping: ImportMapping;
  cells: Cells;
  now: Date;
}

/** `rows`: one, or all of one order; `orderNo` was read already. */
export function makeOrder(
  parts: Mapping,
  rows: readonly [SourceRow, ...SourceRow[]],
  orderNo: string,
): Made<OrderInput> {
  const { mapping, cells } = parts;
  const draft = createDraft(cells);
  const [first] = rows;
  if (rows.length > MAX_ITEMS) draft.refuse(first, 'orderNo', 'group.tooLarge');
  for (const row of rows.slice(1)) refuseContradictions(draft, cells, first, row);
  const told = draft.need(first, 'status', (word) => tidyStatus(word, mapping.transforms.statuses));
  const times = timesOf(parts, draft, first);
  const customer = customerOf(parts, draft, first);
  if (!told || !times.placedAt || draft.bad.length > 0) return { ok: false, bad: draft.bad };
  const unpaid = told === 'pending' || (told === 'closed' && !times.paidAt);
  const money = moneyOf(parts, draft, first, unpaid);
  const { status, refunded } = settled(parts, draft, first, { told, unpaid, paid: money.paid });
  const filled = fillTimes(times, status, unpaid);
  const items = rows.map((row) => itemOf(parts, draft, row, rows.length === 1 ? money.amount - money.freight : 0));
  const shipment = shipmentOf(parts, draft, first, status, filled);
  const order = {
    source: mapping.source,
    orderNo,
    customer,
    status,
    currency: 'CNY',
    ...money,
    items,
    ...shipment,
    ...(refunded > 0 ? { refunds: [refundOf(orderNo, refunded, filled.updatedAt)] } : {}),
    ...written(filled),
  };
  return draft.finish(OrderInput, order, (path) => placeOf(path, rows));
}

const timeFields = [
  'placedAt',
  'paidAt',
  'closesAt',
  'dispatchedAt',
  'receivedAt',
  'completedAt',
  'closedAt',
  'updatedAt',
] as const;
type Times = Partial<Record<(typeof timeFields)[number], Date | undefined>>;

function timesOf({ mapping, cells, now }: Mapping, draft: Draft, row: SourceRow): Times {
  const { zone, dateFormats: formats } = mapping.transforms;
  const times: Times = {};
  for (const field of timeFields) {
    // An unpaid order closes in the future.
    const rules = { zone, formats, now: field === 'closesAt' ? new Date(now.getTime() + 400 * DAY_MS) : now };
    const read = field === 'placedAt' ? draft.need : draft.take;
    const at = read(row, field, (value) => tidyMoment(value, rules));
    if (at) times[field] = onTheDay(at, times.placedAt, cells.text(field, row));
    if (times.placedAt && (times[field] ?? times.placedAt) < times.placedAt)
      draft.refuse(row, field, 'date.beforePlaced');
  }
  return times;
}

/** A day without an hour is no earlier than the order that was placed on it. */
function onTheDay(at: Date, placedAt: Date | undefined, text: string): Date {
  const gap = (placedAt?.getTime() ?? 0) - at.getTime();
  return placedAt && gap > 0 && gap < DAY_MS && !/[:：时点]/.test(text) ? placedAt : at;
}

/** What must have happened for the order to be where it is, at the earliest time that the file knows for it. */
function fillTimes(times: Times, status: OrderStatus, unpaid: boolean): Times {
  const filled = { ...times };
  if (!unpaid) filled.paidAt ??= times.placedAt;
  if (status === 'completed') {
    filled.completedAt ??= times.receivedAt ?? times.dispatchedAt ?? filled.paidAt;
    filled.receivedAt ??= filled.completedAt;
  }
  if (status === 'delivered') filled.receivedAt ??= times.dispatchedAt ?? filled.paidAt;
  if (status === 'closed') filled.closedAt ??= times.updatedAt ?? times.placedAt;
  const known = timeFields.filter((field) => field !== 'closesAt').map((field) => filled[field]?.getTime() ?? 0);
  filled.updatedAt ??= new Date(Math.max(...known));
  return filled;
}

const written = (times: Times): Record<string, string> =>
  Object.fromEntries(Object.entries(times).flatMap(([field, at]) => (at ? [[field, at.toISOString()]] : [])));

interface Money {
  amount: number;
  paid: number;
  freight: number;
  discount: number;
}

/** Of amount, paid and discount any two give the third; of one alone nothing was taken off. */
function moneyOf({ mapping }: Mapping, draft: Draft, row: SourceRow, unpaid: boolean): Money {
  const read = (field: OrderField): number | undefined =>
    draft.take(row, field, (value) => tidyMoney(value, mapping.transforms.money));
  const [amount, paid, discount, freight = 0] = [read('amount'), read('paid'), read('discount'), read('freight')];
  if (amount === undefined && paid === undefined && draft.bad.length === 0) draft.refuse(row, 'paid', 'field.missing');
  const whole = amount ?? (paid ?? 0) + (discount ?? 0);
  const given = paid ?? (unpaid ? 0 : Math.max(0, whole - (discount ?? 0)));
  const parts = { paid: given, freight, discount: discount ?? 0 };
  for (const field of ['paid', 'freight', 'discount'] as const) {
    if (parts[field] > whole) draft.refuse(row, field, 'money.contradicts');
  }
  return { amount: whole, paid: given, freight, discount: discount ?? (unpaid ? 0 : Math.max(0, whole - given)) };
}

/** An order that was paid and is closed was refunded as a whole: shops close an order of which nothing is left. */
function settled(
  { mapping }: Mapping,
  draft: Draft,
  row: SourceRow,
  { told, unpaid, paid }: { told: OrderStatus; unpaid: boolean; paid: number },
): { status: OrderStatus; refunded: number } {
  const stated = draft.take(row, 'refunded', (value) => tidyMoney(value, mapping.transforms.money));
  if ((stated ?? 0) > paid) draft.refuse(row, 'refunded', 'money.contradicts');
  const status = told === 'closed' && !unpaid && (stated ?? paid) > 0 ? 'refunded' : told;
  return { status, refunded: stated ?? (status === 'refunded' ? paid : 0) };
}

const refundOf = (orderNo: string, amount: number, at: Date | undefined) => ({
  refundNo: `${orderNo.slice(0, 118)}-refund`,
  amount,
  status: 'succeeded',
  at: at?.toISOString(),
});

function customerOf(parts: Mapping, draft: Draft, row: SourceRow): Record<string, string> {
  const { cells } = parts;
  const key = (field: OrderField): string | undefined => draft.take(row, field, tidyKey);
  const found = {
    externalId: key('customer.externalId'),
    unionid: key('customer.unionid'),
    openid: key('customer.openid'),
    ...phoneOf(parts, draft, row, 'customer.'),
  };
  if (draft.bad.length === 0 && !Object.values(found).some(Boolean)) {
    const fields = ['customer.externalId', 'customer.phone', 'customer.unionid', 'customer.openid'] as const;
    draft.refuse(row, fields.find(cells.has) ?? 'customer.externalId', 'customer.missing');
  }
  const name = cells.text('customer.name', row);
  return defined({ ...found, name: name || undefined });
}

/** Exports often hide digits (138****1234); such a number names nobody and is left out. */
export function phoneOf(
  { mapping, cells, now }: Mapping,
  draft: Draft,
  row: SourceRow,
  prefix: '' | 'customer.',
): { phone?: string | undefined; phoneVerifiedAt?: string | undefined } {
  const field: ImportField = prefix === '' ? 'phone' : 'customer.phone';
  if (cells.text(field, row).includes('*')) return {};
  const phone = draft.take(row, field, tidyPhone);
  if (!phone) return {};
  const { zone, dateFormats: formats } = mapping.transforms;
  const verified: ImportField = prefix === '' ? 'phoneVerifiedAt' : 'customer.phoneVerifiedAt';
  const at = draft.take(row, verified, (value) => tidyMoment(value, { zone, formats, now }));
  return { phone, phoneVerifiedAt: at?.toISOString() };
}

export function defined<T>(record: Record<string, T | undefined>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter((entry): entry is [string, T] => entry[1] !== undefined));
}

/** `goods`: what the goods of a one-row order cost in all, for a file without prices. */
function itemOf({ mapping, cells }: Mapping, draft: Draft, row: SourceRow, goods: number) {
  const named = cells.text('item.name', row);
  const sku = draft.take(row, 'item.sku', tidyKey) ?? named.slice(0, 128);
  const quantity = draft.take(row, 'item.quantity', tidyCount) ?? 1;
  const price = draft.take(row, 'item.price', (value) => tidyMoney(value, mapping.transforms.money));
  return {
    sku: sku || 'unknown',
    name: (named || sku || '未记录商品').slice(0, 200),
    category: draft.take(row, 'item.category', text) ?? '未分类',
    quantity,
    price: price ?? Math.floor(goods / Math.max(1, quantity)),
  };
}

function shipmentOf({ cells }: Mapping, draft: Draft, row: SourceRow, status: OrderStatus, times: Times) {
  const trackingNo = draft.take(row, 'shipment.trackingNo', tidyKey);
  const at = times.dispatchedAt ?? times.paidAt;
  if (!trackingNo || !at) return {};
  const carrier = cells.text('shipment.carrier', row) || '快递';
  const arrived = status === 'delivered' || status === 'completed';
  return { shipments: [{ carrier, trackingNo, status: arrived ? 'delivered' : 'dispatched', at: at.toISOString() }] };
}

const alike: readonly OrderField[] = ['status', 'placedAt', 'paid', 'amount', 'customer.externalId', 'customer.phone'];

/** Exports say what is true of the order in each of its rows, or in the first alone. */
function refuseContradictions(draft: Draft, cells: Cells, first: SourceRow, row: SourceRow): void {
  for (const field of alike) {
    const said = cells.raw(field, row).trim();
    if (said !== '' && said !== cells.raw(field, first).trim()) draft.refuse(row, field, 'group.differs');
  }
}

function placeOf(
  path: PropertyKey[],
  rows: readonly [SourceRow, ...SourceRow[]],
): { row: SourceRow; field: OrderField } {
  const [head, second, third] = path.map(String);
  const names: Record<string, string> = {
    items: `item.${third ?? 'name'}`,
    customer: `customer.${second ?? 'externalId'}`,
    shipments: `shipment.${third ?? 'trackingNo'}`,
    refunds: 'refunded',
  };
  const name = names[head ?? ''] ?? head;
  const field = orderFields.find((one) => one === name) ?? 'orderNo';
  return { row: (head === 'items' ? rows[Number(second)] : undefined) ?? rows[0], field };
}
