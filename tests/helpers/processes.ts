/** Real processes for the crash tests: the server by its own entry, the embedded database by its own command; killed with -9, started again. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Victim {
  name: string;
  /** kill -9, then started again; resolves once it is up. */
  crash(): Promise<void>;
  stop(): Promise<void>;
  pid(): number | undefined;
  /** False when it ended although nobody killed or stopped it. */
  lives(): boolean;
  /** Which process it is now, whether it lives, and the last lines of all it printed, over all its starts; for a failure's message. */
  report(): string;
}

export interface VictimOptions {
  name: string;
  command: string[];
  env: NodeJS.ProcessEnv;
  /** Resolves when the process serves. */
  up(child: ChildProcess): Promise<void>;
}

const KEPT_CHARACTERS = 8000;
const REPORTED_LINES = 15;

/** Starts a process that is started again whenever the test killed it. */
export async function startVictim(options: VictimOptions): Promise<Victim> {
  const printed = keepLast();
  let child = begin(options, printed);
  const report = (): string => `${options.name} (${stateOf(child)}):\n${printed.lastLines(REPORTED_LINES)}`;
  const victim: Victim = {
    name: options.name,
    pid: () => child.pid,
    crash: async () => {
      await kill(child, 'SIGKILL');
      child = begin(options, printed);
      await served(options, child, report);
    },
    stop: () => kill(child, 'SIGTERM'),
    lives: () => child.exitCode === null && child.signalCode === null,
    report,
  };
  await served(options, child, report).catch(async (error: unknown) => {
    await kill(child, 'SIGKILL');
    throw error;
  });
  return victim;
}

/** Throws when one ended by itself: that is a fault of its own, whatever the others make good. */
export function expectAlive(victims: readonly Victim[]): void {
  if (!victims.every((victim) => victim.lives())) throw new Error(`not all processes live\n${reports(victims)}`);
}

export const reports = (victims: readonly Victim[]): string => victims.map((victim) => victim.report()).join('\n');

interface Printed {
  add(text: string): void;
  lastLines(count: number): string;
}

function keepLast(): Printed {
  let text = '';
  return {
    add: (more) => void (text = (text + more).slice(-KEPT_CHARACTERS)),
    lastLines: (count) => text.trimEnd().split('\n').slice(-count).join('\n'),
  };
}

function stateOf({ pid, exitCode, signalCode }: ChildProcess): string {
  if (exitCode === null && signalCode === null) return `process ${pid} lives`;
  return `process ${pid} ended by ${signalCode ?? `itself with code ${exitCode}`}`;
}

function begin({ command, env }: VictimOptions, printed: Printed): ChildProcess {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  printed.add(`--- ${new Date().toISOString()} process ${child.pid}\n`);
  child.stdout.on('data', (chunk: Buffer) => printed.add(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => printed.add(chunk.toString()));
  return child;
}

/** Resolves when the process serves; fails with what it said when it ends instead, or takes too long. */
async function served({ name, up }: VictimOptions, child: ChildProcess, report: () => string): Promise<void> {
  const died = once(child, 'exit').then(() => {
    throw new Error(`${name} ended at its start`);
  });
  died.catch(() => undefined);
  await Promise.race([up(child), died]).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${report()}`, { cause: error });
  });
}

export async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

export const answers = (url: string) => async (): Promise<void> => {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const ok = await fetch(url, { signal: AbortSignal.timeout(1000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await sleep(50);
  }
  throw new Error(`${url} did not answer within 30 s`);
};

/** Resolves with the first bytes a process prints. */
export async function prints(child: ChildProcess): Promise<void> {
  if (child.stdout) await once(child.stdout, 'data');
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
