/** Every declared route of shop systems, by the same beats: who may not, what is wrong, what works; and the keys in the console. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FieldProblem } from '../../src/contracts/index.js';
import { RequestProblem } from '../../src/errors.js';
import { startApp } from './app.js';
import type { Answer, ShopKey, TestApp } from './app.js';
import { openSamples, order, product } from './open-samples.js';
import type { OpenSample } from './open-samples.js';

let app: TestApp;
let key: ShopKey;
beforeAll(async () => {
  app = await startApp();
  key = await app.shopKey({ sources: ['mall', 'till'] });
});
afterAll(() => app.close());
beforeEach(() => {
  app.reported.length = 0;
  app.refuse.clear();
});

const names = Object.keys(openSamples);
const sampleOf = (name: string): OpenSample => {
  const sample = openSamples[name];
  if (!sample) throw new Error(`no sample for ${name}`);
  return sample;
};
const codeOf = ({ status, body }: Answer) => [status, body['code']];

describe('the declared routes of shop systems', () => {
  it('are exactly those with a sample here, all signed, all limited', () => {
    const declared = app.server.routes.filter(({ path }) => path.startsWith('/open/'));
    expect(declared.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([...names].sort());
    for (const { access, limit } of declared) expect([access, limit]).toEqual(['shop-system', 'shop-system']);
  });

  it('take batches for reports, and read in one alone', () => {
    const named = (flag: 'batch' | 'reads') =>
      app.server.routes.filter((route) => route.path.startsWith('/open/') && route[flag]).map(({ path }) => path);
    expect(named('batch')).toEqual(['/open/v1/orders', '/open/v1/events', '/open/v1/products', '/open/v1/customers']);
    expect(named('reads')).toEqual(['/open/v1/customers/lookup']);
  });
});

describe.each(names)('%s', (name) => {
  const { path, json, port, wrong, elsewhere } = sampleOf(name);

  it('401 for a session of the staff, which is no signature', async () => {
    const admin = await app.person('admin');
    expect(codeOf(await app.request('POST', path, { as: admin, json }))).toEqual([401, 'open.unsigned']);
    expect(app.reported).toEqual([]);
  });

  it('400 naming every wrong field', async () => {
    const answer = await app.signed(path, { key, json: wrong.json });
    expect(codeOf(answer)).toEqual([400, 'request.invalid']);
    const errors = answer.body['errors'] as FieldProblem[];
    expect(errors.map((error) => error.path).sort()).toEqual([...wrong.fields].sort());
    expect(app.reported).toEqual([]);
  });

  it('403 for a source that is not the key’s', async () => {
    for (const other of elsewhere) {
      expect(codeOf(await app.signed(path, { key, json: other }))).toEqual([403, 'open.sourceNotAllowed']);
    }
    expect(app.reported).toEqual([]);
    const anywhere = await app.shopKey();
    for (const other of elsewhere) expect((await app.signed(path, { key: anywhere, json: other })).status).toBe(200);
  });

  it('415 for other types, 400 for what is no JSON', async () => {
    const typed = (type: string) => app.signed(path, { key, json, headers: { 'Content-Type': type } });
    expect(codeOf(await typed('text/plain'))).toEqual([415, 'request.wrongType']);
    expect(codeOf(await app.signed(path, { key, raw: '{"a":' }))).toEqual([400, 'request.badJson']);
    expect(codeOf(await app.signed(path, { key, raw: '' }))).toEqual([400, 'request.badJson']);
  });

  it('works, answers only what is declared, and leaves the audit log alone', async () => {
    const before = await app.staff.audit.list({ limit: 1 });
    const answer = await app.signed(path, { key, json });
    expect([answer.status, app.reported.map((call) => call.name)]).toEqual([200, [port]]);
    expect(answer.text).not.toContain('not for shops');
    expect(await app.staff.audit.list({ limit: 1 })).toEqual(before);
  });

  it('passes on what the product refuses', async () => {
    app.refuse.set(`open.${port}`, new RequestProblem(409, 'points.notEnough', 'There are 20.'));
    expect(await app.signed(path, { key, json })).toMatchObject({ status: 409, body: { detail: 'There are 20.' } });
    app.refuse.set(`open.${port}`, new Error('hunter2'));
    const failed = await app.signed(path, { key, json });
    expect(codeOf(failed)).toEqual([500, 'server.unexpected']);
    expect(failed.text).not.toContain('hunter2');
  });
});

describe('what ports are given', () => {
  it('is parsed: moments are dates, phones have eleven digits', async () => {
    await app.signed('/open/v1/orders', { key, json: order });
    await app.signed('/open/v1/customers', { key, json: sampleOf('POST /open/v1/customers').json });
    expect(app.reported[0]?.given[0]).toMatchObject({ placedAt: new Date('2026-03-01T02:00:00Z') });
    expect(app.reported[1]?.given[0]).toMatchObject({ phone: '13800138000' });
  });

  it('holds the voucher’s code from the path, which has a shape', async () => {
    const { json } = sampleOf('POST /open/v1/vouchers/:code/redeem');
    await app.signed('/open/v1/vouchers/AB12-cd/redeem', { key, json });
    expect(app.reported[0]?.given[0]).toBe('AB12-cd');
    const odd = await app.signed('/open/v1/vouchers/%24ne%7B/redeem', { key, json });
    expect(codeOf(odd)).toEqual([400, 'request.invalid']);
  });
});

describe('keys in the console', () => {
  it('show their secret once, and are made, listed and revoked by admins alone, with a row in the audit log', async () => {
    const admin = await app.person('admin');
    const json = { name: 'Till', verifiesPhones: true, sources: ['till'] };
    const made = await app.request('POST', '/console/v1/keys', { as: admin, json });
    const mine = { id: String(made.body['id']), secret: String(made.body['secret']) };
    expect([made.status, made.body]).toEqual([
      201,
      expect.objectContaining({ ...json, createdBy: 'A admin', lastUsedAt: null, revokedAt: null }),
    ]);
    expect(mine.secret).toMatch(/^huike_sec_[\w-]{43}$/);
    expect((await app.signed('/open/v1/products', { key: mine, json: product })).status).toBe(200);

    const listed = await app.request('GET', '/console/v1/keys', { as: admin });
    expect(listed.text).not.toContain('huike_sec_');
    const [first] = listed.body['items'] as Array<Record<string, unknown>>;
    expect(first).toMatchObject({ id: mine.id, lastUsedAt: expect.any(String), revokedAt: null });

    expect((await app.request('DELETE', `/console/v1/keys/${mine.id}`, { as: admin })).status).toBe(204);
    const { items } = await app.staff.audit.list({ limit: 2 });
    expect(items).toMatchObject([
      { action: 'key.revoke', subject: mine.id, staffId: admin.id },
      { action: 'key.add', subject: mine.id, staffId: admin.id },
    ]);
    const gone = await app.request('DELETE', `/console/v1/keys/${'0'.repeat(24)}`, { as: admin });
    expect(codeOf(gone)).toEqual([404, 'key.notFound']);
    const manager = await app.person('manager');
    expect((await app.request('GET', '/console/v1/keys', { as: manager })).status).toBe(403);
  });

  it('are not made with an access token: one that leaks must not let in a program for good', async () => {
    const admin = await app.person('admin');
    const made = await app.request('POST', '/console/v1/tokens', { as: admin, json: { name: 's', expiresInDays: 1 } });
    const headers = { Authorization: `Bearer ${String(made.body['token'])}` };
    const answer = await app.request('POST', '/console/v1/keys', { json: { name: 'x' }, headers });
    expect(codeOf(answer)).toEqual([403, 'session.needed']);
  });
});
