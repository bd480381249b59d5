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
}

export interface VictimOptions {
  name: string;
  command: string[];
  env: NodeJS.ProcessEnv;
  /** Resolves when the process serves. */
  up(child: ChildProcess): Promise<void>;
}

/** Starts a process that is started again whenever the test killed it. */
export async function startVictim(options: VictimOptions): Promise<Victim> {
  let child = await launch(options);
  return {
    name: options.name,
    pid: () => child.pid,
    crash: async () => {
      await kill(child, 'SIGKILL');
      child = await launch(options);
    },
    stop: () => kill(child, 'SIGTERM'),
  };
}

async function launch({ name, command, env, up }: VictimOptions): Promise<ChildProcess> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-3000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const died = once(child, 'exit').then(() => {
    throw new Error(`${name} ended at its start:\n${output}`);
  });
  await Promise.race([up(child), died]);
  died.catch(() => undefined);
  return child;
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
