import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { MongoClient, type Document } from 'mongodb';
import { FolderLocked, lockFolder } from '../../src/store/lock.js';
import { FormatRefused, Store, isNetworkType } from '../../src/store/store.js';
import { Overlay, OverlayView, type Entry, type KeyRange, type View } from '../../src/store/view.js';
import { shorten } from '../../src/store/layout.js';
import { openEmbedded } from '../contract/database.js';
import { startServer } from '../../src/server.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'embedded-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string): Buffer => Buffer.from(text);

describe('the lock', () => {
  it('is exclusive while its process lives', () => {
    const lock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(FolderLocked);
    lock.release();
    lockFolder(folder).release();
  });

  it('is stale when the process is dead, unreadable, or another one under the same id', () => {
    for (const content of [
      '',
      'rubbish',
      '{"pid":4194000,"started":"1"}',
      JSON.stringify({ pid: process.pid, started: '1' }),
    ]) {
      writeFileSync(join(folder, 'server.lock'), content);
      const lock = lockFolder(folder);
      expect(JSON.parse(readFileSync(join(folder, 'server.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
      lock.release();
    }
  });
});

describe('the format', () => {
  it('of a newer version, or of no version, is refused and the lock given back', async () => {
    const first = Store.open(folder);
    await first.close();
    const table = open<Buffer, string>({
      path: folder,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
    } as never);
    table.putSync(Buffer.from('\x00format', 'latin1') as never, bytes('2'));
    await table.close();
    expect(() => Store.open(folder)).toThrow(FormatRefused);
    expect(() => lockFolder(folder).release()).not.toThrow();
    const foreign = mkdtempSync(join(tmpdir(), 'embedded-foreign-'));
    const other = open<Buffer, string>({
      path: foreign,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
    } as never);
    other.putSync(Buffer.from('something') as never, bytes('else'));
    await other.close();
    expect(() => Store.open(foreign)).toThrow(/unknown format/);
    rmSync(foreign, { recursive: true, force: true });
  });
});

describe('the place', () => {
  it('is refused on network file systems only', () => {
    expect([0x6969, 0xff534d42, 0x01021997, -11317950].map(isNetworkType)).toEqual([true, true, true, true]);
    expect([0xef53, 0x9123683e, 0x58465342, 0x01021994, 0x794c7630].map(isNetworkType)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('group commit', () => {
  it('lets one job fail without the others of its group', async () => {
    const store = Store.open(folder);
    const job = (key: string, fail: boolean) =>
      store.write(() => {
        const overlay = new Overlay();
        overlay.put(key, bytes(key));
        if (fail) throw new Error('refused');
        store.apply(overlay);
      });
    const outcomes = await Promise.allSettled([job('a', false), job('b', true), job('c', false)]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const snapshot = store.snapshot();
    expect(['a', 'b', 'c'].map((key) => snapshot.view.get(key)?.toString())).toEqual(['a', undefined, 'c']);
    snapshot.release();
    await store.close();
  });

  it('whose disk fails half-way stores nothing, refuses every job, and memory forgets what the disk does not have', async () => {
    const database = await openEmbedded({ data: folder });
    const kept = database.db.collection<Document & { _id: number }>('kept');
    await kept.createIndex({ n: 1 });
    await kept.insertOne({ _id: 1, n: 1 });
    const restore = failOnPut(2);
    const both = await Promise.allSettled([kept.insertOne({ _id: 2, n: 2 }), kept.insertOne({ _id: 3, n: 3 })]);
    expect(both.some((outcome) => outcome.status === 'rejected')).toBe(true);
    restore();
    const stored = await kept.find({}, { hint: { $natural: 1 } }).toArray();
    expect(await kept.find({ n: { $gt: 0 } }, { hint: 'n_1' }).toArray()).toEqual(stored);
    const again = failOnPut(1);
    await expect(database.db.collection('lost').insertOne({ n: 1 })).rejects.toThrow('disk refused');
    again();
    expect((await database.db.listCollections().toArray()).map((c) => c.name)).toEqual(['kept']);
    await kept.insertOne({ _id: 4, n: 4 });
    await database.close();
  });

  it('keeps a snapshot as it was, and tells what was written after it', async () => {
    const store = Store.open(folder);
    const put = (value: string) =>
      store.write(() => {
        const overlay = new Overlay();
        overlay.put('k', bytes(value));
        store.apply(overlay);
      });
    await put('1');
    const before = store.snapshot(true);
    await put('2');
    expect(before.view.get('k')?.toString()).toBe('1');
    expect(before.view.read({ start: 'k', end: 'l' }, 9, true).map(([, value]) => value.toString())).toEqual(['1']);
    expect(store.lastWrite('k')).toBeGreaterThan(before.seq);
    before.release();
    expect(store.lastWrite('k')).toBe(0);
    await store.close();
  });
});

/** Lets the nth put of the next applied overlay fail, as a full disk does. Returns what undoes it. */
function failOnPut(nth: number): () => void {
  const original = Store.prototype.apply;
  Store.prototype.apply = function failing(this: Store, overlay: Overlay): void {
    const { table } = this as unknown as { table: { putSync(key: string, value: Buffer): void } };
    const put = table.putSync;
    let left = nth;
    table.putSync = (key, value) => {
      if ((left -= 1) <= 0) throw new Error('ENOSPC');
      put.call(table, key, value);
    };
    try {
      original.call(this, overlay);
    } finally {
      table.putSync = put;
    }
  };
  return () => (Store.prototype.apply = original);
}

/** A view over a plain sorted list: what the overlay is compared with. */
class ListView implements View {
  constructor(private readonly map: Map<string, Buffer>) {}
  get(key: string): Buffer | undefined {
    return this.map.get(key);
  }
  read(range: KeyRange, limit: number, reverse: boolean): Entry[] {
    const keys = [...this.map.keys()].filter((key) => key >= range.start && key < range.end).sort();
    return (reverse ? keys.reverse() : keys).slice(0, limit).map((key) => [key, this.map.get(key) as Buffer] as const);
  }
  keys(range: KeyRange, limit: number): string[] {
    return this.read(range, limit, false).map(([key]) => key as string);
  }
  count(range: KeyRange): number {
    return this.read(range, Infinity, false).length;
  }
}

describe('an overlay', () => {
  it('reads like a table to which it was applied, for random contents, ranges and limits', () => {
    let seed = 7;
    const random = (n: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
    for (let round = 0; round < 300; round += 1) {
      const base = new Map<string, Buffer>();
      for (let n = random(20); n > 0; n -= 1) base.set(`k${random(30)}`, bytes('base'));
      const overlay = new Overlay();
      const merged = new Map(base);
      const view = new OverlayView(new ListView(base), overlay);
      for (let n = random(20); n > 0; n -= 1) {
        const key = `k${random(30)}`;
        if (random(2) === 0) {
          overlay.put(key, bytes('own'));
          merged.set(key, bytes('own'));
        } else {
          overlay.remove(key);
          merged.delete(key);
        }
        const range = { start: `k${random(30)}`, end: `k${random(30)}` };
        const limit = 1 + random(8);
        const reverse = random(2) === 0;
        expect(view.read(range, limit, reverse)).toEqual(new ListView(merged).read(range, limit, reverse));
        expect(view.count(range)).toBe(new ListView(merged).count(range));
      }
    }
  });
});

describe('long keys', () => {
  it('keep their prefix and stay different', () => {
    const a = shorten('x'.repeat(3000) + 'a', 500);
    const b = shorten('x'.repeat(3000) + 'b', 500);
    expect(a).toHaveLength(500);
    expect(a).not.toBe(b);
    expect(shorten('short', 500)).toBe('short');
  });
});

describe('a data folder', () => {
  it('keeps documents, indexes and their marks over a restart', async () => {
    let database = await openEmbedded({ data: folder });
    await database.db
      .collection('a')
      .createIndex({ tags: 1 }, { unique: true, partialFilterExpression: { tags: { $exists: true } } });
    await database.db.collection('a').insertMany([{ tags: ['x', 'y'] }, { n: 1 }]);
    await database.db.collection('gone').insertOne({});
    await database.db.collection('gone').drop();
    await database.close();
    database = await openEmbedded({ data: folder });
    await expect(database.db.collection('a').insertOne({ tags: 'y' })).rejects.toMatchObject({ code: 11000 });
    const plan = await database.db.collection('a').find({ tags: 'x' }).explain();
    expect(JSON.stringify(plan)).toContain('"isMultiKey":true');
    expect((await database.db.listCollections().toArray()).map((c) => c.name)).toEqual(['a']);
    expect((await database.db.collection('a').indexes()).length).toBe(2);
    await database.close();
  });

  it('is copied hot by backup, and the copy is a data folder', async () => {
    const database = await openEmbedded({ data: join(folder, 'live') });
    await database.db.collection('a').insertMany(Array.from({ length: 500 }, (_, n) => ({ n })));
    await database.db.admin().command({ backup: 1, to: join(folder, 'copy') });
    await database.db.collection('a').deleteMany({});
    const copy = await startServer({ data: join(folder, 'copy') });
    const client = await MongoClient.connect(copy.uri);
    expect(await client.db('test').collection('a').countDocuments()).toBe(500);
    await client.close();
    await copy.close();
    await database.close();
  });
});
