/**
 * The one exit. Takes a row, asks the contact policy and the quota now, not when it was written, turns it `sending`,
 * speaks through the channel once, and stores the outcome with its reason.
 */
import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import pLimit from 'p-limit';
import { addressKey } from '../contracts/index.js';
import type { Address, Channel, Content, Route, SendResult } from '../contracts/index.js';
import { chooseWay, isGated } from '../domain/contact/index.js';
import type { ContactBook, NoticeLedger, Place, QuotaLedger, Verdict, WayChoice } from '../domain/contact/index.js';
import type { Conversations } from '../domain/conversations/index.js';
import { byAddress } from '../domain/customers/index.js';
import type { CustomerModels, Persons } from '../domain/customers/index.js';
import type { Clock } from '../infra/clock.js';
import type { Logger } from '../infra/logger.js';
import type { Database } from '../infra/mongo.js';
import type { CampaignOutcomes } from './broadcasts/outcomes.js';
import type { Judging } from './judging.js';
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
  persons: Pick<Persons, 'of'>;
  judging: Pick<Judging, 'gather' | 'judge'>;
  book: Pick<ContactBook, 'reserve'>;
  campaigns: Pick<CampaignOutcomes, 'stateOf'>;
  /** Whether a strategy is switched on: what it wants to woo with is dropped once it is off. */
  isInForce(strategyCode: string): Promise<boolean>;
  /** Milliseconds to wait for the account's next turn in this queue. */
  rate(account: string, queue: OutboxRecord['queue']): number;
  log: Logger;
  options: { leaseMs: number; sendTimeoutMs: number };
}

export type Deliver = (rowId: string) => Promise<void>;

type Begun = { ok: true; row: OutboxRecord } | { ok: false; reason: string } | { ok: 'lost' };

/**
 * Bulk messages that are read, decided on or settled at once in one process; any number may be with the platform meanwhile. Few, since they
 * cost the database and this process all they have: an answer of the staff waits behind these and no more.
 */
const BULK_AT_ONCE = 3;

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

interface Decided extends Way {
  channel: Channel;
  content: Content;
}

export function createDeliver(parts: DeliverParts): Deliver {
  const owner = randomUUID();
  /** Accounts whose platform said "not before": business time until which nothing is tried. */
  const pausedUntil = new Map<string, { until: Date; reason: string }>();

  const bulk = pLimit(BULK_AT_ONCE);
  const inTurn = <T>({ queue }: OutboxRecord, work: () => Promise<T>): Promise<T> =>
    queue === 'bulk' ? bulk(work) : work();

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

  /** `turned`: its turn has come already; what was decided before a long wait for it is decided again. */
  async function deliverClaimed(row: OutboxRecord, { turned = false } = {}): Promise<void> {
    const way = await inTurn(row, () => decided(row));
    if (!way) return;
    const waited = turned ? 0 : await myTurn(way.address, row.queue);
    if (waited > JUDGED_ANEW_MS) return deliverClaimed(row, { turned: true });
    const begun = await inTurn(row, () => begin(row, way));
    if (begun.ok === 'lost') return;
    if (!begun.ok) return notBegun(row, way, begun.reason);
    const { address: to, route, channel, content } = way;
    const result = await attempt(channel, { id: row._id, to, route, content });
    await inTurn(row, () => parts.settle(begun.row, byAnotherWay(begun.row, pauseIfAsked(begun.row, result))));
  }

  /** The way it goes now; undefined where it goes none, which is settled. */
  async function decided(row: OutboxRecord): Promise<Decided | void> {
    const now = parts.clock.now();
    if (row.staleAt && row.staleAt <= now) return parts.settle(row, { outcome: 'skipped', reason: 'message.stale' });
    const stopped = row.broadcastId && (await stoppedBy(row.broadcastId, now));
    if (stopped) return parts.settle(row, stopped);
    if (row.strategy && isGated(row.purpose, row.origin) && !(await parts.isInForce(row.strategy.code))) {
      return parts.settle(row, { outcome: 'skipped', reason: 'strategy.off' });
    }
    const way = await choose(row);
    if (!way.ok) return parts.settle(row, notNow(row, way));
    const pause = pausedUntil.get(accountKey(way.address));
    if (pause && pause.until > now)
      return parts.settle(row, { outcome: 'held', reason: pause.reason, until: pause.until });
    const channel = parts.channel(way.address.channel);
    if (!channel) return parts.settle(row, { outcome: 'refused', reason: 'channel.missing', scope: 'account' });
    const content = row.variants[way.route];
    if (!content) throw new Error(`row ${row._id} has no variant for ${way.route}`);
    return { ...way, channel, content };
  }

  /** What this way had left went to another message meanwhile: then there may be another way that still has some. */
  async function notBegun(row: OutboxRecord, { address, route }: Way, reason: string): Promise<void> {
    const now = await choose(row);
    const isOther = now.ok && wayKey(now.route, now.address) !== wayKey(route, address);
    return isOther ? deliverClaimed(row) : parts.settle(row, refusal(row, reason));
  }

  /** What its broadcast has been told since the row was written. */
  async function stoppedBy(broadcastId: string, now: Date): Promise<Result | undefined> {
    const state = await parts.campaigns.stateOf(broadcastId);
    if (state === 'cancelled') return { outcome: 'skipped', reason: 'broadcast.cancelled' };
    if (state !== 'paused') return undefined;
    return { outcome: 'held', reason: 'broadcast.paused', until: new Date(now.getTime() + PAUSED_MS) };
  }

  /**
   * Over all addresses of the row: what the policy permits there and still has something left. What woos is judged by the whole policy now, not
   * as it was when the row was written.
   */
  async function choose(row: OutboxRecord): Promise<WayChoice | Verdict> {
    if (isGated(row.purpose, row.origin)) return judged(row);
    const places: Place[] = [];
    for (const address of [row.to, ...(row.also ?? [])]) places.push(await placeOf(row, address));
    return chooseWay({ purpose: row.purpose, variants: row.variants }, places);
  }

  async function judged(row: OutboxRecord): Promise<Verdict> {
    const addresses = [row.to, ...(row.also ?? [])];
    const more = { addresses, ownRows: [row._id], ...(row.tried ? { tried: row.tried } : {}) };
    const standing = (await parts.judging.gather(null, [row.customerId], row, more)).get(String(row.customerId));
    if (!standing) return { ok: false, outcome: 'skipped', reason: 'person.noAddress' };
    return parts.judging.judge(row, standing);
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
      if (error instanceof NotReserved) return { ok: false, reason: error.reason };
      throw error;
    }
  }

  async function beginIn(tx: ClientSession, row: OutboxRecord, { address: to, route }: Way): Promise<Begun> {
    const { conversationId } = row;
    if (conversationId && !(await parts.conversations.passFence(tx, String(conversationId), row.epoch))) {
      return { ok: false, reason: 'conversation.takenOver' };
    }
    if (row.purpose === 'promotion') {
      const { customerIds } = await parts.persons.of(tx, row.customerId);
      const counted = await parts.book.reserve(tx, customerIds, row._id, parts.clock.now());
      if (!counted.ok) return counted;
    }
    const reserved = await reserve(tx, row, { address: to, route });
    if (!reserved.ok) throw new NotReserved(reserved.reason);
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

  /** Milliseconds it took. */
  async function myTurn(address: Address, queue: OutboxRecord['queue']): Promise<number> {
    const wait = parts.rate(accountKey(address), queue);
    if (wait > 0) await new Promise((resume) => setTimeout(resume, wait));
    return wait;
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

/** Rolls back what was counted for it: the way has nothing left after all. */
class NotReserved extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

/** Rolls the reservation back: the row went to somebody else between claim and begin. */
class RowLost extends Error {}

const accountKey = ({ channel, account }: Address): string => `${channel}/${account}`;

/** After a wait of so long for its turn a row is judged again: the person may have refused, or all promotion been stopped. */
const JUDGED_ANEW_MS = 250;
/** When a row of a paused broadcast is looked at again. */
const PAUSED_MS = 60_000;

function notNow(row: OutboxRecord, choice: Exclude<WayChoice | Verdict, { ok: true }>): Result {
  if ('outcome' in choice && choice.outcome === 'held') {
    return { outcome: 'held', reason: choice.reason, until: choice.until };
  }
  return refusal(row, choice.reason);
}

/** A person must see their message refused; what automation may not send is merely skipped. */
function refusal(row: OutboxRecord, reason: string): Parameters<Settle>[1] {
  return row.origin === 'staff' ? { outcome: 'refused', reason, scope: 'window' } : { outcome: 'skipped', reason };
}
