import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { account, minute, second, startLab, type Lab } from './lab.js';

let lab: Lab;
beforeEach(async () => {
  lab = await startLab();
  await lab.register();
});
afterEach(() => lab.stop());

const stable = async (extra: Record<string, unknown> = {}) => {
  const body = { grant_type: 'client_credential', appid: account.appId, secret: account.secret, ...extra };
  const result = await lab.send(`${lab.simulator.apiBase}/cgi-bin/stable_token`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return result.body as { access_token?: string; expires_in?: number; errcode?: number; errmsg?: string };
};
const check = async (token: string | undefined) =>
  (await lab.send(`${lab.simulator.apiBase}/cgi-bin/getcallbackip?access_token=${token ?? ''}`)).body['errcode'];

describe('tokens (docs/wechat.md 2.1)', () => {
  it('are long, opaque and answered without errcode', async () => {
    const answer = await stable();
    expect(answer.access_token?.length).toBeGreaterThanOrEqual(130);
    expect(answer).not.toHaveProperty('errcode');
    expect(answer.expires_in).toBe(7200);
  });

  it('missing is 41001, unknown 40001, expired 42001', async () => {
    const { access_token: token } = await stable();
    expect(await check('')).toBe(41001);
    expect(await check('nonsense')).toBe(40001);
    expect(await check(token)).toBeUndefined();
    await lab.advance(7200 * second + 1000);
    expect(await check(token)).toBe(42001);
  });

  it('stable_token gives the same until five minutes before the end; then both work', async () => {
    const first = await stable();
    await lab.advance(114 * minute);
    const same = await stable();
    expect(same.access_token).toBe(first.access_token);
    expect(same.expires_in).toBeLessThanOrEqual(360);
    await lab.advance(2 * minute);
    const next = await stable();
    expect(next.access_token).not.toBe(first.access_token);
    expect(next.expires_in).toBe(7200);
    expect(await check(first.access_token)).toBeUndefined();
    await lab.advance(5 * minute);
    expect(await check(first.access_token)).toBe(42001);
    expect(await check(next.access_token)).toBeUndefined();
  });

  it('token replaces the one before after five minutes; the stable pool is untouched', async () => {
    const kept = await stable();
    const first = await lab.getToken();
    const next = await lab.getToken();
    expect(next).not.toBe(first);
    expect(await check(first)).toBeUndefined();
    await lab.advance(5 * minute + second);
    expect(await check(first)).toBe(40001);
    expect(await check(next)).toBeUndefined();
    expect(await check(kept.access_token)).toBeUndefined();
  });

  it('a forced refresh works at most every 30 s and 20 times a day', async () => {
    const first = await stable();
    const forced = await stable({ force_refresh: true });
    expect(forced.access_token).not.toBe(first.access_token);
    expect(await check(first.access_token)).toBe(40001);
    expect((await stable({ force_refresh: true })).access_token).toBe(forced.access_token);
    await lab.post('/clock', { set: '2027-03-01T02:00:00Z' });
    const seen = new Set<string | undefined>();
    for (let round = 0; round < 25; round += 1) {
      await lab.advance(31 * second);
      seen.add((await stable({ force_refresh: true })).access_token);
    }
    expect(seen.size).toBe(20);
  });

  it('refuses wrong credentials, each with its code and a rid', async () => {
    expect((await stable({ secret: 'wrong' })).errcode).toBe(40125);
    expect((await stable({ appid: 'wxnone' })).errcode).toBe(40013);
    expect((await stable({ appid: '' })).errcode).toBe(41002);
    expect((await stable({ secret: '' })).errcode).toBe(41004);
    expect((await stable({ grant_type: 'other' })).errcode).toBe(40002);
    expect((await stable({ grant_type: 'other' })).errmsg).toMatch(/ rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/);
    const get = await lab.send(`${lab.simulator.apiBase}/cgi-bin/stable_token`);
    expect([get.status, get.body['errcode']]).toEqual([200, 43002]);
    const garbage = { method: 'POST', body: '{"grant_type"' };
    expect((await lab.send(`${lab.simulator.apiBase}/cgi-bin/stable_token`, garbage)).body['errcode']).toBe(47001);
  });
});

describe('paths and methods (docs/wechat.md 0.2)', () => {
  it('answer 200 with an errcode for what is not there', async () => {
    const none = await lab.api('/cgi-bin/nothing');
    expect([none.status, none.body['errcode']]).toEqual([200, 40066]);
    expect(await lab.code('/cgi-bin/user/info?openid=o', {})).toBe(43001);
    expect(await lab.code('/cgi-bin/message/custom/send')).toBe(43002);
    expect(await lab.code('/cgi-bin/message/custom/send', '{"touser":')).toBe(47001);
  });
});
