/** The mini-program channel under the suite every channel passes, on all its fixtures; its account schema; its line in the list. */
import { describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { channelKinds } from '../../../src/channels/index.js';
import { createMiniProgramChannel, MiniProgramAccount } from '../../../src/channels/mini-program/index.js';
import { describeChannel } from '../channel-suite.js';
import { account, fixture, portsOver, post, safePush, signedQuery } from './parts.js';

const names = readdirSync(new URL('../../fixtures/mini-program/', import.meta.url)).filter(
  (name) => name !== 'vectors.json',
);
const away = { ...account, apiBase: 'http://127.0.0.1:2' };
const message = {
  id: 'row-1',
  to: { channel: 'mini-program' as const, account: 'mini', user: 'o' },
  route: 'customer-message' as const,
  content: { type: 'text' as const, text: 'hello' },
};

describeChannel('mini-program, in safe mode', {
  create: () => createMiniProgramChannel([away], portsOver()),
  requests: Object.fromEntries(names.map((name) => [name, safePush(fixture(name))])),
  spoil: (request) => ({ ...request, query: { ...request.query, msg_signature: '0'.repeat(40) } }),
  message,
});

const { encodingAesKey: _key, ...keyless } = away;
describeChannel('mini-program, plain and without a key', {
  create: () => createMiniProgramChannel([{ ...keyless, mode: 'plain' }], portsOver()),
  requests: Object.fromEntries(names.map((name) => [name, post(fixture(name), signedQuery())])),
  spoil: (request) => ({ ...request, query: { ...request.query, signature: '0'.repeat(40) } }),
  message: {
    ...message,
    route: 'subscription-notice',
    content: { type: 'notice', templateId: 't', data: { thing1: 'x' } },
  },
});

describe('the account in the configuration', () => {
  const { token: _token, encodingAesKey: _aes, ...bare } = account;
  it.each([
    ['whole', { ...account, mode: 'safe' as const, apiBase: 'http://127.0.0.1:8080' }],
    ['without a mode', account],
    ['without a webhook', bare],
    ['plain without a key', { ...bare, token: 'minitest', mode: 'plain' as const }],
    ['plain with a key', { ...account, mode: 'plain' as const }],
  ])('is taken %s', (_name, given) => {
    expect(MiniProgramAccount.parse(given)).toEqual(given);
  });

  it.each([
    ['id', { id: 'a/b' }],
    ['appId', { appId: '' }],
    ['appSecret', { appSecret: '' }],
    ['token', { token: 'ab' }],
    ['encodingAesKey', { encodingAesKey: 'a'.repeat(42) }],
    ['mode', { mode: 'compatible' }],
    ['apiBase', { apiBase: 'ftp://example.com' }],
    ['token', { token: undefined }],
    ['token', { token: undefined, encodingAesKey: undefined, mode: 'plain' }],
    ['encodingAesKey', { encodingAesKey: undefined }],
    ['encodingAesKey', { encodingAesKey: undefined, mode: 'safe' }],
  ])('refuses %s: %j', (path, change) => {
    const given = Object.entries({ ...account, ...change }).filter(([, value]) => value !== undefined);
    const result = MiniProgramAccount.safeParse(Object.fromEntries(given));
    expect(result.error?.issues.map((issue) => issue.path[0])).toEqual([path]);
  });

  it('refuses a name nobody knows', () => {
    expect(MiniProgramAccount.safeParse({ ...account, dataFormat: 'json' }).success).toBe(false);
  });
});

it('stands in the list of channels', () => {
  const { account: schema, create } = channelKinds['mini-program'];
  const channel = create([schema.parse(account)], portsOver());
  expect([channel.name, channel.accounts]).toEqual(['mini-program', ['mini']]);
});
