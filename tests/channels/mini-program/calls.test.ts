/** Codes that open a page, the check of texts, files that came in. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMiniProgramChannel } from '../../../src/channels/mini-program/index.js';
import type { MiniProgramChannel } from '../../../src/channels/mini-program/index.js';
import { account, json, portsOver, smallPlatform } from './parts.js';
import type { SmallPlatform } from './parts.js';

let platform: SmallPlatform;
let channel: MiniProgramChannel;
beforeEach(async () => {
  platform = await smallPlatform();
  channel = createMiniProgramChannel([{ ...account, apiBase: platform.base }], portsOver());
});
afterEach(() => platform.close());
const asked = (): unknown => JSON.parse(platform.seen.at(-1)?.body ?? '');

describe('page codes', () => {
  const create = '/wxa/getwxacodeunlimit';
  const ask = (scene: string, options: { page?: string } = {}) =>
    channel.capabilities.pageCode?.('mini', scene, options);
  const bytes = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0]);

  it('are pictures', async () => {
    platform.on(create, (_seen, response) => void response.writeHead(200, { 'content-type': 'image/jpeg' }).end(bytes));
    expect(await ask('v=12&s=a', { page: '/pages/join/index' })).toEqual({
      ok: true,
      value: { bytes, mimeType: 'image/jpeg' },
    });
    expect(asked()).toEqual({ scene: 'v=12&s=a', page: 'pages/join/index', env_version: 'release' });
    await ask('x');
    expect(asked()).toEqual({ scene: 'x', env_version: 'release' });
  });

  it.each([
    ['', {}, 'scene.length'],
    ['x'.repeat(33), {}, 'scene.length'],
    ['门店', {}, 'scene.characters'],
    ['a b', {}, 'scene.characters'],
    ['a%b', {}, 'scene.characters'],
    ['a', { page: 'pages/join/index?x=1' }, 'page.query'],
  ])('%j %j cannot be', async (scene, options, reason) => {
    expect([await ask(scene, options), platform.seen]).toEqual([{ ok: false, reason }, []]);
  });

  it('every character the platform allows goes', async () => {
    platform.on(create, (_seen, response) => void response.writeHead(200, { 'content-type': 'image/png' }).end(bytes));
    for (const scene of ["!#$&'()*+,/:;=?@-._~", 'azAZ09'])
      expect(await ask(scene)).toMatchObject({ ok: true, value: { mimeType: 'image/png' } });
  });

  it.each([
    [41030, { reason: 'content.refused' }],
    [40169, { reason: 'content.refused' }],
    [45009, { reason: 'platform.dailyLimit' }],
    [0, { reason: 'platform.brokenAnswer', retryAfterMs: 5000 }],
  ])('an answer of %i instead of a picture', async (errcode, expected) => {
    platform.on(create, json({ errcode, errmsg: 'invalid page hint' }));
    expect(await ask('x')).toMatchObject({ ok: false, ...expected });
  });

  it('a page of some proxy is no picture', async () => {
    platform.on(create, (_s, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
    expect(await ask('x')).toMatchObject({ ok: false, reason: 'platform.brokenAnswer' });
  });
});

describe('texts', () => {
  const check = '/wxa/msg_sec_check';
  const ask = (text = '昵称', kind: 'profile' | 'comment' = 'profile') =>
    channel.capabilities.checkText?.('mini', 'o1', text, kind);
  const answer = (suggest: unknown, detail: object[] = []) =>
    json({ errcode: 0, errmsg: 'ok', trace_id: 't', result: { suggest, label: 100 }, detail });

  it.each(['pass', 'review', 'risky'])('%s', async (suggest) => {
    platform.on(check, answer(suggest));
    expect(await ask()).toEqual({ ok: true, value: suggest });
    expect(asked()).toEqual({ content: '昵称', version: 2, scene: 1, openid: 'o1' });
  });

  it('comments are another scene', async () => {
    platform.on(check, answer('pass'));
    await ask('很好', 'comment');
    expect(asked()).toMatchObject({ scene: 2 });
  });

  it('only the suggestion decides, not the codes of single findings', async () => {
    platform.on(check, answer('pass', [{ strategy: 'keyword', errcode: 87014, suggest: 'risky', label: 20001 }]));
    expect(await ask()).toEqual({ ok: true, value: 'pass' });
    platform.on(check, answer('risky', [{ strategy: 'content_model', errcode: 0, suggest: 'pass', label: 100 }]));
    expect(await ask()).toEqual({ ok: true, value: 'risky' });
  });

  it('a suggestion of tomorrow is for a person to look at, none at all is no answer', async () => {
    platform.on(check, answer('perhaps'));
    expect(await ask()).toEqual({ ok: true, value: 'review' });
    platform.on(check, json({ errcode: 0, errmsg: 'ok' }));
    expect(await ask()).toMatchObject({ ok: false, reason: 'platform.brokenAnswer' });
  });

  it.each([
    [87014, { ok: true, value: 'risky' }],
    [61010, { ok: false, reason: 'person.notActive' }],
    [43104, { ok: false, reason: 'person.notActive' }],
    [40003, { ok: false, reason: 'person.unfollowed' }],
    [45009, { ok: false, reason: 'platform.dailyLimit' }],
  ])('%i', async (errcode, expected) => {
    platform.on(check, json({ errcode, errmsg: 'no' }));
    expect(await ask()).toMatchObject(expected);
  });

  it.each([
    [' \n', { ok: true, value: 'pass' }],
    ['😀'.repeat(2501), { ok: false, reason: 'text.length' }],
  ])('nothing to ask: %#', async (text, expected) => {
    expect([await ask(text), platform.seen]).toEqual([expected, []]);
  });
});

it('files that came in are fetched', async () => {
  platform.on(
    '/cgi-bin/media/get',
    (_seen, response) => void response.writeHead(200, { 'content-type': 'image/jpeg' }).end('picture'),
  );
  expect(await channel.capabilities.fetchMedia?.('mini', 'media-1')).toEqual({
    ok: true,
    value: { bytes: Buffer.from('picture'), mimeType: 'image/jpeg' },
  });
  expect(platform.seen.at(-1)?.query).toEqual({ access_token: 'token-1', media_id: 'media-1' });
});

it('nothing is known of other accounts', async () => {
  const { pageCode, checkText, phoneNumber, fetchMedia } = channel.capabilities;
  const results = [
    await pageCode?.('nobody', 'x', {}),
    await checkText?.('nobody', 'o', 'x', 'profile'),
    await phoneNumber?.('nobody', 'c'),
    await fetchMedia?.('nobody', 'm'),
    await channel.sessionValid('nobody', 'o'),
  ];
  expect(results).toEqual(results.map(() => ({ ok: false, reason: 'account.unknown' })));
  expect(platform.seen).toEqual([]);
});
