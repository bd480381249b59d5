/**
 * The few entries of a ZIP file that are wanted, each checked to inflate to no more than it may, and written again as a small clean
 * archive. What a reader of streams would meet in the original besides (other entries, false sizes, bombs) never reaches it.
 * Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3)
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Writable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { ImportProblem } from './problem.js';

export interface ZipEntry {
  name: string;
  method: 0 | 8;
  crc: number;
  packed: number;
  size: number;
  /** Of the packed bytes in the file. */
  from: number;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const MAX_DIRECTORY = 4 * 1024 * 1024;

/** @throws ImportProblem `file.notXlsx` when this is no archive, or one of a kind that spreadsheets do not write (encrypted, ZIP64). */
export async function zipEntries(file: string): Promise<Map<string, ZipEntry>> {
  const handle = await open(file).catch(() => {
    throw new ImportProblem('file.missing');
  });
  try {
    const { size } = await handle.stat();
    const tail = await bytesAt(handle, Math.max(0, size - 65_557), Math.min(size, 65_557));
    const end = lastIndexOf(tail, END);
    if (end < 0) throw new ImportProblem('file.notXlsx');
    const [bytes, at] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
    if (bytes > MAX_DIRECTORY || at + bytes > size) throw new ImportProblem('file.notXlsx');
    return await entriesOf(handle, await bytesAt(handle, at, bytes), size);
  } catch (error) {
    if (error instanceof RangeError) throw new ImportProblem('file.notXlsx');
    throw error;
  } finally {
    await handle.close();
  }
}

function lastIndexOf(tail: Buffer, signature: number): number {
  for (let at = tail.length - 22; at >= 0; at--) if (tail.readUInt32LE(at) === signature) return at;
  return -1;
}

async function entriesOf(handle: FileHandle, directory: Buffer, size: number): Promise<Map<string, ZipEntry>> {
  const entries = new Map<string, ZipEntry>();
  for (let at = 0; at + 46 <= directory.length;) {
    if (directory.readUInt32LE(at) !== CENTRAL) throw new ImportProblem('file.notXlsx');
    const flags = directory.readUInt16LE(at + 8);
    const method = directory.readUInt16LE(at + 10);
    const [nameBytes, extra, comment] = [28, 30, 32].map((offset) => directory.readUInt16LE(at + offset));
    const name = directory.toString('utf8', at + 46, at + 46 + (nameBytes ?? 0));
    const packed = directory.readUInt32LE(at + 20);
    const start = directory.readUInt32LE(at + 42);
    if (wanted(name)) {
      if (flags & 1 || (method !== 0 && method !== 8) || start + packed > size) throw new ImportProblem('file.notXlsx');
      const local = await bytesAt(handle, start, 30);
      if (local.readUInt32LE(0) !== LOCAL) throw new ImportProblem('file.notXlsx');
      const from = start + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
      const [crc, whole] = [directory.readUInt32LE(at + 16), directory.readUInt32LE(at + 24)];
      entries.set(name, { name, method, crc, packed, size: whole, from });
    }
    at += 46 + (nameBytes ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return entries;
}

const wanted = (name: string): boolean => /^xl\/.*\.(xml|rels)$/i.test(name);

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** Inflates into nothing, or into `keep`, and stops at the first byte too many. @returns the true size. */
export async function measure(file: string, entry: ZipEntry, limit: number, keep?: Buffer[]): Promise<number> {
  let size = 0;
  const counter = new Writable({
    write(piece: Buffer, _encoding, done) {
      size += piece.length;
      keep?.push(piece);
      done(
        size > limit ? new ImportProblem('file.tooLarge', `${entry.name} unpacks to more than ${limit} bytes.`) : null,
      );
    },
  });
  if (entry.packed === 0) return 0;
  const source = createReadStream(file, { start: entry.from, end: entry.from + entry.packed - 1 });
  try {
    await (entry.method === 8 ? pipeline(source, createInflateRaw(), counter) : pipeline(source, counter));
  } catch (error) {
    if (error instanceof ImportProblem) throw error;
    throw new ImportProblem('file.notXlsx');
  }
  return size;
}

/** One part of the clean archive: an entry of the file under a name, or text of ours. */
export type Part = { name: string; entry: ZipEntry; size: number } | { name: string; text: string };

/** The bytes of an archive of these parts, packed as they are in the file. Without a directory: a reader of streams needs none. */
export async function* cleanZip(file: string, parts: readonly Part[]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    if ('text' in part) {
      const body = Buffer.from(part.text);
      yield localHeader(part.name, { method: 0, crc: 0, packed: body.length, size: body.length });
      yield body;
      continue;
    }
    const { entry } = part;
    yield localHeader(part.name, { ...entry, size: part.size });
    if (entry.packed === 0) continue;
    const source = createReadStream(file, { start: entry.from, end: entry.from + entry.packed - 1 });
    for await (const piece of source as AsyncIterable<Buffer>) yield piece;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END, 0);
  yield end;
}

function localHeader(name: string, entry: Pick<ZipEntry, 'method' | 'crc' | 'packed' | 'size'>): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(LOCAL, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(entry.method, 8);
  header.writeUInt32LE(entry.crc, 14);
  header.writeUInt32LE(entry.packed, 18);
  header.writeUInt32LE(entry.size, 22);
  header.writeUInt16LE(Buffer.byteLength(name), 26);
  return Buffer.concat([header, Buffer.from(name)]);
}
