/** One attempt to send: by which call, in which shape, and what each answer means. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMiniProgramChannel } from '../../../src/channels/mini-program/index.js';
import type { MiniProgramChannel } from '../../../src/channels/mini-program/index.js';
import type { Content, OutboundMessage, Route, SendResult } from '../../../src/contracts/index.js';
import { account, json, portsOver, sharedState, smallPlatform } from './parts.js';
import type { SmallPlatform } from './parts.js';

const customSend = '/cgi-bin/message/custom/send';
const noticeSend = '/cgi-bin/message/subscribe/send';
let platform: SmallPlatform;
let channel: MiniProgramChannel;
beforeEach(async () => {
  platform = await smallPlatform();
  channel = createMiniProgramChannel([{ ...account, apiBase: platform.base }], portsOver());
  platform.on(customSend, json({ errcode: 0, errmsg: 'ok' }));
  platform.on(noticeSend, json({ errcode: 0, errmsg: 'ok' }));
  platform.on('/cgi-bin/media/upload', json({ type: 'image', media_id: 'up-1', created_at: 1 }));
});
afterEach(() => platform.close());

const message = (content: Content, route: Route = 'customer-message'): OutboundMessage => ({
  id: 'row-1',
  to: { channel: 'mini-program', account: 'mini', user: 'openid-1' },
  route,
  content,
});
const send = (content: Content, route?: Route): Promise<SendResult> =>
  channel.send(message(content, route), AbortSignal.timeout(5000));
const calls = (path: string) => platform.seen.filter((seen) => seen.path === path);
const sent = (path: string): unknown[] => calls(path).map(({ body }) => JSON.parse(body) as unknown);

describe('customer messages', () => {
  const thumb = { id: 'file-1' };
  it.each<[Content, object]>([
    [
      { type: 'text', text: '你好 \\u 😀' },
      { msgtype: 'text', text: { content: '你好 \\u 😀' } },
    ],
    [
      { type: 'image', media: { id: 'file-1' } },
      { msgtype: 'image', image: { media_id: 'up-1' } },
    ],
    [
      { type: 'link', title: 'T', description: 'D', url: 'https://example.com', pictureUrl: 'https://example.com/p' },
      {
        msgtype: 'link',
        link: { title: 'T', description: 'D', url: 'https://example.com', thumb_url: 'https://example.com/p' },
      },
    ],
    [
      { type: 'mini-program-card', title: 'T', appId: account.appId, pagePath: 'pages/card/index', thumb },
      {
        msgtype: 'miniprogrampage',
        miniprogrampage: { title: 'T', appid: account.appId, pagepath: 'pages/card/index', thumb_media_id: 'up-1' },
      },
    ],
  ])('$type', async (content, body) => {
    expect(await send(content)).toEqual({ outcome: 'sent' });
    expect(sent(customSend)).toEqual([{ touser: 'openid-1', ...body }]);
  });

  it.each<Content>([
    { type: 'voice', media: { platformId: 'm' } },
    { type: 'video', media: { platformId: 'm' } },
    { type: 'menu', head: 'H', entries: [{ id: '1', text: 'A' }] },
    { type: 'location', latitude: 1, longitude: 2 },
    { type: 'coupon-card', cardId: 'c' },
    { type: 'notice', templateId: 't', data: { thing1: 'x' } },
    { type: 'mini-program-card', title: 'T', appId: 'wx', pagePath: 'p' },
  ])('$type has no form here', async (content) => {
    expect(await send(content)).toMatchObject({ outcome: 'refused', reason: 'content.notForRoute', scope: 'message' });
    expect(calls(customSend)).toEqual([]);
  });

  it('an uploaded file is used again, and not that of an official account with the same id', async () => {
    const state = sharedState();
    state.values.set('official-account/mini/media/image/file-1', {
      value: 'theirs',
      expiresAt: new Date('2026-03-02T00:00:00Z'),
    });
    const other = createMiniProgramChannel([{ ...account, apiBase: platform.base }], portsOver(state));
    const picture = message({ type: 'image', media: { id: 'file-1' } });
    await other.send(picture, AbortSignal.timeout(5000));
    await other.send(picture, AbortSignal.timeout(5000));
    expect(sent(customSend)).toMatchObject([{ image: { media_id: 'up-1' } }, { image: { media_id: 'up-1' } }]);
    expect(calls('/cgi-bin/media/upload')).toHaveLength(1);
    expect([...state.values.keys()].sort()).toEqual([
      'mini-program/mini/media/image/file-1',
      'mini-program/mini/token',
      'official-account/mini/media/image/file-1',
    ]);
  });
});

describe('notices', () => {
  const notice: Content = {
    type: 'notice',
    templateId: 'tpl-dispatch',
    page: '/pages/order/index?no=SO-1',
    data: { thing1: '蓝色外套 '.repeat(9), time2: '2026年3月1日' },
  };
  const sendNotice = (content = notice) => send(content, 'subscription-notice');

  it('name their page, state and language, and hold the limits of their fields', async () => {
    expect(await sendNotice()).toEqual({ outcome: 'sent' });
    expect(sent(noticeSend)).toEqual([
      {
        touser: 'openid-1',
        template_id: 'tpl-dispatch',
        page: 'pages/order/index?no=SO-1',
        data: { thing1: { value: '蓝色外套 蓝色外套 蓝色外套 蓝色外套…' }, time2: { value: '2026年3月1日' } },
        miniprogram_state: 'formal',
        lang: 'zh_CN',
      },
    ]);
  });

  it('are told of later, where the platform gives them an id', async () => {
    platform.on(noticeSend, (_seen, response) => void response.end('{"errcode":0,"msgid":1700827132819554305}'));
    expect(await sendNotice()).toEqual({ outcome: 'submitted', platformId: '1700827132819554305' });
  });

  it('with an empty field do not leave', async () => {
    expect(await sendNotice({ ...notice, data: { thing1: '' } })).toEqual({
      outcome: 'refused',
      reason: 'content.refused',
      detail: 'thing1 is empty',
      scope: 'message',
    });
    expect(platform.seen).toEqual([]);
  });

  it.each<[number, object]>([
    [43101, { outcome: 'refused', reason: 'notice.notGranted', scope: 'window' }],
    [40003, { outcome: 'refused', reason: 'person.unfollowed', scope: 'person', blocked: 'unfollowed' }],
    [40037, { outcome: 'refused', reason: 'template.configuration', scope: 'message' }],
    [47003, { outcome: 'refused', reason: 'content.refused', scope: 'message' }],
    [41030, { outcome: 'refused', reason: 'content.refused', scope: 'message' }],
    [45168, { outcome: 'refused', reason: 'content.refused', scope: 'message' }],
    [43107, { outcome: 'refused', reason: 'account.configuration', scope: 'account' }],
    [43108, { outcome: 'retry', reason: 'platform.tooFast', scope: 'message' }],
    [-1, { outcome: 'retry', reason: 'platform.busy', scope: 'message' }],
    [45009, { outcome: 'retry', reason: 'platform.dailyLimit', scope: 'account' }],
  ])('%i', async (errcode, expected) => {
    platform.on(noticeSend, json({ errcode, errmsg: 'user refuse to accept the msg' }));
    expect(await sendNotice()).toMatchObject(expected);
    expect(calls(noticeSend)).toHaveLength(1);
  });

  it('that may have arrived are unknown, never tried twice', async () => {
    platform.on(noticeSend, (_seen, response) => void response.destroy());
    expect(await sendNotice()).toMatchObject({ outcome: 'unknown' });
  });

  it('a text is no notice', async () => {
    expect(await send({ type: 'text', text: 'x' }, 'subscription-notice')).toMatchObject({
      reason: 'content.notForRoute',
    });
  });
});

describe('inside the mini-program', () => {
  it.each<Content>([
    { type: 'text', text: '生日快乐' },
    { type: 'notice', templateId: 't', data: { thing1: 'x' } },
  ])('$type is delivered by being stored: no call', async (content) => {
    expect([await send(content, 'member-inbox'), platform.seen]).toEqual([{ outcome: 'sent' }, []]);
  });

  it('a file is not', async () => {
    const picture: Content = { type: 'image', media: { id: 'file-1' } };
    expect(await send(picture, 'member-inbox')).toMatchObject({ outcome: 'refused', reason: 'content.notForRoute' });
    expect(platform.seen).toEqual([]);
  });
});

it.each<Route>(['passive-reply', 'template', 'mass-send', 'wechaty'])(
  '%s is a route of other channels',
  async (route) => {
    expect(await send({ type: 'text', text: 'x' }, route)).toMatchObject({ reason: 'content.notForRoute' });
  },
);

it('an address of another channel is not ours', async () => {
  const stranger = {
    ...message({ type: 'text', text: 'x' }),
    to: { channel: 'wechaty' as const, account: 'mini', user: 'o' },
  };
  expect(await channel.send(stranger, AbortSignal.timeout(1000))).toMatchObject({ reason: 'account.unknown' });
});
