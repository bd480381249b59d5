/**
 * One multi-document transaction: a pinned snapshot, its own writes laid over it, and the keys it holds.
 * Owns conflict detection; must not know commands.
 */
import type { Catalog, Collection } from '../store/catalog.js';
import type { Key } from '../store/layout.js';
import type { Snapshot, Store } from '../store/store.js';
import { Overlay, OverlayView, type View } from '../store/view.js';
import type { WriteScope } from '../index/mutate.js';
import { MustWait, failure, writeConflict } from './failure.js';

export type TransactionState = 'open' | 'committing' | 'committed' | 'aborted';

/** Which open transaction holds which key. */
export type LockTable = Map<Key, Transaction>;

export class Transaction implements WriteScope {
  state: TransactionState = 'open';
  readonly overlay = new Overlay();
  readonly view: View;
  readonly startedAt = Date.now();
  /** Connections that carried a statement of this transaction and are still open. */
  readonly connections = new Set<object>();
  readonly ended: Promise<void>;
  private readonly held = new Set<Key>();
  private readonly touched = new Set<Collection>();
  private readonly snapshot: Snapshot;
  private signalEnd: () => void = () => undefined;

  constructor(
    private readonly store: Store,
    readonly catalog: Catalog,
    private readonly locks: LockTable,
  ) {
    this.snapshot = store.snapshot(true);
    this.view = new OverlayView(this.snapshot.view, this.overlay);
    this.ended = new Promise((resolve) => (this.signalEnd = resolve));
  }

  get snapshotSeq(): number {
    return this.snapshot.seq;
  }

  /** First writer wins: a key held by another transaction, or written after the snapshot, is a write conflict (112). */
  claim(key: Key): void {
    const holder = this.locks.get(key);
    if (holder === this) return;
    if (holder !== undefined || this.store.lastWrite(key) > this.snapshot.seq) throw writeConflict(true);
    this.locks.set(key, this);
    this.held.add(key);
  }

  touch(collection: Collection): void {
    this.touched.add(collection);
  }

  touches(collection: Collection): boolean {
    return this.touched.has(collection);
  }

  get hasWrites(): boolean {
    return this.overlay.entries.size > 0;
  }

  end(state: 'committed' | 'aborted'): void {
    if (this.state === 'committed' || this.state === 'aborted') return;
    this.state = state;
    for (const key of this.held) this.locks.delete(key);
    this.held.clear();
    this.snapshot.release();
    this.signalEnd();
  }
}

/** One attempt of a plain write inside its group: sees the table as the group has it so far. */
export class PlainScope implements WriteScope {
  readonly overlay = new Overlay();
  readonly view: View;

  constructor(
    base: View,
    readonly catalog: Catalog,
    private readonly locks: LockTable,
  ) {
    this.view = new OverlayView(base, this.overlay);
  }

  claim(key: Key): void {
    const holder = this.locks.get(key);
    if (holder !== undefined) throw new MustWait(holder.ended);
  }

  touch(): void {
    // A plain write is done before anything else can look.
  }
}

export function noSuchTransaction(txnNumber: bigint): Error {
  return failure(251, `Given transaction number ${txnNumber} does not match any in-progress transactions.`, {
    labels: ['TransientTransactionError'],
  });
}
