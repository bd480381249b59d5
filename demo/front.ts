/**
 * The one port in front: the landing page on `/`, the simulated phone below `/phone`, the mini-program in the browser below `/m/`, everything
 * else to the server.
 * Streams both ways and never buffers, so that server-sent events and large bodies pass as they come.
 */
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { DemoProblem } from './problem.js';

export interface Target {
  host: string;
  port: number;
}

export interface Front {
  port: number;
  url: string;
  /** Until all are known, what belongs to them is answered with 503. */
  open(targets: { server: Target; phone: Target; landing: string; preview?: PreviewHandler | undefined }): void;
  close(): Promise<void>;
}

/** Answers what lies below /m/; gives false, having answered nothing, for any other path. */
export type PreviewHandler = (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;

export const PREVIEW_PATH = '/m/';
const HOST = '127.0.0.1';
const hopByHop = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer']);
const landingPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** @throws DemoProblem when the port is taken or may not be opened. */
export async function startFront(port: number): Promise<Front> {
  let targets: Parameters<Front['open']>[0] | undefined;
  const server = createServer((req, res) => {
    if (!targets) return void answer(res, 503, 'Starting …');
    if (pathOf(req) === '/') return void showLanding(req, res, targets.landing);
    const { preview, phone, server: product } = targets;
    if (preview && isPreview(req)) return showPreview(req, res, preview);
    pass(req, res, isPhone(req) ? phone : product);
  });
  server.on('upgrade', (req, socket: Duplex, head: Buffer) => {
    if (!targets || !isPhone(req)) return void socket.destroy();
    upgrade(req, { socket, head }, targets.phone);
  });
  await listen(server, port);
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `http://localhost:${String(bound)}`,
    open: (given) => (targets = given),
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      const why = taken ? 'is in use by another program' : `cannot be opened (${error.code ?? error.message})`;
      reject(new DemoProblem(`Port ${String(port)} ${why}. Choose another one: npm run demo -- --port 3100`));
    });
    server.listen({ host: HOST, port }, resolve);
  });
}

const pathOf = (req: IncomingMessage): string => (req.url ?? '/').split('?')[0] ?? '/';
const isPreview = (req: IncomingMessage): boolean => /^\/m(\/|$)/.test(pathOf(req));
const isPhone = (req: IncomingMessage): boolean => /^\/phone(\/|$)/.test(pathOf(req));

function answer(res: ServerResponse, status: number, text: string): void {
  res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).end(text);
}

function showLanding(req: IncomingMessage, res: ServerResponse, page: string): void {
  if (req.method !== 'GET' && req.method !== 'HEAD') return answer(res, 405, 'Only GET and HEAD.');
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': landingPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
  res.writeHead(200, headers).end(req.method === 'HEAD' ? undefined : page);
}

/** Static files: read only. */
function showPreview(req: IncomingMessage, res: ServerResponse, preview: PreviewHandler): void {
  if (req.method !== 'GET' && req.method !== 'HEAD') return answer(res, 405, 'Only GET and HEAD.');
  preview(req, res).then(
    (answered) => (answered ? undefined : answer(res, 404, 'Not found.')),
    () => res.destroy(),
  );
}

function pass(req: IncomingMessage, res: ServerResponse, { host, port }: Target): void {
  const options = { host, port, method: req.method, path: req.url, headers: forwardedHeaders(req), agent: false };
  let answered = false;
  const outgoing = httpRequest(options, (incoming) => {
    answered = true;
    if (req.complete) return giveBack(incoming, res);
    // Answered before the whole body was taken, as with 413. Closing now would cut off the answer, so the rest goes nowhere first.
    req.unpipe(outgoing);
    req.once('end', () => giveBack(incoming, res)).resume();
  });
  outgoing.on('error', () => {
    if (!answered) answer(res, 502, 'The server behind the front did not answer.');
  });
  res.on('close', () => outgoing.destroy());
  req.pipe(outgoing);
}

/** Headers leave at once: a stream of events may have nothing to say for a while. */
function giveBack(incoming: IncomingMessage, res: ServerResponse): void {
  res.writeHead(incoming.statusCode ?? 502, withoutHops(incoming.headers));
  res.flushHeaders();
  incoming.on('error', () => res.destroy());
  incoming.on('aborted', () => res.destroy());
  incoming.pipe(res);
}

function upgrade(req: IncomingMessage, from: { socket: Duplex; head: Buffer }, { host, port }: Target): void {
  const { socket, head } = from;
  const headers = { ...req.headers, ...forwardedFor(req) };
  const outgoing = httpRequest({ host, port, method: req.method, path: req.url, headers, agent: false });
  outgoing.on('upgrade', (incoming, other, otherHead) => {
    const lines = Object.entries(incoming.headers).map(([name, value]) => `${name}: ${String(value)}`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
    socket.write(otherHead);
    other.write(head);
    socket.pipe(other).pipe(socket);
    other.on('error', () => socket.destroy());
    other.on('close', () => socket.destroy());
    socket.on('close', () => other.destroy());
  });
  outgoing.on('response', () => socket.destroy());
  outgoing.on('error', () => socket.destroy());
  socket.on('error', () => outgoing.destroy());
  outgoing.end();
}

function forwardedHeaders(req: IncomingMessage): OutgoingHttpHeaders {
  // Kept alive until the answer is read: a server that closes with a body half read takes its answer with it.
  return { ...withoutHops(req.headers), ...forwardedFor(req), connection: 'keep-alive' };
}

function forwardedFor(req: IncomingMessage): OutgoingHttpHeaders {
  const before = req.headers['x-forwarded-for'];
  const hops = [...(before === undefined ? [] : [before].flat()), req.socket.remoteAddress ?? ''];
  return { 'x-forwarded-for': hops.join(', '), 'x-forwarded-proto': 'http', 'x-forwarded-host': req.headers.host };
}

function withoutHops(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));
}
