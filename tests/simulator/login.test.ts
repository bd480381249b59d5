import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sessionSignature } from '../../simulator/session-crypto.js';
import { account, day, mini, minute } from './lab.js';
import { startMiniLab, type MiniLab } from './mini-lab.js';

let lab: MiniLab;
beforeAll(async () => {
  lab = await startMiniLab();
});
afterAll(() => lab.stop());
beforeEach(() => lab.again());

const errcodeOf = async (answer: Promise<{ body: Record<string, unknown> }>) => (await answer).body['errcode'];
const sessionKey = async () => String((await lab.session(await lab.loginCode())).body['session_key']);

describe('jscode2session (docs/wechat.md 3.1)', () => {
  it('gives the openid at this app, the unionid and a key, and no errcode', async () => {
    const { status, body } = await lab.session(await lab.loginCode());
    expect(status).toBe(200);
    expect(body).toEqual({ openid: 'm-1', unionid: 'u-1', session_key: expect.any(String) });
    expect(Buffer.from(String(body['session_key']), 'base64')).toHaveLength(16);
  });

  it('any openid of the person will do, and somebody new gets an openid', async () => {
    const { body } = await lab.post('/people/o-1/logincode', { appId: mini.appId });
    expect((await lab.session(String(body['code']))).body['openid']).toBe('m-1');
    await lab.post('/people', { name: 'Bob', openids: { [account.appId]: 'o-2' } });
    const second = await lab.post('/people/o-2/logincode', { appId: mini.appId });
    const { body: session } = await lab.session(String(second.body['code']));
    expect(session['openid']).toMatch(/^o[\w-]{27}$/);
    expect(session).not.toHaveProperty('unionid');
    const person = (await lab.control('GET', '/people/o-2')).body as { openids: Record<string, string> };
    expect(person.openids[mini.appId]).toBe(session['openid']);
  });

  it('a code is good once (40163) and for five minutes (40029)', async () => {
    const code = await lab.loginCode();
    expect((await lab.session(code)).body['openid']).toBe('m-1');
    expect(await errcodeOf(lab.session(code))).toBe(40163);
    const late = await lab.loginCode();
    await lab.advance(5 * minute);
    expect(await errcodeOf(lab.session(late))).toBe(40029);
    const justInTime = await lab.loginCode();
    await lab.advance(5 * minute - 1000);
    expect(await errcodeOf(lab.session(justInTime))).toBeUndefined();
  });

  it.each([
    [{ js_code: 'made-up' }, 40029],
    [{ js_code: '' }, 41008],
    [{ appid: 'wxnone' }, 40013],
    [{ appid: account.appId, secret: account.secret }, 40013],
    [{ appid: '' }, 41002],
    [{ secret: 'wrong' }, 40125],
    [{ secret: '' }, 41004],
    [{ grant_type: 'client_credential' }, 40002],
  ])('refuses %j with %d', async (extra, errcode) => {
    expect(await errcodeOf(lab.session(await lab.loginCode(), extra))).toBe(errcode);
  });

  it('a code of another mini-program is unknown here and stays good there', async () => {
    const other = { ...mini, appId: 'wxother', secret: 's', callbackUrl: lab.callbackUrl, owner: 'somebody else' };
    await lab.post('/accounts', other);
    const { body } = await lab.post('/people/m-1/logincode', { appId: 'wxother' });
    expect(await errcodeOf(lab.session(String(body['code'])))).toBe(40029);
    const there = (await lab.session(String(body['code']), { appid: 'wxother', secret: 's' })).body;
    expect(there['openid']).not.toBe('m-1');
    expect([there['unionid'], there['unionid'] === 'u-1']).toEqual([expect.any(String), false]);
    expect((await lab.post('/people/m-1/logincode', { appId: 'wxnone' })).status).toBe(404);
  });

  it('100 log-ins a minute and person, then 45011 until the next minute', async () => {
    await lab.post('/clock', { set: '2030-01-01T10:00:10Z' });
    const codes = await Promise.all(Array.from({ length: 101 }, () => lab.loginCode()));
    const answers = [];
    for (const code of codes) answers.push(await errcodeOf(lab.session(code)));
    expect(answers.slice(0, 100).every((each) => each === undefined)).toBe(true);
    expect(answers[100]).toBe(45011);
    await lab.advance(minute);
    expect(await errcodeOf(lab.session(await lab.loginCode()))).toBeUndefined();
  });

  it('every log-in replaces the key', async () => {
    expect(await sessionKey()).not.toBe(await sessionKey());
  });
});

describe('checking and replacing the key (docs/wechat.md 3.1)', () => {
  const check = (key: string, path = 'checksession', extra = '') =>
    lab.miniApi(`/wxa/${path}?openid=m-1&sig_method=hmac_sha256&signature=${sessionSignature(key)}${extra}`);

  it('only the newest key is good (87009), for three days (87007)', async () => {
    const [old, key] = [await sessionKey(), await sessionKey()];
    expect((await check(key)).body).toMatchObject({ errcode: 0 });
    expect(await errcodeOf(check(old))).toBe(87009);
    await lab.advance(3 * day);
    await lab.renewMiniToken();
    expect(await errcodeOf(check(key))).toBe(87007);
  });

  it('reset gives another one and keeps the end', async () => {
    const key = await sessionKey();
    await lab.advance(2 * day);
    await lab.renewMiniToken();
    const { body } = await check(key, 'resetusersessionkey');
    expect(body).toEqual({ openid: 'm-1', session_key: expect.any(String) });
    expect([await errcodeOf(check(key)), await errcodeOf(check(String(body['session_key'])))]).toEqual([87009, 0]);
    await lab.advance(day);
    await lab.renewMiniToken();
    expect(await errcodeOf(check(String(body['session_key'])))).toBe(87007);
  });

  it('refuses another method, another openid, and a person who never logged in', async () => {
    const code = (query: string) => lab.miniCode(`/wxa/checksession?${query}&signature=x`);
    expect(await code('openid=m-1&sig_method=hmac_sha1')).toBe(87008);
    expect(await code('openid=o-1&sig_method=hmac_sha256')).toBe(40003);
    expect(await code('openid=m-1&sig_method=hmac_sha256')).toBe(87009);
  });

  it('an official account has none of these calls, and a mini-program none of its (48001)', async () => {
    expect(await lab.code('/wxa/checksession?openid=m-1')).toBe(48001);
    expect(await lab.code('/cgi-bin/message/subscribe/send', {})).toBe(48001);
    for (const path of ['/cgi-bin/user/info?openid=m-1', '/cgi-bin/menu/get', '/cgi-bin/user/get']) {
      expect(await lab.miniCode(path)).toBe(48001);
    }
    expect(await lab.miniCode('/cgi-bin/message/template/send', {})).toBe(48001);
  });
});

describe('phone number (docs/wechat.md 3.3)', () => {
  const redeem = (code: unknown) => lab.miniApi('/wxa/business/getuserphonenumber', { code });

  it('comes for the phone code, once', async () => {
    const { code } = await lab.act('phonecode');
    expect((await redeem(code)).body).toMatchObject({
      errcode: 0,
      phone_info: { phoneNumber: '13800138000', purePhoneNumber: '13800138000', watermark: { appid: mini.appId } },
    });
    expect(await errcodeOf(redeem(code))).toBe(40029);
  });

  it('not for a log-in code, a late code, or one of another app', async () => {
    expect(await errcodeOf(redeem(await lab.loginCode()))).toBe(40029);
    const { code } = await lab.act('phonecode');
    await lab.advance(5 * minute);
    expect(await errcodeOf(redeem(code))).toBe(40029);
    await lab.post('/accounts', { ...mini, appId: 'wxother', callbackUrl: lab.callbackUrl });
    const other = (await lab.post('/people/m-1/phonecode', { appId: 'wxother' })).body['code'];
    expect(await errcodeOf(redeem(other))).toBe(40013);
  });

  it('a person without a phone has no such code', async () => {
    await lab.post('/people', { name: 'Bob', openids: { [mini.appId]: 'm-2' } });
    expect(await lab.post('/people/m-2/phonecode')).toMatchObject({ status: 409, body: { code: 'phone.none' } });
  });
});
