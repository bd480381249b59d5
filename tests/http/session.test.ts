import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CAPTCHA_ANSWER, PASSWORD, freshName } from '../domain/staff/setup.js';
import { startApp } from './app.js';
import type { Answer, TestApp } from './app.js';
import { ID } from './fakes.js';

const base = '/console/v1';
let app: TestApp;
beforeAll(async () => {
  app = await startApp({}, { lockoutFailures: 4, captchaAfterFailures: 2 });
});
afterAll(() => app.close());

let addresses = 0;
/** Each from its own address, or failures of one test would ask the next for a captcha. */
const signIn = (json: unknown, address = `10.3.1.${(addresses += 1)}`): Promise<Answer> =>
  app.request('POST', `${base}/session`, { json, headers: { 'X-Forwarded-For': address } });
const cookieOf = (answer: Answer): string => (answer.headers.get('Set-Cookie') ?? '').split(';')[0] ?? '';

describe('signing in', () => {
  it('sets a strict cookie and gives the CSRF token; signing out ends the session', async () => {
    const { account } = await app.person('agent');
    const answer = await signIn({ account, password: PASSWORD });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Set-Cookie')).toMatch(/^huike_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(answer.text).not.toContain(cookieOf(answer).slice('huike_session='.length));
    const me = { id: '', account, cookie: cookieOf(answer), csrfToken: String(answer.body['csrfToken']) };
    const session = await app.request('GET', `${base}/session`, { as: me });
    expect(session.body).toMatchObject({ csrfToken: me.csrfToken, staff: { account, role: 'agent' } });
    expect(session.body['permissions']).toEqual([
      'inbox.read',
      'inbox.reply',
      'customers.read',
      'customers.edit',
      'membership.read',
      'points.adjust',
      'vouchers.grant',
      'staff.read',
    ]);
    expect((await app.request('DELETE', `${base}/session`, { as: me })).status).toBe(204);
    expect((await app.request('GET', `${base}/session`, { as: me })).status).toBe(401);
  });

  it.each(['admin', 'manager', 'marketer', 'agent'] as const)(
    'tells whether all promotion is stopped, at sign-in and at every load: %s',
    async (role) => {
      const { account } = await app.person(role);
      const answers: unknown[] = [];
      const { contact } = app.ports;
      const running = contact.promotionStopped;
      for (const stopped of [true, false]) {
        contact.promotionStopped = () => Promise.resolve(stopped);
        const signedIn = await signIn({ account, password: PASSWORD });
        const me = { id: '', account, cookie: cookieOf(signedIn), csrfToken: String(signedIn.body['csrfToken']) };
        const loaded = await app.request('GET', `${base}/session`, { as: me });
        answers.push([signedIn.body['promotionStopped'], loaded.body['promotionStopped']]);
      }
      contact.promotionStopped = running;
      expect(answers).toEqual([
        [true, true],
        [false, false],
      ]);
    },
  );

  it('makes the cookie Secure when the public address is https', async () => {
    const secure = await startApp({ publicUrl: 'https://shop.example' });
    const { account } = await secure.person('agent');
    const answer = await secure.request('POST', `${base}/session`, { json: { account, password: PASSWORD } });
    expect(answer.headers.get('Set-Cookie')).toMatch(/; Secure$/);
    expect(answer.headers.get('Strict-Transport-Security')).toBe('max-age=31536000');
    await secure.close();
  });

  it.each(['known', 'unknown'])('answers wrong, captcha, locked alike: %s account', async (which) => {
    const account = which === 'known' ? (await app.person('agent')).account : freshName();
    const wrong = { account, password: 'not the password' };
    const answers = [await signIn(wrong), await signIn(wrong), await signIn(wrong)];
    for (let i = 0; i < 3; i += 1) {
      const captcha = await app.request('GET', `${base}/captcha`);
      expect(captcha.body['svg']).toMatch(/^<svg /);
      answers.push(await signIn({ ...wrong, captcha: { id: captcha.body['id'], answer: CAPTCHA_ANSWER } }));
    }
    expect(answers.map(({ status, body }) => [status, body['code']])).toEqual([
      [401, 'session.wrongCredentials'],
      [401, 'session.wrongCredentials'],
      [401, 'session.captchaRequired'],
      [401, 'session.wrongCredentials'],
      [401, 'session.wrongCredentials'],
      [423, 'session.locked'],
    ]);
    expect(answers.every((answer) => answer.headers.get('Set-Cookie') === null)).toBe(true);
    const seconds = Number(answers.at(-1)?.headers.get('Retry-After'));
    expect(seconds).toBeGreaterThan(14 * 60);
    expect(seconds).toBeLessThanOrEqual(15 * 60);
  });

  it('logs failures with the account that exists, never with what was typed', async () => {
    const { account, id } = await app.person('agent');
    await signIn({ account, password: 'no' }, '10.3.0.1');
    await signIn({ account: 'my-password-by-mistake', password: 'no' });
    const { items } = await app.staff.audit.list({ limit: 2 });
    expect(items).toMatchObject([
      { action: 'session.signIn', outcome: 'refused', staffId: null, subject: null },
      { action: 'session.signIn', outcome: 'refused', staffId: id, subject: account, address: '10.3.0.1' },
    ]);
  });
});

describe('personal access tokens', () => {
  it('do what their owner may, without CSRF, but cannot make tokens or change the password', async () => {
    const owner = await app.person('agent');
    const made = await app.request('POST', `${base}/tokens`, { as: owner, json: { name: 'script', expiresInDays: 1 } });
    const bearer = { Authorization: `Bearer ${String(made.body['token'])}` };
    const by = (method: string, path: string, json?: unknown) =>
      app.request(method, `${base}/${path}`, { headers: bearer, json });
    expect((await by('POST', `conversations/${ID}/claim`)).status).toBe(200);
    expect((await by('GET', 'strategies')).status).toBe(403);
    const refused = [
      await by('POST', 'tokens', { name: 'more', expiresInDays: 1 }),
      await by('POST', 'password', { current: PASSWORD, password: 'another password' }),
      await by('DELETE', 'session'),
      await by('GET', 'session'),
    ];
    expect(refused.map(({ status, body }) => [status, body['code']])).toEqual(Array(4).fill([403, 'session.needed']));

    const listed = await app.request('GET', `${base}/tokens`, { as: owner });
    expect(listed.text).not.toContain(String(made.body['token']));
    expect((await app.request('DELETE', `${base}/tokens/${String(made.body['id'])}`, { as: owner })).status).toBe(204);
    expect((await app.request('DELETE', `${base}/tokens/${String(made.body['id'])}`, { as: owner })).status).toBe(404);
    expect((await by('POST', `conversations/${ID}/claim`)).status).toBe(401);
  });

  it('a wrong one does not fall back to the cookie', async () => {
    const owner = await app.person('agent');
    const answer = await app.request('GET', `${base}/session`, {
      as: owner,
      headers: { Authorization: 'Bearer nonsense' },
    });
    expect(answer.status).toBe(401);
  });
});

describe('staff accounts', () => {
  it('disabled: out at once; a new password: out at once', async () => {
    const admin = await app.person('admin');
    const [one, other] = [await app.person('agent'), await app.person('agent')];
    const patch = await app.request('PATCH', `${base}/staff/${one.id}`, { as: admin, json: { disabled: true } });
    expect([patch.status, patch.body['disabled']]).toEqual([200, true]);
    expect((await app.request('GET', `${base}/session`, { as: one })).status).toBe(401);
    const reset = await app.request('POST', `${base}/staff/${other.id}/password`, {
      as: admin,
      json: { password: 'brand new one' },
    });
    expect(reset.status).toBe(204);
    expect((await app.request('GET', `${base}/session`, { as: other })).status).toBe(401);
    expect((await signIn({ account: other.account, password: 'brand new one' })).status).toBe(200);
  });

  it('404 for nobody, 409 for a taken name', async () => {
    const admin = await app.person('admin');
    const nobody = await app.request('PATCH', `${base}/staff/${ID}`, { as: admin, json: { name: 'X' } });
    expect([nobody.status, nobody.body['code']]).toEqual([404, 'staff.notFound']);
    const taken = { account: admin.account, name: 'X', role: 'agent', password: 'long enough' };
    const answer = await app.request('POST', `${base}/staff`, { as: admin, json: taken });
    expect([answer.status, answer.body['code']]).toEqual([409, 'staff.accountTaken']);
  });

  it("changing one's own password keeps this session and ends the others", async () => {
    const me = await app.person('agent');
    const second = await signIn({ account: me.account, password: PASSWORD });
    const other = { ...me, cookie: cookieOf(second), csrfToken: String(second.body['csrfToken']) };
    const change = (current: string) =>
      app.request('POST', `${base}/password`, { as: me, json: { current, password: 'a better password' } });
    expect((await change('wrong')).body['code']).toBe('staff.wrongPassword');
    expect((await change(PASSWORD)).status).toBe(204);
    expect((await app.request('GET', `${base}/session`, { as: me })).status).toBe(200);
    expect((await app.request('GET', `${base}/session`, { as: other })).status).toBe(401);
  });
});
