/** Reads a request's body up to a limit, and JSON out of it. */
import type { IncomingMessage } from 'node:http';
import { RequestProblem } from '../../errors.js';

export const tooLarge = (maxBytes: number): RequestProblem =>
  new RequestProblem(413, 'request.tooLarge', `The body may have at most ${maxBytes} bytes.`);

/** The client went while it was sending: there is nobody to answer. */
export class RequestAborted extends RequestProblem {
  constructor() {
    super(400, 'request.aborted', 'The connection was closed before the body was complete.');
  }
}

const DRAIN_MS = 1_000;
const DRAIN_BYTES = 8 * 1024 * 1024;

/** 413 request.tooLarge; the rest is thrown away and the connection then closed. */
export async function readBody(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) <= maxBytes) {
    const body = await collect(req, maxBytes);
    if (body) return body;
  }
  await drain(req);
  throw tooLarge(maxBytes);
}

/** Undefined as soon as it is more than `maxBytes`. */
function collect(req: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((done, fail) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= maxBytes) return;
      req.removeAllListeners('data');
      done(undefined);
    });
    req.once('end', () => done(Buffer.concat(chunks)));
    req.once('error', () => fail(new RequestAborted()));
    req.once('close', () => fail(new RequestAborted()));
  });
}

/**
 * An answer written while the client still sends is lost with the reset of the connection, so what comes is read for a moment
 * and thrown away: bounded in time and size, for whoever sends without end.
 */
function drain(req: IncomingMessage): Promise<void> {
  return new Promise((done) => {
    let size = 0;
    const timer = setTimeout(done, DRAIN_MS);
    const end = (): void => {
      clearTimeout(timer);
      done();
    };
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > DRAIN_BYTES) end();
    });
    req.once('end', end);
    req.once('close', end);
    req.resume();
  });
}

/** 415 request.wrongType, 413 request.tooLarge, 400 request.badJson. */
export async function readJson(req: IncomingMessage, maxBytes: number): Promise<unknown> {
  const type = (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new RequestProblem(415, 'request.wrongType', 'The body must be application/json.');
  }
  const bytes = await readBody(req, maxBytes);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw new RequestProblem(400, 'request.badJson', 'The body is not valid JSON in UTF-8.');
  }
}
