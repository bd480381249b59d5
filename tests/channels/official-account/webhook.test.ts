/** The platform calls us: proof, modes, refusals, answers. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type {
  InboundEvent,
  PassiveDoor,
  Received,
  WebhookRequest,
  WebhookResponse,
} from '../../../src/contracts/index.js';
import { createMessageCipher, signatureOf } from '../../../src/channels/wechat/crypto.js';
import { parseJsonObject } from '../../../src/channels/wechat/json.js';
import { createWebhook, seal } from '../../../src/channels/official-account/webhook.js';
import { parseXml, writeXml } from '../../../src/channels/wechat/xml.js';
import { account, fixture, post, receivedAt, safePush, signedQuery, silent } from './parts.js';

const cipher = createMessageCipher(account.encodingAesKey, account.appId);
const got: Array<{ event: InboundEvent; door: PassiveDoor | undefined }> = [];
let received: Received;
beforeEach(() => {
  got.length = 0;
  received = { stored: true, duplicate: false };
});

type Mode = 'plain' | 'compatible' | 'safe';
function deliver(request: WebhookRequest, mode: Mode = 'safe'): Promise<WebhookResponse> {
  return createWebhook({ ...account, mode }, silent)(request, (event, door) => {
    got.push({ event, door });
    return Promise.resolve(received);
  });
}
const refusal = (status: number) => expect.objectContaining({ kind: 'answer', status });
const success = { kind: 'answer', status: 200, contentType: 'text/plain; charset=utf-8', body: 'success' };
const minutesOff = (minutes: number): string => String(Math.floor(receivedAt.getTime() / 1000) + minutes * 60);

interface Vector {
  inputs: Record<string, string>;
  expected: Record<string, string>;
}
function published(id: string): Vector {
  const found = (JSON.parse(fixture('vectors.json')) as Record<string, Vector>)[id];
  if (!found) throw new Error(`no vector ${id}`);
  return found;
}

describe('URL verification', () => {
  const ask = (query: Record<string, string>): WebhookRequest => ({ ...post('', query), method: 'GET' });

  it('gives echostr back as it came', async () => {
    const { token = '', timestamp = '', nonce = '', echostr = '' } = published('oa-url-verify').inputs;
    const signature = published('oa-url-verify').expected['signature'] ?? '';
    const at = new Date(Number(timestamp) * 1000 + 1000);
    const request = { ...ask({ signature, timestamp, nonce, echostr }), receivedAt: at };
    const webhook = createWebhook({ ...account, token }, silent);
    const answer = await webhook(request, () => Promise.reject(new Error('nothing to store')));
    expect(answer).toEqual({ ...success, body: '4375120948345356249' });
  });

  it.each([
    ['a wrong token', { ...signedQuery('other'), echostr: '1' }, 403],
    ['no signature', { timestamp: minutesOff(0), nonce: '1', echostr: '1' }, 403],
    ['an old time', { ...signedQuery(account.token, minutesOff(-11)), echostr: '1' }, 403],
    ['no echostr', signedQuery(), 400],
  ])('%s', async (_name, query, status) => {
    expect(await deliver(ask(query))).toEqual(refusal(status));
  });
});

describe('modes', () => {
  const text = fixture('text.xml');
  it('plain', async () => {
    expect(await deliver(post(text, signedQuery()), 'plain')).toEqual(success);
    expect(got[0]?.event).toMatchObject({ key: '24540012345678901', raw: text, from: { account: 'shop' } });
  });

  it.each(['safe', 'compatible', 'plain'] as const)('an encrypted push to an account set to %s', async (mode) => {
    expect(await deliver(safePush(text), mode)).toEqual(success);
    expect(got[0]?.event).toMatchObject({ key: '24540012345678901', raw: text });
  });

  it('in compatible mode only what is encrypted counts', async () => {
    const request = safePush(text);
    const forged = request.body
      .toString()
      .replace('<xml>', '<xml><Content>forged</Content><MsgType>text</MsgType><MsgId>1</MsgId>');
    expect(await deliver({ ...request, body: Buffer.from(forged) }, 'compatible')).toEqual(success);
    expect(got[0]?.event.key).toBe('24540012345678901');
  });

  it('JSON, plain and safe', async () => {
    const json = fixture('text.json');
    await deliver(post(json, signedQuery()), 'plain');
    await deliver(safePush(json));
    expect(got.map(({ event }) => event.key)).toEqual(['24540012345678911', '24540012345678911']);
  });
});

describe('refusals reach nobody', () => {
  const text = fixture('text.xml');
  const whole = cipher.encrypt(text);
  const bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>';
  it.each<[string, WebhookRequest, Mode, number]>([
    ['a wrong signature in safe mode', safePush(text, { token: 'other' }), 'safe', 403],
    ['a wrong signature in plain mode', post(text, signedQuery('other')), 'plain', 403],
    ['another appid inside the cipher', safePush(text, { appId: 'wx0000000000000000' }), 'safe', 403],
    ['a cipher cut short', safePush(text, { encrypt: whole.slice(0, -24) }), 'safe', 403],
    ['a cipher cut to nothing', safePush(text, { encrypt: 'AAAA' }), 'safe', 403],
    ['a time 11 minutes ago', safePush(text, { at: minutesOff(-11) }), 'safe', 403],
    ['a time 11 minutes ahead', safePush(text, { at: minutesOff(11) }), 'safe', 403],
    ['a time 11 minutes ago in plain mode', post(text, signedQuery(account.token, minutesOff(-11))), 'plain', 403],
    ['a time that is no number', safePush(text, { at: 'NaN' }), 'safe', 403],
    ['no query', post(text, {}), 'plain', 403],
    ['a plain body to a safe account', post(text, signedQuery()), 'safe', 403],
    ['a plain body to a compatible account', post(text, signedQuery()), 'compatible', 403],
    [
      'an envelope without a cipher',
      post(text, { ...signedQuery(), encrypt_type: 'aes', msg_signature: 'x' }),
      'safe',
      400,
    ],
    [
      'an entity bomb for an envelope',
      post(bomb, { ...signedQuery(), encrypt_type: 'aes', msg_signature: 'x' }),
      'safe',
      400,
    ],
    [
      'garbage for an envelope',
      post('{"Encrypt":', { ...signedQuery(), encrypt_type: 'aes', msg_signature: 'x' }),
      'safe',
      400,
    ],
    ['random bytes', post(Buffer.from([0, 255, 254, 60, 33]), { ...signedQuery(), encrypt_type: 'aes' }), 'safe', 400],
  ])('%s', async (_name, request, mode, status) => {
    expect(await deliver(request, mode)).toEqual(refusal(status));
    expect(got).toEqual([]);
  });

  it('the plain signature alone does not prove an encrypted push', async () => {
    const request = safePush(text);
    const { signature = '', timestamp = '', nonce = '' } = request.query;
    const query = { signature, timestamp, nonce, encrypt_type: 'aes' };
    expect(await deliver({ ...request, query })).toEqual(refusal(403));
  });

  it('nine minutes are still in time', async () => {
    expect(await deliver(safePush(text, { at: minutesOff(-9) }))).toEqual(success);
  });
});

describe('proved but not readable', () => {
  it.each([
    ['garbage JSON', '{"FromUserName":'],
    ['an entity bomb', '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>'],
    ['nothing', ' '],
  ])('%s is kept as unknown and answered', async (_name, body) => {
    expect(await deliver(post(body, signedQuery()), 'plain')).toEqual(success);
    expect(await deliver(safePush(body))).toEqual(success);
    expect(got.map(({ event, door }) => [event.body.kind, event.raw, door])).toEqual([
      ['unknown', body, undefined],
      ['unknown', body, undefined],
    ]);
    expect(got[0]?.event.key).toBe(got[1]?.event.key);
  });
});

describe('answers', () => {
  const text = fixture('text.xml');

  it('what was not stored is not acknowledged', async () => {
    received = { stored: false };
    expect(await deliver(safePush(text))).toEqual({ kind: 'abandon' });
  });

  it('passive bytes go out as they are, and the corridor learns whether they were written', async () => {
    const written: boolean[] = [];
    received = {
      stored: true,
      duplicate: true,
      passive: { body: '<xml/>', written: async (ok) => void written.push(ok) },
    };
    const answer = await deliver(safePush(text));
    expect(answer).toMatchObject({ status: 200, contentType: 'text/xml; charset=utf-8', body: '<xml/>' });
    if (answer.kind === 'answer') await answer.written?.(false);
    expect(written).toEqual([false]);
    expect(await deliver(safePush(fixture('text.json')))).toMatchObject({ contentType: 'application/json' });
  });

  it('the door seals what it renders for an encrypted push, with the ends swapped', async () => {
    await deliver(safePush(text));
    const sealed = parseXml(got[0]?.door?.render({ type: 'text', text: 'a ]]> b' }) ?? '');
    const { Encrypt, MsgSignature, TimeStamp, Nonce } = sealed as Record<string, string>;
    expect(MsgSignature).toBe(signatureOf([account.token, TimeStamp ?? '', Nonce ?? '', Encrypt ?? '']));
    const plain = cipher.decrypt(Encrypt ?? '');
    expect(plain.ok && parseXml(plain.text)).toEqual({
      ToUserName: 'oTEST0000000000000000000001',
      FromUserName: 'gh_a1b2c3d4e5f6',
      CreateTime: String(Math.floor(receivedAt.getTime() / 1000)),
      MsgType: 'text',
      Content: 'a ]]> b',
    });
  });

  it('the door speaks JSON to who speaks JSON, and plain to who speaks plain', async () => {
    await deliver(safePush(fixture('text.json')));
    await deliver(post(fixture('text.json'), signedQuery()), 'plain');
    const [sealed, plain] = got.map(({ door }) => parseJsonObject(door?.render({ type: 'text', text: '好' }) ?? ''));
    const opened = cipher.decrypt(String(sealed?.['Encrypt']));
    expect(opened.ok && parseJsonObject(opened.text)).toEqual(plain);
    expect(plain).toMatchObject({ MsgType: 'text', Content: '好', FromUserName: 'gh_a1b2c3d4e5f6' });
  });

  it('the door knows when the platform has hung up', async () => {
    let open = true;
    await deliver({ ...safePush(text), writable: () => open });
    const before = got[0]?.door?.writable();
    open = false;
    expect([before, got[0]?.door?.writable()]).toEqual([true, false]);
  });

  it.each(['unsubscribe', 'template-success', 'kf-close-session', 'view', 'location-event'])(
    '%s has no door',
    async (name) => {
      await deliver(safePush(fixture(`${name}.xml`)));
      expect(got[0]?.door).toBeUndefined();
    },
  );

  it('an envelope made by our own writer is what the tests push', () => {
    expect(parseXml(writeXml({ Encrypt: 'x' }))).toEqual({ Encrypt: 'x' });
  });
});

it('an encrypted answer is the published one, byte by byte', () => {
  const { inputs, expected } = published('oa-safe-mode-reply');
  const { encodingAESKey = '', receiveid = '', token = '', plaintext = '', timestamp = '', nonce = '' } = inputs;
  const sealed = seal({
    account: { token },
    cipher: createMessageCipher(encodingAESKey, receiveid),
    plain: plaintext,
    createTime: Number(timestamp),
    nonce,
    random: Buffer.from(inputs['random16'] ?? ''),
    format: 'json',
  });
  expect(JSON.parse(sealed)).toEqual({
    Encrypt: expected['encrypt'],
    MsgSignature: expected['msg_signature'],
    TimeStamp: Number(timestamp),
    Nonce: nonce,
  });
});
