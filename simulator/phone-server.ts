/**
 * Serves the phone page under `/phone/`: static files, the few control routes it may use, pictures, and a WebSocket that
 * tells it of changes. Never hands out secrets, faults, calls or the reset: the page may stand behind a public proxy.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { handleControl, snapshot } from './control.js';
import { problem, type Answer, type Request } from './http.js';
import { serveFile } from './media.js';
import type { Change, World } from './state.js';
import { handleWx } from './wx-page.js';

/** Many changes of people in a row become one snapshot. */
const SNAPSHOT_PAUSE_MS = 30;

const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Beside this file; when compiled into another folder, in the source tree above it. */
const folders = [join(import.meta.dirname, 'phone'), join(import.meta.dirname, '..', '..', 'simulator', 'phone')];

const nosniff = { 'x-content-type-options': 'nosniff' };
/** Pictures come from anybody; behind the demo's proxy they share an origin with the console. */
const guard = { ...nosniff, 'content-security-policy': "default-src 'none'; sandbox" };
const pagePolicy = "default-src 'self'; img-src * data:; connect-src 'self' ws: wss:; frame-ancestors 'self'";
const pageGuard = { ...nosniff, 'content-security-policy': pagePolicy };

const allowed = [/^GET \/state$/, /^(GET|POST) \/people$/, /^(GET|POST) \/people\/[^/]+(\/[a-z-]+)?$/];

/** Answers `/phone`, or undefined when the path is another. */
export async function handlePhone(world: World, request: Request): Promise<Answer | undefined> {
  const { path, method } = request;
  if (path === '/phone') return { status: 302, contentType: 'text/plain', body: '', headers: { location: '/phone/' } };
  if (!path.startsWith('/phone/')) return undefined;
  const rest = path.slice('/phone'.length);
  if (rest.startsWith('/api/')) return phoneApi(world, request, rest.slice('/api'.length));
  if (rest.startsWith('/wx/')) return handleWx(world, request, rest.slice('/wx/'.length));
  if (rest.startsWith('/media/')) {
    const file = serveFile({ world, path });
    return { status: file.status, contentType: file.contentType, body: file.bytes, headers: guard };
  }
  return method === 'GET'
    ? staticFile(rest === '/' ? 'index.html' : rest.slice(1))
    : problem(404, 'route.unknown', path);
}

/** Actions need the JSON content type, so that no other site's form can send them. */
async function phoneApi(world: World, request: Request, path: string): Promise<Answer> {
  if (!allowed.some((pattern) => pattern.test(`${request.method} ${path}`))) {
    return problem(404, 'route.unknown', 'the phone has no such action');
  }
  if (request.method === 'POST' && !request.contentType.startsWith('application/json')) {
    return problem(415, 'body.type', 'send application/json');
  }
  return handleControl(world, request, path);
}

function staticFile(name: string): Answer {
  const missing = problem(404, 'file.unknown', 'no such file');
  if (!/^[a-z-]+\.(html|js|css|svg)$/.test(name)) return missing;
  const file = folders.map((folder) => join(folder, name)).find((each) => existsSync(each));
  if (file === undefined) return missing;
  const contentType = types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
  return { status: 200, contentType, body: readFileSync(file), headers: { ...pageGuard, 'cache-control': 'no-cache' } };
}

/** Opens `/phone/ws` on the server: a snapshot first, then each change. Returns what closes it. */
export function openPhoneSocket(world: World, server: Server): () => void {
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (new URL(request.url ?? '/', 'http://simulator.invalid').pathname !== '/phone/ws') return void socket.destroy();
    sockets.handleUpgrade(request, socket, head, (opened) => {
      send(opened, { type: 'snapshot', ...snapshot(world) });
    });
  });
  const tell = (change: Change) => {
    for (const each of sockets.clients) send(each, change);
  };
  let pending: NodeJS.Timeout | undefined;
  const changed = (change: Change) => {
    if (change.type !== 'people') return tell(change);
    pending ??= setTimeout(() => {
      pending = undefined;
      if (sockets.clients.size === 0) return;
      const text = { type: 'snapshot', ...snapshot(world) };
      for (const each of sockets.clients) send(each, text);
    }, SNAPSHOT_PAUSE_MS);
  };
  world.changes.on('change', changed);
  return () => {
    clearTimeout(pending);
    world.changes.off('change', changed);
    for (const each of sockets.clients) each.terminate();
    sockets.close();
  };
}

function send(socket: WebSocket, message: unknown): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}
