/**
 * The one exit. Takes a row, asks the contact policy and the quota now, not when it was written, turns it `sending`,
 * speaks through the channel once, and stores the outcome with its reason.
 */
import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import { addressKey } from '../contracts/index.js';
import type { Address, Channel, Route, SendResult } from '../contracts/index.js';
import { chooseWay } from '../domain/contact/index.js';
import type { NoticeLedger, Place, QuotaLedger, WayChoice } from '../domain/contact/index.js';
import type { Conversations } from '../domain/conversations/index.js';
import { byAddress } from '../domain/customers/index.js';
import type { CustomerModels } from '../domain/customers/index.js';
import type { Clock } from '../infra/clock.js';
import type { Logger } from '../infra/logger.js';
import type { Database } from '../infra/mongo.js';
import type { OutboxRecord } from './models.js';
import type { Outbox } from './outbox.js';
import type { Result, Settle } from './settle.js';
import { isForAccount, triedWithMoreLeft, wayKey } from './ways.js';

export interface DeliverParts {
  outbox: Outbox;
  conversations: Conversations;
  customers: CustomerModels;
  ledger: Pick<QuotaLedger, 'take' | 'window'>;
  notices: Pick<NoticeLedger, 'take' | 'left'>;
  database: Database;
  clock: Clock;
  channel(name: string): Channel | undefined;
  settle: Settle;
  /** Until when nothing of this purpose may be sent, if so. */
  quietUntil(purpose: OutboxRecord['purpose'], now: Date): Date | undefined;
  /** Milliseconds to wait for the account's next turn in this queue. */
  rate(account: string, queue: OutboxRecord['queue']): number;
  log: Logger;
  options: { leaseMs: number; sendTimeoutMs: number };
}

export type Deliver = (rowId: string) => Promise<void>;

type Begun = { ok: true; row: OutboxRecord } | { ok: false; reason: string } | { ok: 'lost' };

/** Only this route is metered by credits, and only that one by grants. */
const METERED: Extract<Route, 'customer-message'> = 'customer-message';
const GRANTED: Extract<Route, 'subscription-notice'> = 'subscription-notice';

interface Reserved {
  ok: true;
  credit?: NonNullable<OutboxRecord['credit']>;
  grantId?: string;
}

const reservedBy = ({ credit, grantId }: Reserved): Pick<OutboxRecord, 'credit' | 'grantId'> => ({
  ...(credit ? { credit } : {}),
  ...(grantId ? { grantId } : {}),
});

/** The row as it goes to one of its addresses; the one it was written for stays among the others. */
function addressed({ to, also }: OutboxRecord, now: Address): Pick<OutboxRecord, 'to' | 'also'> {
  if (!also) return { to: now };
  return { to: now, also: [to, ...also].filter((address) => addressKey(address) !== addressKey(now)) };
}

interface Way {
  address: Address;
  route: Route;
}

export function createDeliver(parts: DeliverParts): Deliver {
  const owner = randomUUID();
  /** Accounts whose platform said "not before": business time until which nothing is tried. */
  const pausedUntil = new Map<string, { until: Date; reason: string }>();

  return async (rowId) => {
    const row = await parts.outbox.claim(rowId, owner, parts.options.leaseMs);
    if (!row) return;
    try {
      await deliverClaimed(row);
    } catch (error) {
      // The row stays claimed or sending; its lease ends and the sweep decides. Sending twice is worse than late.
      parts.log.error({ err: error, outboxId: row._id }, 'delivering a row failed');
    }
  };

  async function deliverClaimed(row: OutboxRecord): Promise<void> {
    const now = parts.clock.now();
    if (row.staleAt && row.staleAt <= now) return parts.settle(row, { outcome: 'skipped', reason: 'message.stale' });
    const quiet = parts.quietUntil(row.purpose, now);
    if (quiet) return parts.settle(row, { outcome: 'held', reason: 'contact.quietHours', until: quiet });
    const way = await choose(row);
    if (!way.ok) return parts.settle(row, refusal(row, way.reason));
    const pause = pausedUntil.get(accountKey(way.address));
    if (pause && pause.until > now)
      return parts.settle(row, { outcome: 'held', reason: pause.reason, until: pause.until });
    const channel = parts.channel(way.address.channel);
    if (!channel) return parts.settle(row, { outcome: 'refused', reason: 'channel.missing', scope: 'account' });
    const content = row.variants[way.route];
    if (!content) throw new Error(`row ${row._id} has no variant for ${way.route}`);
    await myTurn(way.address, row.queue);
    const begun = await begin(row, way);
    if (begun.ok === 'lost') return;
    if (!begun.ok) return notBegun(row, way, begun.reason);
    const result = await attempt(channel, { id: row._id, to: way.address, route: way.route, content });
    await parts.settle(begun.row, byAnotherWay(begun.row, pauseIfAsked(begun.row, result)));
  }

  /** What this way had left went to another message meanwhile: then there may be another way that still has some. */
  async function notBegun(row: OutboxRecord, { address, route }: Way, reason: string): Promise<void> {
    const now = await choose(row);
    const isOther = now.ok && wayKey(now.route, now.address) !== wayKey(route, address);
    return isOther ? deliverClaimed(row) : parts.settle(row, refusal(row, reason));
  }

  /** Over all addresses of the row: what the policy permits there and still has something left. */
  async function choose(row: OutboxRecord): Promise<WayChoice> {
    const places: Place[] = [];
    for (const address of [row.to, ...(row.also ?? [])]) places.push(await placeOf(row, address));
    return chooseWay({ purpose: row.purpose, variants: row.variants }, places);
  }

  async function placeOf(row: OutboxRecord, address: Address): Promise<Place> {
    const identity = await parts.customers.identities.findOne(byAddress(address)).lean();
    const window = await parts.ledger.window(address, parts.clock.now());
    const left = row.origin === 'staff' ? window.left : window.automationLeft;
    const granted = await isGranted(row, address);
    return {
      address,
      reach: {
        following: identity?.following ?? false,
        blocked: identity?.blocked,
        channelRoutes: (parts.channel(address.channel)?.capabilities.routes ?? []).filter(
          (route) => isForAccount(row, route, address) && !row.tried?.includes(wayKey(route, address)),
        ),
        wroteInWindow: window.open,
        spent: [...(left > 0 ? [] : [METERED]), ...(granted ? [] : [GRANTED])],
      },
    };
  }

  async function isGranted({ variants }: OutboxRecord, address: Address): Promise<boolean> {
    const notice = variants[GRANTED];
    if (notice?.type !== 'notice') return false;
    return (await parts.notices.left(address, notice.templateId)) > 0;
  }

  /** A notice that one way surely did not carry takes the next, where another is left. */
  function byAnotherWay(row: OutboxRecord, result: Result): Result {
    if (result.outcome !== 'refused') return result;
    const tried = triedWithMoreLeft(row);
    return tried ? { ...result, outcome: 'elsewhere', tried } : result;
  }

  /** Fence, quota and the point of no return in one transaction. */
  async function begin(row: OutboxRecord, way: Way): Promise<Begun> {
    try {
      return await parts.database.transaction((tx) => beginIn(tx, row, way));
    } catch (error) {
      if (error instanceof RowLost) return { ok: 'lost' };
      throw error;
    }
  }

  async function beginIn(tx: ClientSession, row: OutboxRecord, { address: to, route }: Way): Promise<Begun> {
    if (!(await parts.conversations.passFence(tx, String(row.conversationId), row.epoch))) {
      return { ok: false, reason: 'conversation.takenOver' };
    }
    const reserved = await reserve(tx, row, { address: to, route });
    if (!reserved.ok) return reserved;
    const change = { ...addressed(row, to), ...reservedBy(reserved), route, leaseMs: parts.options.leaseMs };
    if (!(await parts.outbox.turnSending(tx, row, change))) throw new RowLost();
    return {
      ok: true,
      row: { ...row, ...addressed(row, to), ...reservedBy(reserved), route, attempts: row.attempts + 1 },
    };
  }

  /** What this way uses up: a customer message of the window, or the person's one-time grant. */
  async function reserve(
    tx: ClientSession,
    row: OutboxRecord,
    { address, route }: Way,
  ): Promise<Reserved | { ok: false; reason: string }> {
    const now = parts.clock.now();
    if (route === METERED) {
      const taken = await parts.ledger.take(tx, address, row.origin, now);
      return taken.ok ? { ok: true, credit: { kind: taken.kind, at: taken.at } } : taken;
    }
    const notice = row.variants[GRANTED];
    if (route !== GRANTED || notice?.type !== 'notice') return { ok: true };
    return parts.notices.take(tx, address, notice.templateId, now);
  }

  async function attempt(channel: Channel, message: Parameters<Channel['send']>[0]): Promise<SendResult> {
    try {
      return await channel.send(message, AbortSignal.timeout(parts.options.sendTimeoutMs));
    } catch (error) {
      parts.log.error({ err: error, outboxId: message.id }, 'a channel threw while sending');
      return { outcome: 'unknown', reason: 'channel.threw' };
    }
  }

  async function myTurn(address: Address, queue: OutboxRecord['queue']): Promise<void> {
    const wait = parts.rate(accountKey(address), queue);
    if (wait > 0) await new Promise((resume) => setTimeout(resume, wait));
  }

  /** What the platform asks of the whole account holds this row, and the rows behind it, until the same moment: so they keep their order. */
  function pauseIfAsked(row: OutboxRecord, result: SendResult): Result {
    if (result.outcome !== 'retry' || result.scope !== 'account') return result;
    const { reason, detail, afterMs } = result;
    const until = new Date(parts.clock.now().getTime() + afterMs);
    pausedUntil.set(accountKey(row.to), { until, reason });
    return { outcome: 'held', reason, detail, until };
  }
}

/** Rolls the reservation back: the row went to somebody else between claim and begin. */
class RowLost extends Error {}

const accountKey = ({ channel, account }: Address): string => `${channel}/${account}`;

/** A person must see their message refused; what automation may not send is merely skipped. */
function refusal(row: OutboxRecord, reason: string): Parameters<Settle>[1] {
  return row.origin === 'staff' ? { outcome: 'refused', reason, scope: 'window' } : { outcome: 'skipped', reason };
}
