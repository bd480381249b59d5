/** An attempt's result becomes the row's outcome: always with a reason, in one `act`, with what it tells about person and quota. */
import type { ClientSession } from 'mongoose';
import type { NewDomainEvent, SendResult } from '../contracts/index.js';
import type { NoticeLedger, QuotaLedger } from '../domain/contact/index.js';
import type { Conversations } from '../domain/conversations/index.js';
import type { Customers } from '../domain/customers/index.js';
import type { Clock } from '../infra/clock.js';
import type { Act } from './act.js';
import type { CampaignOutcomes } from './broadcasts/outcomes.js';
import type { OutboxRecord } from './models.js';
import type { Outbox, Settlement } from './outbox.js';
import { triedWithMoreLeft } from './ways.js';

/** `skipped` is our own decision not to send; all others are what became of an attempt. */
export type Result =
  | SendResult
  | { outcome: 'skipped'; reason: string }
  /** Surely not carried by this way; the row goes on by another. */
  | {
      outcome: 'elsewhere';
      reason: string;
      detail?: string | undefined;
      tried: string[];
      blocked?: Blocked | undefined;
    }
  | { outcome: 'held'; reason: string; detail?: string | undefined; until: Date };

export type Settle = (row: OutboxRecord, result: Result) => Promise<void>;

export interface SettleParts {
  act: Act;
  outbox: Outbox;
  conversations: Conversations;
  customers: Customers;
  ledger: Pick<QuotaLedger, 'refund' | 'correct'>;
  notices: Pick<NoticeLedger, 'giveBack' | 'exhaust'>;
  campaigns: Pick<CampaignOutcomes, 'settled'>;
  clock: Clock;
  maxAttempts: number;
  /** Told of every outcome, for metrics. */
  onOutcome(row: OutboxRecord, settlement: Settlement): void;
  /** Told of every send that used a credit: whether the platform refused it for quota although the ledger had some. */
  onMetered(drifted: boolean): void;
  /** The lane is free again. */
  offerNext(lane: string): Promise<void>;
}

const QUOTA_REASONS = new Set(['window.closed', 'window.used']);

type Blocked = NonNullable<Extract<SendResult, { outcome: 'refused' }>['blocked']>;

const surelyNotSent: ReadonlySet<Result['outcome']> = new Set(['retry', 'held', 'refused', 'elsewhere']);

/** Refused for quota although the ledger gave a credit: others spent it. */
function isDrift(row: OutboxRecord, result: Result): boolean {
  return isRefused(result) && QUOTA_REASONS.has(result.reason) && row.credit !== undefined;
}

const isRefused = (result: Result): result is Extract<Result, { outcome: 'refused' | 'elsewhere' }> =>
  result.outcome === 'refused' || result.outcome === 'elsewhere';

export function createSettle(parts: SettleParts): Settle {
  return async (row, result) => {
    const settlement = toSettlement(row, result);
    let written = false;
    await parts.act({
      cause: { door: 'delivery', outboxId: row._id },
      change: async (tx) => {
        written = await parts.outbox.settle(tx, row, settlement);
        if (!written) return [];
        const learned = await learn(tx, row, result);
        const ended = await parts.campaigns.settled(tx, row, settlement);
        return [...learned, ...ended, ...(await show(tx, row, settlement))];
      },
    });
    if (!written) return;
    parts.onOutcome(row, settlement);
    if (row.credit) parts.onMetered(isDrift(row, result));
    // What stands in no thread keeps nobody waiting.
    if (row.seq > 0) await parts.offerNext(row.lane);
  };

  function toSettlement(row: OutboxRecord, result: Result): Settlement {
    switch (result.outcome) {
      case 'sent':
      case 'submitted':
        return { state: result.outcome, platformId: result.platformId };
      case 'unknown':
      case 'refused':
        return { state: result.outcome, reason: result.reason, detail: result.detail };
      case 'skipped':
        return { state: 'skipped', reason: result.reason };
      case 'elsewhere': {
        const { reason, detail, tried } = result;
        return { state: 'pending', dueAt: parts.clock.now(), reason, detail, tried };
      }
      case 'held':
        return { state: 'held', reason: result.reason, detail: result.detail, dueAt: result.until };
      case 'retry':
        if (row.attempts >= parts.maxAttempts) return exhausted(row, result.reason);
        return {
          state: 'pending',
          dueAt: new Date(parts.clock.now().getTime() + result.afterMs),
          reason: result.reason,
          detail: result.detail,
        };
    }
  }

  /** The platform would not take it by this way: a notice goes on by another one, where one is left. */
  function exhausted(row: OutboxRecord, detail: string): Settlement {
    const reason = 'retry.exhausted';
    const tried = triedWithMoreLeft(row);
    if (!tried) return { state: 'refused', reason, detail };
    return { state: 'pending', dueAt: parts.clock.now(), reason, detail, tried };
  }

  /** What the attempt told about quota and reachability. */
  async function learn(tx: ClientSession, row: OutboxRecord, result: Result): Promise<NewDomainEvent[]> {
    const at = parts.clock.now();
    const events: NewDomainEvent[] = [];
    if (isDrift(row, result)) {
      await parts.ledger.correct(tx, row.to);
      events.push({ kind: 'quota.drifted', customerId: String(row.customerId), at, data: {} });
    } else if (row.credit && surelyNotSent.has(result.outcome)) {
      await parts.ledger.refund(tx, row.to, row.credit, row.origin);
    }
    if (row.grantId) await settleGrant(tx, row, row.grantId, result);
    if (isRefused(result) && result.blocked) {
      events.push(...(await parts.customers.markReachability(tx, row.to, at, result.blocked)));
    }
    return events;
  }

  /** A grant that surely was not used comes back; where the platform knows of none, all we counted for that template is gone. */
  async function settleGrant(tx: ClientSession, row: OutboxRecord, grantId: string, result: Result): Promise<void> {
    const notice = row.variants['subscription-notice'];
    if (isRefused(result) && result.reason === 'notice.notGranted' && notice?.type === 'notice') {
      return parts.notices.exhaust(tx, row.to, notice.templateId);
    }
    if (surelyNotSent.has(result.outcome)) await parts.notices.giveBack(tx, grantId);
  }

  /** What a campaign said in a chat after all stands in that chat, for the staff who go on with it. */
  async function enterThread(tx: ClientSession, row: OutboxRecord): Promise<void> {
    const content = row.variants['customer-message'];
    if (!content) return;
    const id = row.strategy?.code ?? row.broadcastId ?? row._id;
    const conversation = await parts.conversations.ensure(tx, row.customerId, row.to);
    const author = { kind: 'automation' as const, id, name: id };
    const outgoing = { outboxId: row._id, author, content, at: parts.clock.now() };
    await parts.conversations.queue(tx, conversation._id, outgoing, { quiet: true });
  }

  async function show(tx: ClientSession, row: OutboxRecord, settlement: Settlement): Promise<NewDomainEvent[]> {
    const state = settlement.state === 'submitted' ? 'sent' : settlement.state;
    if (state === 'claimed' || state === 'sending') throw new Error(`${state} is no outcome`);
    if (!row.conversationId) {
      if (row.route === 'customer-message' && (state === 'sent' || state === 'unknown')) await enterThread(tx, row);
      else return state === 'pending' ? [] : [outsideThreads(row, state, parts.clock.now(), settlement.reason)];
    }
    return parts.conversations.markOutcome(tx, row._id, parts.clock.now(), {
      state,
      ...(settlement.reason ? { reason: settlement.reason } : {}),
      ...(row.route ? { route: row.route } : {}),
    });
  }
}

/** What stands in no thread is told on the person's timeline. */
function outsideThreads(row: OutboxRecord, state: Told, at: Date, reason?: string): NewDomainEvent {
  const { broadcastId, strategy, purpose, route } = row;
  const campaign = { ...(broadcastId ? { broadcastId } : {}), ...(strategy ? { strategyCode: strategy.code } : {}) };
  const data = { outboxId: row._id, purpose, route: route ?? null, reason: reason ?? null, ...campaign };
  return { kind: `message.${state}`, customerId: String(row.customerId), at, data };
}

type Told = 'sent' | 'held' | 'skipped' | 'refused' | 'unknown';
