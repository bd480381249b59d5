import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StartProblem } from '../../src/errors.js';
import { loggedPath } from '../../src/http/middleware/access-log.js';
import { clientAddress, networksOf } from '../../src/http/middleware/client-address.js';
import { createRateLimiter } from '../../src/http/middleware/rate-limit.js';
import type { Access } from '../../src/http/route.js';
import { startApp } from './app.js';
import type { TestApp } from './app.js';

interface Operation {
  parameters?: Array<{ name: string }>;
  requestBody?: { content: object };
  responses: Record<string, { content: object }>;
}

let app: TestApp;
let consoleDir: string;
const observed: Array<Record<string, string>> = [];
beforeAll(async () => {
  consoleDir = await mkdtemp(join(tmpdir(), 'huike-console-'));
  await mkdir(join(consoleDir, 'assets'));
  await writeFile(join(consoleDir, 'index.html'), '<!doctype html><title>Huike</title>');
  await writeFile(join(consoleDir, 'assets', 'index-BxYz1234.js'), 'export {}');
  await writeFile(join(consoleDir, 'favicon.svg'), '<svg/>');
  const metrics = { httpSeconds: { observe: (labels: Record<string, string>) => void observed.push(labels) } };
  app = await startApp({ consoleDir, metrics });
});
afterAll(async () => {
  await app.close();
  await rm(consoleDir, { recursive: true });
});

describe('the port', () => {
  it('in use: one clear sentence that names it and the way out', async () => {
    const again = app.server.listen({ host: '127.0.0.1', port: app.listening.port });
    await expect(again).rejects.toThrow(StartProblem);
    await expect(again).rejects.toThrow(
      `Port ${app.listening.port} on 127.0.0.1 is in use by another program. Stop it, or set PORT to a free port.`,
    );
  });
});

describe('operators', () => {
  it('see whether all parts are ready, and which are not', async () => {
    expect((await app.request('GET', '/healthz')).body).toEqual({ alive: true });
    expect(await app.request('GET', '/readyz')).toMatchObject({ status: 200, body: { ready: true } });
    app.notReady.push({ part: 'database', reason: 'no answer' });
    expect(await app.request('GET', '/readyz')).toMatchObject({
      status: 503,
      body: { notReady: [{ part: 'database', reason: 'no answer' }] },
    });
    app.notReady.length = 0;
    expect((await app.request('GET', '/metrics')).text).toBe('huike_up 1\n');
  });

  it('are told from others by the address behind the proxy', async () => {
    const headers = { 'X-Forwarded-For': '203.0.113.9' };
    for (const path of ['/readyz', '/metrics']) {
      expect(await app.request('GET', path, { headers })).toMatchObject({
        status: 403,
        body: { code: 'operators.only' },
      });
    }
    expect((await app.request('GET', '/healthz', { headers })).status).toBe(200);
    const wider = await startApp({ operatorsFrom: ['203.0.113.0/24'] });
    expect((await wider.request('GET', '/metrics', { headers })).status).toBe(200);
    expect((await wider.request('GET', '/metrics')).status).toBe(403);
    await wider.close();
  });

  it('get times by declared route, never by the address asked for', async () => {
    await app.request('GET', '/console/v1/customers/aaaaaaaaaaaaaaaaaaaaaaaa');
    await app.request('GET', '/secret-looking-path');
    await new Promise((done) => setTimeout(done, 50));
    expect(observed).toContainEqual({ method: 'GET', route: '/console/v1/customers/:id', status: '401' });
    expect(observed.at(-1)).toEqual({ method: 'GET', route: 'none', status: '404' });
  });
});

describe('the access log', () => {
  it('names a voucher’s route without its code, whatever was asked of it', () => {
    expect(loggedPath('/open/v1/vouchers/HK-SECRET-1/redeem')).toBe('/open/v1/vouchers/:code/redeem');
    expect(loggedPath('/open/v1/vouchers/HK-SECRET-1')).toBe('/open/v1/vouchers/:code');
    expect(loggedPath('/member/v1/vouchers')).toBe('/member/v1/vouchers');
  });
});

describe("the client's address", () => {
  it.each([
    ['10.0.0.1', '1.1.1.1', false, '10.0.0.1'],
    ['127.0.0.1', '1.1.1.1', 'loopback', '1.1.1.1'],
    ['::ffff:127.0.0.1', '6.6.6.6, 1.1.1.1', 'loopback', '1.1.1.1'],
    ['10.0.0.1', '1.1.1.1', 'loopback', '10.0.0.1'],
    ['10.0.0.1', '6.6.6.6, 1.1.1.1, 10.0.0.2', ['10.0.0.0/8'], '1.1.1.1'],
    ['127.0.0.1', undefined, 'loopback', '127.0.0.1'],
    ['127.0.0.1', 'rubbish, <script>', 'loopback', 'unknown'],
  ] as const)('from %s with %s, trusting %s: %s', (remote, forwarded, trust, expected) => {
    expect(clientAddress(remote, forwarded, networksOf(trust))).toBe(expected);
  });
});

describe('the rate limiter', () => {
  it('lets a minute’s worth through, then as many as time gives back, each key by itself', () => {
    let now = 0;
    const limiter = createRateLimiter(() => now);
    const passes = (key: string): boolean => {
      try {
        limiter.take(key, 60);
        return true;
      } catch {
        return false;
      }
    };
    expect(Array.from({ length: 61 }, () => passes('a')).filter(Boolean)).toHaveLength(60);
    expect(passes('b')).toBe(true);
    now += 2000;
    expect([passes('a'), passes('a'), passes('a')]).toEqual([true, true, false]);
  });
});

describe('the console’s files', () => {
  const policy = /script-src 'self'(;|$)/;

  it('pages fall back to index.html, fresh every time, under a policy without inline scripts', async () => {
    for (const path of ['/console/', '/console/inbox/abc', '/console/settings']) {
      const answer = await app.request('GET', path);
      expect([answer.status, answer.headers.get('Cache-Control')]).toEqual([200, 'no-cache']);
      expect(answer.text).toContain('<title>Huike</title>');
      const csp = answer.headers.get('Content-Security-Policy') ?? '';
      expect(csp).toMatch(policy);
      expect(csp).not.toMatch(/script-src[^;]*unsafe/);
    }
    expect((await app.request('GET', '/console')).headers.get('Location')).toBe('/console/');
  });

  it('files with a hash in their name are kept for a year', async () => {
    const asset = await app.request('GET', '/console/assets/index-BxYz1234.js');
    expect([asset.status, asset.headers.get('Cache-Control')]).toEqual([200, 'public, max-age=31536000, immutable']);
    expect(asset.headers.get('Content-Type')).toMatch(/javascript/);
    expect((await app.request('GET', '/console/favicon.svg')).headers.get('Cache-Control')).toBe('no-cache');
  });

  it('nothing outside the folder, no made-up files, no writes; the API below keeps its own answers', async () => {
    for (const path of ['/console/..%2f..%2fpackage.json', '/console/.env', '/console/assets/none-12345678.js']) {
      expect((await app.request('GET', path)).status).toBe(404);
    }
    expect((await app.request('POST', '/console/inbox', { raw: 'x' })).headers.get('Allow')).toBe('GET, HEAD');
    expect((await app.request('GET', '/console/v1/nothing')).body['code']).toBe('route.notFound');
  });
});

/** Which headers or cookies prove somebody, by access. */
function waysIn(access: Access, method: string): string[][] {
  if (access === 'public' || access === 'operators') return [];
  if (access === 'shop-system') return [['shopKey', 'shopTimestamp', 'shopNonce', 'shopSignature']];
  if (access === 'member') return [['member']];
  return [method === 'GET' ? ['session'] : ['session', 'csrf'], ['token']];
}

describe('the OpenAPI document', () => {
  it('defines every scheme it names, and shows batches and Idempotency-Key where they are', async () => {
    const { body } = await app.request('GET', '/openapi.json');
    const { securitySchemes } = body['components'] as { securitySchemes: Record<string, object> };
    const named = new Set(app.server.routes.flatMap(({ access, method }) => waysIn(access, method).flat()));
    expect(Object.keys(securitySchemes).sort()).toEqual([...named].sort());
    const paths = body['paths'] as Record<string, Record<string, Operation>>;
    const orders = paths['/open/v1/orders']?.['post'];
    expect(Object.keys(orders?.requestBody?.content ?? {})).toEqual(['application/json', 'application/x-ndjson']);
    expect(Object.keys(orders?.responses['200']?.content ?? {})).toEqual(['application/json', 'application/x-ndjson']);
    expect(orders?.parameters?.map(({ name }) => name)).toEqual(['Idempotency-Key']);
    const redeem = paths['/open/v1/vouchers/{code}/redeem']?.['post'];
    expect(redeem?.parameters?.map(({ name }) => name).sort()).toEqual(['Idempotency-Key', 'code']);
    expect(Object.keys(redeem?.requestBody?.content ?? {})).toEqual(['application/json']);
    expect(paths['/open/v1/customers/lookup']?.['post']?.parameters).toBeUndefined();
  });

  it('lists every declared route with its body, answers and access', async () => {
    const { body } = await app.request('GET', '/openapi.json');
    expect(body['openapi']).toBe('3.1.0');
    const paths = body['paths'] as Record<
      string,
      Record<string, { security?: object[]; requestBody?: unknown; responses: object }>
    >;
    for (const { method, path, access, body: input } of app.server.routes) {
      const operation = paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
      expect(operation).toBeDefined();
      expect(operation?.requestBody !== undefined).toBe(input !== undefined);
      expect(operation?.security?.map((way) => Object.keys(way))).toEqual(waysIn(access, method));
      expect(Object.keys(operation?.responses ?? {})).toContain('default');
    }
  });

  it('is shown as a page that loads nothing and runs nothing', async () => {
    const page = await app.request('GET', '/docs');
    expect(page.text).toContain('/console/v1/conversations/{id}/replies');
    expect(page.text).not.toMatch(/<script|<link|src=|https?:\/\/(?!localhost)/);
    expect(page.headers.get('Content-Security-Policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
  });
});
