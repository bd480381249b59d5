/** Opens the port, and closes it without cutting off answers under way. */
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartProblem } from '../errors.js';

export interface Listening {
  /** The port in fact: another than asked for when that was 0. */
  port: number;
  server: Server;
  /** Takes no more requests, ends streams, waits for answers under way up to `graceMs`, then cuts. */
  close(graceMs?: number): Promise<void>;
}

export interface ListenOptions {
  host: string;
  port: number;
  handler: RequestListener;
  /** Ends what would never end by itself. */
  endStreams(): void;
}

export async function openPort({ host, port, handler, endStreams }: ListenOptions): Promise<Listening> {
  // A body that trickles in ends after 60 s; the proxy in front closes idle connections first.
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 20_000, keepAliveTimeout: 65_000 }, handler);
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => fail(startProblem(error, host, port)));
    server.listen({ host, port }, done);
  });
  return {
    port: (server.address() as AddressInfo).port,
    server,
    close: async (graceMs = 5000) => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      endStreams();
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

function startProblem(error: NodeJS.ErrnoException, host: string, port: number): StartProblem {
  if (error.code === 'EADDRINUSE') {
    return new StartProblem(
      `Port ${port} on ${host} is in use by another program. Stop it, or set PORT to a free port.`,
    );
  }
  if (error.code === 'EACCES') {
    return new StartProblem(`Port ${port} on ${host} may not be opened by this user. Set PORT to a port above 1023.`);
  }
  return new StartProblem(`The server cannot listen on ${host}, port ${port}: ${error.message}. Check host and PORT.`);
}
