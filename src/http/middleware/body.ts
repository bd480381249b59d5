/** Reads a request's body up to a limit, and JSON out of it whose texts are whole. */
import type { IncomingMessage } from 'node:http';
import type { FieldProblem } from '../../contracts/index.js';
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
export function drain(req: IncomingMessage, maxBytes = DRAIN_BYTES): Promise<void> {
  return new Promise((done) => {
    let size = 0;
    const timer = setTimeout(done, DRAIN_MS);
    const end = (): void => {
      clearTimeout(timer);
      done();
    };
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) end();
    });
    req.once('end', end);
    req.once('close', end);
    req.resume();
  });
}

/** Without its parameters, in small letters. */
export function contentTypeOf(req: IncomingMessage): string {
  return (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** 415 request.wrongType, 413 request.tooLarge, 400 request.badJson. */
export async function readJson(req: IncomingMessage, maxBytes: number): Promise<unknown> {
  if (contentTypeOf(req) !== 'application/json') {
    throw new RequestProblem(415, 'request.wrongType', 'The body must be application/json.');
  }
  return parseJson(await readBody(req, maxBytes));
}

/** 400 request.badJson; request.invalid where a text holds half a character, which no database and no other program takes. */
export function parseJson(bytes: Buffer): unknown {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(text) as unknown;
  } catch {
    throw new RequestProblem(400, 'request.badJson', 'The body is not valid JSON in UTF-8.');
  }
  // UTF-8 itself cannot hold half a character; only an escape can bring one.
  if (/\\u[dD]/.test(text)) refuseHalfCharacters(value);
  return value;
}

/** Nobody reads more of them. */
const ERRORS_TOLD = 20;

/** By a stack of its own: a body may be nested deeper than calls can be. */
function refuseHalfCharacters(body: unknown): void {
  const errors: FieldProblem[] = [];
  const left: Array<{ path: string; value: unknown }> = [{ path: '', value: body }];
  for (let one = left.pop(); one && errors.length < ERRORS_TOLD; one = left.pop()) {
    const { path, value } = one;
    if (typeof value === 'string' && !value.isWellFormed()) errors.push(halfCharacter(path));
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      const at = path ? `${path}.${key}` : key;
      if (key.isWellFormed()) left.push({ path: at, value: inner });
      else errors.push(halfCharacter(path));
    }
  }
  if (errors.length === 0) return;
  const paths = errors.map(({ path }) => path || 'body').join(', ');
  throw new RequestProblem(400, 'request.invalid', `These fields are wrong: ${paths}.`, { errors });
}

const halfCharacter = (path: string): FieldProblem => ({
  path,
  code: 'half_character',
  message: 'The text holds half of a surrogate pair.',
});
