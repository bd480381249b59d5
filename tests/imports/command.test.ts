/** `huike import` as a process: exit codes, and kill -9 in the middle. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** Compiled, as people start it. */
const tool = join(process.cwd(), 'dist/src/cli/main.js');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'huike-import-command-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  out: string;
}

/** `killWhen`: kill -9 as soon as the output says so. */
function huike(args: string[], killWhen?: RegExp): Promise<Ended> {
  const env = { ...process.env, NODE_ENV: 'test', NODE_OPTIONS: '', HUIKE_DATA_DIR: join(folder, 'data') };
  const child = spawn(process.execPath, [tool, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  const take = (chunk: Buffer): void => {
    out += chunk.toString();
    if (killWhen?.test(out)) child.kill('SIGKILL');
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return new Promise((done) => child.on('close', (code) => done({ code, out })));
}

async function ordersFile(name: string, rows: number, paid = '9.90'): Promise<string> {
  const file = join(folder, name);
  const lines = Array.from({ length: rows }, (_, i) => `N${i},已完成,2026-01-01,${paid},m${i % 40}`);
  await writeFile(file, ['订单号,订单状态,下单时间,实付金额,会员号', ...lines].join('\n'));
  return file;
}

describe('huike import', () => {
  it('ends with 2 for bad usage, 1 when nothing went in, 0 otherwise', async () => {
    const good = await ordersFile('good.csv', 3);
    expect((await huike(['import', 'things', good])).code).toBe(2);
    const unasked = await huike(['import', 'orders', good]);
    expect([unasked.code, unasked.out.includes('Add --yes')]).toEqual([2, true]);
    expect((await huike(['import', 'orders', join(folder, 'none.csv'), '--yes'])).code).toBe(1);
    const bad = await huike(['import', 'orders', await ordersFile('bad.csv', 3, 'free'), '--yes']);
    expect([bad.code, bad.out.includes('3 rows: 0 went in, 0 were known and unchanged, 3 refused.')]).toEqual([
      1,
      true,
    ]);
    const errors = join(folder, 'errors.csv');
    const dry = await huike(['import', 'orders', good, '--dry-run', '--errors', errors]);
    expect([dry.code, dry.out.includes('3 rows: 3 would go in')]).toEqual([0, true]);
    const shown = await huike(['import', 'orders', good, '--source', 's', '--show-mapping']);
    expect(JSON.parse(shown.out)).toMatchObject({ source: 's', columns: { orderNo: '订单号', paid: '实付金额' } });
  }, 120_000);

  it('killed with -9 goes on where it was: nothing lost, nothing doubled', async () => {
    const file = await ordersFile('many.csv', 8_000);
    const run = ['import', 'orders', file, '--source', 'many', '--yes'];
    const cut = await huike(run, /[1-9]\d* 导入 in/);
    expect(cut.code).toBeNull();
    const again = await huike(run);
    expect(again.out).toContain('Went on after line');
    expect(again.out).toContain('8000 rows: 8000 went in, 0 were known and unchanged, 0 refused.');
    expect(again.code).toBe(0);
    expect((await huike(run)).out).toContain('8000 rows: 0 went in, 8000 were known and unchanged, 0 refused.');
  }, 240_000);
});
