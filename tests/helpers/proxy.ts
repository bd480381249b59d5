/** A TCP proxy before a real server, for what cannot be had of the server itself: connections cut at a chosen request, or silent without closing. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface Proxy {
  port: number;
  /** How often a rule applied. */
  applied(): number;
  stop(): Promise<void>;
}

/** Says what becomes of a connection that has just sent these bytes: `pass` them, `cut` all connections, `mute` this one for good. */
export type Rule = (bytes: Buffer) => 'pass' | 'cut' | 'mute';

export async function startProxy(target: number, rule: Rule): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let applied = 0;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((client) => {
    keep(client);
    const upstream = keep(connect(target, '127.0.0.1'));
    let muted = false;
    client.on('data', (bytes) => {
      const fate = muted ? 'mute' : rule(bytes);
      if (fate !== 'pass' && !muted) applied += 1;
      if (fate === 'cut') for (const socket of sockets) socket.resetAndDestroy();
      if (fate === 'mute') muted = true;
      if (fate === 'pass') upstream.write(bytes);
    });
    upstream.on('data', (bytes) => muted || client.write(bytes));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => muted || client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    applied: () => applied,
    stop: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
