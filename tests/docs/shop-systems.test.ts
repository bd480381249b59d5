/** Runs the examples of docs/shop-systems.md as they stand against a whole server: the shell, Node and every body. */
import { execFile } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openRoutes } from '../../src/http/open-api/index.js';
import { fakes } from '../http/fakes.js';
import { openShop } from '../helpers/shop.js';
import type { Shop } from '../helpers/shop.js';
import type { OpenClient } from '../helpers/open-client.js';

/** Not promisify: the types of a dependency's dependency change what it is declared to answer. */
const run = (program: string, args: string[], options: { env: NodeJS.ProcessEnv }): Promise<{ stdout: string }> =>
  new Promise((done, failed) => {
    execFile(program, args, options, (error, stdout) => (error ? failed(error) : done({ stdout })));
  });
const text = readFileSync('docs/shop-systems.md', 'utf8');

/** Blocks of code in one language, in the order of the page. */
const blocksOf = (language: string, within = text): string[] =>
  [...within.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map((match) => match[1] ?? '');

/** What stands in a table's row of this name, without the code marks. */
const cell = (name: string): string =>
  new RegExp(`^\\| ${name.replace(/[()]/g, '\\$&')} +\\| (.*?) +\\|$`, 'm').exec(text)?.[1]?.replaceAll('`', '') ?? '';

/** Bodies by the path of the heading above them. */
const bodies = text
  .split(/^### POST /m)
  .slice(1)
  .map((section): [string, unknown] => [section.split('\n')[0] ?? '', JSON.parse(blocksOf('json', section)[0] ?? '')]);

let shop: Shop;
let key: { id: string; secret: string };
let system: OpenClient;
let folder: string;

beforeAll(async () => {
  [shop, folder] = await Promise.all([openShop(), mkdtemp(join(tmpdir(), 'huike-docs-'))]);
  key = await shop.app.ports.apiKeys.add({ name: 'docs', verifiesPhones: false, sources: ['taobao'] }, 'test');
  system = await shop.shopSystem();
}, 60_000);
afterAll(async () => {
  await shop.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const env = (): NodeJS.ProcessEnv => ({
  ...process.env,
  HUIKE: shop.base,
  HUIKE_KEY: key.id,
  HUIKE_SECRET: key.secret,
});

/** A voucher of the example's customer, granted by staff. */
async function grantedCode(): Promise<string> {
  const admin = await shop.staff('admin');
  const rules = { title: '满 200 减 20', amountOff: 2000, threshold: 20_000, validDays: 7, budget: 10 };
  const coupon = await admin.call('POST', 'coupons', rules);
  const customer = { source: 'taobao', externalId: 'u-1001' };
  const { body } = await system.post('/customers/lookup', { customer });
  const grant = { couponId: coupon.body['id'], reason: 'example', requestKey: 'docs-grant-1' };
  await admin.call('POST', `customers/${String(body['id'])}/vouchers`, grant);
  const after = await system.post('/customers/lookup', { customer });
  return (after.body['vouchers'] as Array<{ code: string }>)[0]?.code ?? 'none';
}

describe('docs/shop-systems.md', () => {
  it('has a test vector that is right', () => {
    const [method = '', path = ''] = cell('method, path').split(' ');
    const hash = createHash('sha256').update(cell('body')).digest('hex');
    const signed = [cell('timestamp'), cell('nonce'), method, path, hash].join('\n');
    expect(hash).toBe(cell('SHA-256(body)'));
    expect(createHmac('sha256', cell('secret')).update(signed).digest('hex')).toBe(cell('signature'));
  });

  it('has an example of every route', () => {
    const paths = openRoutes(fakes().ports.open).map(({ path }) => path);
    expect(bodies.map(([path]) => path).sort()).toEqual(paths.sort());
  });

  it('has bodies that are taken, and taken once', async () => {
    let code: string | undefined;
    for (const [path, body] of bodies) {
      if (path.includes(':code')) code ??= await grantedCode();
      const at = path.replace('/open/v1', '').replace(':code', code ?? '');
      const first = await system.post(at, body);
      const again = await system.post(at, body);
      expect([path, first.status, first.body]).toEqual([path, 200, expect.objectContaining({ id: expect.anything() })]);
      expect([path, again.status, again.body['repeated'] ?? true]).toEqual([path, 200, true]);
    }
  });

  it('has a batch that is answered as it says', async () => {
    const [sent = '', answered = ''] = blocksOf('ndjson');
    const { lines } = await system.ndjson('/products', sent.trim().split('\n'));
    const expected = answered.trim().split('\n');
    const shown = lines.map((line) => JSON.stringify(line).replace(/"message":"[^"]*"/, '"message":"…"'));
    expect(shown).toEqual(expected);
  });

  it('has a shell example that works', async () => {
    const [script = ''] = blocksOf('sh');
    const { stdout } = await run('bash', ['-c', script], { env: env() });
    expect(JSON.parse(stdout)).toMatchObject({ id: 'tea-1' });
  });

  it('has a Node example that works', async () => {
    const [script = ''] = blocksOf('js');
    const file = join(folder, 'example.mjs');
    await writeFile(file, script);
    const { stdout } = await run(process.execPath, [file], { env: { ...env(), NODE_OPTIONS: '' } });
    expect(JSON.parse(stdout)).toMatchObject({ status: 200, body: { phone: '138****8000' } });
  });
});
