/**
 * The table of sessions and their transactions: starting, finding, committing, aborting, reaping.
 * Must not know what a statement does.
 */
import type { Binary } from 'bson';
import type { Catalog } from '../store/catalog.js';
import { toBytes, type Key } from '../store/layout.js';
import type { Store } from '../store/store.js';
import type { Doc } from '../types.js';
import { failure } from './failure.js';
import { Memory } from './memory.js';
import { Transaction, noSuchTransaction, type LockTable } from './transaction.js';

/** MongoDB's defaults: transactionLifetimeLimitSeconds 60, logicalSessionTimeoutMinutes 30. */
export const TRANSACTION_LIFETIME_MS = 60_000;
export const SESSION_LIFETIME_MS = 30 * 60_000;
/** How long a transaction outlives its last connection: a driver re-sends a commit on a new one at once. */
const ORPHAN_GRACE_MS = 2_000;

export interface Session {
  id: Key;
  lastUse: number;
  txnNumber: bigint;
  transaction?: Transaction;
  /** Commands of one transaction run one after the other, even when a program sends them side by side. */
  tail: Promise<unknown>;
}

export class Sessions {
  readonly locks: LockTable = new Map();
  readonly memory: Memory;
  readonly open = new Set<Transaction>();
  private readonly table = new Map<Key, Session>();

  constructor(
    private readonly store: Store,
    private readonly catalog: Catalog,
    private readonly lifetimeMs: number = TRANSACTION_LIFETIME_MS,
  ) {
    this.memory = new Memory();
  }

  /** The session of an `lsid` document; made on first use, as MongoDB does. */
  session(lsid: Doc): Session {
    const id = lsid['id'] as Binary | undefined;
    if (id === undefined || typeof id !== 'object' || !('buffer' in id)) throw failure(14, 'lsid.id must be a UUID');
    const key = Buffer.from(id.buffer).toString('latin1', 0, id.position);
    let session = this.table.get(key);
    if (!session) {
      session = { id: key, lastUse: 0, txnNumber: -1n, tail: Promise.resolve() };
      this.table.set(key, session);
    }
    session.lastUse = Date.now();
    return session;
  }

  /** Begins the numbered transaction; an unfinished older one of the session is aborted. */
  begin(session: Session, txnNumber: bigint): Transaction {
    if (txnNumber < session.txnNumber) throw tooOld(txnNumber, session.txnNumber);
    if (txnNumber === session.txnNumber && session.transaction) {
      throw failure(251, `Cannot start transaction ${txnNumber} again`, { labels: ['TransientTransactionError'] });
    }
    this.abort(session);
    session.txnNumber = txnNumber;
    const transaction = new Transaction(this.store, this.catalog, this.locks);
    session.transaction = transaction;
    this.open.add(transaction);
    return transaction;
  }

  /** The open transaction with this number, or error 251. */
  current(session: Session, txnNumber: bigint): Transaction {
    const transaction = session.transaction;
    if (!transaction || session.txnNumber !== txnNumber) throw noSuchTransaction(txnNumber);
    if (transaction.state === 'committed') throw failure(256, `Transaction ${txnNumber} has been committed`);
    if (transaction.state === 'aborted') throw aborted(txnNumber);
    return transaction;
  }

  /**
   * Commits, or answers again for a commit that is already remembered, also after a restart.
   * The outcome is stored in the same LMDB commit as the writes.
   */
  async commit(session: Session, txnNumber: bigint): Promise<Doc> {
    const transaction = session.transaction;
    if (!transaction || session.txnNumber !== txnNumber) return this.recallCommit(session, txnNumber);
    if (transaction.state === 'committed') return { ok: 1 };
    if (transaction.state !== 'open') throw aborted(txnNumber);
    if (!transaction.hasWrites) {
      this.finish(transaction, 'committed');
      return { ok: 1 };
    }
    transaction.state = 'committing';
    this.memory.remember(transaction.overlay, session.id, { txnNumber, kind: 'commit', reply: { ok: 1 } });
    try {
      await this.store.write(() => this.store.apply(transaction.overlay));
    } catch (error) {
      this.finish(transaction, 'aborted');
      throw error;
    }
    this.finish(transaction, 'committed');
    return { ok: 1 };
  }

  private recallCommit(session: Session, txnNumber: bigint): Doc {
    const snapshot = this.store.snapshot();
    try {
      const remembered = this.memory.recall(snapshot.view, session.id);
      if (remembered?.kind === 'commit' && remembered.txnNumber === txnNumber) return remembered.reply;
      throw noSuchTransaction(txnNumber);
    } finally {
      snapshot.release();
    }
  }

  abort(session: Session): void {
    if (session.transaction?.state === 'open') this.finish(session.transaction, 'aborted');
  }

  finish(transaction: Transaction, state: 'committed' | 'aborted'): void {
    transaction.end(state);
    this.open.delete(transaction);
  }

  endSession(lsid: Doc): void {
    const session = this.session(lsid);
    this.abort(session);
    if (session.transaction?.state !== 'committing') this.table.delete(session.id);
  }

  /** A closed connection: transactions that no other connection carries are aborted after a short grace. */
  connectionClosed(connection: object): void {
    for (const transaction of this.open) {
      if (!transaction.connections.delete(connection) || transaction.connections.size > 0) continue;
      const timer = setTimeout(() => {
        if (transaction.state === 'open' && transaction.connections.size === 0) this.finish(transaction, 'aborted');
      }, ORPHAN_GRACE_MS);
      timer.unref();
    }
  }

  /** Aborts transactions past their lifetime, forgets idle sessions. */
  reap(now: number): void {
    for (const transaction of this.open) {
      if (transaction.state === 'open' && now - transaction.startedAt > this.lifetimeMs)
        this.finish(transaction, 'aborted');
    }
    for (const session of this.table.values()) {
      if (now - session.lastUse > SESSION_LIFETIME_MS) this.table.delete(session.id);
    }
  }

  abortAll(): void {
    for (const transaction of this.open) if (transaction.state === 'open') this.finish(transaction, 'aborted');
  }
}

export function tooOld(txnNumber: bigint, known: bigint): Error {
  return failure(225, `Cannot use transaction number ${txnNumber}: the session has already used ${known}.`);
}

function aborted(txnNumber: bigint): Error {
  return failure(251, `Transaction ${txnNumber} has been aborted.`, { labels: ['TransientTransactionError'] });
}

export function sessionBytes(session: Session): Buffer {
  return toBytes(session.id);
}
