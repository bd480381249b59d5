/** What a movement tells others: its events, and the due rows it wants or wants no more. Pure. */
import type { DueRow, NewDomainEvent, Owed } from '../../contracts/index.js';
import type { Account, Leg, OrderName, Posting } from './shapes.js';

export const nothingOwed = (): Owed => ({ events: [], due: [], cancel: [] });

export const joined = (...parts: readonly Owed[]): Owed => ({
  events: parts.flatMap(({ events }) => events),
  due: parts.flatMap(({ due }) => due),
  cancel: parts.flatMap(({ cancel }) => cancel),
});

export const releaseKey = (orderId: string): string => `points.release:${orderId}`;
export const expireKey = (customerId: unknown): string => `points.expire:${String(customerId)}`;
export const pointsWarnKey = (customerId: unknown): string => `points.warn:${String(customerId)}`;
export const levelWarnKey = (personId: unknown): string => `level.warn:${String(personId)}`;
export const levelKey = (personId: unknown): string => `level.expire:${String(personId)}`;
export const voucherKey = (voucherId: unknown): string => `voucher.expire:${String(voucherId)}`;

const kinds = {
  earn: 'points.earned',
  release: 'points.released',
  spend: 'points.spent',
  return: 'points.returned',
  expire: 'points.expired',
  claw: 'points.clawedBack',
  offset: 'points.clawedBack',
  adjust: 'points.adjusted',
  join: 'points.earned',
  checkin: 'points.earned',
} as const;

/** Signed change of one of the account's sums. */
export const changeOf = (posting: Pick<Posting, 'legs'>, account: Leg['account']): number =>
  posting.legs.reduce((all, leg) => (leg.account === account ? all + leg.amount : all), 0);

/** What the timeline shows of a posting; a new date alone is nothing to tell. */
export function eventOf(posting: Posting): NewDomainEvent[] {
  if (posting.kind === 'date') return [];
  return [
    { kind: kinds[posting.kind], customerId: String(posting.customerId), at: posting.at, data: { ...dataOf(posting) } },
  ];
}

function dataOf(posting: Posting): Record<string, unknown> {
  const { kind, order, claw, reason, by, lots } = posting;
  const available = changeOf(posting, 'member:available');
  const pending = changeOf(posting, 'member:pending');
  const lot = kind === 'earn' || kind === 'join' || kind === 'checkin' ? lots?.[0] : undefined;
  return {
    amount: claw ? -claw.total : available === 0 ? pending : available,
    pending: available === 0 && pending !== 0,
    available: posting.after.available,
    ...(kind === 'join' || kind === 'checkin' ? { for: kind } : {}),
    ...(kind === 'offset' ? { debtPaid: true } : {}),
    ...(claw?.debt ? { debt: claw.debt } : {}),
    ...(claw?.forgiven ? { forgiven: claw.forgiven } : {}),
    ...(order ? { source: order.source, orderNo: order.orderNo } : {}),
    ...(lot ? { availableAt: lot.availableAt.toISOString(), expiresAt: lot.expiresAt.toISOString() } : {}),
    ...(reason ? { reason } : {}),
    ...(by ? { by } : {}),
  };
}

const datesPending = new Set<Posting['kind']>(['earn', 'date', 'claw', 'release']);

/** The order's pending points become available at a moment, or there are none left. */
export function releaseDue(postings: readonly Posting[], accounts: readonly Account[]): Pick<Owed, 'due' | 'cancel'> {
  const due: DueRow[] = [];
  const cancel: string[] = [];
  const orders = new Map<string, OrderName>();
  for (const { kind, order } of postings) if (order?.id && datesPending.has(kind)) orders.set(order.id, order);
  for (const id of orders.keys()) {
    const pending = accounts.flatMap((account) =>
      account.lots.filter((lot) => lot.pending && lot.order?.id === id).map((lot) => ({ account, lot })),
    );
    const first = pending.sort((a, b) => a.lot.availableAt.getTime() - b.lot.availableAt.getTime())[0];
    if (!first) {
      if (postings.some((one) => one.order?.id === id && changeOf(one, 'member:pending') < 0))
        cancel.push(releaseKey(id));
      continue;
    }
    const { account, lot } = first;
    const row = { key: releaseKey(id), customerId: String(account._id), dueAt: lot.availableAt, data: { orderId: id } };
    due.push({ ...row, kind: 'points.release' });
  }
  return { due, cancel };
}

/** One due row a customer, at their earliest expiry; asked for again only when that comes earlier or the last has passed. */
export function expireDue(account: Account, now: Date): DueRow[] {
  const earliest = Math.min(...account.lots.map(({ expiresAt }) => expiresAt.getTime() + 1));
  const asked = account.expiryDueAt;
  if (!Number.isFinite(earliest) || (asked && asked > now && asked.getTime() <= earliest)) return [];
  account.expiryDueAt = new Date(earliest);
  const customerId = String(account._id);
  return [{ key: expireKey(customerId), kind: 'points.expire', customerId, dueAt: account.expiryDueAt, data: {} }];
}
