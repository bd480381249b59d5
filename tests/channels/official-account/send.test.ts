/** One attempt to send, against a small platform on loopback that misbehaves in every way a network can. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Content, OutboundMessage, SendResult } from '../../../src/contracts/index.js';
import { callHttp } from '../../../src/channels/wechat/client.js';
import { createOfficialAccountChannel } from '../../../src/channels/official-account/index.js';
import type { OfficialAccountChannel } from '../../../src/channels/official-account/index.js';
import { account, json, portsOver, sharedState, smallPlatform } from './parts.js';
import type { SmallPlatform } from './parts.js';

const customSend = '/cgi-bin/message/custom/send';
let platform: SmallPlatform;
let channel: OfficialAccountChannel;
let state: ReturnType<typeof sharedState>;
let now: Date;
beforeEach(async () => {
  platform = await smallPlatform();
  now = new Date('2026-03-01T02:00:00Z');
  state = sharedState();
  channel = createOfficialAccountChannel(
    [{ ...account, apiBase: `${platform.base}/` }],
    portsOver(state, () => now),
  );
  platform.on(customSend, json({ errcode: 0, errmsg: 'ok' }));
});
afterEach(() => platform.close());

const message = (content: Content, more: Partial<OutboundMessage> = {}): OutboundMessage => ({
  id: 'row-1',
  to: { channel: 'official-account', account: 'shop', user: 'openid-1' },
  route: 'customer-message',
  content,
  ...more,
});
const hello: Content = { type: 'text', text: '你好 \\u \u{1F600}' };
const send = (one = message(hello), ms = 5000): Promise<SendResult> => channel.send(one, AbortSignal.timeout(ms));
const calls = (path: string) => platform.seen.filter((seen) => seen.path === path);

describe('accepted', () => {
  it('raw UTF-8, with the token, to the one person', async () => {
    expect(await send()).toEqual({ outcome: 'sent' });
    expect(calls(customSend)).toMatchObject([{ query: { access_token: 'token-1' } }]);
    expect(calls(customSend)[0]?.body).toBe(
      '{"touser":"openid-1","msgtype":"text","text":{"content":"你好 \\\\u 😀"}}',
    );
    expect(channel.health()).toMatchObject([{ account: 'shop', state: 'ok' }]);
  });

  it('a template is submitted under its id, all 64 bits of it, and repeats carry the same id of ours', async () => {
    platform.on(
      '/cgi-bin/message/template/send',
      (_seen, response) => void response.end('{"errcode":0,"msgid":3411023456789012345}'),
    );
    const template: Content = { type: 'template', templateId: 't', data: {} };
    expect(await send(message(template, { route: 'template' }))).toEqual({
      outcome: 'submitted',
      platformId: '3411023456789012345',
    });
    expect(JSON.parse(calls('/cgi-bin/message/template/send')[0]?.body ?? '')).toMatchObject({
      client_msg_id: 'row-1',
    });
  });
});

describe('never tried', () => {
  it.each<[string, OutboundMessage, object]>([
    [
      'a content without a form',
      message({ type: 'location', latitude: 1, longitude: 2 }),
      { reason: 'content.notForRoute', scope: 'message' },
    ],
    ['a text on the template route', message(hello, { route: 'template' }), { reason: 'content.notForRoute' }],
    ['a route of other channels', message(hello, { route: 'wechaty' }), { reason: 'content.notForRoute' }],
    [
      'an account nobody set up',
      message(hello, { to: { channel: 'official-account', account: 'x', user: 'o' } }),
      { reason: 'account.unknown' },
    ],
    [
      'another channel',
      message(hello, { to: { channel: 'wechaty', account: 'shop', user: 'o' } }),
      { reason: 'account.unknown' },
    ],
    [
      'a file we do not have',
      message({ type: 'image', media: { id: 'gone' } }),
      { reason: 'content.mediaMissing', scope: 'message' },
    ],
  ])('%s', async (_name, one, expected) => {
    expect(await send(one)).toMatchObject({ outcome: 'refused', ...expected });
    expect(platform.seen).toEqual([]);
  });

  it('a signal that was over before', async () => {
    expect(await channel.send(message(hello), AbortSignal.abort())).toMatchObject({ outcome: 'retry' });
    expect(calls(customSend)).toEqual([]);
  });
});

describe('unknown once a byte has left', () => {
  it.each<[string, Parameters<SmallPlatform['on']>[1], string]>([
    ['HTML 502', (_s, response) => void response.writeHead(502).end('<html>bad gateway</html>'), 'platform.failed'],
    ['JSON 500', (_s, response) => void response.writeHead(500).end('{"errcode":-1}'), 'platform.failed'],
    ['truncated JSON', (_s, response) => void response.end('{"errcode":0,"errm'), 'platform.brokenAnswer'],
    ['HTML 200', (_s, response) => void response.end('<html>welcome</html>'), 'platform.brokenAnswer'],
    ['an empty answer', (_s, response) => void response.end(), 'platform.brokenAnswer'],
    ['an object of somebody else', (_s, response) => void response.end('{"hello":1}'), 'platform.brokenAnswer'],
    [
      'a picture',
      (_s, response) => void response.writeHead(200, { 'content-type': 'image/png' }).end('x'),
      'platform.brokenAnswer',
    ],
    ['a hang-up before the answer', (_s, response) => void response.destroy(), 'platform.brokenAnswer'],
    [
      'a hang-up inside the answer',
      (_s, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"errcode":0');
        setTimeout(() => response.destroy(), 20);
      },
      'platform.brokenAnswer',
    ],
    ['a redirect', (_s, response) => void response.writeHead(302, { location: '/' }).end(), 'platform.brokenAnswer'],
    ['silence', () => undefined, 'platform.timeout'],
  ])('%s', async (_name, answerer, reason) => {
    platform.on(customSend, answerer);
    const started = performance.now();
    expect(await send(message(hello), 1500)).toMatchObject({ outcome: 'unknown', reason });
    expect(performance.now() - started).toBeLessThan(5000);
    expect(calls(customSend)).toHaveLength(1);
  });

  it('and the account is seen to fail, until it works again', async () => {
    platform.on(customSend, (_s, response) => void response.writeHead(502).end());
    await send();
    expect(channel.health()).toEqual([{ account: 'shop', state: 'failing', reason: 'platform.failed', since: now }]);
    platform.on(customSend, json({ errcode: 0 }));
    await send();
    expect(channel.health()).toEqual([{ account: 'shop', state: 'ok', since: now }]);
  });
});

describe('retry where surely nothing happened', () => {
  it('-1', async () => {
    platform.on(customSend, json({ errcode: -1, errmsg: 'system error' }));
    expect(await send()).toMatchObject({ outcome: 'retry', reason: 'platform.busy', scope: 'message' });
    expect(calls(customSend)).toHaveLength(1);
  });

  it('a refused connection', async () => {
    await send();
    await platform.close();
    // Until our side has noticed the closed connection, it might have been used.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await send()).toMatchObject({ outcome: 'retry', reason: 'platform.unreachable', detail: 'ECONNREFUSED' });
  });

  it('a name that leads nowhere', async () => {
    const lost = createOfficialAccountChannel([{ ...account, apiBase: 'http://platform.invalid' }], portsOver());
    expect(await lost.send(message(hello), AbortSignal.timeout(5000))).toMatchObject({
      outcome: 'retry',
      reason: 'platform.unreachable',
    });
  });

  it('a server that does not speak TLS where TLS is asked for', async () => {
    const server = createServer((socket) =>
      socket.on('error', () => undefined).end('nonsense, not a handshake at all'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await callHttp({ base, path: '/', json: {}, timeoutMs: 2000 })).toMatchObject({ kind: 'notSent' });
    server.close();
  });

  it.each([
    [
      'answers 502',
      (_s: unknown, response: { writeHead(n: number): { end(t: string): unknown } }) =>
        void response.writeHead(502).end('x'),
    ],
    ['says nothing', () => undefined],
  ])('a token endpoint that %s: the message itself never left', async (_name, answerer) => {
    platform.on('/cgi-bin/stable_token', answerer);
    expect(await send(message(hello), 300)).toMatchObject({ outcome: 'retry', scope: 'account' });
    expect(calls(customSend)).toEqual([]);
  });
});

describe('refused with its reason', () => {
  it.each([
    [45015, { reason: 'window.closed', scope: 'window' }],
    [45047, { reason: 'window.used', scope: 'window' }],
    [48002, { reason: 'person.blocked', scope: 'person', blocked: 'blocked' }],
    [43004, { reason: 'person.unfollowed', scope: 'person', blocked: 'unfollowed' }],
    [45009, { outcome: 'retry', reason: 'platform.dailyLimit', scope: 'account', afterMs: 14 * 3_600_000 + 60_000 }],
  ])('%i', async (errcode, expected) => {
    platform.on(customSend, json({ errcode, errmsg: 'no' }));
    expect(await send()).toMatchObject({ outcome: 'refused', ...expected });
  });

  it('what concerns a person leaves the account healthy, what concerns the account does not', async () => {
    platform.on(customSend, json({ errcode: 48002, errmsg: 'no' }));
    await send();
    expect(channel.health()).toMatchObject([{ state: 'ok' }]);
    platform.on(customSend, json({ errcode: 40164, errmsg: 'invalid ip' }));
    await send();
    expect(channel.health()).toMatchObject([{ state: 'failing', reason: 'account.configuration', since: now }]);
  });
});

describe('files', () => {
  const picture = message({ type: 'image', media: { id: 'file-1' } });
  const upload = '/cgi-bin/media/upload';
  beforeEach(() => {
    let uploads = 0;
    platform.on(
      upload,
      (_s, response) => void response.end(`{"type":"image","media_id":"up-${(uploads += 1)}","created_at":1}`),
    );
  });
  const sentIds = () =>
    calls(customSend).map(({ body }) => (JSON.parse(body) as { image: { media_id: string } }).image.media_id);

  it('are uploaded once and used again until the platform forgets them', async () => {
    expect([await send(picture), await send(picture)]).toEqual([{ outcome: 'sent' }, { outcome: 'sent' }]);
    expect(calls(upload)).toHaveLength(1);
    expect(calls(upload)[0]?.query).toEqual({ access_token: 'token-1', type: 'image' });
    expect(calls(upload)[0]?.body).toContain('name="media"; filename="file-1.jpg"');
    now = new Date(now.getTime() + 71 * 3_600_000);
    await send(picture);
    expect(sentIds()).toEqual(['up-1', 'up-1', 'up-2']);
  });

  it('an id of the platform goes as it is', async () => {
    await send(message({ type: 'image', media: { platformId: 'given' } }));
    expect([sentIds(), calls(upload)]).toEqual([['given'], []]);
  });

  it('an id the platform forgot early is uploaded again next time', async () => {
    await send(picture);
    platform.on(customSend, json({ errcode: 40007, errmsg: 'invalid media_id' }));
    expect(await send(picture)).toMatchObject({ outcome: 'refused', reason: 'content.media', scope: 'message' });
    platform.on(customSend, json({ errcode: 0 }));
    await send(picture);
    expect(sentIds()).toEqual(['up-1', 'up-1', 'up-2']);
  });

  it.each([
    [
      'breaks off',
      (_s: unknown, response: { end(t: string): unknown }) => void response.end('{"medi'),
      { outcome: 'retry' },
    ],
    [
      'is refused',
      json({ errcode: 40009, errmsg: 'invalid image size' }),
      { outcome: 'refused', reason: 'content.media' },
    ],
    ['gives no id', json({ type: 'image' }), { outcome: 'retry', reason: 'platform.brokenAnswer' }],
  ])('an upload that %s: the message never left', async (_name, answerer, expected) => {
    platform.on(upload, answerer);
    expect(await send(picture)).toMatchObject(expected);
    expect(calls(customSend)).toEqual([]);
  });
});
