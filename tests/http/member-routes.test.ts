/** Every declared route of the mini-program, by the same beats: who may not, what is wrong, what works. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FieldProblem } from '../../src/contracts/index.js';
import { RequestProblem } from '../../src/errors.js';
import { startApp } from './app.js';
import type { Answer, TestApp } from './app.js';
import { ID } from './fakes.js';

const TOKEN = 'm'.repeat(43);
const address = { channel: 'mini-program' as const, account: 'mini', user: 'o-lin' };

interface Sample {
  status: number;
  json?: unknown;
  query?: string;
  wrong?: { json?: unknown; query?: string; fields: string[] };
}

const list: Sample = { status: 200, query: '?limit=5', wrong: { query: '?limit=0&wat=1', fields: ['limit', 'wat'] } };
const consent = { purpose: 'care', channel: 'wechat', version: '1' };
const join = { privacyVersion: '1', age: 'adult', consents: [consent] };
const samples: Record<string, Sample> = {
  'POST /member/v1/login': {
    status: 200,
    json: { code: 'c1' },
    wrong: { json: { code: '', openid: 'o-lin' }, fields: ['code', 'openid'] },
  },
  'POST /member/v1/logout': { status: 204 },
  'GET /member/v1/texts': { status: 200 },
  'GET /member/v1/me': { status: 200 },
  'PUT /member/v1/me': {
    status: 200,
    json: { name: '小林', birthday: '02-29' },
    wrong: { json: { birthday: '2025-02-29', phone: '13800138000' }, fields: ['birthday', 'phone'] },
  },
  'POST /member/v1/join': {
    status: 200,
    json: join,
    wrong: {
      json: { ...join, age: 'old', consents: [{ ...consent, purpose: 'all' }], customerId: ID },
      fields: ['age', 'consents.0.purpose', 'customerId'],
    },
  },
  'POST /member/v1/phone': {
    status: 200,
    json: { phoneCode: 'p1' },
    wrong: { json: { phone: '13800138000' }, fields: ['phoneCode', 'phone'] },
  },
  'POST /member/v1/privacy': {
    status: 200,
    json: { ...consent, given: false },
    wrong: { json: { ...consent, given: 'no' }, fields: ['given'] },
  },
  'POST /member/v1/notices': {
    status: 200,
    json: { reportId: 'r-1234567', answers: [{ templateId: 't1', answer: 'accept' }] },
    wrong: { json: { reportId: 'r', answers: [] }, fields: ['reportId', 'answers'] },
  },
  'GET /member/v1/points': list,
  'GET /member/v1/vouchers': list,
  'GET /member/v1/levels': { status: 200 },
  'GET /member/v1/offers': { status: 200 },
  'POST /member/v1/offers/claim': {
    status: 200,
    json: { couponId: ID, requestKey: 'k-1234567' },
    wrong: { json: { couponId: 'x', requestKey: 'k' }, fields: ['couponId', 'requestKey'] },
  },
  'POST /member/v1/checkin': { status: 200 },
  'GET /member/v1/orders': list,
  'GET /member/v1/messages': list,
  'PUT /member/v1/messages/read': {
    status: 204,
    json: { until: '2026-11-22T04:00:00Z' },
    wrong: { json: { until: 'now', all: true }, fields: ['until', 'all'] },
  },
};

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
  app.tokens.set(TOKEN, { customerId: ID, address });
});
afterAll(() => app.close());
beforeEach(() => app.refuse.clear());

const names = Object.keys(samples);
const open = ['POST /member/v1/login', 'GET /member/v1/texts'];
const closed = names.filter((name) => !open.includes(name));
const withInput = names.filter((name) => samples[name]?.wrong);
const bearer = (token = TOKEN) => ({ Authorization: `Bearer ${token}` });
const codeOf = ({ status, body }: Answer) => [status, body['code']];

function ask(name: string, more: { headers?: Record<string, string>; json?: unknown; query?: string } = {}) {
  const [method = '', path = ''] = name.split(' ');
  const sample = samples[name];
  const { headers = bearer(), json = sample?.json, query = sample?.query ?? '' } = more;
  return app.request(method, `${path}${query}`, { headers, json });
}

describe('the declared routes of the mini-program', () => {
  it('are exactly those with a sample here, and open are signing in and the texts alone', () => {
    const declared = app.server.routes.filter(({ path }) => path.startsWith('/member/'));
    const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
    expect(declared.map(nameOf).sort()).toEqual([...names].sort());
    expect(declared.filter(({ access }) => access === 'public').map(nameOf)).toEqual(open);
    for (const { access, limit } of declared) {
      expect(['member', 'public']).toContain(access);
      expect(['member', 'memberSignIn']).toContain(limit);
    }
  });

  it('have a wrong request wherever they take input', () => {
    const taking = app.server.routes.filter(({ path, body, query }) => path.startsWith('/member/') && (body ?? query));
    expect(taking.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([...withInput].sort());
  });
});

describe('401', () => {
  it.each(closed)('%s: without a token, with one nobody has, with one of the staff', async (name) => {
    const admin = await app.person('admin');
    const before = app.calls.length;
    const wrong = [
      {},
      bearer('x'.repeat(43)),
      bearer('short'),
      { Authorization: TOKEN },
      { Authorization: `Basic ${TOKEN}` },
      { Cookie: `${admin.cookie}; token=${TOKEN}`, 'X-CSRF-Token': admin.csrfToken },
    ];
    for (const headers of wrong) {
      const answer = await ask(name, { headers });
      expect([...codeOf(answer), answer.headers.get('WWW-Authenticate')]).toEqual([
        401,
        'member.signInNeeded',
        'Bearer realm="huike-member"',
      ]);
    }
    expect(app.calls.length).toBe(before);
  });

  it('opens nothing of the staff', async () => {
    const answer = await app.request('GET', '/console/v1/customers', { headers: bearer() });
    expect(codeOf(answer)).toEqual([401, 'session.required']);
  });

  it('as soon as the token has ended', async () => {
    const token = 'e'.repeat(43);
    app.tokens.set(token, { customerId: ID, address });
    expect((await ask('GET /member/v1/me', { headers: bearer(token) })).status).toBe(200);
    app.tokens.delete(token);
    expect((await ask('GET /member/v1/me', { headers: bearer(token) })).status).toBe(401);
  });
});

describe('400 naming every wrong field', () => {
  it.each(withInput)('%s', async (name) => {
    const before = app.calls.length;
    const { json, query, fields = [] } = samples[name]?.wrong ?? {};
    const answer = await ask(name, { ...(json ? { json } : {}), ...(query ? { query } : {}) });
    expect(codeOf(answer)).toEqual([400, 'request.invalid']);
    const errors = answer.body['errors'] as FieldProblem[];
    expect(errors.map((error) => error.path).sort()).toEqual([...fields].sort());
    expect(app.calls.length).toBe(before);
  });
});

describe('with a token', () => {
  it.each(closed)('%s works for its own customer, and leaves the audit log alone', async (name) => {
    const audit = await app.staff.audit.list({ limit: 1 });
    const answer = await ask(name);
    expect([answer.status, app.calls.at(-1)]).toEqual([samples[name]?.status, expect.stringMatching(` ${ID}$`)]);
    expect(await app.staff.audit.list({ limit: 1 })).toEqual(audit);
  });

  it.each(open)('%s needs none', async (name) => {
    expect((await ask(name, { headers: {} })).status).toBe(200);
  });

  it('answers hold only what is declared, and no cache keeps them', async () => {
    const answer = await ask('GET /member/v1/me');
    expect(answer.text).not.toContain('not for phones');
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
  });

  it('passes on what the product refuses', async () => {
    app.refuse.set(`member.claim ${ID}`, new RequestProblem(409, 'coupon.soldOut', 'None is left.'));
    expect(codeOf(await ask('POST /member/v1/offers/claim'))).toEqual([409, 'coupon.soldOut']);
  });
});

describe('limits', () => {
  it('by member, whichever address they come from; signing in by address', async () => {
    const small = await startApp({ limits: { memberPerMinute: 4, memberSignInPerMinute: 3 } });
    const [one, other] = ['1'.repeat(43), '2'.repeat(43)];
    small.tokens.set(one, { customerId: 'b'.repeat(24), address });
    small.tokens.set(other, { customerId: 'c'.repeat(24), address });
    const me = async (token: string, i: number) => {
      const headers = { ...bearer(token), 'X-Forwarded-For': `10.6.0.${i}` };
      return (await small.request('GET', '/member/v1/me', { headers })).status;
    };
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) statuses.push(await me(one, i));
    expect([statuses, await me(other, 1)]).toEqual([[200, 200, 200, 200, 429], 200]);
    const login = async (from: string) => {
      const headers = { 'X-Forwarded-For': from };
      return (await small.request('POST', '/member/v1/login', { json: { code: 'c' }, headers })).status;
    };
    const tried: number[] = [];
    for (let i = 0; i < 4; i += 1) tried.push(await login('10.6.1.1'));
    expect([tried, await login('10.6.1.2')]).toEqual([[200, 200, 200, 429], 200]);
    await small.close();
  });
});
