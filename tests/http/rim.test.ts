/** What somebody hostile tries at the rim: hung-up streams, forged hops, refusals that should leave a trace. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clientAddress, clientNetwork, networksOf } from '../../src/http/middleware/client-address.js';
import { startApp } from './app.js';
import type { TestApp } from './app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ pingMs: 20 });
});
afterAll(() => app.close());

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

describe('a stream whose reader left before it began', () => {
  it('neither listens on nor counts against its owner', async () => {
    const agent = await app.person('agent');
    const before = app.subscribers();
    for (let i = 0; i < 13; i += 1) {
      const socket = connect(app.listening.port, '127.0.0.1');
      socket.on('error', () => undefined);
      const ask = `GET /console/v1/stream HTTP/1.1\r\nHost: x\r\nCookie: ${agent.cookie}\r\n\r\n`;
      await new Promise<void>((done) => socket.write(ask, () => done()));
      socket.destroy();
    }
    await pause(300);
    expect(app.subscribers()).toBe(before);
    const stop = new AbortController();
    const headers = { Cookie: agent.cookie };
    const answer = await fetch(`${app.base}/console/v1/stream`, { headers, signal: stop.signal });
    expect(answer.status).toBe(200);
    stop.abort();
  });
});

describe('hops that are no plain address', () => {
  it.each([
    ['with a port', '127.0.0.1, 203.0.113.9:4711', '203.0.113.9'],
    ['in brackets', '127.0.0.1, [2001:db8::1]:4711', '2001:db8::1'],
    ['in brackets without a port', '[2001:db8::1]', '2001:db8::1'],
    ['without a name', '127.0.0.1, unknown', 'unknown'],
    ['rubbish', '127.0.0.1, <script>', 'unknown'],
  ])('%s never let a forged hop before them count', (_name, forwarded, expected) => {
    expect(clientAddress('127.0.0.1', forwarded, networksOf('loopback'))).toBe(expected);
  });

  it('make nobody an operator', async () => {
    const headers = { 'X-Forwarded-For': '127.0.0.1, unknown' };
    expect((await app.request('GET', '/metrics', { headers })).status).toBe(403);
  });
});

describe('a proxy on this machine that nobody configured', () => {
  it.each(['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via'])(
    'does not make the whole world operators: %s says that somebody else asks',
    async (name) => {
      const plain = await startApp({ trustProxy: false });
      const asked = await plain.request('GET', '/metrics', { headers: { [name]: '203.0.113.9' } });
      expect([asked.status, asked.body['code']]).toEqual([403, 'operators.only']);
      expect((await plain.request('GET', '/metrics')).status).toBe(200);
      await plain.close();
    },
  );
});

describe('what is counted by address', () => {
  it('takes an IPv6 household for one client', () => {
    expect(clientNetwork('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(clientNetwork('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64');
    expect(clientNetwork('2001:db8::9')).toBe('2001:db8:0:0::/64');
    expect(clientNetwork('203.0.113.9')).toBe('203.0.113.9');
    expect(clientNetwork('unknown')).toBe('unknown');
  });

  it('limits sign-ins over all its addresses', async () => {
    const few = await startApp({ limits: { signInPerMinute: 3, consolePerMinute: 100, webhookPerMinute: 100 } });
    const statuses: number[] = [];
    for (let i = 1; i <= 4; i += 1) {
      const headers = { 'X-Forwarded-For': `2001:db8:1:2::${i}` };
      statuses.push((await few.request('GET', '/console/v1/captcha', { headers })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
    await few.close();
  });
});

describe('a refusal by a handler', () => {
  it('for want of a session is in the audit log like any other refusal of a right', async () => {
    const agent = await app.person('agent');
    const made = await app.request('POST', '/console/v1/tokens', { as: agent, json: { name: 't', expiresInDays: 1 } });
    const headers = { Authorization: `Bearer ${String(made.body['token'])}` };
    const asked = await app.request('POST', '/console/v1/tokens', { json: { name: 'u', expiresInDays: 1 }, headers });
    expect(asked.body['code']).toBe('session.needed');
    const { items } = await app.staff.audit.list({ limit: 1 });
    expect(items[0]).toMatchObject({ action: 'token.add', outcome: 'refused', staffId: agent.id });
  });
});

describe('problem answers', () => {
  it('are never kept, also below the console’s files', async () => {
    const consoleDir = new URL('.', import.meta.url).pathname;
    const other = await startApp({ consoleDir });
    const answer = await other.request('GET', '/console/assets/gone-12345678.js');
    expect([answer.status, answer.headers.get('Cache-Control')]).toEqual([404, 'no-store']);
    await other.close();
  });

  it('are the same for every odd request', async () => {
    const cases: Array<[method: string, path: string, status: number]> = [
      ['GET', '/%E0%A4%A', 404],
      ['OPTIONS', '/console/v1/session', 405],
      ['TRACE', '/nothing', 404],
      ['PUT', '/webhooks/official-account/shop', 405],
      ['GET', '/console/v1/customers/%E0%A4%A', 401],
    ];
    for (const [method, path, status] of cases) {
      const raw = await rawRequest(
        app.listening.port,
        `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      expect([method, path, raw.split(' ')[1]]).toEqual([method, path, String(status)]);
      expect(raw).toContain('application/problem+json');
    }
  });

  it('name a field called __proto__ and leave every prototype alone', async () => {
    const raw = '{"account":"a","password":"b","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const answer = await app.request('POST', '/console/v1/session', {
      raw,
      headers: { 'Content-Type': 'application/json' },
    });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body['errors'])).toContain('__proto__');
    expect('polluted' in {}).toBe(false);
  });
});

function rawRequest(port: number, text: string): Promise<string> {
  return new Promise((done, fail) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('error', fail);
    socket.once('close', () => done(answer));
  });
}
