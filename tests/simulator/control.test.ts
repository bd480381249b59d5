import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { startSimulator } from '../../simulator/main.js';
import { account, startLab, until, type Lab } from './lab.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  await lab.post('/reset');
  await lab.register();
  await lab.renewToken();
  await lab.person('o-1');
});

const fields = (body: Record<string, unknown>) => (body['errors'] as { path: string }[]).map((each) => each.path);

describe('refusals of the control API (docs/wechat.md 6.2)', () => {
  it.each([
    ['/people', { nickname: 'x' }, ['name', '']],
    ['/people/o-1/say', { type: 'text' }, ['content']],
    ['/people/o-1/say', { type: 'smell' }, ['type']],
    ['/people/o-1/say', { type: 'location', latitude: 91, longitude: 'x' }, ['latitude', 'longitude']],
    ['/people/o-1/say', { type: 'text', content: 'x', msgId: 'abc' }, ['msgId']],
    ['/people/o-1/say', { type: 'image', base64: '%%%' }, ['base64']],
    ['/people/o-1/say', { type: 'image', contentType: 'text/html' }, ['contentType']],
    ['/people/o-1/scan', {}, ['scene']],
    ['/people/o-1/unfollow', { extra: 1 }, ['']],
    ['/faults', { times: 0 }, ['path', 'times']],
    ['/faults', { path: '/cgi-bin/token', duplicate: true }, ['path']],
    [
      '/accounts',
      { ...account, callbackUrl: 'ftp://x', encodingAesKey: 'short', mode: 'loud' },
      ['encodingAesKey', 'mode', 'callbackUrl'],
    ],
  ])('%s %j is 400 and names the fields', async (path, body, paths) => {
    const answer = await lab.post(path, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'body.invalid', status: 400 } });
    expect(fields(answer.body)).toEqual(paths);
  });

  it('is a problem document; garbage is 400, the unknown 404', async () => {
    const response = await fetch(`${lab.simulator.controlUrl}/people`, { method: 'POST', body: '{' });
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect([response.status, await response.json()]).toMatchObject([400, { code: 'body.notJson' }]);
    expect((await lab.post('/people/o-none/say', { type: 'text', content: 'x' })).status).toBe(404);
    expect((await lab.post('/people/o-1/dance')).status).toBe(404);
    expect((await lab.control('GET', '/nothing')).status).toBe(404);
    expect((await lab.post('/people/%E0%A4%A/say')).status).toBe(400);
    expect((await lab.post('/clock', { advance: 1 })).status).toBe(400);
    expect((await lab.post('/people/o-1/tap', {})).status).toBe(400);
  });

  it('an openid belongs to one person and a known account', async () => {
    const taken = await lab.post('/people', { name: 'x', openids: { [account.appId]: 'o-1' } });
    expect([taken.status, fields(taken.body)]).toEqual([409, [`openids.${account.appId}`]]);
    expect((await lab.post('/people', { name: 'x', openids: { wxnone: 'o-2' } })).status).toBe(409);
    const { body } = await lab.post('/people', { name: 'x' });
    expect((body['openids'] as Record<string, string>)[account.appId]).toMatch(/^o[\w-]{27}$/);
  });

  it('impossible actions are 409, what needs a mini-program 501', async () => {
    expect((await lab.post('/people/o-1/follow')).status).toBe(409);
    await lab.post('/people/o-1/unfollow');
    expect((await lab.post('/people/o-1/unfollow')).status).toBe(409);
    for (const action of ['logincode', 'phonecode', 'enter', 'grant']) {
      expect((await lab.post(`/people/o-1/${action}`)).status).toBe(501);
    }
  });
});

describe('faults of calls (docs/wechat.md 6.6)', () => {
  const path = '/cgi-bin/message/custom/send';
  const fault = (extra: Record<string, unknown>) => lab.post('/faults', { path, ...extra });

  it('an error code comes as often as ordered and has no effect', async () => {
    await fault({ times: 2, errcode: -1 });
    expect([await lab.text('o-1'), await lab.text('o-1'), await lab.text('o-1')]).toEqual([-1, -1, 0]);
    expect(await lab.shown('o-1')).toHaveLength(1);
  });

  it.each([
    ['before', 0],
    ['after', 1],
  ])('drop %s: the connection goes, %d messages arrived', async (drop, arrived) => {
    await fault({ drop });
    await expect(lab.text('o-1')).rejects.toThrow();
    expect(await lab.shown('o-1')).toHaveLength(arrived);
    expect(await lab.text('o-1')).toBe(0);
  });

  it('a broken body, with or without the effect', async () => {
    await fault({ body: '{"errcode":0,"er' });
    await expect(lab.text('o-1')).rejects.toThrow();
    expect(await lab.shown('o-1')).toHaveLength(0);
    await fault({ body: '<html>502</html>', status: 502, effect: true });
    await expect(lab.text('o-1')).rejects.toThrow();
    expect(await lab.shown('o-1')).toHaveLength(1);
  });

  it('a delay delays', async () => {
    await fault({ delayMs: 120 });
    const started = Date.now();
    expect(await lab.text('o-1')).toBe(0);
    expect(Date.now() - started).toBeGreaterThanOrEqual(115);
  });

  it('the call list shows what came and what was answered, without tokens', async () => {
    await fault({ drop: 'before' });
    await lab.text('o-1', '你好').catch(() => undefined);
    await lab.text('o-1', '你好');
    const calls = (await lab.control('GET', `/calls?path=${path}`)).body as unknown as Record<string, unknown>[];
    expect(calls).toMatchObject([
      { method: 'POST', path, status: 0, answer: null },
      { status: 200, body: { touser: 'o-1', text: { content: '你好' } }, answer: { errcode: 0 } },
    ]);
    const token = (await lab.renewToken()).slice(0, 20);
    await lab.api('/cgi-bin/getcallbackip');
    const queries = (await lab.control('GET', '/calls')).body as unknown as { query: unknown }[];
    expect(JSON.stringify(queries.map((call) => call.query))).not.toContain(token);
  });
});

describe('the clock (docs/wechat.md 6.4)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'huike-clock-'));
  const clockFile = join(folder, 'clock');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('shares its offset through the file and reads it at the start', async () => {
    writeFileSync(clockFile, '5000\n');
    const simulator = await startSimulator({ clockFile });
    const clock = async (body?: unknown) => {
      const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
      return (await (await fetch(`${simulator.controlUrl}/clock`, init)).json()) as { now: string; offsetMs: number };
    };
    expect((await clock()).offsetMs).toBe(5000);
    expect((await clock({ advanceMs: 1000 })).offsetMs).toBe(6000);
    expect(readFileSync(clockFile, 'utf8').trim()).toBe('6000');
    expect((await clock({ set: '2030-01-01T10:00:00+08:00' })).now).toMatch(/^2030-01-01T02:00:00/);
    expect(readdirSync(folder)).toEqual(['clock']);
    await simulator.stop();
  });

  it('writes no file when none is named', async () => {
    await lab.advance(1000);
    expect(existsSync(join(process.cwd(), 'clock'))).toBe(false);
  });
});

describe('reset (docs/wechat.md 6.1)', () => {
  it('forgets all but the accounts', async () => {
    const token = await lab.renewToken();
    await lab.advance(1000);
    await lab.post('/faults', { path: '*', times: 9, errcode: -1 });
    await lab.post('/reset');
    const state = (await lab.control('GET', '/state')).body as { people: unknown[]; accounts: unknown[] };
    expect([state.people.length, state.accounts.length]).toEqual([0, 1]);
    expect((await lab.control('GET', '/clock')).body['offsetMs']).toBe(0);
    expect((await lab.control('GET', '/calls')).body).toEqual([]);
    const old = await lab.send(`${lab.simulator.apiBase}/cgi-bin/getcallbackip?access_token=${token}`);
    expect(old.body['errcode']).toBe(40001);
  });
});

describe('the phone page (docs/wechat.md 6.5)', () => {
  const sockets: WebSocket[] = [];
  afterEach(() => sockets.splice(0).forEach((socket) => socket.terminate()));
  const phone = (path: string, init?: RequestInit) => fetch(`${lab.simulator.phoneUrl}${path}`, init);

  it('serves its files and nothing beside them', async () => {
    expect(await (await phone('')).text()).toContain('phone-input');
    expect((await phone('app.js')).headers.get('content-type')).toContain('javascript');
    for (const path of ['..%2fmain.ts', 'main.ts', 'nothing.js']) expect((await phone(path)).status).toBe(404);
    const redirect = await fetch(lab.simulator.phoneUrl.slice(0, -1), { redirect: 'manual' });
    expect(redirect.headers.get('location')).toBe('/phone/');
  });

  it('hands out pictures in a way that no browser runs them', async () => {
    await lab.post('/people/o-1/say', { type: 'image', base64: Buffer.from('<script>').toString('base64') });
    const { body } = await lab.control('GET', '/people/o-1/chat');
    const entry = (body as unknown as { content: { media_id: string } }[]).at(-1);
    const picture = await phone(`media/${entry?.content.media_id ?? ''}`);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(picture.headers.get('x-content-type-options')).toBe('nosniff');
    expect(picture.headers.get('content-security-policy')).toContain('sandbox');
    expect((await phone('media/none')).status).toBe(404);
  });

  it('acts for people, but reaches no secrets, clock, faults, calls or reset', async () => {
    const json = { 'content-type': 'application/json' };
    const body = JSON.stringify({ type: 'text', content: 'hi' });
    expect((await phone('api/people/o-1/say', { method: 'POST', headers: json, body })).status).toBe(200);
    expect((await phone('api/people/o-1/say', { method: 'POST', body })).status).toBe(415);
    expect(await (await phone('api/state')).text()).not.toContain(account.secret);
    for (const path of ['clock', 'faults', 'accounts', 'reset']) {
      expect((await phone(`api/${path}`, { method: 'POST', headers: json, body: '{}' })).status).toBe(404);
    }
    expect((await phone('api/calls')).status).toBe(404);
  });

  it('hears of messages as they arrive', async () => {
    const socket = new WebSocket(`${lab.simulator.phoneUrl.replace('http', 'ws')}ws`);
    sockets.push(socket);
    const heard: Record<string, unknown>[] = [];
    socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as Record<string, unknown>));
    await until(() => heard.length > 0);
    expect(heard[0]).toMatchObject({ type: 'snapshot', people: [{ name: 'o-1' }] });
    await lab.text('o-1', 'on the phone');
    await until(() => heard.some((each) => each['type'] === 'message'));
    expect(heard.find((each) => each['type'] === 'message')).toMatchObject({
      openid: 'o-1',
      entry: { route: 'customer', content: 'on the phone' },
    });
    await lab.post('/people', { name: 'new' });
    await until(() => heard.filter((each) => each['type'] === 'snapshot').length > 1);
  });
});

describe('the simulator stands alone', () => {
  const folder = new URL('../../simulator/', import.meta.url);

  it('imports nothing of the product', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
    expect(files.length).toBeGreaterThan(15);
    for (const name of files) {
      const imports = [...readFileSync(new URL(name, folder), 'utf8').matchAll(/from '([^']+)'/g)].map(
        (each) => each[1],
      );
      const foreign = imports.filter((path) => path?.startsWith('.') === true && !/^\.\/[a-z-]+\.js$/.test(path));
      expect([name, foreign]).toEqual([name, []]);
    }
  });

  it('says so when its port is taken', async () => {
    const port = Number(new URL(lab.simulator.apiBase).port);
    await expect(startSimulator({ port })).rejects.toThrow('EADDRINUSE');
  });
});
