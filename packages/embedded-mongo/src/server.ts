/** Puts the parts together: a data folder, a listener, and the timers that keep both tidy. */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server as NetServer } from 'node:net';
import { dirname } from 'node:path';
import { dispatch } from './commands/dispatch.js';
import { Cursors } from './commands/cursors.js';
import type { Server } from './commands/context.js';
import { SWEEP_INTERVAL_MS, sweepExpired } from './index/ttl.js';
import { FailPoints } from './session/failpoints.js';
import { Sessions } from './session/sessions.js';
import { Catalog } from './store/catalog.js';
import { Store } from './store/store.js';
import { Overlay } from './store/view.js';
import { Connection } from './wire/connection.js';

export interface ServerOptions {
  /** The data folder; created when absent. */
  data: string;
  /** Path of a unix socket; its folder is made private (0700) when this server creates it. */
  socket?: string;
  /** A TCP port on 127.0.0.1, 0 for any free one. Ignored when `socket` is given. */
  port?: number;
  /** Allows fault injection (configureFailPoint). */
  testMode?: boolean;
  /** Milliseconds between sweeps of expired documents; one minute when absent. */
  sweepMs?: number;
  /** Milliseconds a transaction may stay open; 60 seconds when absent. */
  transactionLifetimeMs?: number;
}

export interface RunningServer {
  /** For any MongoDB driver; append a database name before the `?` or name it in the driver's options. */
  uri: string;
  /** Removes expired documents now. Returns how many. */
  sweep(): Promise<number>;
  close(): Promise<void>;
}

/** The systems' limit is 104 to 108 bytes with the closing zero. */
const MAX_SOCKET_PATH_BYTES = 100;

/** A socket that cannot be had; the message is for a person. */
export class SocketRefused extends Error {}

const TIDY_MS = 1000;
const GARBAGE_PER_STEP = 2000;
const PRUNE_EVERY_TICKS = 60;

/** Opens the folder and listens. Throws FolderLocked, FormatRefused, or the listener's error. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const store = Store.open(options.data);
  try {
    const server = assemble(store, options);
    const listener = createServer((socket) => {
      const connection = new Connection(
        socket,
        (request, from) => dispatch(server, request, from),
        (gone) => {
          server.connections.delete(gone);
          server.sessions.connectionClosed(gone);
        },
      );
      server.connections.add(connection);
    });
    server.address = await listen(listener, options);
    const timers = startTimers(server, options);
    return {
      uri: uriOf(server.address, options.socket),
      sweep: () => sweepExpired(store, server.catalog, server.sessions.locks, new Date()),
      close: () => close(server, listener, timers),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function assemble(store: Store, options: ServerOptions): Server {
  const catalog = new Catalog();
  const reload = (): void => {
    const snapshot = store.snapshot();
    catalog.load(snapshot.view);
    snapshot.release();
  };
  reload();
  const sessions = new Sessions(store, catalog, options.transactionLifetimeMs);
  store.onCommitFailed = () => {
    // What a transaction laid out may rest on a collection, an index or a mark that was lost with the group.
    sessions.abortAll();
    reload();
  };
  return {
    store,
    catalog,
    sessions,
    cursors: new Cursors(),
    failPoints: new FailPoints(),
    address: '',
    testMode: options.testMode ?? false,
    startedAt: Date.now(),
    connections: new Set(),
    counts: new Map(),
  };
}

async function listen(listener: NetServer, options: ServerOptions): Promise<string> {
  if (options.socket !== undefined) await prepareSocket(options.socket);
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    const ready = (): void => {
      const address = listener.address();
      if (options.socket !== undefined) chmodSync(options.socket, 0o600);
      resolve(
        typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : (options.socket as string),
      );
    };
    if (options.socket !== undefined) listener.listen(options.socket, ready);
    else listener.listen(options.port ?? 0, '127.0.0.1', ready);
  });
}

/** A private folder is what keeps other users of the machine out. A socket file that nobody answers on is left from before. */
async function prepareSocket(path: string): Promise<void> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    throw new SocketRefused(
      `The socket path ${path} is longer than ${MAX_SOCKET_PATH_BYTES} bytes. Choose a shorter one.`,
    );
  }
  if (await answers(path)) throw new SocketRefused(`Another server already listens on ${path}.`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

function uriOf(address: string, socket: string | undefined): string {
  const host = socket === undefined ? address : encodeURIComponent(socket);
  return `mongodb://${host}/?directConnection=true`;
}

function startTimers(server: Server, options: ServerOptions): NodeJS.Timeout[] {
  let ticks = 0;
  let busy = false;
  const tidy = setInterval(() => {
    const now = Date.now();
    server.sessions.reap(now);
    server.cursors.reap(now);
    ticks += 1;
    if (busy) return;
    busy = true;
    void inBackground(server, tidyStore(server, ticks % PRUNE_EVERY_TICKS === 0, now)).then(() => (busy = false));
  }, TIDY_MS);
  const sweep = setInterval(() => {
    void inBackground(server, sweepExpired(server.store, server.catalog, server.sessions.locks, new Date()));
  }, options.sweepMs ?? SWEEP_INTERVAL_MS);
  return [tidy, sweep];
}

/** A background task that fails must not end the server: writes report their own errors, serverStatus shows this one. */
function inBackground(server: Server, task: Promise<unknown>): Promise<void> {
  return task.then(
    () => {
      delete server.backgroundError;
    },
    (error: unknown) => {
      server.backgroundError = error instanceof Error ? error.message : String(error);
    },
  );
}

async function tidyStore(server: Server, prune: boolean, now: number): Promise<void> {
  const { store, catalog, sessions } = server;
  if (!prune && catalog.garbage.length === 0) return;
  await store.write((view) => {
    const overlay = new Overlay();
    for (let step = 0; step < 20 && catalog.garbage.length > 0 && overlay.entries.size < GARBAGE_PER_STEP; step += 1) {
      catalog.sweepGarbage(view, overlay, GARBAGE_PER_STEP);
    }
    if (prune) sessions.memory.prune(view, overlay, now);
    if (overlay.entries.size > 0) store.apply(overlay);
  });
}

async function close(server: Server, listener: NetServer, timers: readonly NodeJS.Timeout[]): Promise<void> {
  for (const timer of timers) clearInterval(timer);
  const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
  for (const connection of server.connections) connection.destroy();
  await closed;
  server.sessions.abortAll();
  server.cursors.closeAll();
  await server.store.close();
}
