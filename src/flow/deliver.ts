/**
 * The one exit. Takes a row, asks the contact policy and the quota now, not when it was written, turns it `sending`,
 * speaks through the channel once, and stores the outcome with its reason.
 */
import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import type { Channel, Route, SendResult } from '../contracts/index.js';
import { chooseRoute } from '../domain/contact/index.js';
import type { QuotaLedger } from '../domain/contact/index.js';
import type { Conversations } from '../domain/conversations/index.js';
import type { CustomerModels } from '../domain/customers/index.js';
import type { Clock } from '../infra/clock.js';
import type { Logger } from '../infra/logger.js';
import type { Database } from '../infra/mongo.js';
import type { OutboxRecord } from './models.js';
import type { Outbox } from './outbox.js';
import type { Result, Settle } from './settle.js';

export interface DeliverParts {
  outbox: Outbox;
  conversations: Conversations;
  customers: CustomerModels;
  ledger: Pick<QuotaLedger, 'take' | 'window'>;
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

/** Only this route is metered by credits. */
const METERED: Route = 'customer-message';

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
    const pause = pausedUntil.get(accountKey(row));
    if (pause && pause.until > now)
      return parts.settle(row, { outcome: 'held', reason: pause.reason, until: pause.until });
    const channel = parts.channel(row.to.channel);
    if (!channel) return parts.settle(row, { outcome: 'refused', reason: 'channel.missing', scope: 'account' });
    const choice = await choose(row, channel);
    if (!choice.ok) return parts.settle(row, refusal(row, choice.reason));
    const content = row.variants[choice.route];
    if (!content) throw new Error(`row ${row._id} has no variant for ${choice.route}`);
    await myTurn(row);
    const begun = await begin(row, choice.route);
    if (begun.ok === 'lost') return;
    if (!begun.ok) return parts.settle(row, refusal(row, begun.reason));
    const result = await attempt(channel, { id: row._id, to: row.to, route: choice.route, content });
    await parts.settle(begun.row, pauseIfAsked(row, result));
  }

  async function choose(row: OutboxRecord, channel: Channel) {
    const { channel: name, account, user } = row.to;
    const where = { 'address.channel': name, 'address.account': account, 'address.user': user };
    const identity = await parts.customers.identities.findOne(where).lean();
    const window = await parts.ledger.window(row.to, parts.clock.now());
    return chooseRoute(
      { purpose: row.purpose, variants: row.variants },
      {
        following: identity?.following ?? false,
        blocked: identity?.blocked,
        channelRoutes: channel.capabilities.routes,
        wroteInWindow: window.open,
      },
    );
  }

  /** Fence, quota and the point of no return in one transaction. */
  async function begin(row: OutboxRecord, route: Route): Promise<Begun> {
    try {
      return await parts.database.transaction((tx) => beginIn(tx, row, route));
    } catch (error) {
      if (error instanceof RowLost) return { ok: 'lost' };
      throw error;
    }
  }

  async function beginIn(tx: ClientSession, row: OutboxRecord, route: Route): Promise<Begun> {
    if (!(await parts.conversations.passFence(tx, String(row.conversationId), row.epoch))) {
      return { ok: false, reason: 'conversation.takenOver' };
    }
    const taken = route === METERED ? await parts.ledger.take(tx, row.to, row.origin, parts.clock.now()) : undefined;
    if (taken && !taken.ok) return { ok: false, reason: taken.reason };
    const credit = taken?.ok ? { kind: taken.kind, at: taken.at } : undefined;
    const sending = await parts.outbox.turnSending(tx, row, { route, credit, leaseMs: parts.options.leaseMs });
    if (!sending) throw new RowLost();
    return { ok: true, row: { ...row, route, attempts: row.attempts + 1, ...(credit ? { credit } : {}) } };
  }

  async function attempt(channel: Channel, message: Parameters<Channel['send']>[0]): Promise<SendResult> {
    try {
      return await channel.send(message, AbortSignal.timeout(parts.options.sendTimeoutMs));
    } catch (error) {
      parts.log.error({ err: error, outboxId: message.id }, 'a channel threw while sending');
      return { outcome: 'unknown', reason: 'channel.threw' };
    }
  }

  async function myTurn(row: OutboxRecord): Promise<void> {
    const wait = parts.rate(accountKey(row), row.queue);
    if (wait > 0) await new Promise((resume) => setTimeout(resume, wait));
  }

  /** What the platform asks of the whole account holds this row, and the rows behind it, until the same moment: so they keep their order. */
  function pauseIfAsked(row: OutboxRecord, result: SendResult): Result {
    if (result.outcome !== 'retry' || result.scope !== 'account') return result;
    const { reason, detail, afterMs } = result;
    const until = new Date(parts.clock.now().getTime() + afterMs);
    pausedUntil.set(accountKey(row), { until, reason });
    return { outcome: 'held', reason, detail, until };
  }
}

/** Rolls the reservation back: the row went to somebody else between claim and begin. */
class RowLost extends Error {}

const accountKey = (row: OutboxRecord): string => `${row.to.channel}/${row.to.account}`;

/** A person must see their message refused; what automation may not send is merely skipped. */
function refusal(row: OutboxRecord, reason: string): Parameters<Settle>[1] {
  return row.origin === 'staff' ? { outcome: 'refused', reason, scope: 'window' } : { outcome: 'skipped', reason };
}
