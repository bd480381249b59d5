/**
 * Files of text as numbered lines: encoding found or given, bounded memory, and only as fast as the reader asks. Knows no columns.
 */
import { open } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import iconv from 'iconv-lite';
import type { ImportEncoding } from '../contracts/http/imports.js';
import { ImportProblem } from './problem.js';

export interface Line {
  /** From 1, as an editor shows it. */
  line: number;
  text: string;
  /** The line was longer than any row may be; `text` is its beginning. */
  cut?: boolean;
}

export interface Reading {
  signal?: AbortSignal | undefined;
  /** Called with the size of each piece that was read. */
  onBytes?(bytes: number): void;
}

const LOOK_AT_BYTES = 1024 * 1024;
const PIECE_BYTES = 256 * 1024;
const MAX_LINE_CHARS = 512 * 1024;

/** The encoding of a file by its mark, by what is valid UTF-8 in the first megabyte, else GB18030, which contains GBK. */
export async function detectEncoding(file: string): Promise<Exclude<ImportEncoding, 'auto'>> {
  const start = await readStart(file, LOOK_AT_BYTES);
  if (start.length === 0) throw new ImportProblem('file.empty');
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  refuseBinary(start);
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: start.length === LOOK_AT_BYTES });
    return 'utf-8';
  } catch {
    return 'gb18030';
  }
}

export async function readStart(file: string, bytes: number): Promise<Buffer> {
  const handle = await open(file).catch((error: unknown) => {
    throw new ImportProblem('file.missing', error instanceof Error ? error.message : undefined);
  });
  try {
    const start = Buffer.alloc(bytes);
    const { bytesRead } = await handle.read(start, 0, bytes, 0);
    return start.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function refuseBinary(start: Buffer): void {
  if (start.subarray(0, 4).equals(Buffer.from([0xd0, 0xcf, 0x11, 0xe0]))) throw new ImportProblem('file.oldExcel');
  const isZip = start.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004', 'latin1'));
  if (isZip || start.includes(0)) throw new ImportProblem('file.notText');
}

export async function* readLines(file: string, encoding: ImportEncoding, reading: Reading = {}): AsyncGenerator<Line> {
  const found = encoding === 'auto' ? await detectEncoding(file) : encoding;
  let line = 0;
  let rest = '';
  let cut = false;
  for await (const piece of readText(file, found, reading)) {
    const parts = (rest + piece).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      line += 1;
      yield lineOf(line, part, cut);
      cut = false;
    }
    // Without an end in sight the line is thrown away, so that a file of one huge line takes no memory.
    if (rest.length > MAX_LINE_CHARS) {
      rest = rest.slice(0, 200);
      cut = true;
    }
  }
  if (rest !== '') yield lineOf(line + 1, rest, cut);
}

function lineOf(line: number, text: string, cut: boolean): Line {
  if (cut || text.length > MAX_LINE_CHARS) return { line, text: text.slice(0, 200), cut: true };
  return { line, text: text.endsWith('\r') ? text.slice(0, -1) : text };
}

async function* readText(file: string, encoding: string, { signal, onBytes }: Reading): AsyncGenerator<string> {
  const decoder = iconv.getDecoder(encoding === 'gbk' ? 'gb18030' : encoding);
  const stream = createReadStream(file, { highWaterMark: PIECE_BYTES, ...(signal ? { signal } : {}) });
  let first = true;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    onBytes?.(piece.length);
    const text = decoder.write(piece);
    yield first ? text.replace(/^\ufeff/, '') : text;
    first = false;
  }
  const end = decoder.end();
  if (end) yield end;
}
