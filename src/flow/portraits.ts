/**
 * Keeps portraits up to date: reads what happened since the last time and has the portraits of everybody it touched looked at again. One
 * process at a time holds the lease; whoever takes over repeats the last moments, which changes nothing. Must not know what a portrait shows.
 */
import { randomUUID } from 'node:crypto';
import { Schema, Types } from 'mongoose';
import type { Connection, Model } from 'mongoose';
import type { DomainEventKind } from '../contracts/index.js';
import { isDuplicateKey } from '../infra/mongo.js';
import type { Database } from '../infra/mongo.js';
import type { EventRecord, FlowModels } from './models.js';

/** How far a follower of events has come, in the database's time. `_id` names the follower. */
export interface FollowerRecord {
  _id: string;
  /** Everything stored before was seen. Absent until there was a first look at everybody. */
  upTo?: Date;
  owner: string;
  leaseUntil: Date;
}

const follower = new Schema<FollowerRecord>(
  { _id: String, upTo: Date, owner: String, leaseUntil: Date },
  { strict: 'throw', versionKey: false },
);

/** One small document a follower, made when it first looks. */
export const followerModel = (connection: Connection): Model<FollowerRecord> =>
  (connection.models['Follower'] as Model<FollowerRecord> | undefined) ??
  connection.model<FollowerRecord>('Follower', follower, 'followers');

export interface PortraitFollowerParts {
  models: Pick<FlowModels, 'events'>;
  database: Pick<Database, 'now'>;
  portraits: {
    refresh(customerIds: readonly Types.ObjectId[], now: Date): Promise<void>;
    rebuildAll(now: Date, onProgress: (persons: number) => void | Promise<void>): Promise<number>;
    /** Views and searches raise no events: their records are read by the time in their ids. */
    recordedSince(since: Date): AsyncIterable<{ _id: Types.ObjectId; customerId: Types.ObjectId }>;
  };
  /** Business time. */
  clock: { now(): Date };
}

export type PortraitFollower = ReturnType<typeof createPortraitFollower>;

const NAME = 'portraits';
const BATCH = 500;
const LEASE_MS = 15_000;
/** Transactions commit a little out of the order of their time; nearly all of them within a second. */
const NEAR_MS = 1_000;
const FAR_MS = 10_000;
const FAR_EVERY_MS = 2_000;
/** A little longer than is ever read again; ids tell whole seconds. */
const KEPT_MS = 2 * FAR_MS;

/** Nothing that a portrait shows changes by these; they are most of all events. */
const IGNORED: ReadonlySet<DomainEventKind> = new Set<DomainEventKind>([
  ...(['message.queued', 'message.sent', 'message.held', 'message.skipped', 'message.refused'] as const),
  ...(['message.unknown', 'message.retrying', 'message.receipt', 'media.stored', 'strategy.due'] as const),
  ...(['conversation.opened', 'conversation.assigned', 'conversation.released', 'conversation.closed'] as const),
  ...(['conversation.read', 'note.added', 'points.expiring', 'level.endangered', 'segment.moved'] as const),
]);

export function createPortraitFollower({ models, database, portraits, clock }: PortraitFollowerParts) {
  const { events } = models;
  const followers = followerModel(events.db);
  const owner = randomUUID();
  /** Ids that were dealt with within the far overlap, with their time. */
  const seen = new Map<string, number>();
  let lastFar = 0;
  let running: Promise<number> | undefined;

  /**
   * One look: how many customers were looked at again. Called every half second or so; a call during another waits for that one. The first
   * look of a shop that has no portraits yet builds everybody's. 0 while another process does it.
   */
  function run(): Promise<number> {
    running ??= look().finally(() => (running = undefined));
    return running;
  }

  async function look(): Promise<number> {
    const mine = await take();
    if (!mine) return 0;
    return mine.upTo ? follow(mine.upTo) : begin();
  }

  /** The lease, which one process gets, for so long. */
  async function take(): Promise<FollowerRecord | undefined> {
    const now = database.now();
    const held = { owner, leaseUntil: new Date(now.getTime() + LEASE_MS) };
    const free = { _id: NAME, $or: [{ owner }, { leaseUntil: { $lte: now } }] };
    try {
      const found = await followers
        .findOneAndUpdate(free, { $set: held }, { upsert: true, returnDocument: 'before' })
        .lean<FollowerRecord>();
      // What this process remembers of an earlier hold may be older than what the one in between did.
      if (found?.owner !== owner) forgetAll();
      return { ...(found?.upTo ? { upTo: found.upTo } : {}), _id: NAME, ...held };
    } catch (error) {
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
  }

  function forgetAll(): void {
    seen.clear();
    lastFar = 0;
  }

  /** What happens while everybody is looked at is seen by the next look. */
  async function begin(): Promise<number> {
    const since = database.now();
    const done = await portraits.rebuildAll(clock.now(), keep);
    await followers.updateOne({ _id: NAME, owner }, { $set: { upTo: since } });
    return done;
  }

  const keep = async (): Promise<void> => {
    const leaseUntil = new Date(database.now().getTime() + LEASE_MS);
    const { matchedCount } = await followers.updateOne({ _id: NAME, owner }, { $set: { leaseUntil } });
    if (matchedCount === 0) throw new LeaseLost();
  };

  async function follow(upTo: Date): Promise<number> {
    const startedAt = database.now();
    const far = Date.now() - lastFar >= FAR_EVERY_MS;
    const since = new Date(upTo.getTime() - (far ? FAR_MS : NEAR_MS));
    const batch = new Gathered();
    let done = 0;
    const flush = async (): Promise<void> => {
      done += batch.customers.size;
      await portraits.refresh([...batch.customers.values()], clock.now());
      for (const [id, at] of batch.rows) if (at >= startedAt.getTime() - KEPT_MS) seen.set(id, at);
      batch.clear();
      await keep();
    };
    for await (const event of storedSince(since)) {
      if (seen.has(String(event._id))) continue;
      batch.add(String(event._id), event.storedAt.getTime(), touchedBy(event));
      if (batch.customers.size >= BATCH) await flush();
    }
    for await (const { _id, customerId } of portraits.recordedSince(since)) {
      if (seen.has(String(_id))) continue;
      batch.add(String(_id), _id.getTimestamp().getTime(), [customerId]);
      if (batch.customers.size >= BATCH) await flush();
    }
    if (batch.rows.size > 0) await flush();
    // Set when all is done: what failed is read again.
    await followers.updateOne({ _id: NAME, owner }, { $max: { upTo: startedAt } });
    if (far) lastFar = Date.now();
    forget(startedAt);
    return done;
  }

  const storedSince = (since: Date) =>
    events
      .find({ storedAt: { $gte: since } }, { kind: 1, customerId: 1, data: 1, storedAt: 1 })
      .sort({ storedAt: 1, _id: 1 })
      .lean<Touching[]>()
      .cursor();

  function forget(now: Date): void {
    const before = now.getTime() - KEPT_MS;
    for (const [id, at] of seen) if (at < before) seen.delete(id);
  }

  return { run };
}

type Touching = Pick<EventRecord, '_id' | 'kind' | 'customerId' | 'data' | 'storedAt'>;

/** Another process took over while this one was held up; it repeats what this one did not finish. */
class LeaseLost extends Error {
  constructor() {
    super('another process keeps the portraits now');
    this.name = 'LeaseLost';
  }
}

class Gathered {
  readonly customers = new Map<string, Types.ObjectId>();
  readonly rows = new Map<string, number>();

  add(id: string, at: number, touched: readonly Types.ObjectId[]): void {
    this.rows.set(id, at);
    for (const customerId of touched) this.customers.set(String(customerId), customerId);
  }

  clear(): void {
    this.customers.clear();
    this.rows.clear();
  }
}

/** Whose event it is, the other end of a link, and whom an event about many names. */
function touchedBy({ kind, customerId, data }: Touching): Types.ObjectId[] {
  if (IGNORED.has(kind)) return [];
  const { other, customerIds } = data;
  const named = [other, ...(Array.isArray(customerIds) ? customerIds : [])].filter(isId);
  return [...(customerId ? [customerId] : []), ...named.map((id) => new Types.ObjectId(id))];
}

const isId = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{24}$/.test(value);
