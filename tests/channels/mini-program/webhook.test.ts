/** The platform calls us: whether there is a webhook at all, its modes, and that nothing but `success` is said. */
import { describe, expect, it } from '@jest/globals';
import { createMiniProgramChannel } from '../../../src/channels/mini-program/index.js';
import type { MiniProgramAccount } from '../../../src/channels/mini-program/index.js';
import type { InboundEvent, PassiveDoor, WebhookRequest } from '../../../src/contracts/index.js';
import { account, fixture, portsOver, post, readableLog, safePush, signedQuery } from './parts.js';

const { token: _token, encodingAesKey: _key, ...bare } = account;

async function deliver(request: WebhookRequest, given: MiniProgramAccount = account) {
  const { log, text } = readableLog();
  const channel = createMiniProgramChannel([given], { ...portsOver(), log });
  const got: Array<{ event: InboundEvent; door: PassiveDoor | undefined }> = [];
  await channel.start((event, door) => {
    got.push({ event, door });
    return Promise.resolve({ stored: true, duplicate: false });
  });
  return { answer: await channel.webhook(request), got, log: text() };
}
const status = (answer: { kind: string; status?: number }): number | undefined => answer.status;
const ask = (query: Record<string, string>): WebhookRequest => ({ ...post('', query), method: 'GET' });

describe('without token and key', () => {
  it.each([
    ['a push', safePush(fixture('text.xml'))],
    ['a plain push', post(fixture('text.xml'), signedQuery())],
    ['a verification', ask({ ...signedQuery(), echostr: '1' })],
  ])('%s finds no webhook', async (_name, request) => {
    const { answer, got } = await deliver(request, bare);
    expect([status(answer), got]).toEqual([404, []]);
  });

  it('the rest works', () => {
    const channel = createMiniProgramChannel([bare], portsOver());
    expect([channel.accounts, typeof channel.capabilities.login]).toEqual([['mini'], 'function']);
  });
});

describe('verification of the address', () => {
  it('gives echostr back as it came', async () => {
    const { answer } = await deliver(ask({ ...signedQuery(), echostr: '4375120948345356249' }));
    expect(answer).toMatchObject({ status: 200, body: '4375120948345356249' });
  });

  it.each([
    ['a wrong token', { ...signedQuery('other'), echostr: '1' }, 403],
    ['no echostr', signedQuery(), 400],
  ])('%s', async (_name, query, expected) => {
    expect(status((await deliver(ask(query))).answer)).toBe(expected);
  });
});

describe('modes', () => {
  const plain = post(fixture('text.xml'), signedQuery());
  it('safe is what a key means', async () => {
    expect((await deliver(safePush(fixture('text.json')))).answer).toMatchObject({ status: 200, body: 'success' });
    const refused = await deliver(plain);
    expect([status(refused.answer), refused.got]).toEqual([403, []]);
    expect(refused.log).toContain('webhook.notEncrypted');
  });

  it('plain must be asked for, and still reads what is encrypted', async () => {
    expect((await deliver(plain, { ...account, mode: 'plain' })).got).toHaveLength(1);
    expect((await deliver(safePush(fixture('text.xml')), { ...account, mode: 'plain' })).got).toHaveLength(1);
  });

  it('an encrypted push to an account without a key cannot be read', async () => {
    const { answer, got } = await deliver(safePush(fixture('text.xml')), { ...bare, token: 'minitest', mode: 'plain' });
    expect([answer, got]).toMatchObject([{ status: 403, body: 'webhook.noKey' }, []]);
  });

  it('a push for another app is refused', async () => {
    const { answer, got } = await deliver(safePush(fixture('text.xml'), { appId: 'wxb11529c136998cb6' }));
    expect([answer, got]).toMatchObject([{ status: 403, body: 'cipher.receiver' }, []]);
  });
});

it('offers no door: a mini-program is not answered inside the platform’s request', async () => {
  for (const name of ['text.xml', 'enter.xml', 'text.json']) {
    const { answer, got } = await deliver(safePush(fixture(name)));
    expect([answer, got[0]?.door]).toMatchObject([{ status: 200, body: 'success' }, undefined]);
  }
});
