/** Starts the embedded database as a child process, restarts it when it dies, and stops it with its parent. Knows no query. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { StartProblem } from '../errors.js';
import type { Logger } from './logger.js';

export interface Embedded {
  uri: string;
  pid(): number | undefined;
  stop(): Promise<void>;
}

const RESTART_DELAY_MS = 200;
const SOCKET_PATH_MAX = 90;

export async function startEmbedded(dataDir: string, log: Logger): Promise<Embedded> {
  const folder = resolve(dataDir, 'db');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const socket = await socketPath(dataDir);
  let stopping = false;
  let child = await launch(folder, socket);
  let restarting: Promise<void> | undefined;
  const restartIn = (ms: number): void => void setTimeout(() => (restarting = restart()), ms);
  const watch = (current: ChildProcess): void => {
    current.once('exit', (code, signal) => {
      if (stopping) return;
      log.warn({ code, signal }, 'the embedded database stopped; starting it again');
      restartIn(RESTART_DELAY_MS);
    });
  };
  const restart = async (): Promise<void> => {
    if (stopping) return;
    try {
      child = await launch(folder, socket);
      watch(child);
    } catch (error) {
      log.error({ err: error }, 'the embedded database does not start; trying again');
      restartIn(RESTART_DELAY_MS * 5);
    }
  };
  watch(child);
  return {
    uri: socketUri(socket),
    pid: () => child.pid,
    stop: async () => {
      stopping = true;
      // One that is just being started again would otherwise outlive us, and hold the folder.
      await restarting;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise<void>((done) => child.once('exit', () => done()));
      child.kill('SIGTERM');
      await gone;
    },
  };
}

export const socketUri = (socket: string): string =>
  `mongodb://${encodeURIComponent(socket)}/huike?directConnection=true`;

/** Sockets have short names: a long data folder gets one under the temporary folder, named by its hash. */
export async function socketPath(dataDir: string): Promise<string> {
  const near = resolve(dataDir, 'db', 'db.sock');
  if (near.length <= SOCKET_PATH_MAX) return near;
  const folder = join(tmpdir(), `huike-${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16)}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return join(folder, 'db.sock');
}

function launch(folder: string, socket: string): Promise<ChildProcess> {
  const command = createRequire(import.meta.url).resolve('@huike/embedded-mongo/cli');
  return new Promise((done, fail) => {
    const child = fork(command, ['--data', folder, '--socket', socket], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
      // A group of its own: Ctrl-C at the terminal is the server's to act on; the database is stopped last.
      detached: true,
    });
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-2000)));
    child.stdout?.once('data', () => done(child));
    child.once('exit', () => fail(new StartProblem(errors.trim() || 'The embedded database did not start.')));
    child.once('error', (error) => fail(new StartProblem(`The embedded database did not start: ${error.message}`)));
  });
}
