/**
 * The live stream: every event stored, without gaps or doubles, to whoever listens in this process.
 * Reads `events` by the time they were stored; transactions commit a little out of that order, so each read goes back a little
 * and a slower one goes back ten seconds. No change streams, so any database will do.
 */
import { Types } from 'mongoose';
import type { Model } from 'mongoose';
import type { Logger } from '../infra/logger.js';
import type { Database } from '../infra/mongo.js';
import type { EventRecord } from './models.js';
import { createUnderWay } from './under-way.js';

export type Listener = (event: EventRecord) => void;

export interface Live {
  /**
   * Joins the stream; with `afterId`, the last event that was heard, first what was missed since. Exact as long as this process gave that
   * event; after a restart or from another process, events of the second before it may come again, under the same ids.
   */
  subscribe(afterId: string | undefined, listener: Listener): () => void;
  /** Something was stored: read soon. */
  nudge(): void;
  start(): void;
  /** Resolves when nothing is read any more. */
  stop(): Promise<void>;
}

const POLL_MS = 500;
const NEAR_MS = 1_000;
const FAR_MS = 10_000;
const FAR_EVERY_MS = 2_000;
const REMEMBERED = 5_000;
const MIN_GAP_MS = 25;

export function createLive(parts: { events: Model<EventRecord>; database: Database; log: Logger }): Live {
  const listeners = new Set<Listener>();
  /** Ids given out within the far overlap, with their time. */
  const seen = new Map<string, number>();
  /** The latest events in the order they were given; from here somebody who was away for a moment goes on. */
  let given: EventRecord[] = [];
  let newest = new Date(0);
  /** Nothing stored before is given: it was before anybody listened. */
  let floor = new Date(0);
  let lastFar = 0;
  let reading = false;
  let wanted = false;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;
  const underWay = createUnderWay();

  async function read(): Promise<void> {
    if (listeners.size === 0) return;
    const far = Date.now() - lastFar >= FAR_EVERY_MS;
    if (far) lastFar = Date.now();
    const since = new Date(Math.max(floor.getTime(), newest.getTime() - (far ? FAR_MS : NEAR_MS)));
    for await (const event of storedSince(since)) give(event);
    forget();
  }

  const storedSince = (since: Date) =>
    parts.events
      .find({ storedAt: { $gte: since } })
      .sort({ storedAt: 1, _id: 1 })
      .lean<EventRecord[]>()
      .cursor();

  function give(event: EventRecord): void {
    const id = String(event._id);
    if (seen.has(id)) return;
    seen.set(id, event.storedAt.getTime());
    given.push(event);
    if (event.storedAt > newest) newest = event.storedAt;
    for (const listener of listeners) listener(event);
  }

  function forget(): void {
    const before = newest.getTime() - FAR_MS - 1_000;
    for (const [id, storedAt] of seen) if (storedAt < before) seen.delete(id);
    if (given.length > REMEMBERED) given = given.slice(-REMEMBERED);
  }

  /** One read at a time; nudges that come meanwhile make one more. */
  function run(): void {
    wanted = reading;
    if (reading) return;
    reading = true;
    void underWay.add(
      read()
        .catch((error: unknown) => parts.log.warn({ err: error }, 'the live stream could not be read'))
        .finally(() => {
          reading = false;
          if (wanted) nudge();
        }),
    );
  }

  function nudge(): void {
    if (soon || listeners.size === 0) return;
    soon = setTimeout(() => {
      soon = undefined;
      run();
    }, MIN_GAP_MS);
  }

  function subscribe(afterId: string | undefined, listener: Listener): () => void {
    const place = afterId ? given.findLastIndex((event) => String(event._id) === afterId) : -1;
    if (place >= 0) return goOn(place, listener);
    if (listeners.size === 0) beginNow();
    if (afterId && Types.ObjectId.isValid(afterId)) return joinFrom(afterId, listener);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** This process gave the last event: what it gave since is known, and the next read goes on where the reading stopped. */
  function goOn(place: number, listener: Listener): () => void {
    given.slice(place + 1).forEach(listener);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  function beginNow(): void {
    newest = parts.database.now();
    floor = new Date(newest.getTime() - NEAR_MS);
    seen.clear();
    given = [];
  }

  /** Joins now, holding back what arrives until the missed events were read from the store; none is given twice. */
  function joinFrom(afterId: string, listener: Listener): () => void {
    const replayed = new Map<string, number>();
    let held: EventRecord[] | undefined = [];
    const pass = (event: EventRecord): void => {
      if (held) return void held.push(event);
      if (!replayed.delete(String(event._id))) listener(event);
    };
    listeners.add(pass);
    const replay = async (): Promise<void> => {
      const last = await parts.events.findById(afterId).lean<EventRecord>();
      if (!last) return;
      for await (const event of storedSince(new Date(last.storedAt.getTime() - NEAR_MS))) {
        if (!listeners.has(pass)) return;
        if (String(event._id) === afterId) continue;
        replayed.set(String(event._id), event.storedAt.getTime());
        listener(event);
      }
    };
    const join = (): void => {
      const waiting = held ?? [];
      held = undefined;
      waiting.forEach(pass);
      // Older ones are never read again, so they need not be remembered.
      const before = newest.getTime() - FAR_MS - 1_000;
      for (const [id, storedAt] of replayed) if (storedAt < before) replayed.delete(id);
    };
    void underWay.add(
      replay()
        .catch((error: unknown) => parts.log.warn({ err: error }, 'missed events could not be replayed'))
        .finally(join),
    );
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
      return underWay.done();
    },
  };
}
