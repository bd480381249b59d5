/** The compiled demo as people start it: filled once, everything on one port, a clean end, and no silence when a part dies. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logins } from '../../demo/logins.js';
import { freePort } from '../helpers/processes.js';

interface Facts {
  addresses: Record<'landing' | 'phone' | 'miniProgram' | 'console' | 'docs', string>;
  control: string;
  accounts: Array<{ channel: string; appId: string }>;
  keys: Array<{ id: string; secret: string; source: string }>;
  logins: Array<{ account: string; password: string }>;
  pids: { demo: number; server: number; database: number };
}

interface Running {
  child: ChildProcess;
  output(): string;
  ended: Promise<number | null>;
}

const folder = mkdtempSync(join(tmpdir(), 'huike-demo-'));
const dataDir = join(folder, 'data');
const factsFile = join(dataDir, 'demo.json');
const started: Running[] = [];
afterAll(async () => {
  for (const { child, ended } of started) {
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

function start(args: readonly string[]): Running {
  const { NODE_OPTIONS: _jest, ...env } = process.env;
  const child = spawn(process.execPath, ['dist/demo/main.js', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const running = { child, output: () => text, ended: new Promise<number | null>((done) => child.once('exit', done)) };
  started.push(running);
  return running;
}

async function facts(running: Running): Promise<Facts> {
  while (!existsSync(factsFile) || !running.output().includes('Ctrl-C')) {
    if (running.child.exitCode !== null) throw new Error(running.output());
    await new Promise((resume) => setTimeout(resume, 50));
  }
  return JSON.parse(readFileSync(factsFile, 'utf8')) as Facts;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('npm run demo', () => {
  let port = 0;

  it('starts everything on one port and says where it is', async () => {
    port = await freePort();
    const running = start(['--data', dataDir, '--port', String(port)]);
    const { addresses, logins: told, pids, control, accounts, keys } = await facts(running);
    for (const address of Object.values(addresses)) {
      expect(address).toContain(`:${String(port)}/`);
      expect((await fetch(address)).status).toBe(200);
    }
    expect(running.output()).toContain(addresses.console);
    for (const { account, password } of told) expect(running.output()).toMatch(new RegExp(`${account} +${password}`));
    for (const pid of Object.values(pids)) expect(isAlive(pid)).toBe(true);
    const state = (await (await fetch(`${control}/state`)).json()) as { people: unknown[]; accounts: unknown[] };
    expect(accounts.map(({ channel }) => channel)).toEqual(['official-account', 'mini-program']);
    expect(state.accounts).toEqual(accounts.map(({ appId }) => expect.objectContaining({ appId })));
    for (const { id, secret } of keys) expect(running.output()).toContain(`${id}   密钥 Secret ${secret}`);
    expect(keys).toHaveLength(1);
    expect(state.people.length).toBeGreaterThan(8);
  }, 300_000);

  it('opens the mini-program in a browser, framed by nobody else', async () => {
    const page = await fetch(`http://localhost:${String(port)}/m/`);
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
    expect(await page.text()).toContain('/m/app.js');
    expect((await fetch(`http://localhost:${String(port)}/m/app.js`)).status).toBe(200);
    const people = await fetch(`http://localhost:${String(port)}/phone/wx/people?search=`);
    const { items } = (await people.json()) as { items: Array<{ name: string; hasPhone: boolean }> };
    expect(items.length).toBeGreaterThan(8);
    expect(items.every(({ hasPhone }) => hasPhone)).toBe(true);
  });

  it('lets every sample login in', async () => {
    for (const { account, password } of logins) {
      const response = await fetch(`http://localhost:${String(port)}/console/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ account, password }),
      });
      expect([account, response.status]).toEqual([account, 200]);
    }
  });

  it('is not emptied, nor joined on its port, while it runs', async () => {
    const fresh = start(['--data', dataDir, '--fresh', '--port', String(await freePort())]);
    expect(await fresh.ended).toBe(1);
    expect(fresh.output()).toMatch(/is running \(process \d+\)\. Stop it first/);
    const second = start(['--data', join(folder, 'other'), '--port', String(port)]);
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`Port ${String(port)} is in use by another program.`);
  }, 30_000);

  it('ends with 0 on SIGINT and leaves nothing running', async () => {
    const { pids } = JSON.parse(readFileSync(factsFile, 'utf8')) as Facts;
    const running = started[0];
    running?.child.kill('SIGINT');
    expect(await running?.ended).toBe(0);
    expect(existsSync(factsFile)).toBe(false);
    for (const pid of Object.values(pids)) expect(isAlive(pid)).toBe(false);
  }, 30_000);

  it('is alive within 30 s at the second start, with what was there, and ends with 1 when the server dies', async () => {
    const begun = performance.now();
    const running = start(['--data', dataDir, '--port', String(port)]);
    const { pids } = await facts(running);
    expect(performance.now() - begun).toBeLessThan(30_000);
    expect(running.output()).not.toContain('Sample shop');
    process.kill(pids.server, 'SIGKILL');
    expect(await running.ended).toBe(1);
    expect(running.output()).toMatch(/The server stopped by itself \(SIGKILL\)/);
  }, 60_000);

  it('empties only what is a demo’s folder', async () => {
    const foreign = mkdtempSync(join(folder, 'foreign-'));
    writeFileSync(join(foreign, 'thesis.txt'), 'years of work');
    const running = start(['--data', foreign, '--fresh', '--port', String(port)]);
    expect(await running.ended).toBe(1);
    expect(running.output()).toContain("is not a demo's data folder");
    expect(readFileSync(join(foreign, 'thesis.txt'), 'utf8')).toBe('years of work');
  }, 30_000);
});
