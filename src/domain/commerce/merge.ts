/**
 * Many reports, one order. What is kept of a report is a *basis*; two bases join into one. The join is commutative, associative and
 * idempotent, so the stored order is a function of the set of reports, never of their order of arrival or of how often they came.
 * Pure; what is derived from a basis (status, figures) is in status.ts.
 */
import { orderStatuses, shipmentStatuses } from '../../contracts/index.js';
import type { OrderInput, OrderItem, Refund, Shipment } from '../../contracts/index.js';
import { orderTimes, seenStates } from './models.js';
import type { OrderBasis, OrderRecord } from './models.js';

/** Most parcels and most refunds kept of one order: those with the newest `at`. A report holds 50 of each at most. */
export const MOST_PARTS = 200;

const headFields = ['placedAt', 'currency', 'amount', 'paid', 'freight', 'discount', 'items', 'updatedAt'] as const;
/** What every report states in full: all of it is the newest report's. */
type Head = Pick<OrderRecord, (typeof headFields)[number]>;
export type Kept = Head & Pick<OrderRecord, 'basis' | 'shipments' | 'refunds'>;

/** What one report says, in the shape that joins. */
export function keptOf(report: OrderInput): Kept {
  const { placedAt, currency, amount, paid, freight, discount, updatedAt } = report;
  return {
    ...{ placedAt, currency, amount, paid, freight, discount, updatedAt },
    items: report.items.map(itemOf),
    shipments: joinShipments(report.shipments?.map(shipmentOf) ?? []),
    refunds: joinRefunds(report.refunds?.map(refundOf) ?? []),
    basis: { status: report.status, stated: statedBy(report), seen: seenBy(report) },
  };
}

export function join(a: Kept, b: Kept): Kept {
  const head = compareHeads(a, b) >= 0 ? a : b;
  return {
    ...(Object.fromEntries(headFields.map((field) => [field, head[field]])) as unknown as Head),
    shipments: joinShipments([...a.shipments, ...b.shipments]),
    refunds: joinRefunds([...a.refunds, ...b.refunds]),
    basis: {
      status: head.basis.status,
      stated: joinFields(orderTimes, a.basis.stated, b.basis.stated, newerStatement),
      seen: joinFields(seenStates, a.basis.seen, b.basis.seen, earlier),
    },
  };
}

/** Newest first of all; reports of one moment go by how far they are, then by their text: any rule, but always the same. */
function compareHeads(a: Kept, b: Kept): number {
  return (
    a.updatedAt.getTime() - b.updatedAt.getTime() ||
    orderStatuses.indexOf(a.basis.status) - orderStatuses.indexOf(b.basis.status) ||
    compareTexts(textOf(a), textOf(b))
  );
}

const textOf = (kept: Kept): string => JSON.stringify(headFields.map((field) => kept[field]));
const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const earlier = (a: Date, b: Date): Date => (a.getTime() <= b.getTime() ? a : b);

type Statement = { at: Date; by: Date };
const newerStatement = (a: Statement, b: Statement): Statement =>
  (a.by.getTime() - b.by.getTime() || a.at.getTime() - b.at.getTime()) >= 0 ? a : b;

function joinFields<Name extends string, Value>(
  names: readonly Name[],
  a: Partial<Record<Name, Value>>,
  b: Partial<Record<Name, Value>>,
  pick: (a: Value, b: Value) => Value,
): Partial<Record<Name, Value>> {
  const joined: Partial<Record<Name, Value>> = {};
  for (const name of names) {
    const [x, y] = [a[name], b[name]];
    const value = x === undefined ? y : y === undefined ? x : pick(x, y);
    if (value !== undefined) joined[name] = value;
  }
  return joined;
}

function statedBy(report: OrderInput): OrderBasis['stated'] {
  const stated: OrderBasis['stated'] = {};
  for (const name of orderTimes) {
    const at = report[name];
    if (at) stated[name] = { at, by: report.updatedAt };
  }
  return stated;
}

const paidStatuses: ReadonlySet<string> = new Set([
  'paid',
  'dispatched',
  'delivered',
  'completed',
  'refunding',
  'refunded',
]);

/**
 * For shops that name a state and no time: the moment of the report stands for it. A parcel speaks for its order in the
 * same way. An order on its way with nothing paid is cash on delivery.
 */
function seenBy({ status, updatedAt, paid, shipments = [] }: OrderInput): OrderBasis['seen'] {
  const told = (state: string): Date[] => (status === state ? [updatedAt] : []);
  const parcels = shipments.map(({ at }) => at);
  const moments: Record<(typeof seenStates)[number], Date[]> = {
    paid: paid > 0 && paidStatuses.has(status) ? [updatedAt] : [],
    dispatched: [...told('dispatched'), ...parcels],
    outForDelivery: shipments.filter((one) => one.status === 'out-for-delivery').map(({ at }) => at),
    delivered: told('delivered'),
    completed: told('completed'),
    closed: told('closed'),
  };
  const seen: OrderBasis['seen'] = {};
  for (const state of seenStates) {
    if (moments[state].length > 0) seen[state] = moments[state].reduce(earlier);
  }
  return seen;
}

const joinShipments = (all: readonly Shipment[]): Shipment[] =>
  newestOf(all, {
    key: ({ carrier, trackingNo }) => JSON.stringify([carrier, trackingNo]),
    rank: ({ status }) => shipmentStatuses.indexOf(status),
  });

/** At one moment, money that went back outranks what was merely said about it. */
const refundRanks: ReadonlyArray<Refund['status']> = ['requested', 'approved', 'rejected', 'cancelled', 'succeeded'];
const joinRefunds = (all: readonly Refund[]): Refund[] =>
  newestOf(all, {
    key: ({ refundNo }) => refundNo,
    rank: ({ status }) => refundRanks.indexOf(status),
  });

/** The newest version of each part, oldest part first. */
function newestOf<Part extends { at: Date }>(
  all: readonly Part[],
  { key, rank }: { key(part: Part): string; rank(part: Part): number },
): Part[] {
  const compare = (a: Part, b: Part): number =>
    a.at.getTime() - b.at.getTime() || rank(a) - rank(b) || compareTexts(JSON.stringify(a), JSON.stringify(b));
  const newest = new Map<string, Part>();
  for (const part of all) {
    const known = newest.get(key(part));
    if (!known || compare(part, known) > 0) newest.set(key(part), part);
  }
  return [...newest.values()]
    .sort((a, b) => a.at.getTime() - b.at.getTime() || compareTexts(key(a), key(b)))
    .slice(-MOST_PARTS);
}

// Rebuilt field by field: the texts that break ties must not depend on the order in which somebody wrote the fields.
const itemOf = ({ sku, name, category, quantity, price }: OrderItem): OrderItem => ({
  ...{ sku, name, category, quantity, price },
});
const shipmentOf = ({ carrier, trackingNo, status, at }: Shipment): Shipment => ({ carrier, trackingNo, status, at });
const refundOf = ({ refundNo, amount, status, at, items }: Refund): Refund => ({
  ...{ refundNo, amount, status, at },
  ...(items ? { items: items.map(({ sku, quantity }) => ({ sku, quantity })) } : {}),
});
