import { createDecipheriv } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { rawDataSignature } from '../../simulator/session-crypto.js';
import { account, mini } from './lab.js';
import { startMiniLab, type MiniLab } from './mini-lab.js';

let lab: MiniLab;
beforeAll(async () => {
  lab = await startMiniLab();
});
afterAll(() => lab.stop());
beforeEach(() => lab.again());

const json = { 'content-type': 'application/json' };
const wx = (name: string, body: unknown, headers: Record<string, string> = json) =>
  lab.send(`${lab.simulator.phoneUrl}wx/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
const read = (name: string) => lab.send(`${lab.simulator.phoneUrl}wx/${name}`);
const me = { openid: 'm-1' };
/** What the platform pushed of answers in the dialog. */
const popups = () => lab.events().filter((each) => each['Event'] === 'subscribe_msg_popup_event');

function open(sessionKey: string, { encryptedData, iv }: Record<string, unknown>): Record<string, unknown> {
  const [key, start] = [Buffer.from(sessionKey, 'base64'), Buffer.from(String(iv), 'base64')];
  const decipher = createDecipheriv('aes-128-cbc', key, start);
  const text = decipher.update(String(encryptedData), 'base64', 'utf8') + decipher.final('utf8');
  return JSON.parse(text) as Record<string, unknown>;
}

describe('the client beside a mini-program in the browser', () => {
  it('tells about the app and the people, never a secret', async () => {
    const app = await read('app');
    expect(app.body).toMatchObject({ appId: mini.appId, name: mini.name, templates: [{ title: '发货通知' }, {}] });
    expect(JSON.stringify(app.body)).not.toMatch(new RegExp(`${mini.secret}|${mini.token}`));
    expect((await read('people')).body).toEqual({
      appId: mini.appId,
      items: [{ name: 'Ann', openid: 'm-1', hasPhone: true }],
    });
    expect((await read('people?search=bob')).body['items']).toEqual([]);
    expect((await read('app?appId=wxnone')).status).toBe(404);
  });

  it('gives a code for a log-in that the server can use', async () => {
    const { body } = await wx('logincode', { openid: 'o-1', appId: mini.appId });
    expect(body).toEqual({ errMsg: 'login:ok', code: expect.any(String) });
    expect((await lab.session(String(body['code']))).body['openid']).toBe('m-1');
  });

  it('gives the phone as a code and, after a log-in, sealed with the session key', async () => {
    expect((await wx('phonecode', me)).body).not.toHaveProperty('encryptedData');
    const { session_key: key } = (await lab.session(await lab.loginCode())).body;
    const { body } = await wx('phonecode', me);
    expect(open(String(key), body)).toMatchObject({ phoneNumber: '13800138000', watermark: { appid: mini.appId } });
    const { code } = body;
    const redeemed = await lab.miniApi('/wxa/business/getuserphonenumber', { code });
    expect(redeemed.body['phone_info']).toMatchObject({ purePhoneNumber: '13800138000' });
  });

  it('somebody without a phone binds one first', async () => {
    await lab.post('/people', { name: 'Bob', openids: { [account.appId]: 'o-2' } });
    const bob = { openid: 'o-2' };
    expect(await wx('phonecode', bob)).toMatchObject({
      status: 409,
      body: { code: 'phone.none', errMsg: expect.stringMatching(/^getPhoneNumber:fail/) },
    });
    expect((await wx('phone', { ...bob, phone: '123' })).status).toBe(400);
    expect((await wx('phone', { ...bob, phone: '13900139000' })).body).toEqual({ phone: '13900139000' });
    expect((await wx('phone', { ...bob, phone: '13900139001' })).body['code']).toBe('phone.set');
    expect((await wx('phonecode', bob)).body['errMsg']).toBe('getPhoneNumber:ok');
  });

  it('takes the answers of the dialog, pushes them in one event and counts each once', async () => {
    const answers = [
      { templateId: 't-once', accept: true },
      { templateId: 't-long', accept: false },
    ];
    expect((await wx('subscribe', { ...me, answers })).body).toEqual({
      errMsg: 'requestSubscribeMessage:ok',
      't-once': 'accept',
      't-long': 'reject',
    });
    expect(popups()).toHaveLength(1);
    const notice = {
      touser: 'm-1',
      template_id: 't-once',
      data: { thing1: { value: 'x' }, character_string2: { value: '1' } },
    };
    const send = () => lab.miniCode('/cgi-bin/message/subscribe/send', notice);
    expect([await send(), await send()]).toEqual([0, 43101]);
  });

  it.each([
    ['t-none', 1, false, 20001],
    ['t-once', 4, false, 20003],
    ['t-once', 1, true, 20004],
  ])('fails as the client does: %s %d times, switched off %s', async (templateId, times, off, errCode) => {
    await lab.act('block', { on: off });
    const answers = Array.from({ length: times }, () => ({ templateId, accept: true }));
    const failed = await wx('subscribe', { ...me, answers });
    expect(failed).toMatchObject({ status: 409, body: { errCode } });
    expect(failed.body['errMsg']).toMatch(/^requestSubscribeMessage:fail /);
    expect(popups()).toHaveLength(0);
  });

  it('enters the customer chat with the context of the page', async () => {
    expect((await wx('contact', { openid: 'o-1', sessionFrom: 'order=A1' })).body).toMatchObject({
      openid: 'm-1',
      pushed: true,
    });
    expect(lab.pushed()).toMatchObject({ Event: 'user_enter_tempsession', SessionFrom: 'order=A1' });
  });

  it('the user information says nothing about the person, but is signed', async () => {
    expect((await wx('userinfo', me)).body['code']).toBe('session.none');
    const { session_key: key } = (await lab.session(await lab.loginCode())).body;
    const { body } = await wx('userinfo', me);
    expect(body).toMatchObject({ errMsg: 'getUserInfo:ok', userInfo: { nickName: '微信用户' } });
    expect(body['signature']).toBe(rawDataSignature(String(key), String(body['rawData'])));
    expect(open(String(key), body)).toMatchObject({ openId: 'm-1', watermark: { appid: mini.appId } });
  });

  it('refuses what is no JSON, no known person, no known call', async () => {
    expect((await wx('logincode', me, {})).status).toBe(415);
    expect((await wx('logincode', { openid: 'nobody' })).body['code']).toBe('person.unknown');
    expect((await wx('logincode', {})).body['code']).toBe('body.invalid');
    expect((await wx('logincode', { ...me, appId: account.appId })).status).toBe(404);
    expect([(await wx('dance', me)).status, (await read('logincode')).status]).toEqual([404, 404]);
    const broken = await fetch(`${lab.simulator.phoneUrl}wx/logincode`, { method: 'POST', headers: json, body: '{' });
    expect(broken.status).toBe(400);
  });
});
