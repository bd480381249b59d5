/**
 * The live stream: every event stored, in order and without doubles, to whoever listens in this process.
 * Reads `events` by the time they were stored; transactions commit a little out of that order, so each read goes back a little
 * and a slower one goes back ten seconds. No change streams, so any database will do.
 */
import { Types } from 'mongoose';
import type { Model } from 'mongoose';
import type { Logger } from '../infra/logger.js';
import type { Database } from '../infra/mongo.js';
import type { EventRecord } from './models.js';

export type Listener = (event: EventRecord) => void;

export interface Live {
  subscribe(afterId: string | undefined, listener: Listener): () => void;
  /** Something was stored: read soon. */
  nudge(): void;
  start(): void;
  stop(): void;
}

const POLL_MS = 500;
const NEAR_MS = 1_000;
const FAR_MS = 10_000;
const FAR_EVERY_MS = 2_000;
const REPLAY_MAX = 1_000;
const MIN_GAP_MS = 25;

export function createLive(parts: { events: Model<EventRecord>; database: Database; log: Logger }): Live {
  const listeners = new Set<Listener>();
  /** Ids given out within the far overlap, with their time. */
  const seen = new Map<string, number>();
  let newest = new Date(0);
  let lastFar = 0;
  let reading: Promise<void> | undefined;
  let wanted = false;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;

  async function read(): Promise<void> {
    if (listeners.size === 0) return;
    const far = Date.now() - lastFar >= FAR_EVERY_MS;
    if (far) lastFar = Date.now();
    const since = new Date(newest.getTime() - (far ? FAR_MS : NEAR_MS));
    const found = await parts.events
      .find({ storedAt: { $gte: since } })
      .sort({ storedAt: 1, _id: 1 })
      .lean<EventRecord[]>();
    for (const event of found) give(event);
    forget();
  }

  function give(event: EventRecord): void {
    const id = String(event._id);
    if (seen.has(id)) return;
    seen.set(id, event.storedAt.getTime());
    if (event.storedAt > newest) newest = event.storedAt;
    for (const listener of listeners) listener(event);
  }

  function forget(): void {
    const before = newest.getTime() - FAR_MS - 1_000;
    for (const [id, storedAt] of seen) if (storedAt < before) seen.delete(id);
  }

  /** One read at a time; nudges that come meanwhile make one more. */
  function run(): void {
    if (reading) {
      wanted = true;
      return;
    }
    reading = read()
      .catch((error: unknown) => parts.log.warn({ err: error }, 'the live stream could not be read'))
      .finally(() => {
        reading = undefined;
        if (!wanted) return;
        wanted = false;
        nudge();
      });
  }

  function nudge(): void {
    if (soon || listeners.size === 0) return;
    soon = setTimeout(() => {
      soon = undefined;
      run();
    }, MIN_GAP_MS);
  }

  async function replay(afterId: string, listener: Listener): Promise<void> {
    const last = Types.ObjectId.isValid(afterId) ? await parts.events.findById(afterId).lean<EventRecord>() : null;
    if (!last) return;
    const missed = await parts.events
      .find({ $or: [{ storedAt: { $gt: last.storedAt } }, { storedAt: last.storedAt, _id: { $gt: last._id } }] })
      .sort({ storedAt: 1, _id: 1 })
      .limit(REPLAY_MAX)
      .lean<EventRecord[]>();
    for (const event of missed) listener(event);
  }

  /** Joins the stream now, holding back what arrives until the missed events were replayed; none is given twice. */
  function subscribe(afterId: string | undefined, listener: Listener): () => void {
    if (listeners.size === 0) newest = parts.database.now();
    const given = new Set<string>();
    let held: EventRecord[] | undefined = afterId ? [] : undefined;
    const pass = (event: EventRecord): void => {
      if (held) return void held.push(event);
      const id = String(event._id);
      if (given.size > 0 && given.delete(id)) return;
      listener(event);
    };
    listeners.add(pass);
    if (afterId) {
      void replay(afterId, (event) => {
        given.add(String(event._id));
        listener(event);
      })
        .catch((error: unknown) => parts.log.warn({ err: error }, 'missed events could not be replayed'))
        .finally(() => {
          const waiting = held ?? [];
          held = undefined;
          waiting.forEach(pass);
        });
    }
    return () => void listeners.delete(pass);
  }

  return {
    subscribe,
    nudge,
    start: () => void (timer = setInterval(run, POLL_MS)),
    stop: () => {
      clearInterval(timer);
      clearTimeout(soon);
      listeners.clear();
    },
  };
}
