/** Runs the server as a child process of its own group, waits until it serves, tells when it dies, and stops it. Knows nothing of what it serves. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DemoProblem } from './problem.js';
import { root } from './root.js';

export interface ServerOptions {
  /** The program; compiled, since plain Node runs it. */
  entry: string;
  args?: readonly string[] | undefined;
  dataDir: string;
  configFile: string;
  clockFile: string;
  /** A free one when left out. */
  port?: number | undefined;
}

export interface ServerProcess {
  port: number;
  pid: number;
  /** Resolves with one sentence when the server ends without having been stopped. */
  died: Promise<string>;
  stop(): Promise<void>;
  /** kill -9: nothing is finished, nothing is closed. */
  kill(): Promise<void>;
}

const START_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 15_000;
/** What would make the server another one than the demo's. */
const notPassedOn = /^(NODE_ENV|NODE_OPTIONS|PORT|MONGODB_URI|REDIS_URL|HUIKE_.*)$/;

export const defaultEntry = join(root, 'dist', 'src', 'main.js');

/** @throws DemoProblem with the end of the server's log when it does not start. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const logFile = join(options.dataDir, 'server.log');
  const child = launch(options, logFile);
  let stopping = false;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${String(code)}`));
  });
  const port = await readyPort(child, ended, logFile);
  return {
    port,
    pid: child.pid ?? 0,
    died: new Promise((resolve) => {
      void ended.then((how) => {
        if (!stopping) resolve(`The server stopped by itself (${how}). Its log is ${logFile}:\n${endOf(logFile)}`);
      });
    }),
    stop: async () => {
      stopping = true;
      child.kill('SIGTERM');
      const cut = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(cut);
    },
    kill: async () => {
      stopping = true;
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** In its own process group: Ctrl-C in the terminal reaches the demo alone, which then stops everything in order. */
function launch(
  { entry, args = [], dataDir, configFile, clockFile, port = 0 }: ServerOptions,
  logFile: string,
): ChildProcess {
  const log = openSync(logFile, 'a');
  const passedOn = Object.entries(process.env).filter(([name]) => !notPassedOn.test(name));
  const own = { PORT: String(port), HUIKE_CONFIG: configFile, HUIKE_DATA_DIR: dataDir, HUIKE_CLOCK: clockFile };
  const child = fork(entry, [...args], {
    cwd: root,
    env: { ...Object.fromEntries(passedOn), ...own },
    execArgv: ['--enable-source-maps'],
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  return child;
}

async function readyPort(child: ChildProcess, ended: Promise<string>, logFile: string): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`not ready after ${String(START_WITHIN_MS / 1000)} s`), START_WITHIN_MS);
  });
  const ready = new Promise<number>((resolve) => {
    child.on('message', (message) => {
      if (isReady(message)) resolve(message.port);
    });
  });
  const first = await Promise.race([ready, ended, late]);
  clearTimeout(timer);
  if (typeof first === 'number') return first;
  child.kill('SIGKILL');
  throw new DemoProblem(`The server did not start (${first}):\n${endOf(logFile)}`);
}

function isReady(message: unknown): message is { port: number } {
  return typeof message === 'object' && message !== null && 'port' in message && typeof message.port === 'number';
}

function endOf(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
}
