/** One mass send, against a small platform on loopback: what goes out, and what surely became of it for each way the platform may answer. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Content, MassMessage, MassResult } from '../../../src/contracts/index.js';
import { createOfficialAccountChannel } from '../../../src/channels/official-account/index.js';
import type { OfficialAccountChannel } from '../../../src/channels/official-account/index.js';
import { account, json, portsOver, sharedState, smallPlatform } from './parts.js';
import type { Answerer, SmallPlatform } from './parts.js';

const path = '/cgi-bin/message/mass/send';
let platform: SmallPlatform;
let channel: OfficialAccountChannel;
beforeEach(async () => {
  platform = await smallPlatform();
  const now = (): Date => new Date('2026-03-01T02:00:00Z');
  channel = createOfficialAccountChannel([{ ...account, apiBase: platform.base }], portsOver(sharedState(), now));
  platform.on(path, json({ errcode: 0, errmsg: 'send job submission success', msg_id: 3147483654, msg_data_id: 7 }));
});
afterEach(() => platform.close());

const hello: Content = { type: 'text', text: '上新了 \u{1F600}' };
const clientId = 'b'.repeat(64);
async function send(more: Partial<MassMessage> = {}, signal = AbortSignal.timeout(5000)): Promise<MassResult> {
  const { massSend } = channel.capabilities;
  if (!massSend) throw new Error('this channel has no mass send');
  return massSend.send({ account: 'shop', users: ['o-1', 'o-2'], content: hello, clientId, ...more }, signal);
}
const calls = (): unknown[] =>
  platform.seen.filter((seen) => seen.path === path).map(({ body }) => JSON.parse(body) as unknown);

const openids = (count: number): string[] => Array.from({ length: count }, (_, i) => `o-${String(i)}`);

describe('what goes out', () => {
  it.each<[string, Content, object]>([
    ['a text', hello, { msgtype: 'text', text: { content: '上新了 \u{1F600}' } }],
    [
      'an article of permanent material, which a reprint check stops',
      { type: 'article', materialId: 'mat-1' },
      { msgtype: 'mpnews', mpnews: { media_id: 'mat-1' }, send_ignore_reprint: 0 },
    ],
    [
      'a picture the platform has, in a list',
      { type: 'image', media: { platformId: 'pic-1' } },
      { msgtype: 'image', images: { media_ids: ['pic-1'] } },
    ],
  ])('%s', async (_name, content, body) => {
    expect(await send({ content })).toEqual({ outcome: 'submitted', platformId: '3147483654' });
    expect(calls()).toEqual([{ touser: ['o-1', 'o-2'], clientmsgid: clientId, ...body }]);
  });

  it('raw UTF-8, and an id of 64 bits comes back whole', async () => {
    platform.on(path, (_s, response) => void response.end('{"errcode":0,"msg_id":3411023456789012345}'));
    expect(await send()).toEqual({ outcome: 'submitted', platformId: '3411023456789012345' });
    expect(platform.seen.at(-1)?.body).toContain('"content":"上新了 \u{1F600}"');
  });

  it('our own file is uploaded first, and again once the platform has forgotten it', async () => {
    let uploads = 0;
    platform.on(
      '/cgi-bin/media/upload',
      (_s, response) => void response.end(`{"type":"image","media_id":"up-${(uploads += 1)}","created_at":1}`),
    );
    const picture: Content = { type: 'image', media: { id: 'file-1' } };
    await send({ content: picture });
    platform.on(path, json({ errcode: 40007, errmsg: 'invalid media_id' }));
    expect(await send({ content: picture })).toMatchObject({ reason: 'content.media', scope: 'message' });
    await send({ content: picture });
    expect(calls()).toMatchObject(['up-1', 'up-1', 'up-2'].map((id) => ({ images: { media_ids: [id] } })));
  });

  it('to 10,000 people and no more; the same person twice is one', async () => {
    expect(await send({ users: openids(10_000) })).toMatchObject({ outcome: 'submitted' });
    expect(await send({ users: openids(10_001) })).toMatchObject({
      outcome: 'refused',
      reason: 'massSend.tooMany',
      scope: 'message',
    });
    await send({ users: ['o-1', 'o-2', 'o-1'] });
    expect(calls().map((body) => (body as { touser: string[] }).touser.length)).toEqual([10_000, 2]);
  });
});

describe('never tried', () => {
  it.each<[string, Partial<MassMessage>, object]>([
    ['nobody', { users: [] }, { reason: 'massSend.tooFew', detail: '0', scope: 'message' }],
    ['one person', { users: ['o-1', 'o-1'] }, { reason: 'massSend.tooFew', detail: '1' }],
    ['an empty text', { content: { type: 'text', text: ' \n' } }, { reason: 'content.refused', detail: 'empty text' }],
    ['2049 bytes', { content: { type: 'text', text: `${'字'.repeat(682)}abc` } }, { reason: 'content.refused' }],
    [
      'an article of the publishing call',
      { content: { type: 'article', articleId: 'a' } },
      { reason: 'content.notForRoute' },
    ],
    [
      'a menu',
      { content: { type: 'menu', head: 'x', entries: [{ id: '1', text: 'y' }] } },
      { reason: 'content.notForRoute' },
    ],
    [
      'a picture we do not have',
      { content: { type: 'image', media: { id: 'gone' } } },
      { reason: 'content.mediaMissing' },
    ],
    ['an account nobody set up', { account: 'x' }, { reason: 'account.unknown', scope: 'account' }],
  ])('%s', async (_name, more, expected) => {
    expect(await send(more)).toMatchObject({ outcome: 'refused', ...expected });
    expect(platform.seen).toEqual([]);
  });

  it('2048 bytes may go', async () => {
    expect(await send({ content: { type: 'text', text: `${'字'.repeat(682)}ab` } })).toMatchObject({
      outcome: 'submitted',
    });
  });

  it.each(['', 'a'.repeat(65), 'with space', '中'])(
    'an id the platform would not take is a mistake of the caller: %j',
    async (id) => {
      await expect(send({ clientId: id })).rejects.toThrow(RangeError);
      expect(platform.seen).toEqual([]);
    },
  );

  it('a signal that was over before', async () => {
    expect(await send({}, AbortSignal.abort())).toMatchObject({ outcome: 'retry', reason: 'platform.unreachable' });
    expect(calls()).toEqual([]);
  });
});

describe('what the platform answers', () => {
  const untilTomorrow = 14 * 3_600_000 + 60_000;
  it.each<[number, object, object]>([
    [45065, { msg_id: 3147483001 }, { outcome: 'submitted', platformId: '3147483001' }],
    [45065, {}, { outcome: 'unknown', reason: 'platform.brokenAnswer' }],
    [45066, {}, { outcome: 'retry', reason: 'platform.tooFast', afterMs: 60_000 }],
    [45011, {}, { outcome: 'retry', reason: 'platform.minuteLimit', afterMs: 60_000 }],
    [45009, {}, { outcome: 'retry', reason: 'platform.dailyLimit', afterMs: untilTomorrow }],
    [-1, {}, { outcome: 'retry', reason: 'platform.busy', afterMs: 5000 }],
    [45028, {}, { outcome: 'refused', reason: 'massSend.noQuota', scope: 'account' }],
    [48003, {}, { outcome: 'refused', reason: 'account.configuration', scope: 'account' }],
    [48008, {}, { outcome: 'refused', reason: 'account.configuration', scope: 'account' }],
    [40164, {}, { outcome: 'refused', reason: 'account.configuration', scope: 'account' }],
    [40130, {}, { outcome: 'refused', reason: 'massSend.tooFew', scope: 'message' }],
    [40032, {}, { outcome: 'refused', reason: 'massSend.tooMany', scope: 'message' }],
    [45002, {}, { outcome: 'refused', reason: 'content.refused', scope: 'message' }],
    [40003, {}, { outcome: 'refused', reason: 'platform.refused', scope: 'message', detail: '40003' }],
    [45047, {}, { outcome: 'refused', reason: 'platform.refused', scope: 'message' }],
    [99999, {}, { outcome: 'refused', reason: 'platform.refused', scope: 'message' }],
  ])('%i %j', async (errcode, more, expected) => {
    platform.on(path, json({ errcode, errmsg: 'no', ...more }));
    expect(await send()).toMatchObject(expected);
    expect(calls()).toHaveLength(1);
  });

  it.each<[string, Answerer, string]>([
    ['HTML 502', (_s, response) => void response.writeHead(502).end('<html>'), 'platform.failed'],
    ['truncated JSON', (_s, response) => void response.end('{"errcode":0,"msg'), 'platform.brokenAnswer'],
    ['a success without an id', json({ errcode: 0, errmsg: 'ok' }), 'platform.brokenAnswer'],
    ['a hang-up', (_s, response) => void response.destroy(), 'platform.brokenAnswer'],
    ['silence', () => undefined, 'platform.timeout'],
  ])('%s may have had effect', async (_name, answerer, reason) => {
    platform.on(path, answerer);
    expect(await send({}, AbortSignal.timeout(800))).toMatchObject({ outcome: 'unknown', reason });
    expect(calls()).toHaveLength(1);
  });

  it('after an unclear one the same id finds what became of it', async () => {
    platform.on(path, (_s, response) => void response.destroy());
    expect(await send()).toMatchObject({ outcome: 'unknown' });
    platform.on(path, json({ errcode: 45065, errmsg: 'clientmsgid exist', msg_id: 3147483654 }));
    expect(await send()).toEqual({ outcome: 'submitted', platformId: '3147483654' });
    const ids = calls().map((body) => (body as { clientmsgid: string }).clientmsgid);
    expect(ids).toEqual([clientId, clientId]);
  });

  it('a refused connection: nobody got it', async () => {
    await send();
    await platform.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await send()).toMatchObject({ outcome: 'retry', reason: 'platform.unreachable' });
  });
});
