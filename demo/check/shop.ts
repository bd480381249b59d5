/** The shop's own system as the check plays it: signs what it asks of /open/v1, and knows how an order looks at each stage of its life. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { ShopKey } from '../service.js';
import { StepFailed } from './judge.js';
import { exchange } from './session.js';
import type { Answer } from './session.js';

export const CHECK_SOURCE = 'check-shop';

/** What a request is signed with, where a step wants another than the right one. */
export interface Signing {
  secret?: string;
  timestamp?: number;
  nonce?: string;
  idempotencyKey?: string;
}

export interface Account {
  id: string;
  points: { available: number; pending: number; debt: number; spendable: number };
  level: { code: string; growth: number };
  vouchers: Array<{ code: string; title: string; state: string }>;
}

export type ShopClient = ReturnType<typeof createShopClient>;

/** `now`: business time; timestamps of signatures follow it. */
export function createShopClient(port: number, { id, secret }: ShopKey, now: () => Promise<Date>) {
  /** Paths are relative to /open/v1. */
  const post = (path: string, body: unknown, signing: Signing = {}): Promise<Answer> =>
    ask(path, { type: 'application/json', text: JSON.stringify(body) }, signing);

  async function ask(path: string, { type, text }: { type: string; text: string }, signing: Signing): Promise<Answer> {
    const whole = `/open/v1${path}`;
    const timestamp = String(signing.timestamp ?? Math.floor((await now()).getTime() / 1000));
    const nonce = signing.nonce ?? randomUUID();
    const hash = createHash('sha256').update(text).digest('hex');
    const signature = createHmac('sha256', signing.secret ?? secret)
      .update([timestamp, nonce, 'POST', whole, hash].join('\n'))
      .digest('hex');
    const key = signing.idempotencyKey;
    const headers = {
      'content-type': type,
      'x-huike-key': id,
      'x-huike-timestamp': timestamp,
      'x-huike-nonce': nonce,
      'x-huike-signature': signature,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    };
    return exchange(port, { method: 'POST', path: whole, headers, body: text });
  }

  /** What must be taken: the answer's body, or the step fails. */
  async function taken<T>(path: string, body: unknown): Promise<T> {
    const answer = await post(path, body, { idempotencyKey: randomUUID() });
    if (answer.status !== 200) throw new StepFailed(`POST ${path} answers 200, not ${answer.about}: ${answer.text}`);
    return answer.json as T;
  }

  /** Many at once, a line each; every line must be taken. Returns their ids in the same order. */
  async function takenAll(path: string, bodies: readonly unknown[]): Promise<string[]> {
    const text = bodies.map((body) => JSON.stringify(body)).join('\n');
    const answer = await ask(path, { type: 'application/x-ndjson', text }, { idempotencyKey: randomUUID() });
    if (answer.status !== 200) throw new StepFailed(`a batch of ${path} answers 200, not ${answer.about}`);
    const lines = answer.text.trim().split('\n');
    const taken = lines.map((line) => JSON.parse(line) as { ok: boolean; id?: string });
    const refused = taken.findIndex(({ ok }) => !ok);
    if (refused >= 0) throw new StepFailed(`line ${String(refused)} of ${path} was refused: ${String(lines[refused])}`);
    return taken.map(({ id: made = '' }) => made);
  }

  const report = (order: Order): Promise<{ id: string; repeated: boolean }> => taken('/orders', order);
  const account = (customer: Record<string, string>): Promise<Account> => taken('/customers/lookup', { customer });
  const redeem = (code: string, order: Order): Promise<{ repeated: boolean }> =>
    taken(`/vouchers/${code}/redeem`, {
      source: order.source,
      orderNo: order.orderNo,
      amount: order.amount,
      at: order.updatedAt,
    });
  return { post, takenAll, report, account, redeem };
}

/** As on the wire; times ISO 8601, amounts fen. */
export interface Order {
  source: string;
  orderNo: string;
  customer: Record<string, string>;
  status: string;
  placedAt: string;
  currency: 'CNY';
  amount: number;
  paid: number;
  freight: number;
  discount: number;
  items: Array<{ sku: string; name: string; category: string; quantity: number; price: number }>;
  updatedAt: string;
  [more: string]: unknown;
}

export interface NewOrder {
  orderNo: string;
  customer: Record<string, string>;
  /** Fen. */
  price: number;
  placedAt: Date;
  sku?: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The reports of one order, one for each stage; every one holds what was known before it. */
export function lifeOf({ orderNo, customer, price, placedAt, sku = 'CUP-01' }: NewOrder) {
  const placed = placedAt.getTime();
  const at = (afterMs: number): string => new Date(placed + afterMs).toISOString();
  const items = [{ sku, name: '手作粗陶马克杯', category: '餐厨', quantity: 1, price }];
  const base = {
    ...{ source: CHECK_SOURCE, orderNo, customer, placedAt: at(0), currency: 'CNY' as const },
    ...{ amount: price, paid: price, freight: 0, discount: 0, items },
  };
  const paidAt = at(MINUTE_MS);
  const dispatchedAt = at(2 * MINUTE_MS);
  const parcel = { carrier: '顺丰速运', trackingNo: `SF${orderNo}` };
  const sent = { paidAt, dispatchedAt, shipments: [{ ...parcel, status: 'dispatched', at: dispatchedAt }] };
  const came = (receivedAt: string) => ({
    ...sent,
    receivedAt,
    shipments: [{ ...parcel, status: 'delivered', at: receivedAt }],
  });
  return {
    pending: (closesAfterMs = 24 * HOUR_MS): Order => ({
      ...base,
      ...{ status: 'pending', paid: 0, closesAt: at(closesAfterMs), updatedAt: at(0) },
    }),
    paid: (): Order => ({ ...base, status: 'paid', paidAt, updatedAt: paidAt }),
    paidLater: (when: Date): Order => ({
      ...base,
      ...{ status: 'paid', paidAt: when.toISOString(), updatedAt: when.toISOString() },
    }),
    dispatched: (): Order => ({ ...base, status: 'dispatched', ...sent, updatedAt: dispatchedAt }),
    delivered: (): Order => ({
      ...base,
      status: 'delivered',
      ...came(at(3 * MINUTE_MS)),
      updatedAt: at(3 * MINUTE_MS),
    }),
    completed: (): Order => ({
      ...base,
      ...{ status: 'completed', ...came(at(3 * MINUTE_MS)) },
      ...{ completedAt: at(4 * MINUTE_MS), updatedAt: at(4 * MINUTE_MS) },
    }),
    /** Completed, with these amounts given back one after the other. */
    refunded: (amounts: readonly number[]): Order => {
      const refunds = amounts.map((amount, index) => ({
        ...{ refundNo: `${orderNo}-R${String(index + 1)}`, amount, status: 'succeeded' },
        at: at((5 + index) * MINUTE_MS),
      }));
      const whole = amounts.reduce((sum, amount) => sum + amount, 0) >= price;
      return {
        ...base,
        ...{ status: whole ? 'refunded' : 'completed', ...came(at(3 * MINUTE_MS)) },
        ...{ completedAt: at(4 * MINUTE_MS), refunds, updatedAt: at((5 + amounts.length) * MINUTE_MS) },
      };
    },
  };
}
