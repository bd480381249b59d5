import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { account, day, field, minute, second, startLab, until, type Lab } from './lab.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  await lab.post('/reset');
  await lab.register();
  await lab.renewToken();
  lab.received.length = 0;
});

const upload = async (type: string, name: string, size: number) => {
  const form = new FormData();
  form.set('media', new Blob([Buffer.alloc(size, 1)]), name);
  const url = `${lab.simulator.apiBase}/cgi-bin/media/upload?type=${type}&access_token=${await lab.renewToken()}`;
  return (await lab.send(url, { method: 'POST', body: form })).body;
};

describe('people (docs/wechat.md 2.2)', () => {
  it('tells followers their state, others nearly nothing', async () => {
    await lab.post('/people', { name: 'a', unionid: 'u-1', openids: { [account.appId]: 'o-a' } });
    expect((await lab.api('/cgi-bin/user/info?openid=o-a')).body).toEqual({
      subscribe: 0,
      openid: 'o-a',
      unionid: 'u-1',
    });
    await lab.post('/people/o-a/follow', { scene: 42 });
    const { body } = await lab.api('/cgi-bin/user/info?openid=o-a&lang=en');
    expect(body).toMatchObject({ subscribe: 1, qr_scene: 42, qr_scene_str: '', language: 'en', nickname: '' });
    expect(body).toMatchObject({ subscribe_scene: 'ADD_SCENE_QR_CODE' });
    expect(body).not.toHaveProperty('errcode');
    expect(await lab.code('/cgi-bin/user/info?openid=o-none')).toBe(40003);
  });

  it('tells up to a hundred at once', async () => {
    await lab.person('o-a');
    const list = (count: number) => ({ user_list: Array.from({ length: count }, () => ({ openid: 'o-a' })) });
    const { body } = await lab.api('/cgi-bin/user/info/batchget', list(100));
    expect(body['user_info_list']).toHaveLength(100);
    expect(await lab.code('/cgi-bin/user/info/batchget', list(101))).toBe(40032);
    expect(await lab.code('/cgi-bin/user/info/batchget', list(0))).toBe(40031);
  });

  it('lists followers, and nothing behind the last', async () => {
    for (const openid of ['o-a', 'o-b']) await lab.person(openid);
    await lab.person('o-c', false);
    expect((await lab.api('/cgi-bin/user/get')).body).toEqual({
      total: 2,
      count: 2,
      data: { openid: ['o-a', 'o-b'] },
      next_openid: 'o-b',
    });
    const behind = (await lab.api('/cgi-bin/user/get?next_openid=o-b')).body;
    expect(behind).toEqual({ total: 2, count: 0, next_openid: '' });
  });
});

describe('media (docs/wechat.md 2.10)', () => {
  it('is kept three days', async () => {
    const { media_id, type } = await upload('image', 'a.png', 10);
    expect(type).toBe('image');
    const get = async () => {
      const query = `access_token=${await lab.renewToken()}&media_id=${String(media_id)}`;
      return fetch(`${lab.simulator.apiBase}/cgi-bin/media/get?${query}`);
    };
    const answer = await get();
    expect([answer.headers.get('content-type'), (await answer.arrayBuffer()).byteLength]).toEqual(['image/png', 10]);
    await lab.advance(3 * day);
    expect(await (await get()).json()).toMatchObject({ errcode: 40007 });
  });

  it.each([
    ['banner', 'a.png', 10, 40004],
    ['image', 'a.txt', 10, 40005],
    ['voice', 'a.png', 10, 40005],
    ['voice', 'a.amr', 2 * 1024 * 1024 + 1, 40010],
    ['thumb', 'a.jpg', 64 * 1024 + 1, 40012],
    ['image', 'a.png', 0, 41005],
  ])('%s %s of %d bytes is %d', async (type, name, size, errcode) => {
    expect((await upload(type, name, size))['errcode']).toBe(errcode);
  });

  it('a thumb has its own name, a video an address', async () => {
    expect(await upload('thumb', 'a.jpg', 10)).toHaveProperty('thumb_media_id');
    const { media_id } = await upload('video', 'a.mp4', 10);
    const { body } = await lab.api(`/cgi-bin/media/get?media_id=${String(media_id)}`);
    expect(String(body['video_url'])).toContain(lab.simulator.apiBase);
    expect(await lab.code('/cgi-bin/media/get')).toBe(41006);
    expect(await lab.code('/cgi-bin/media/upload?type=image', {})).toBe(41005);
  });
});

describe('scene codes (docs/wechat.md 2.9)', () => {
  const create = (action_name: string, scene: unknown, expire_seconds?: number) =>
    lab.api('/cgi-bin/qrcode/create', { action_name, action_info: { scene }, expire_seconds });

  it('are scanned by ticket, and shown as a picture without a token', async () => {
    const { body } = await create('QR_LIMIT_STR_SCENE', { scene_str: 'shelf-3' });
    expect(body).not.toHaveProperty('expire_seconds');
    await lab.person('o-a', false);
    await lab.post('/people/o-a/scan', { ticket: body['ticket'] });
    expect(field(lab.received.at(-1)?.body ?? '', 'EventKey')).toBe('qrscene_shelf-3');
    expect(field(lab.received.at(-1)?.body ?? '', 'Ticket')).toBe(body['ticket']);
    const show = (ticket: string) =>
      fetch(`${lab.simulator.apiBase}/cgi-bin/showqrcode?ticket=${encodeURIComponent(ticket)}`);
    const picture = Buffer.from(await (await show(String(body['ticket']))).arrayBuffer());
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    expect(picture.toString('latin1')).toContain(`simulated code, ticket ${String(body['ticket'])}`);
    expect((await show('none')).status).toBe(404);
  });

  it('end after their time; sixty seconds unless said', async () => {
    const { body } = await create('QR_SCENE', { scene_id: 12 });
    expect(body['expire_seconds']).toBe(60);
    await lab.person('o-a');
    expect((await lab.post('/people/o-a/scan', { scene: '12' })).status).toBe(200);
    await lab.advance(61 * second);
    expect(await lab.post('/people/o-a/scan', { scene: '12' })).toMatchObject({ body: { code: 'code.expired' } });
    expect(await lab.post('/people/o-a/scan', { ticket: 'none' })).toMatchObject({ status: 404 });
  });

  it('a number above its range becomes 4294967295', async () => {
    const { body } = await create('QR_LIMIT_SCENE', { scene_id: 100_001 });
    await lab.person('o-a');
    await lab.post('/people/o-a/scan', { ticket: body['ticket'] });
    expect(field(lab.received.at(-1)?.body ?? '', 'EventKey')).toBe('4294967295');
  });

  it.each([
    ['QR_OTHER', { scene_id: 1 }, 60, 40052],
    ['QR_SCENE', { scene_id: 0 }, 60, 40053],
    ['QR_SCENE', { scene_str: 'x' }, 60, 40053],
    ['QR_STR_SCENE', { scene_str: '' }, 60, 40053],
    ['QR_LIMIT_STR_SCENE', { scene_str: 'x'.repeat(65) }, undefined, 40053],
    ['QR_STR_SCENE', { scene_str: 'x' }, 2_592_001, 40053],
  ])('%s %j %d is %d', async (name, scene, seconds, errcode) => {
    expect((await create(name, scene, seconds)).body['errcode']).toBe(errcode);
  });
});

describe('menu (docs/wechat.md 2.4)', () => {
  const click = { name: '一', type: 'click', key: 'K' };

  it('is set, told and deleted', async () => {
    expect(await lab.code('/cgi-bin/menu/get')).toBe(46003);
    expect(await lab.code('/cgi-bin/menu/create', { button: [click] })).toBe(0);
    expect((await lab.api('/cgi-bin/menu/get')).body).toMatchObject({ menu: { button: [click] } });
    expect(await lab.code('/cgi-bin/menu/delete')).toBe(0);
    expect(await lab.code('/cgi-bin/menu/get')).toBe(46003);
  });

  it.each([
    [[], 40016],
    [[click, click, click, click], 40016],
    [[{ ...click, name: '六个汉字的名' }], 40018],
    [[{ ...click, type: 'shout' }], 40017],
    [[{ ...click, key: 'k'.repeat(129) }], 40019],
    [[{ name: '一', sub_button: [click, click, click, click, click, click] }], 40023],
  ])('%j is %d', async (button, errcode) => {
    expect(await lab.code('/cgi-bin/menu/create', { button })).toBe(errcode);
  });

  it('refuses escapes (0.3)', async () => {
    const body = '{"button":[{"name":"\\u4e00","type":"click","key":"K"}]}';
    expect(await lab.code('/cgi-bin/menu/create', body)).toBe(40033);
  });
});

describe('template messages (docs/wechat.md 2.6)', () => {
  const send = (touser: string, extra: Record<string, unknown> = {}) =>
    lab.api('/cgi-bin/message/template/send', { touser, template_id: 'T1', data: { a: { value: '1' } }, ...extra });
  const finished = () => lab.received.find((each) => field(each.body, 'Event') === 'TEMPLATESENDJOBFINISH')?.body ?? '';

  it('arrive, and their outcome is pushed under the same id', async () => {
    await lab.person('o-a');
    const { body } = await send('o-a');
    await until(() => finished() !== '');
    expect([field(finished(), 'MsgID'), field(finished(), 'Status')]).toEqual([String(body['msgid']), 'success']);
    expect(await lab.shown('o-a')).toMatchObject([{ route: 'template' }]);
  });

  it('a person who rejects messages shows only in the outcome', async () => {
    await lab.person('o-a');
    await lab.post('/people/o-a/block');
    expect((await send('o-a')).body['errcode']).toBe(0);
    await until(() => finished() !== '');
    expect(field(finished(), 'Status')).toBe('failed:user block');
    expect(await lab.shown('o-a')).toEqual([]);
  });

  it('refuses strangers, unknown templates, empty data and repeats', async () => {
    await lab.register({ templateIds: ['T1'] });
    await lab.person('o-a');
    await lab.person('o-b', false);
    expect((await send('o-none')).body['errcode']).toBe(40003);
    expect((await send('o-b')).body['errcode']).toBe(43004);
    expect((await send('o-a', { template_id: 'T2' })).body['errcode']).toBe(40037);
    expect((await send('o-a', { data: { a: { value: '' } } })).body['errcode']).toBe(47003);
    expect((await send('o-a', { client_msg_id: 'c' })).body['errcode']).toBe(0);
    expect((await send('o-a', { client_msg_id: 'c' })).body['errcode']).toBe(45065);
    await lab.advance(11 * minute);
    expect((await send('o-a', { client_msg_id: 'c' })).body['errcode']).toBe(0);
  });
});

describe('quotas (docs/wechat.md 2.12)', () => {
  it('the day ends at midnight in Shanghai, or by clear_quota ten times a month', async () => {
    await lab.post('/clock', { set: '2027-03-10T15:59:30Z' });
    await lab.register({ dailyLimits: { '/cgi-bin/getcallbackip': 1 } });
    await lab.renewToken();
    const ips = () => lab.code('/cgi-bin/getcallbackip');
    expect([await ips(), await ips()]).toEqual([undefined, 45009]);
    await lab.advance(40 * second);
    expect([await ips(), await ips()]).toEqual([undefined, 45009]);
    const clear = (appid: string) => lab.code('/cgi-bin/clear_quota', { appid });
    expect(await clear('wxother')).toBe(40013);
    for (let round = 0; round < 10; round += 1) expect(await clear(account.appId)).toBe(0);
    expect(await ips()).toBeUndefined();
    expect(await clear(account.appId)).toBe(48006);
  });
});
