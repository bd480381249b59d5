/**
 * The LMDB environment of one data folder: opening, format version, snapshots, applying overlays, backup.
 * Knows keys and bytes; must not know documents or commands.
 */
import { mkdirSync, statfsSync } from 'node:fs';
import { open, type RootDatabaseOptionsWithPath, type Transaction } from 'lmdb';
import { GroupCommit } from './groups.js';
import { FORMAT_KEY, type Key } from './layout.js';
import { lockFolder } from './lock.js';
import { TableView, type Overlay, type Table, type View } from './view.js';

/** Written into every data folder; a folder with another number is refused. */
export const FORMAT_VERSION = 1;

export class FormatRefused extends Error {}

/** A data folder on a file system where LMDB's memory map and locks do not hold. */
export class PlaceRefused extends Error {}

/** statfs(2) types: 9p (also the Windows drives of WSL), NFS, SMB, CIFS, SMB2. */
const NETWORK_TYPES = new Set([0x01021997, 0x6969, 0x517b, 0xff534d42, 0xfe534d42]);

/** Exported for its test. */
export function isNetworkType(type: number): boolean {
  return NETWORK_TYPES.has(type >>> 0);
}

function refuseNetwork(folder: string): void {
  if (process.platform !== 'linux' || !isNetworkType(statfsSync(folder).type)) return;
  throw new PlaceRefused(`The data folder ${folder} is on a network file system. Choose a folder on a local disk.`);
}

export interface Snapshot {
  view: View;
  /** The number of the last commit the snapshot holds. */
  seq: number;
  release(): void;
}

interface KeyEncoder {
  keyEncoder: {
    writeKey(key: Key, target: Buffer, start: number): number;
    readKey(target: Buffer, start: number, end: number): Key;
  };
}

export class Store {
  /** Counts applied overlays, also those that are not on disk yet. */
  seq = 0;
  /** Called after a group could not be committed, so that what memory believes is read again from the table. */
  onCommitFailed: () => void = () => undefined;
  /** The number up to which every overlay is on disk or given up: what a snapshot is sure to know. */
  private settledSeq = 0;
  private closed = false;
  private halfApplied = false;
  private readonly direct: View;
  private readonly groups: GroupCommit;
  private readonly watched = new Set<Snapshot>();
  /**
   * The commit number of each key written while a watched snapshot is open, or in a group that is not on disk yet: how a
   * transaction learns that it is stale.
   */
  private readonly recent = new Map<Key, number>();

  private constructor(
    readonly folder: string,
    private readonly table: Table,
    private readonly lock: { release(): void },
  ) {
    this.direct = new TableView(table);
    this.groups = new GroupCommit({
      // A child transaction, because it is the one kind that a throw takes back whole.
      commit: (work) => this.table.childTransaction(work),
      check: () => {
        if (this.halfApplied) throw new Error('The disk refused a write; nothing of this group was stored.');
      },
      flushed: () => this.settled(),
      failed: () => this.failed(),
    });
  }

  /** Opens or creates the folder. Throws FolderLocked or FormatRefused. */
  static open(folder: string): Store {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    refuseNetwork(folder);
    const lock = lockFolder(folder);
    try {
      const table = openTable(folder);
      checkFormat(folder, table);
      return new Store(folder, table, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /**
   * Pins the last committed state until released: never what a group still has to flush, so nobody reads what a crash
   * could take back. A `watched` one can tell later which keys were written after it.
   */
  snapshot(watched = false): Snapshot {
    const transaction: Transaction = this.table.useReadTransaction();
    let released = false;
    const snapshot: Snapshot = {
      view: new TableView(this.table, transaction),
      seq: this.settledSeq,
      release: () => {
        if (released) return;
        released = true;
        transaction.done();
        if (this.watched.delete(snapshot)) this.forgetRecent();
      },
    };
    if (watched) this.watched.add(snapshot);
    return snapshot;
  }

  /** The commit that last wrote the key, as far as a watched snapshot may care; 0 when none did. */
  lastWrite(key: Key): number {
    return this.recent.get(key) ?? 0;
  }

  /**
   * Runs the job in the next group: all jobs that arrive while the last group is being flushed share one LMDB transaction
   * and one fsync. Resolves only after that fsync. A job that throws must not have applied anything.
   */
  write<T>(run: (view: View) => T): Promise<T> {
    if (this.closed) return Promise.reject(new Error('the database is closed'));
    return this.groups.add(() => run(this.direct));
  }

  /**
   * Only inside a job: writes the overlay into the group's transaction. `isTracked` false: keys that nobody else can write or read yet, which
   * no snapshot has to be told of.
   */
  apply(overlay: Overlay, { isTracked = true } = {}): void {
    // Half an overlay must never be committed: should a put fail, the whole group is given up.
    this.halfApplied = true;
    for (const prepare of overlay.beforeApply.values()) prepare();
    this.seq += 1;
    for (const [key, value] of overlay.entries) {
      if (value === null) this.table.removeSync(key);
      else this.table.putSync(key, value as Buffer);
      if (isTracked) this.recent.set(key, this.seq);
    }
    if (this.recent.size > 50_000) this.prune();
    this.halfApplied = false;
  }

  private prune(): void {
    let oldest = this.settledSeq;
    for (const snapshot of this.watched) oldest = Math.min(oldest, snapshot.seq);
    for (const [key, seq] of this.recent) if (seq <= oldest) this.recent.delete(key);
  }

  /** No snapshot taken from now on can miss a write that is on disk. */
  private forgetRecent(): void {
    if (this.watched.size === 0 && this.settledSeq === this.seq) this.recent.clear();
  }

  private settled(): void {
    // The table keeps one read transaction for a moment; a snapshot from now on must hold this group.
    this.table.resetReadTxn();
    this.settledSeq = this.seq;
    this.forgetRecent();
  }

  /** Thrown out of here it ends the process: LMDB allows nothing any more, and a new process starts from what is on disk. */
  private failed(): void {
    this.halfApplied = false;
    try {
      this.table.transactionSync(() => undefined);
      this.settled();
      this.onCommitFailed();
    } catch (cause) {
      throw new Error(`The database in ${this.folder} cannot be used after a failed write. Start it again.`, { cause });
    }
  }

  /** A hot copy into a folder (created when absent), readable as a data folder of its own. */
  async backup(folder: string): Promise<void> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await this.table.backup(folder, true);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.groups.idle();
    await this.table.close();
    this.lock.release();
  }
}

function openTable(folder: string): Table {
  const options: RootDatabaseOptionsWithPath & KeyEncoder = {
    path: folder,
    noSubdir: false,
    encoding: 'binary',
    // With overlapping sync a commit is acknowledged before it is flushed; here an acknowledgement means fsync.
    overlappingSync: false,
    // With it LMDB makes a promise of its own for each group, whose rejection on a full disk nobody could catch.
    eventTurnBatching: false,
    maxReaders: 1024,
    keyEncoder: {
      writeKey: (key, target, start) => start + target.write(key, start, 'latin1'),
      readKey: (target, start, end) => target.toString('latin1', start, end),
    },
  };
  return open<Buffer, Key>(options);
}

function checkFormat(folder: string, table: Table): void {
  const stored = table.get(FORMAT_KEY);
  if (stored === undefined) {
    if (table.getCount({ start: '\x00', end: '\xff' }) > 0)
      throw new FormatRefused(`The data folder ${folder} holds data of an unknown format.`);
    table.putSync(FORMAT_KEY, Buffer.from(String(FORMAT_VERSION)));
    return;
  }
  const version = stored.toString();
  if (version === String(FORMAT_VERSION)) return;
  throw new FormatRefused(
    `The data folder ${folder} has format ${version}; this version reads format ${FORMAT_VERSION}. Use the version that wrote it.`,
  );
}
