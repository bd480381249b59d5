import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MAX_FILE_BYTES } from '../../src/contracts/index.js';
import { RequestProblem } from '../../src/errors.js';
import { startApp } from './app.js';
import type { Person, TestApp } from './app.js';
import { ID, MEDIA_ID, PNG } from './fakes.js';

const base = '/console/v1';
const reply = { clientId: '12345678', content: { type: 'text', text: '你好' } };
let app: TestApp;
let agent: Person;
beforeAll(async () => {
  app = await startApp();
  agent = await app.person('agent');
});
afterAll(() => app.close());
beforeEach(() => app.refuse.clear());

const codeOf = ({ status, body }: { status: number; body: Record<string, unknown> }) => [status, body['code']];

describe('problem documents', () => {
  it('carry a stable code, a request id that is in the header too, and the right content type', async () => {
    const answer = await app.request('GET', '/nowhere');
    expect(answer.headers.get('Content-Type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      code: 'route.notFound',
      detail: expect.any(String),
      requestId: answer.headers.get('X-Request-Id'),
    });
  });

  it('pass on what the product refuses, with its message', async () => {
    app.refuse.set('inbox.claim', new RequestProblem(409, 'conversation.alreadyClaimed', 'Wang has it.'));
    const claimed = await app.request('POST', `${base}/conversations/${ID}/claim`, { as: agent });
    expect(claimed).toMatchObject({
      status: 409,
      body: { code: 'conversation.alreadyClaimed', detail: 'Wang has it.' },
    });
    app.refuse.set('inbox.reply', new RequestProblem(409, 'window.closed', 'No more.'));
    expect(
      codeOf(await app.request('POST', `${base}/conversations/${ID}/replies`, { as: agent, json: reply })),
    ).toEqual([409, 'window.closed']);
  });

  it('hide everything of what was not expected', async () => {
    app.refuse.set('inbox.counts', new Error('password hunter2 at /srv/app.ts:1'));
    const answer = await app.request('GET', `${base}/conversations/counts`, { as: agent });
    expect(codeOf(answer)).toEqual([500, 'server.unexpected']);
    expect(answer.text).not.toMatch(/hunter2|app\.ts|stack|Error:/);
    expect(answer.body['requestId']).toBe(answer.headers.get('X-Request-Id'));
  });

  it('write nothing to the audit log as done when it was not', async () => {
    app.refuse.set('inbox.claim', new RequestProblem(409, 'conversation.alreadyClaimed', 'Wang has it.'));
    const before = await app.staff.audit.list({ limit: 1 });
    await app.request('POST', `${base}/conversations/${ID}/claim`, { as: agent });
    expect(await app.staff.audit.list({ limit: 1 })).toEqual(before);
  });
});

describe('bad requests', () => {
  it('405 with Allow', async () => {
    const answer = await app.request('PATCH', `${base}/conversations/${ID}/claim`, { as: agent });
    expect(codeOf(answer)).toEqual([405, 'route.wrongMethod']);
    expect(answer.headers.get('Allow')).toBe('POST');
    expect((await app.request('OPTIONS', `${base}/tokens`)).headers.get('Allow')).toBe('GET, HEAD, POST');
  });

  it.each([
    ['text/plain', JSON.stringify(reply), [415, 'request.wrongType']],
    ['application/x-www-form-urlencoded', 'clientId=1', [415, 'request.wrongType']],
    ['application/json', '{"clientId":', [400, 'request.badJson']],
    ['application/json', Buffer.from([0x22, 0xff, 0x22]), [400, 'request.badJson']],
    ['application/json', '', [400, 'request.badJson']],
    ['application/json', '{"clientId":"\\ud800"}', [400, 'request.invalid']],
    ['application/json', '[]', [400, 'request.invalid']],
    ['application/json', 'null', [400, 'request.invalid']],
    [
      'application/json; charset=utf-8',
      JSON.stringify({ ...reply, clientId: 'x'.repeat(110_000) }),
      [413, 'request.tooLarge'],
    ],
    ['application/json', '['.repeat(90_000), [400, 'request.badJson']],
    ['application/json', '{"__proto__":{"admin":true}}', [400, 'request.invalid']],
  ])('%s: %.40s', async (type, raw, expected) => {
    const answer = await app.request('POST', `${base}/conversations/${ID}/replies`, {
      as: agent,
      raw,
      headers: { 'Content-Type': type },
    });
    expect(codeOf(answer)).toEqual(expected);
  });

  it.each([
    ['a text', '{"clientId":"12345678","content":{"type":"text","text":"\\uD83D cut"}}', 'content.text'],
    ['a text in a list', '{"list":["ok",{"of":["\\udc00"]}]}', 'list.1.of.0'],
    ['a name', '{"content":{"\\ud800":1}}', 'content'],
    ['the body itself', '"\\ud800"', ''],
  ])('half a character in %s is refused with its place', async (_what, raw, path) => {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await app.request('POST', `${base}/conversations/${ID}/replies`, { as: agent, raw, headers });
    expect(codeOf(answer)).toEqual([400, 'request.invalid']);
    expect(answer.body['errors']).toEqual([{ path, code: 'half_character', message: expect.any(String) }]);
  });

  it('whole characters may be escaped, and a body nested deeply is only refused', async () => {
    const sent = (raw: string) =>
      app.request('POST', `${base}/conversations/${ID}/replies`, {
        ...{ as: agent, raw, headers: { 'Content-Type': 'application/json' } },
      });
    const whole = JSON.stringify(reply).replace('你好', '\\ud83d\\ude00');
    expect((await sent(whole)).status).toBeLessThan(300);
    const deep = `${'['.repeat(40_000)}"\\ud800"${']'.repeat(40_000)}`;
    expect((await sent(deep)).status).toBe(400);
  });

  it('413 also for a body that does not say how long it is', async () => {
    const body = new ReadableStream({
      start: (controller) => {
        for (let i = 0; i < 20; i += 1) controller.enqueue(new TextEncoder().encode('x'.repeat(10_000)));
        controller.close();
      },
    });
    const headers = { 'Content-Type': 'application/json', Cookie: agent.cookie, 'X-CSRF-Token': agent.csrfToken };
    const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    const answer = await fetch(`${app.base}${base}/conversations/${ID}/replies`, init);
    expect(answer.status).toBe(413);
  });

  it('repeated query parameters and strange paths are refused, not guessed', async () => {
    const twice = await app.request('GET', `${base}/conversations?box=mine&box=all`, { as: agent });
    expect(codeOf(twice)).toEqual([400, 'request.invalid']);
    for (const path of [`${base}/conversations/%zz`, `${base}/conversations/%00`, `${base}/conversations/${ID}%2f..`]) {
      expect((await app.request('GET', path, { as: agent })).status).toBe(400);
    }
  });
});

describe('uploads', () => {
  const upload = (bytes: Buffer, { type = 'image/png', field = 'file', to = 'media' } = {}) => {
    const form = new FormData();
    form.append(field, new Blob([bytes], { type }), 'a.png');
    return app.request('POST', `${base}/${to}`, { as: agent, raw: form });
  };
  const mb2 = 2 * 1024 * 1024;

  it('go by their bytes, not by their label', async () => {
    const jpeg = Buffer.from('ffd8ffe000104a464946', 'hex');
    expect((await upload(jpeg, { type: 'image/png' })).body).toMatchObject({
      mimeType: 'image/jpeg',
      bytes: jpeg.length,
    });
    expect(codeOf(await upload(Buffer.from('<svg onload=alert(1)>'), { type: 'image/png' }))).toEqual([
      415,
      'media.wrongType',
    ]);
  });

  it('may have 2 MB and not a byte more', async () => {
    expect((await upload(Buffer.concat([PNG, Buffer.alloc(mb2 - PNG.length)]))).status).toBe(201);
    expect(codeOf(await upload(Buffer.concat([PNG, Buffer.alloc(mb2 - PNG.length + 1)])))).toEqual([
      413,
      'request.tooLarge',
    ]);
  });

  it('need the field `file` and a whole multipart body', async () => {
    expect(codeOf(await upload(PNG, { field: 'picture' }))).toEqual([400, 'request.badUpload']);
    const broken = {
      as: agent,
      raw: '--x\r\nContent-Disposition: form-data; name="file"',
      headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
    };
    expect(codeOf(await app.request('POST', `${base}/media`, broken))).toEqual([400, 'request.badUpload']);
    expect(codeOf(await app.request('POST', `${base}/media`, { as: agent, json: {} }))).toEqual([
      415,
      'request.wrongType',
    ]);
  });

  it('come back as pictures, or as a download when a browser might run them', async () => {
    const picture = await app.request('GET', `${base}/media/${MEDIA_ID}`, { as: agent });
    expect(picture.headers.get('Content-Type')).toBe('image/png');
    expect(picture.headers.get('X-Content-Type-Options')).toBe('nosniff');
    const page = await app.request('GET', `${base}/media/${'c'.repeat(64)}`, { as: agent });
    expect(page.headers.get('Content-Type')).toBe('application/octet-stream');
    expect(page.headers.get('Content-Disposition')).toBe('attachment');
  });

  it('may be of any kind, and 20 MB, where files go', async () => {
    const page = Buffer.from('<script>alert(1)</script>');
    const taken = await upload(page, { type: 'text/html', to: 'media/files' });
    expect([taken.status, taken.body]).toEqual([
      201,
      { mediaId: MEDIA_ID, mimeType: 'application/octet-stream', bytes: page.length },
    ]);
    expect((await upload(Buffer.alloc(MAX_FILE_BYTES), { to: 'media/files' })).status).toBe(201);
    expect(codeOf(await upload(Buffer.alloc(MAX_FILE_BYTES + 1), { to: 'media/files' }))).toEqual([
      413,
      'request.tooLarge',
    ]);
  });

  it.each([
    ['报价 (2).pdf', `attachment; filename="?? (2).pdf"; filename*=UTF-8''%E6%8A%A5%E4%BB%B7%20%282%29.pdf`],
    ['../../a"b\r\nX: y.html', 'attachment; filename="a_bX_ y.html"'],
    ['a\u202egpj.exe', 'attachment; filename="agpj.exe"'],
    ['index.html', 'attachment; filename="index.html"'],
  ])('are saved as %j under a name that deceives nobody, and never shown', async (name, disposition) => {
    const path = `${base}/media/${MEDIA_ID}?name=${encodeURIComponent(name)}`;
    const { headers } = await app.request('GET', path, { as: agent });
    expect(headers.get('Content-Disposition')).toBe(disposition);
    expect(headers.get('Content-Type')).toBe('application/octet-stream');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  });
});

describe('answers', () => {
  it('hold only what their schema declares', async () => {
    const answer = await app.request('GET', `${base}/conversations`, { as: agent });
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('not for browsers');
  });

  it('are not kept by caches, run nothing and are framed by nobody', async () => {
    const { headers } = await app.request('GET', `${base}/conversations`, { as: agent });
    expect(headers.get('Cache-Control')).toBe('no-store');
    expect(headers.get('Content-Security-Policy')).toBe("default-src 'none'; frame-ancestors 'none'; sandbox");
    expect(headers.get('X-Frame-Options')).toBe('DENY');
  });
});

describe('429', () => {
  it('by address for signing in, by staff member for the console, with Retry-After', async () => {
    const small = await startApp({ limits: { signInPerMinute: 3, consolePerMinute: 5 } });
    const from = (address: string) =>
      small.request('POST', `${base}/session`, {
        json: { account: 'nobody', password: 'x' },
        headers: { 'X-Forwarded-For': address },
      });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await from('10.4.0.1')).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect((await from('10.4.0.2')).status).toBe(401);
    const limited = await from('10.4.0.1');
    expect(codeOf(limited)).toEqual([429, 'request.tooMany']);
    expect(Number(limited.headers.get('Retry-After'))).toBeGreaterThan(0);

    const [one, other] = [await small.person('agent'), await small.person('agent')];
    const list = async (as: Person) => (await small.request('GET', `${base}/conversations`, { as })).status;
    for (let i = 0; i < 5; i += 1) expect(await list(one)).toBe(200);
    expect([await list(one), await list(other)]).toEqual([429, 200]);
    await small.close();
  });
});
