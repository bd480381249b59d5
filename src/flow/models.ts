/** Stored shapes of the corridor: the inbox, the events and the outbox. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';
import type {
  Address,
  Cause,
  ChannelName,
  Content,
  CreditKind,
  DomainEventKind,
  DueKind,
  InboundBody,
  Origin,
  Purpose,
  Route,
} from '../contracts/index.js';

/** One inbound event, stored under its natural key before anything else happens with it. */
export interface InboxRecord {
  /** Hash of channel, account and natural key. */
  _id: string;
  from: Address;
  key: string;
  at: Date;
  receivedAt: Date;
  /** Kept until acted on; then it lives on in what it caused. */
  body?: InboundBody;
  opens?: CreditKind;
  actedAt?: Date;
  /** The payload as proved, encrypted; dropped after `rawUntil`. */
  raw?: string;
  rawUntil?: Date;
  /** The bytes answered inside the platform's request; a platform retry gets the same. */
  reply?: string;
  replyRowId?: string;
  /** How many requests were given those bytes. */
  replyServed: number;
  /** The natural key is forgotten then. */
  keyUntil: Date;
}

export interface EventRecord {
  _id: Types.ObjectId;
  kind: DomainEventKind;
  customerId?: Types.ObjectId;
  conversationId?: Types.ObjectId;
  at: Date;
  storedAt: Date;
  cause: Cause;
  data: Record<string, unknown>;
}

export type OutboxState =
  'pending' | 'claimed' | 'sending' | 'held' | 'sent' | 'submitted' | 'skipped' | 'refused' | 'unknown';

/** One message owed to one person. The row is the truth; jobs only hint at it. */
export interface OutboxRecord {
  /** hash(cause, strategy, action index, person, occurrence): the same decision twice is one row. */
  _id: string;
  /** addressKey of the receiver: rows of one lane leave in the order of `seq`. */
  lane: string;
  seq: number;
  to: Address;
  /**
   * Of a notice, which belongs to the person: their other addresses, tried where `to` cannot carry it. The lane and the conversation stay
   * those of the first.
   */
  also?: Address[];
  /** Ways the platform refused already, as `<route> <addressKey>`. */
  tried?: string[];
  customerId: Types.ObjectId;
  /** Absent for what stands in no thread: a campaign's message to the mini-program or by a notice. */
  conversationId?: Types.ObjectId;
  queue: 'replies' | 'bulk';
  purpose: Purpose;
  variants: Partial<Record<Route, Content>>;
  /** A variant named here is good for this account only: templates belong to accounts. */
  variantAccounts?: Partial<Record<Route, string>>;
  origin: Origin;
  /** The conversation's epoch under which automation decided; people's messages carry none. */
  epoch?: number;
  strategy?: { code: string; version: number; action: number };
  /** The broadcast of whose audience this is one; its row there has the same id. */
  broadcastId?: string;
  /** The broadcast of which it is a test to one of the shop's own people. */
  testOf?: string;
  /** The voucher granted with it. */
  voucherId?: string;
  facts?: Record<string, unknown>;
  cause: Cause;
  state: OutboxState;
  reason?: string;
  detail?: string;
  route?: Route;
  credit?: { kind: CreditKind; at: Date };
  /** The one-time grant that this notice uses. */
  grantId?: string;
  attempts: number;
  /** Business time from which it may be tried. */
  dueAt: Date;
  /** Business time after which it is no longer worth sending. */
  staleAt?: Date;
  /** Real time of the database. */
  lease?: { owner: string; until: Date };
  /** Grows with every claim; whoever holds an older number has lost the row. */
  fence: number;
  createdAt: Date;
  sendingAt?: Date;
  settledAt?: Date;
  platformId?: string;
}

/** What the clock owes; deleted in the transaction that does it. `_id` is its natural key. */
export interface DueRecord {
  _id: string;
  kind: DueKind;
  customerId: Types.ObjectId;
  dueAt: Date;
  data: Record<string, unknown>;
}

/**
 * One mass send: one call of the platform for many people of one broadcast's audience. `filling` while the audience is decided on; `ready` to
 * go; `sending` from before the call on, with the people it goes to, so that the same call can be made again under the same id.
 */
export interface MassBatchRecord {
  /** hash(broadcast, account, number): the platform's idempotency key. */
  _id: string;
  broadcastId: string;
  channel: ChannelName;
  account: string;
  content: Content;
  purpose: Purpose;
  state: 'filling' | 'ready' | 'sending' | 'submitted' | 'refused' | 'empty';
  people: number;
  users?: string[];
  reason?: string;
  detail?: string;
  dueAt: Date;
  attempts: number;
  platformId?: string;
  createdAt: Date;
  settledAt?: Date;
  /** As the platform told them afterwards. */
  totals?: MassTotals;
}

/** `filtered`: people left after the platform's own filter. */
export interface MassTotals {
  status: string;
  total: number;
  filtered: number;
  sent: number;
  failed: number;
}

/** Totals told before the answer that gives the send its id was stored. `_id` is account and platform id. */
export interface EarlyTotalsRecord {
  _id: string;
  totals: MassTotals;
}

/** One occasion on which the clock started a strategy. `_id` is code|key. */
export interface StrategyRunRecord {
  _id: string;
  code: string;
  version: number;
  key: string;
  state: 'running' | 'done';
  /** The last person it came to. */
  cursor?: Types.ObjectId;
  people: number;
  startedAt: Date;
  doneAt?: Date;
}

export interface FlowModels {
  massBatches: Model<MassBatchRecord>;
  massTotals: Model<EarlyTotalsRecord>;
  strategyRuns: Model<StrategyRunRecord>;
  due: Model<DueRecord>;
  inbox: Model<InboxRecord>;
  events: Model<EventRecord>;
  outbox: Model<OutboxRecord>;
}

const address = { channel: String, account: String, user: String };
const options = { strict: 'throw', versionKey: false, minimize: false } as const;

export function flowModels(connection: Connection): FlowModels {
  const inbox = new Schema<InboxRecord>(
    {
      _id: String,
      from: address,
      key: String,
      at: Date,
      receivedAt: Date,
      body: Schema.Types.Mixed,
      opens: String,
      actedAt: Date,
      raw: String,
      rawUntil: Date,
      reply: String,
      replyRowId: String,
      replyServed: Number,
      keyUntil: Date,
    },
    options,
  );
  inbox.index({ receivedAt: 1 }, { partialFilterExpression: { body: { $exists: true } }, name: 'waiting' });
  inbox.index({ rawUntil: 1 }, { sparse: true });
  inbox.index({ 'from.channel': 1, 'from.account': 1, 'from.user': 1 });
  inbox.index({ keyUntil: 1 }, { expireAfterSeconds: 0 });

  const event = new Schema<EventRecord>(
    {
      kind: String,
      customerId: Schema.Types.ObjectId,
      conversationId: Schema.Types.ObjectId,
      at: Date,
      storedAt: Date,
      cause: Schema.Types.Mixed,
      data: Schema.Types.Mixed,
    },
    options,
  );
  event.index({ storedAt: 1, _id: 1 });
  event.index({ customerId: 1, at: -1, _id: -1 });
  event.index({ kind: 1, at: 1, _id: 1 });

  const outbox = new Schema<OutboxRecord>(
    {
      _id: String,
      lane: String,
      seq: Number,
      to: address,
      also: { type: [{ _id: false, ...address }], default: undefined },
      tried: { type: [String], default: undefined },
      customerId: Schema.Types.ObjectId,
      conversationId: Schema.Types.ObjectId,
      queue: String,
      purpose: String,
      variants: Schema.Types.Mixed,
      variantAccounts: Schema.Types.Mixed,
      origin: String,
      epoch: Number,
      strategy: { type: { _id: false, code: String, version: Number, action: Number }, default: undefined },
      broadcastId: String,
      testOf: String,
      voucherId: String,
      facts: Schema.Types.Mixed,
      cause: Schema.Types.Mixed,
      state: String,
      reason: String,
      detail: String,
      route: String,
      credit: { type: { _id: false, kind: { type: String }, at: Date }, default: undefined },
      grantId: String,
      attempts: Number,
      dueAt: Date,
      staleAt: Date,
      lease: { type: { _id: false, owner: String, until: Date }, default: undefined },
      fence: Number,
      createdAt: Date,
      sendingAt: Date,
      settledAt: Date,
      platformId: String,
    },
    options,
  );
  outbox.index({ state: 1, dueAt: 1, _id: 1 });
  outbox.index({ 'lease.until': 1 }, { sparse: true });
  outbox.index({ lane: 1, state: 1, seq: 1 });
  outbox.index({ platformId: 1 }, { sparse: true });
  outbox.index({ customerId: 1, purpose: 1, state: 1, createdAt: -1, _id: -1 });

  outbox.index({ 'strategy.code': 1, state: 1, reason: 1 }, { sparse: true });
  outbox.index({ settledAt: 1, _id: 1 }, { sparse: true });

  const massBatch = new Schema<MassBatchRecord>(
    {
      _id: String,
      broadcastId: String,
      channel: String,
      account: String,
      content: Schema.Types.Mixed,
      purpose: String,
      state: String,
      people: Number,
      users: { type: [String], default: undefined },
      reason: String,
      detail: String,
      dueAt: Date,
      attempts: Number,
      platformId: String,
      createdAt: Date,
      settledAt: Date,
      totals: Schema.Types.Mixed,
    },
    options,
  );
  massBatch.index({ broadcastId: 1, account: 1, state: 1 });
  massBatch.index({ state: 1, dueAt: 1 });
  massBatch.index({ platformId: 1 }, { sparse: true });
  const strategyRun = new Schema<StrategyRunRecord>(
    {
      _id: String,
      code: String,
      version: Number,
      key: String,
      state: String,
      cursor: Schema.Types.ObjectId,
      people: Number,
      startedAt: Date,
      doneAt: Date,
    },
    options,
  );
  strategyRun.index({ code: 1, startedAt: -1 });

  const due = new Schema<DueRecord>(
    { _id: String, kind: String, customerId: Schema.Types.ObjectId, dueAt: Date, data: Schema.Types.Mixed },
    options,
  );
  due.index({ dueAt: 1 });
  return {
    massBatches: connection.model<MassBatchRecord>('MassBatch', massBatch, 'mass_batches'),
    massTotals: connection.model<EarlyTotalsRecord>(
      'MassTotals',
      new Schema<EarlyTotalsRecord>({ _id: String, totals: Schema.Types.Mixed }, options),
      'mass_totals',
    ),
    strategyRuns: connection.model<StrategyRunRecord>('StrategyRun', strategyRun, 'strategy_runs'),
    due: connection.model<DueRecord>('Due', due, 'due'),
    inbox: connection.model<InboxRecord>('Inbox', inbox, 'inbox'),
    events: connection.model<EventRecord>('Event', event, 'events'),
    outbox: connection.model<OutboxRecord>('Outbox', outbox, 'outbox'),
  };
}
