/** A very small HTTP server: whole body in, whole answer out, or the connection destroyed. Knows nothing of WeChat. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Request {
  method: string;
  path: string;
  query: URLSearchParams;
  contentType: string;
  raw: Buffer;
}

export interface Answer {
  status: number;
  contentType: string;
  body: string | Buffer;
  headers?: Record<string, string>;
}

export type Handler = (request: Request) => Promise<Answer | 'drop'>;

export interface Listening {
  url: string;
  server: Server;
  close(): Promise<void>;
}

const MAX_BODY = 20 * 1024 * 1024;

export function json(status: number, value: unknown, contentType = 'application/json; charset=utf-8'): Answer {
  return { status, contentType, body: JSON.stringify(value) };
}

/** `application/problem+json`, the form of every refusal of the control API. */
export function problem(status: number, code: string, detail: string, errors: unknown[] = []): Answer {
  const body = { type: 'about:blank', title: code, status, code, detail, errors };
  return json(status, body, 'application/problem+json; charset=utf-8');
}

/** Listens; resolves when the port is bound, rejects when it cannot be (port in use). */
export async function listen(options: { host: string; port: number; handler: Handler }): Promise<Listening> {
  const sockets = new Set<Duplex>();
  const server = createServer((incoming, response) => {
    answer(incoming, options.handler)
      .then((reply) => {
        if (reply === 'drop') return void incoming.socket.destroy();
        response.writeHead(reply.status, { 'content-type': reply.contentType, ...reply.headers }).end(reply.body);
      })
      .catch(() => incoming.socket.destroy());
  });
  /** Longer than clients keep idle connections: a call must not meet a socket that is just being closed. */
  server.keepAliveTimeout = 65_000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const shownHost = options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : options.host;
  return {
    url: `http://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${String(port)}`,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function answer(incoming: IncomingMessage, handler: Handler): Promise<Answer | 'drop'> {
  const url = new URL(incoming.url ?? '/', 'http://simulator.invalid');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return problem(413, 'body.tooLarge', `more than ${String(MAX_BODY)} bytes`);
    chunks.push(chunk);
  }
  return handler({
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    contentType: incoming.headers['content-type'] ?? '',
    raw: Buffer.concat(chunks),
  });
}
