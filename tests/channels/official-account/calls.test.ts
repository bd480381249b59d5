/** The calls that send nothing: people, scene codes, files that came in, the typing sign. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createOfficialAccountChannel } from '../../../src/channels/official-account/index.js';
import type { OfficialAccountChannel } from '../../../src/channels/official-account/index.js';
import { account, json, portsOver, smallPlatform } from './parts.js';
import type { Answerer, SmallPlatform } from './parts.js';

let platform: SmallPlatform;
let channel: OfficialAccountChannel;
beforeEach(async () => {
  platform = await smallPlatform();
  channel = createOfficialAccountChannel([{ ...account, apiBase: platform.base }], portsOver());
});
afterEach(() => platform.close());
const bodies = (path: string) =>
  platform.seen.filter((seen) => seen.path === path).map(({ body }) => JSON.parse(body) as unknown);

describe('profiles', () => {
  const profiles = (users: string[]) => channel.capabilities.profiles?.('shop', users);
  const info = '/cgi-bin/user/info';

  it('one person: what the platform still tells, without what it leaves empty', async () => {
    platform.on(
      info,
      json({
        subscribe: 1,
        openid: 'o1',
        nickname: '',
        language: 'zh_CN',
        subscribe_time: 1714112445,
        unionid: 'u1',
        subscribe_scene: 'ADD_SCENE_QR_CODE',
        qr_scene: 0,
        qr_scene_str: 'shop-12',
      }),
    );
    expect(await profiles(['o1'])).toEqual({
      ok: true,
      value: [
        {
          user: 'o1',
          following: true,
          unionid: 'u1',
          language: 'zh_CN',
          followSource: 'ADD_SCENE_QR_CODE',
          scene: 'shop-12',
          followedAt: new Date(1714112445000),
        },
      ],
    });
    expect(platform.seen.at(-1)?.query).toEqual({ access_token: 'token-1', openid: 'o1', lang: 'zh_CN' });
  });

  it.each([
    [
      { subscribe: 0, openid: 'o1' },
      { user: 'o1', following: false },
    ],
    [
      { subscribe: 1, openid: 'o1', qr_scene: 98765, qr_scene_str: '' },
      { user: 'o1', following: true, scene: '98765' },
    ],
    [
      { subscribe: 1, openid: 'o1', qr_scene: 0, qr_scene_str: '' },
      { user: 'o1', following: true },
    ],
  ])('%j', async (body, expected) => {
    platform.on(info, json(body));
    expect(await profiles(['o1'])).toEqual({ ok: true, value: [expected] });
  });

  it('many: 100 a call', async () => {
    platform.on(`${info}/batchget`, (seen, response) => {
      const { user_list } = JSON.parse(seen.body) as { user_list: Array<{ openid: string }> };
      response.end(JSON.stringify({ user_info_list: user_list.map(({ openid }) => ({ openid, subscribe: 1 })) }));
    });
    const users = Array.from({ length: 250 }, (_, n) => `o${n}`);
    const result = await profiles(users);
    expect(result?.ok && result.value.map(({ user }) => user)).toEqual(users);
    expect(bodies(`${info}/batchget`).map((body) => (body as { user_list: unknown[] }).user_list.length)).toEqual([
      100, 100, 50,
    ]);
  });

  it('nobody: no call', async () => {
    expect([await profiles([]), platform.seen]).toEqual([{ ok: true, value: [] }, []]);
  });

  it.each([
    [
      'a code',
      json({ errcode: 40003, errmsg: 'invalid openid' }),
      { ok: false, reason: 'person.unfollowed', detail: '40003' },
    ],
    ['-1', json({ errcode: -1, errmsg: '' }), { ok: false, reason: 'platform.busy', detail: '-1', retryAfterMs: 5000 }],
    ['no openid', json({ subscribe: 1 }), { ok: false, reason: 'platform.brokenAnswer', retryAfterMs: 5000 }],
  ])('%s', async (_name, answerer, expected) => {
    platform.on(info, answerer);
    expect(await profiles(['o1'])).toEqual(expected);
  });

  it('5xx: later, since asking twice harms nothing', async () => {
    platform.on(info, (_seen, response) => void response.writeHead(503).end('no'));
    expect(await profiles(['o1'])).toMatchObject({ ok: false, reason: 'platform.failed', retryAfterMs: 5000 });
  });
});

describe('scene codes', () => {
  const create = '/cgi-bin/qrcode/create';
  const ask = (scene: string, options: { expiresInSeconds?: number } = {}) =>
    channel.capabilities.sceneCode?.('shop', scene, options);

  it('permanent', async () => {
    platform.on(create, json({ ticket: 'a+b/c==', url: 'http://weixin.qq.com/q/x' }));
    const imageUrl = `${platform.base}/cgi-bin/showqrcode?ticket=a%2Bb%2Fc%3D%3D`;
    const value = { imageUrl, url: 'http://weixin.qq.com/q/x', ticket: 'a+b/c==' };
    expect(await ask('shop-12')).toEqual({ ok: true, value });
    expect(bodies(create)).toEqual([
      { action_name: 'QR_LIMIT_STR_SCENE', action_info: { scene: { scene_str: 'shop-12' } } },
    ]);
  });

  it('expiring, never for longer than the platform allows', async () => {
    platform.on(create, json({ ticket: 't', url: 'u', expire_seconds: 3600 }));
    const code = await ask('s', { expiresInSeconds: 99_999_999 });
    expect(code).toMatchObject({ ok: true, value: { expiresAt: new Date('2026-03-01T03:00:00Z') } });
    expect(bodies(create)).toMatchObject([{ action_name: 'QR_STR_SCENE', expire_seconds: 2_592_000 }]);
  });

  it.each(['', 'x'.repeat(65)])('a name the platform cannot hold: %j', async (scene) => {
    expect([await ask(scene), platform.seen]).toEqual([{ ok: false, reason: 'scene.length' }, []]);
  });

  it('all permanent codes used up', async () => {
    platform.on(create, json({ errcode: 45029, errmsg: 'qrcode count out of limit' }));
    expect(await ask('s')).toMatchObject({ ok: false, reason: 'account.quota' });
  });
});

describe('files that came in', () => {
  const get = '/cgi-bin/media/get';
  const page: Answerer = (_seen, response) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
  const fetchMedia = () => channel.capabilities.fetchMedia?.('shop', 'media-1');

  it('bytes as they are', async () => {
    platform.on(
      get,
      (_seen, response) =>
        void response.writeHead(200, { 'content-type': 'image/jpeg' }).end(Buffer.from([255, 216, 0])),
    );
    expect(await fetchMedia()).toEqual({
      ok: true,
      value: { bytes: Buffer.from([255, 216, 0]), mimeType: 'image/jpeg' },
    });
    expect(platform.seen.at(-1)?.query).toEqual({ access_token: 'token-1', media_id: 'media-1' });
  });

  it('a video by its address, without our token', async () => {
    platform.on(get, json({ video_url: `${platform.base}/video?sign=a%2Bb&x=1` }));
    platform.on(
      '/video',
      (_seen, response) => void response.writeHead(200, { 'content-type': 'video/mp4' }).end('film'),
    );
    expect(await fetchMedia()).toEqual({ ok: true, value: { bytes: Buffer.from('film'), mimeType: 'video/mp4' } });
    expect(platform.seen.at(-1)?.query).toEqual({ sign: 'a+b', x: '1' });
  });

  it.each([
    ['expired', json({ errcode: 40007, errmsg: 'invalid media_id' }), { ok: false, reason: 'content.media' }],
    ['a page of some proxy', page, { ok: false, reason: 'platform.brokenAnswer' }],
    ['an address that leads nowhere', json({ video_url: 'nonsense' }), { ok: false }],
  ])('%s', async (_name, answerer, expected) => {
    platform.on(get, answerer);
    expect(await fetchMedia()).toMatchObject(expected);
  });
});

describe('the typing sign', () => {
  const typing = '/cgi-bin/message/custom/typing';
  it.each([
    [0, { ok: true, value: true }],
    [45081, { ok: true, value: true }],
    [45080, { ok: false, reason: 'platform.refused', detail: '45080' }],
  ])('%i', async (errcode, expected) => {
    platform.on(typing, json({ errcode, errmsg: '' }));
    expect(await channel.typing('shop', 'o1', true)).toEqual(expected);
    await channel.typing('shop', 'o1', false);
    expect(bodies(typing)).toEqual([
      { touser: 'o1', command: 'Typing' },
      { touser: 'o1', command: 'CancelTyping' },
    ]);
  });
});
