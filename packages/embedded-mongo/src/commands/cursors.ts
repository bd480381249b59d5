/** Open cursors: a reader, the state it reads, and when it was last asked. Owns batch size, idle time and release. */
import { Long } from 'bson';
import { failure } from '../session/failure.js';
import { PAUSE, type Paused } from '../types.js';
import { beginTurn } from '../plan/turn.js';
import { encodeBatch } from '../wire/message.js';
import type { Connection } from '../wire/connection.js';
import { breathe, type Stop } from './turns.js';

/** MongoDB's defaults: first batch 101 documents, 16 MB a batch, idle for 10 minutes. */
export const FIRST_BATCH = 101;
const MAX_BATCH_BYTES = 16 * 1024 * 1024;
const IDLE_MS = 10 * 60_000;

export interface CursorSource {
  namespace: string;
  rows: Paused<Uint8Array>;
  /** Called once, when the cursor is exhausted, killed or timed out. */
  release(): void;
  session?: string;
  /** What may end it; its connection is that of the command that reads now. */
  stop: Stop;
}

interface OpenCursor extends CursorSource {
  id: bigint;
  lastUse: number;
  busy: boolean;
  held?: Uint8Array;
}

interface Batch {
  documents: Uint8Array[];
  done: boolean;
}

export class Cursors {
  private readonly table = new Map<bigint, OpenCursor>();
  private next = BigInt(Date.now()) * 1000n;

  get size(): number {
    return this.table.size;
  }

  /** The first batch as a reply; the cursor stays open when more is left and `keepOpen`. */
  async open(source: CursorSource, batchSize: number, keepOpen: boolean): Promise<Uint8Array> {
    const cursor: OpenCursor = { ...source, id: (this.next += 1n), lastUse: Date.now(), busy: true };
    try {
      const { documents, done } = await fill(cursor, batchSize, keepOpen);
      const stays = keepOpen && !done;
      if (stays) this.table.set(cursor.id, cursor);
      else cursor.release();
      cursor.busy = false;
      return encodeBatch('firstBatch', documents, {
        id: Long.fromBigInt(stays ? cursor.id : 0n),
        ns: cursor.namespace,
      });
    } catch (error) {
      cursor.release();
      throw error;
    }
  }

  async more(
    id: bigint,
    namespace: string,
    batchSize: number,
    from: { session: string | undefined; connection: Connection },
  ): Promise<Uint8Array> {
    const cursor = this.table.get(id);
    if (!cursor) throw failure(43, `cursor id ${id} not found`);
    if (cursor.namespace !== namespace) throw failure(13, `cursor ${id} belongs to ${cursor.namespace}`);
    if (cursor.session !== from.session) throw failure(50738, `cursor ${id} was opened in another session`);
    if (cursor.stop.transaction && cursor.stop.transaction.state !== 'open') {
      this.close(cursor);
      throw failure(43, `cursor id ${id} ended with its transaction`);
    }
    if (cursor.busy) throw failure(117, `cursor ${id} is in use`);
    cursor.busy = true;
    cursor.stop.connection = from.connection;
    beginTurn();
    try {
      const { documents, done } = await fill(cursor, batchSize, true);
      if (done) this.close(cursor);
      return encodeBatch('nextBatch', documents, { id: Long.fromBigInt(done ? 0n : id), ns: namespace });
    } catch (error) {
      this.close(cursor);
      throw error;
    } finally {
      cursor.busy = false;
      cursor.lastUse = Date.now();
    }
  }

  kill(id: bigint): boolean {
    const cursor = this.table.get(id);
    if (!cursor) return false;
    // One that works now ends at its next pause.
    cursor.stop.killed = true;
    this.close(cursor);
    return true;
  }

  /** Closes what was idle too long, and what belonged to a transaction that has ended. */
  reap(now: number): void {
    for (const cursor of this.table.values()) {
      const orphaned = cursor.stop.transaction !== undefined && cursor.stop.transaction.state !== 'open';
      if (!cursor.busy && (orphaned || now - cursor.lastUse > IDLE_MS)) this.close(cursor);
    }
  }

  closeAll(): void {
    for (const cursor of this.table.values()) this.close(cursor);
  }

  private close(cursor: OpenCursor): void {
    if (this.table.delete(cursor.id)) cursor.release();
  }
}

/** Reads up to `count` documents or 16 MB. With `look` it reads one further, to know whether the cursor is exhausted. */
async function fill(cursor: OpenCursor, count: number, look: boolean): Promise<Batch> {
  const documents: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    if (documents.length >= count && (!look || count === 0)) return { documents, done: false };
    const next = cursor.held ?? nextRow(cursor);
    const row = next instanceof Promise ? await next : next;
    delete cursor.held;
    if (row === undefined) return { documents, done: true };
    if (documents.length >= count || (documents.length > 0 && bytes + row.byteLength > MAX_BATCH_BYTES)) {
      cursor.held = row;
      return { documents, done: false };
    }
    documents.push(row);
    bytes += row.byteLength;
  }
}

function nextRow(cursor: OpenCursor): Uint8Array | undefined | Promise<Uint8Array | undefined> {
  const next = cursor.rows.next();
  if (next.done) return undefined;
  return next.value === PAUSE ? afterPause(cursor) : next.value;
}

async function afterPause(cursor: OpenCursor): Promise<Uint8Array | undefined> {
  for (;;) {
    await breathe(cursor.stop);
    const next = cursor.rows.next();
    if (next.done) return undefined;
    if (next.value !== PAUSE) return next.value;
  }
}
