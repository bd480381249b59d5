/** Who signs in: the person comes out, the session key never does. Phone numbers and sessions that have ended. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMiniProgramChannel } from '../../../src/channels/mini-program/index.js';
import type { MiniProgramChannel } from '../../../src/channels/mini-program/index.js';
import { sessionSignature } from '../../../src/channels/mini-program/login.js';
import { account, fixture, json, portsOver, readableLog, sharedState, smallPlatform } from './parts.js';
import type { SmallPlatform } from './parts.js';

const toSession = '/sns/jscode2session';
const sessionKey = 'tiihtNczf5v6AKRyjwEUhQ==';
let platform: SmallPlatform;
let channel: MiniProgramChannel;
let state: ReturnType<typeof sharedState>;
let logged: ReturnType<typeof readableLog>;
let now: Date;
beforeEach(async () => {
  platform = await smallPlatform();
  state = sharedState();
  logged = readableLog();
  now = new Date('2026-03-01T02:00:00Z');
  const ports = { ...portsOver(state, () => now), log: logged.log };
  channel = createMiniProgramChannel([{ ...account, apiBase: platform.base }], ports);
  platform.on(toSession, json({ openid: 'o1', session_key: sessionKey, unionid: 'u1' }));
});
afterEach(() => platform.close());
const login = (code = 'code-1', id = 'mini') => channel.capabilities.login?.(id, code);

describe('published signatures', () => {
  interface Vector {
    sessionKey: string;
    data: string;
    signature: string;
  }
  const vectors = Object.entries(JSON.parse(fixture('vectors.json')) as Record<string, Vector>);
  it.each(vectors)('%s', (_id, { sessionKey: key, data, signature }) => {
    expect(sessionSignature(key, data)).toBe(signature);
    expect(sessionSignature(`${key}=`, data)).not.toBe(signature);
  });
});

describe('signing in', () => {
  it('asks by the secret, without a token, and tells who it is', async () => {
    expect(await login()).toEqual({ ok: true, value: { user: 'o1', unionid: 'u1' } });
    expect(platform.seen.map(({ path, query }) => [path, query])).toEqual([
      [
        toSession,
        { appid: account.appId, secret: account.appSecret, js_code: 'code-1', grant_type: 'authorization_code' },
      ],
    ]);
    expect(channel.health()).toMatchObject([{ account: 'mini', state: 'ok' }]);
  });

  it('a person without a unionid', async () => {
    platform.on(toSession, json({ openid: 'o1', session_key: sessionKey }));
    expect(await login()).toEqual({ ok: true, value: { user: 'o1' } });
  });

  it('keeps the session key under the person for a limited time, the latest one only', async () => {
    await login();
    platform.on(toSession, json({ openid: 'o1', session_key: 'second', unionid: 'u1' }));
    await login('code-2');
    const expiresAt = new Date('2026-03-04T02:00:00Z');
    expect([...state.values]).toEqual([['mini-program/mini/session/o1', { value: 'second', expiresAt }]]);
  });

  it('lets the session key into no result and no log, whatever goes wrong afterwards', async () => {
    const results: unknown[] = [await login()];
    const failures = [
      json({ errcode: 40029, errmsg: `invalid code ${sessionKey}` }),
      json({ openid: 'o1', session_key: sessionKey, errcode: 40013, errmsg: 'invalid appid' }),
      json({ session_key: sessionKey }),
      json({ session_key: [sessionKey], openid: 1 }),
    ];
    for (const failure of failures) {
      platform.on(toSession, failure);
      results.push(await login());
    }
    platform.on('/wxa/checksession', json({ errcode: -1, errmsg: 'busy' }));
    results.push(await channel.sessionValid('mini', 'o1'));
    expect(logged.text()).toContain('account.configuration');
    expect(JSON.stringify(results)).not.toContain(sessionKey);
    expect(logged.text()).not.toContain(sessionKey);
    expect(logged.text()).not.toContain(account.appSecret);
    expect(JSON.stringify(results)).not.toContain(account.appSecret);
  });

  it.each([
    [40029, { reason: 'code.invalid' }],
    [40163, { reason: 'code.used' }],
    [40226, { reason: 'person.frozen' }],
    [45011, { reason: 'platform.minuteLimit', retryAfterMs: 60_000 }],
    [-1, { reason: 'platform.busy', retryAfterMs: 5000 }],
    [40013, { reason: 'account.configuration' }],
    [40125, { reason: 'account.configuration' }],
  ])('%i', async (errcode, expected) => {
    platform.on(toSession, json({ errcode, errmsg: 'no' }));
    expect(await login()).toMatchObject({ ok: false, ...expected });
    expect(state.values.size).toBe(0);
    expect(platform.seen).toHaveLength(1);
  });

  it('a code of somebody who tries their luck says nothing of the account', async () => {
    await login();
    platform.on(toSession, json({ errcode: 40029, errmsg: 'invalid code' }));
    await login('nonsense');
    expect(channel.health()).toMatchObject([{ state: 'ok' }]);
    platform.on(toSession, json({ errcode: 40125, errmsg: 'invalid appsecret' }));
    await login();
    expect(channel.health()).toMatchObject([{ state: 'failing', reason: 'account.configuration' }]);
  });

  it.each([
    ['no openid', json({ session_key: sessionKey })],
    ['no session key', json({ openid: 'o1' })],
  ])('%s is no answer', async (_name, answerer) => {
    platform.on(toSession, answerer);
    expect(await login()).toMatchObject({ ok: false, reason: 'platform.brokenAnswer' });
  });

  it('an account nobody set up', async () => {
    expect(await login('c', 'nobody')).toEqual({ ok: false, reason: 'account.unknown' });
  });
});

describe('a session', () => {
  const check = '/wxa/checksession';
  it('is asked for with a signature in place of its key', async () => {
    platform.on(check, json({ errcode: 0, errmsg: 'ok' }));
    await login();
    expect(await channel.sessionValid('mini', 'o1')).toEqual({ ok: true, value: true });
    expect(platform.seen.at(-1)?.query).toEqual({
      access_token: 'token-1',
      openid: 'o1',
      signature: sessionSignature(sessionKey, ''),
      sig_method: 'hmac_sha256',
    });
  });

  it.each([87009, 87007])('%i: has ended', async (errcode) => {
    platform.on(check, json({ errcode, errmsg: 'invalid signature' }));
    await login();
    expect(await channel.sessionValid('mini', 'o1')).toEqual({ ok: true, value: false });
  });

  it('of somebody who never signed in, or long ago, is not asked for', async () => {
    await login();
    now = new Date('2026-03-04T02:00:00Z');
    expect(await channel.sessionValid('mini', 'o1')).toEqual({ ok: true, value: false });
    expect(await channel.sessionValid('mini', 'o2')).toEqual({ ok: true, value: false });
    expect(platform.seen.map(({ path }) => path)).toEqual([toSession]);
  });
});

describe('phone numbers', () => {
  const getPhone = '/wxa/business/getuserphonenumber';
  const ask = () => channel.capabilities.phoneNumber?.('mini', 'phone-code');
  const info = (more: object = {}) => ({
    errcode: 0,
    errmsg: 'ok',
    phone_info: {
      phoneNumber: '+8613900000001',
      purePhoneNumber: '13900000001',
      countryCode: '86',
      watermark: { timestamp: 1637744274, appid: account.appId },
      ...more,
    },
  });

  it.each([
    ['a text', '86'],
    ['a number', 86],
  ])('with the country as %s', async (_name, countryCode) => {
    platform.on(getPhone, json(info({ countryCode })));
    expect(await ask()).toEqual({ ok: true, value: { number: '13900000001', countryCode: '86' } });
    expect(JSON.parse(platform.seen.at(-1)?.body ?? '')).toEqual({ code: 'phone-code' });
  });

  it('vouched for towards another app is none', async () => {
    platform.on(getPhone, json(info({ watermark: { appid: 'wx0000000000000000' } })));
    expect(await ask()).toMatchObject({ ok: false, reason: 'platform.brokenAnswer' });
  });

  it.each([
    [40029, 'code.invalid', 'ok'],
    [40163, 'code.used', 'ok'],
    [40013, 'code.invalid', 'ok'],
    [1400001, 'account.quota', 'failing'],
  ])('%i', async (errcode, reason, health) => {
    platform.on(getPhone, json({ errcode, errmsg: 'no' }));
    expect(await ask()).toMatchObject({ ok: false, reason });
    expect(channel.health()).toMatchObject([{ state: health }]);
  });
});
