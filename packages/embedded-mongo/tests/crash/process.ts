/** The real command in a process of its own, built first when it is not. */
import { execFileSync, fork, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = join(process.cwd(), 'packages', 'embedded-mongo');
const CLI = join(PACKAGE, 'dist', 'cli.js');

export interface DatabaseProcess {
  uri: string;
  child: ChildProcess;
  /** kill -9, resolved when it is gone. */
  kill(): Promise<void>;
  exited: Promise<number | null>;
}

export function buildOnce(): void {
  if (existsSync(CLI)) return;
  execFileSync(process.execPath, [
    join(process.cwd(), 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    join(PACKAGE, 'tsconfig.json'),
  ]);
}

export function startProcess(args: string[], withChannel = false): Promise<DatabaseProcess> {
  const child = withChannel
    ? fork(CLI, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] })
    : spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return new Promise((resolve, reject) => {
    let out = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (!out.includes('\n')) return;
      const { uri } = JSON.parse(out) as { uri: string };
      resolve({
        uri,
        child,
        exited,
        kill: async () => {
          child.kill('SIGKILL');
          await exited;
        },
      });
    });
    void exited.then((code) => reject(new Error(`ended with ${code} before it was ready`)));
  });
}

/** Runs the command to its end: what it said and how it ended. */
export function runToEnd(args: string[]): Promise<{ code: number | null; err: string; out: string }> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  let out = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, err, out })));
}
