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

/** 413 request.tooLarge before the rest is read; the connection is then closed, for its rest is of no use. */
export function readBody(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes));
  return new Promise((done, fail) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (problem: RequestProblem): void => {
      req.removeAllListeners('data');
      req.resume();
      fail(problem);
    };
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) stop(tooLarge(maxBytes));
      else chunks.push(chunk);
    });
    req.once('end', () => done(Buffer.concat(chunks)));
    req.once('error', () => fail(new RequestAborted()));
    req.once('close', () => fail(new RequestAborted()));
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
