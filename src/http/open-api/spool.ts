/**
 * Keeps a body until its signature is proved: nothing of it may be acted on before its last byte is hashed. What is more than a megabyte goes
 * to a file that has no name any more, so that memory stays bounded and a crash leaves nothing readable behind.
 */
import { createHash } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomToken } from '../../infra/crypto.js';
import { RequestAborted, drain, tooLarge } from '../middleware/body.js';

const MEMORY_BYTES = 1024 * 1024;

export interface SpooledBody {
  /** Hex SHA-256 of the bytes as they came. */
  hash: string;
  size: number;
  /** From the beginning, as often as asked for. */
  chunks(): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

/** 413 request.tooLarge; 400 request.aborted. Whoever gets a body closes it. */
export async function spoolBody(req: IncomingMessage, maxBytes: number): Promise<SpooledBody> {
  const store = createStore();
  try {
    if (Number(req.headers['content-length'] ?? 0) <= maxBytes) {
      const read = await readInto(store, req, maxBytes);
      if (read) return { ...read, chunks: () => store.chunks(), close: () => store.close() };
    }
    await drain(req, 2 * maxBytes);
    throw tooLarge(maxBytes);
  } catch (error) {
    await store.close();
    throw req.destroyed && !req.complete ? new RequestAborted() : error;
  }
}

/** Undefined as soon as it is more than `maxBytes`. */
async function readInto(
  store: Store,
  req: IncomingMessage,
  maxBytes: number,
): Promise<{ hash: string; size: number } | undefined> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    hash.update(chunk);
    await store.write(chunk);
  }
  return { hash: hash.digest('hex'), size };
}

interface Store {
  write(chunk: Buffer): Promise<void>;
  chunks(): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

function createStore(): Store {
  const kept: Buffer[] = [];
  let size = 0;
  let file: FileHandle | undefined;
  return {
    write: async (chunk) => {
      size += chunk.length;
      if (!file && size <= MEMORY_BYTES) return void kept.push(chunk);
      if (!file) {
        file = await namelessFile();
        for (const earlier of kept.splice(0)) await file.appendFile(earlier);
      }
      await file.appendFile(chunk);
    },
    chunks: () =>
      file ? (file.createReadStream({ start: 0, autoClose: false }) as AsyncIterable<Buffer>) : each(kept),
    close: async () => {
      await file?.close();
      file = undefined;
    },
  };
}

async function namelessFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `huike-${randomToken(12)}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}

async function* each(chunks: readonly Buffer[]): AsyncIterable<Buffer> {
  yield* chunks;
}

export async function bytesOf(body: SpooledBody): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body.chunks()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
