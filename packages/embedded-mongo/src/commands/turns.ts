/** Lets others in between the turns of long work, and ends work that nobody waits for any more. Knows no data. */
import { failure } from '../session/failure.js';
import { PAUSE, type Paused } from '../types.js';
import { beginTurn } from '../plan/turn.js';
import type { Connection } from '../wire/connection.js';
import type { Transaction } from '../session/transaction.js';

/** What may end a piece of long work before it is done. */
export interface Stop {
  /** When the operation must be given up, in ms since the epoch. */
  deadline?: number;
  /** Who asked. */
  connection?: Connection;
  transaction?: Transaction;
  /** Set by killCursors while the cursor works. */
  killed?: boolean;
}

/** Those who wait for their next turn. One goes on in each round of the event loop, so requests wait for one turn, however many scans run. */
const waiting: Array<() => void> = [];
let isScheduled = false;

/** How much long work waits for a turn now. */
export const waitingForTurn = (): number => waiting.length;

function next(): void {
  waiting.shift()?.();
  isScheduled = waiting.length > 0;
  if (isScheduled) setImmediate(next);
}

/** Lets others run. Throws 50 past the deadline, 237 for a killed cursor, 251 when the transaction has ended, 279 when the client has gone. */
export async function breathe(stop: Stop): Promise<void> {
  check(stop);
  await new Promise<void>((resolve) => {
    waiting.push(resolve);
    if (!isScheduled) setImmediate(next);
    isScheduled = true;
  });
  check(stop);
  beginTurn();
}

function check({ deadline, connection, transaction, killed }: Stop): void {
  if (killed) throw failure(237, 'the cursor was killed');
  if (deadline !== undefined && Date.now() > deadline) throw failure(50, 'operation exceeded time limit');
  if (transaction && transaction.state !== 'open')
    throw failure(251, 'the transaction of this operation has ended', { labels: ['TransientTransactionError'] });
  if (connection?.isClosed) throw failure(279, 'the client closed its connection');
}

/** Runs a reader to its end, letting others run at every pause. */
export async function drain<T>(rows: Paused<T>, stop: Stop, use: (row: T) => void): Promise<void> {
  for (const row of rows) {
    if (row === PAUSE) await breathe(stop);
    else use(row);
  }
}
