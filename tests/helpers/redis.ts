/** Starts a real redis-server on a free port, without persistence, and ends it after. Where there is none: a loud skip, a failure with CI=true. */
import { afterAll, describe } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { freePort } from './processes.js';

export interface TestRedis {
  url: string;
  port: number;
  /** Kills it at once, as a power cut would. */
  kill(): Promise<void>;
}

export const redisInstalled = spawnSync('redis-server', ['--version']).status === 0;

/** A describe block that needs a Redis. With CI=true a machine without one fails the block instead of skipping it. */
export function describeWithRedis(name: string, tests: () => void): void {
  if (redisInstalled || process.env['CI'] === 'true') return describe(name, tests);
  process.stderr.write(
    `\n*** SKIPPED: ${name}: there is no redis-server on this machine (Debian: apt-get install redis-server) ***\n\n`,
  );
  describe.skip(name, tests);
}

const running = new Set<ChildProcess>();

export async function startRedis(port?: number): Promise<TestRedis> {
  const used = port ?? (await freePort());
  const options = [
    '--port',
    String(used),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    tmpdir(),
  ];
  const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  await new Promise<void>((done, fail) => {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Ready to accept connections')) done();
    });
    child.once('error', fail);
    child.once('exit', () => fail(new Error(`redis-server ended:\n${output}`)));
  });
  return { url: `redis://127.0.0.1:${used}`, port: used, kill: () => kill(child) };
}

function kill(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill('SIGKILL');
  return gone;
}

afterAll(async () => {
  await Promise.all([...running].map(kill));
});
