/** The official-account channel under the suite every channel passes, on all its fixtures; its account schema; its line in the list. */
import { describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { channelKinds } from '../../../src/channels/index.js';
import { createOfficialAccountChannel, OfficialAccount } from '../../../src/channels/official-account/index.js';
import { describeChannel } from '../channel-suite.js';
import { account, fixture, portsOver, safePush } from './parts.js';

const names = readdirSync(new URL('../../fixtures/official-account/', import.meta.url)).filter(
  (name) => name !== 'vectors.json',
);
// Some fixtures are the same event as another, once in XML and once in JSON: one event.
const distinct = names.filter((name) => !['notice-sent.json', 'notice-change.json'].includes(name));

describeChannel('official-account', {
  create: () => createOfficialAccountChannel([{ ...account, apiBase: 'http://127.0.0.1:2' }], portsOver()),
  requests: Object.fromEntries(distinct.map((name) => [name, safePush(fixture(name))])),
  spoil: (request) => ({ ...request, query: { ...request.query, msg_signature: '0'.repeat(40) } }),
  message: {
    id: 'row-1',
    to: { channel: 'official-account', account: 'shop', user: 'o' },
    route: 'customer-message',
    content: { type: 'text', text: 'hello' },
  },
});

describe('the account in the configuration', () => {
  it('is taken as documented', () => {
    const whole = { ...account, apiBase: 'http://127.0.0.1:8080' };
    expect(OfficialAccount.parse(whole)).toEqual(whole);
    expect(OfficialAccount.parse(account)).toEqual(account);
  });

  it.each([
    ['id', 'a/b'],
    ['id', ''],
    ['appId', ''],
    ['appSecret', ''],
    ['token', 'ab'],
    ['token', 'with space'],
    ['encodingAesKey', 'a'.repeat(42)],
    ['encodingAesKey', `${'a'.repeat(42)}+`],
    ['mode', 'secure'],
    ['apiBase', 'ftp://example.com'],
    ['apiBase', 'not an address'],
    ['apibase', 'http://example.com'],
  ])('refuses %s: %j', (name, value) => {
    const result = OfficialAccount.safeParse({ ...account, [name]: value });
    expect(result.success).toBe(false);
    expect(result.error?.issues[0]?.path[0] ?? name).toBe(name);
  });
});

it('stands in the list of channels', () => {
  const { account: schema, create } = channelKinds['official-account'];
  const channel = create([schema.parse(account)], portsOver());
  expect([channel.name, channel.accounts]).toEqual(['official-account', ['shop']]);
});
