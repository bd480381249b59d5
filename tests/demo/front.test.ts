import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, request } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { startFront } from '../../demo/front.js';
import type { Front, PreviewHandler } from '../../demo/front.js';

const open: Array<() => Promise<void> | void> = [];
afterEach(async () => {
  for (let end = open.pop(); end; end = open.pop()) await end();
});

async function behind(handler: RequestListener): Promise<{ host: string; port: number; server: Server }> {
  const server = createServer(handler);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  open.push(
    () => void server.closeAllConnections(),
    () => void server.close(),
  );
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, server };
}

async function frontTo(
  serverHandler: RequestListener,
  phoneHandler: RequestListener = (_req, res) => res.end('phone'),
) {
  const front = await startFront(0);
  open.push(() => front.close());
  const server = await behind(serverHandler);
  const phone = await behind(phoneHandler);
  front.open({ server, phone, landing: '<p>landing</p>' });
  return { front, server, phone };
}

const address = (front: Front, path: string): string => `http://127.0.0.1:${String(front.port)}${path}`;

describe('the front', () => {
  it('says that the server is starting until it is told where it is', async () => {
    const front = await startFront(0);
    open.push(() => front.close());
    expect((await fetch(address(front, '/console/'))).status).toBe(503);
  });

  it('sends each path to its own place', async () => {
    const { front } = await frontTo((req, res) => res.end(`server ${req.url ?? ''}`));
    const seen = async (path: string): Promise<string> => (await fetch(address(front, path))).text();
    expect(await seen('/')).toBe('<p>landing</p>');
    expect(await seen('/?from=mail')).toBe('<p>landing</p>');
    expect(await seen('/phone/app.js')).toBe('phone');
    expect(await seen('/phonebook')).toBe('server /phonebook');
    expect(await seen('/console/v1/session?x=1')).toBe('server /console/v1/session?x=1');
  });

  it('shows the mini-program where there is one, for reading only, and what is beside it is the server’s', async () => {
    const { front, server, phone } = await frontTo((req, res) => res.end(`server ${req.url ?? ''}`));
    expect(await (await fetch(address(front, '/m/'))).text()).toBe('server /m/');
    const preview: PreviewHandler = (req, res) => {
      const found = !req.url?.endsWith('gone');
      if (found) res.end(`preview ${req.url ?? ''}`);
      return Promise.resolve(found);
    };
    front.open({ server, phone, landing: '', preview });
    expect(await (await fetch(address(front, '/m/app.js'))).text()).toBe('preview /m/app.js');
    expect((await fetch(address(front, '/m/gone'))).status).toBe(404);
    expect((await fetch(address(front, '/m/'), { method: 'POST' })).status).toBe(405);
    expect(await (await fetch(address(front, '/member/v1/texts'))).text()).toBe('server /member/v1/texts');
  });

  it('tells the server whose request it is, after what came before', async () => {
    const { front } = await frontTo((req, res) => res.end(String(req.headers['x-forwarded-for'])));
    const response = await fetch(address(front, '/x'), { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect(await response.text()).toBe('203.0.113.9, 127.0.0.1');
  });

  it('gives events on as they come, and headers before the first', async () => {
    let write: (text: string) => void = () => undefined;
    const { front } = await frontTo((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      write = (text) => res.write(text);
    });
    const incoming = await new Promise<IncomingMessage>((done) => request(address(front, '/stream'), done).end());
    expect(incoming.headers['content-type']).toBe('text/event-stream');
    write('data: 1\n\n');
    const first = await new Promise<string>((done) => incoming.once('data', (chunk: Buffer) => done(chunk.toString())));
    expect(first).toBe('data: 1\n\n');
    incoming.destroy();
  });

  it('brings back a refusal that came before a large body was taken', async () => {
    const { front } = await frontTo((_req, res) => res.writeHead(413).end('too large'));
    const response = await fetch(address(front, '/x'), { method: 'POST', body: Buffer.alloc(5_000_000) });
    expect([response.status, await response.text()]).toEqual([413, 'too large']);
  });

  it('answers 502 when nobody is behind it', async () => {
    const { front, server } = await frontTo((_req, res) => res.end('x'));
    await new Promise((done) => server.server.close(done));
    expect((await fetch(address(front, '/x'))).status).toBe(502);
  });

  it('passes the phone’s socket both ways, and no other', async () => {
    const { front, phone } = await frontTo((_req, res) => res.end('x'));
    const sockets = new WebSocketServer({ server: phone.server, path: '/phone/ws' });
    sockets.on('connection', (socket) =>
      socket.on('message', (data: Buffer) => socket.send(`echo ${data.toString()}`)),
    );
    open.push(() => sockets.close());
    const socket = new WebSocket(address(front, '/phone/ws').replace('http', 'ws'));
    await new Promise((done) => socket.once('open', done));
    const answered = new Promise<string>((done) => socket.once('message', (data: Buffer) => done(data.toString())));
    socket.send('hello');
    expect(await answered).toBe('echo hello');
    socket.terminate();
    const other = new WebSocket(address(front, '/console/ws').replace('http', 'ws'));
    await new Promise((done) => other.once('error', done));
    expect(other.readyState).not.toBe(WebSocket.OPEN);
  });

  it('names the port and the way out when it is taken', async () => {
    const { front } = await frontTo((_req, res) => res.end('x'));
    await expect(startFront(front.port)).rejects.toThrow(
      new RegExp(`Port ${String(front.port)} is in use by another program. .*--port`),
    );
  });
});
