/**
 * What a statement reads: a state of the table, with the statement's own writes laid over it.
 * Owns merging; must not know documents, indexes or sessions.
 */
import type { RootDatabase, Transaction } from 'lmdb';
import type { Key } from './layout.js';

export type Table = RootDatabase<Buffer, Key>;
export type Entry = readonly [key: Key, value: Uint8Array];

/** Start inclusive, end exclusive, whatever the direction. */
export interface KeyRange {
  start: Key;
  end: Key;
}

export interface View {
  get(key: Key): Uint8Array | undefined;
  /** At most `limit` entries of the range, ascending, or descending when `reverse`. */
  read(range: KeyRange, limit: number, reverse: boolean): Entry[];
  /** At most `limit` keys of the range, ascending. */
  keys(range: KeyRange, limit: number): Key[];
  /** How many keys lie in the range. */
  count(range: KeyRange): number;
}

/** The table itself: in a write transaction what it has written so far, else the last commit or the pinned snapshot. */
export class TableView implements View {
  constructor(
    private readonly table: Table,
    private readonly transaction?: Transaction,
  ) {}

  get(key: Key): Uint8Array | undefined {
    return this.table.get(key, this.options());
  }

  read(range: KeyRange, limit: number, reverse: boolean): Entry[] {
    if (range.start >= range.end) return [];
    const bounds = reverse
      ? { start: range.end, exclusiveStart: true, end: range.start, inclusiveEnd: true, reverse: true }
      : { start: range.start, end: range.end };
    const found: Entry[] = [];
    for (const { key, value } of this.table.getRange({ ...bounds, limit, ...this.options() })) found.push([key, value]);
    return found;
  }

  keys({ start, end }: KeyRange, limit: number): Key[] {
    if (start >= end) return [];
    return [...this.table.getKeys({ start, end, limit, ...this.options() })];
  }

  count(range: KeyRange): number {
    if (range.start >= range.end) return 0;
    return this.table.getCount({ start: range.start, end: range.end, ...this.options() });
  }

  private options(): { transaction?: Transaction } {
    return this.transaction ? { transaction: this.transaction } : {};
  }
}

/** Writes that are not yet in the table, in key order when asked; null stands for a removal. */
export class Overlay {
  readonly entries = new Map<Key, Uint8Array | null>();
  /** Run just before the overlay is written, so that what they put is as memory has it then; one for each subject. */
  readonly beforeApply = new Map<object, () => void>();
  private sorted: Key[] = [];
  private fresh: Key[] = [];

  put(key: Key, value: Uint8Array): void {
    this.set(key, value);
  }

  remove(key: Key): void {
    this.set(key, null);
  }

  private set(key: Key, value: Uint8Array | null): void {
    if (!this.entries.has(key)) this.fresh.push(key);
    this.entries.set(key, value);
  }

  /** The overlay's keys in [start, end), ascending. */
  keysIn(range: KeyRange): Key[] {
    this.settle();
    return this.sorted.slice(lowerBound(this.sorted, range.start), lowerBound(this.sorted, range.end));
  }

  private settle(): void {
    if (this.fresh.length === 0) return;
    const fresh = this.fresh.sort();
    this.sorted = this.sorted.length === 0 ? fresh : merge(this.sorted, fresh);
    this.fresh = [];
  }
}

export function lowerBound(keys: readonly Key[], key: Key): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as Key) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function merge(a: readonly Key[], b: readonly Key[]): Key[] {
  const merged: Key[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) merged.push((a[i] as Key) < (b[j] as Key) ? (a[i++] as Key) : (b[j++] as Key));
  while (i < a.length) merged.push(a[i++] as Key);
  while (j < b.length) merged.push(b[j++] as Key);
  return merged;
}

export class OverlayView implements View {
  constructor(
    private readonly base: View,
    private readonly overlay: Overlay,
  ) {}

  get(key: Key): Uint8Array | undefined {
    const own = this.overlay.entries.get(key);
    if (own !== undefined) return own ?? undefined;
    return this.base.get(key);
  }

  read(range: KeyRange, limit: number, reverse: boolean): Entry[] {
    if (this.overlay.entries.size === 0) return this.base.read(range, limit, reverse);
    const own = this.overlay.keysIn(range);
    if (own.length === 0) return this.base.read(range, limit, reverse);
    // Own removals can swallow base entries, so ask for as many more as there are removals.
    const removed = own.filter((key) => this.overlay.entries.get(key) === null).length;
    const below = this.base.read(range, limit + removed, reverse);
    return this.combine(below, reverse ? own.reverse() : own, limit, reverse);
  }

  keys(range: KeyRange, limit: number): Key[] {
    const isTouched = this.overlay.entries.size > 0 && this.overlay.keysIn(range).length > 0;
    return isTouched ? this.read(range, limit, false).map(([key]) => key) : this.base.keys(range, limit);
  }

  private combine(below: readonly Entry[], own: readonly Key[], limit: number, reverse: boolean): Entry[] {
    const result: Entry[] = [];
    let i = 0;
    let j = 0;
    while (result.length < limit && (i < below.length || j < own.length)) {
      const left = below[i];
      const right = own[j];
      const takeOwn = right !== undefined && (left === undefined || right === left[0] || right < left[0] !== reverse);
      if (!takeOwn) {
        result.push(left as Entry);
        i += 1;
        continue;
      }
      if (left !== undefined && left[0] === right) i += 1;
      const value = this.overlay.entries.get(right);
      if (value) result.push([right, value]);
      j += 1;
    }
    return result;
  }

  count(range: KeyRange): number {
    let total = this.base.count(range);
    for (const key of this.overlay.keysIn(range)) {
      const now = this.overlay.entries.get(key) !== null;
      const before = this.base.get(key) !== undefined;
      if (now !== before) total += now ? 1 : -1;
    }
    return total;
  }
}
