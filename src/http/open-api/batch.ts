/**
 * A batch: one body a line, answered line by line in the same order while it goes on. Bounded: eight lines are worked on at a time, and
 * nothing is read ahead of what the client has taken. A broken line is answered as such and stops no other.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { BatchLine } from '../../contracts/index.js';
import { RequestProblem } from '../../errors.js';
import type { Logger } from '../../infra/logger.js';
import { parseJson } from '../middleware/body.js';
import { MAX_LINE_BYTES, linesOf } from './lines.js';
import type { Line } from './lines.js';
import type { SpooledBody } from './spool.js';

export const MAX_BATCH_LINES = 5_000;
export const BATCH_MAX_BYTES = 16 * 1024 * 1024;
export const NDJSON = 'application/x-ndjson';
const AT_A_TIME = 8;
/** A client that takes nothing for so long is not there any more. */
const STALLED_MS = 60_000;

type LineAnswer = ReturnType<typeof BatchLine.parse>;

export interface BatchParts {
  res: ServerResponse;
  requestId: string;
  log: Logger;
  /** The server stops: the lines begun are finished and answered, then the connection is cut, so that nobody takes the answer for whole. */
  stop: AbortSignal;
  /** Does what one line says; throws RequestProblem for an expected refusal. */
  act(body: unknown): Promise<{ id: string }>;
}

/** 413 open.tooManyLines, before any line is acted on. */
export async function refuseTooManyLines(body: SpooledBody): Promise<void> {
  let count = 0;
  for await (const _line of linesOf(body.chunks())) count += 1;
  if (count <= MAX_BATCH_LINES) return;
  throw new RequestProblem(413, 'open.tooManyLines', `A batch may have at most ${MAX_BATCH_LINES} lines.`);
}

/** True when every line was worked on; false when the client or the server went before: lines begun are finished, others left alone. */
export async function answerBatch(body: SpooledBody, parts: BatchParts): Promise<boolean> {
  const { res, stop } = parts;
  let whole = true;
  res.writeHead(200, { 'Content-Type': `${NDJSON}; charset=utf-8`, 'X-Accel-Buffering': 'no' });
  const underWay: Array<Promise<LineAnswer>> = [];
  const answerOldest = async (): Promise<void> => {
    const answer = await underWay.shift();
    if (answer) await write(res, `${JSON.stringify(answer)}\n`);
  };
  for await (const line of linesOf(body.chunks())) {
    whole = !res.destroyed && !stop.aborted;
    if (!whole) break;
    underWay.push(answerLine(line, parts));
    if (underWay.length >= AT_A_TIME) await answerOldest();
  }
  while (underWay.length > 0) await answerOldest();
  if (whole) res.end();
  else res.destroy();
  return whole;
}

/** Never rejects. */
async function answerLine({ line, bytes }: Line, parts: BatchParts): Promise<LineAnswer> {
  try {
    if (!bytes) throw new RequestProblem(413, 'open.lineTooLong', `A line may have at most ${MAX_LINE_BYTES} bytes.`);
    const { id } = await parts.act(parseJson(bytes));
    return BatchLine.parse({ line, ok: true, id });
  } catch (error) {
    if (!(error instanceof RequestProblem)) {
      parts.log.error({ requestId: parts.requestId, line, err: error }, 'a line of a batch failed');
    }
    return { line, ok: false, error: errorOf(error) };
  }
}

function errorOf(error: unknown): NonNullable<LineAnswer['error']> {
  if (!(error instanceof RequestProblem)) {
    return { code: 'server.unexpected', detail: 'Something went wrong here. Send this line again.' };
  }
  const { code, message: detail, errors } = error;
  return { code, detail, ...(errors ? { errors } : {}) };
}

/** Waits until the client has taken enough; closes on one that does not. */
async function write(res: ServerResponse, text: string): Promise<void> {
  if (res.destroyed || res.write(text)) return;
  const stop = new AbortController();
  const stalled = setTimeout(() => res.destroy(), STALLED_MS);
  try {
    await Promise.race([
      once(res, 'drain', { signal: stop.signal }).catch(() => undefined),
      once(res, 'close', { signal: stop.signal }).catch(() => undefined),
    ]);
  } finally {
    clearTimeout(stalled);
    stop.abort();
  }
}
