import { afterAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMessageCipher, signatureOf } from '../../src/channels/wechat/crypto.js';
import { sendFixture, signedRequest } from '../../src/cli/receive.js';
import { addStaffMember } from '../../src/cli/staff-add.js';
import { loadConfig } from '../../src/config.js';

const account = { id: 'main', appId: 'wx1', appSecret: 's', token: 'abc', encodingAesKey: 'a'.repeat(43) };
const xml = '<xml><ToUserName>gh_1</ToUserName><Content>你好</Content></xml>';
const at = new Date('2026-01-02T03:04:05Z');

describe('huike receive', () => {
  it('signs the clear text in plain mode', () => {
    const { query, body } = signedRequest({ ...account, mode: 'plain' }, xml, at);
    expect(body).toBe(xml);
    expect(query['timestamp']).toBe('1767323045');
    expect(query['signature']).toBe(signatureOf(['abc', query['timestamp'] ?? '', query['nonce'] ?? '']));
    expect(query['msg_signature']).toBeUndefined();
  });

  it.each(['safe', 'compatible'] as const)('encrypts in %s mode so that the account can read it', (mode) => {
    for (const text of [xml, '{"ToUserName":"gh_1","Content":"hi"}']) {
      const { query, body } = signedRequest({ ...account, mode }, text, at);
      const cipher = /<Encrypt><!\[CDATA\[(.*)]]>/.exec(body)?.[1] ?? String(JSON.parse(body).Encrypt);
      expect(createMessageCipher(account.encodingAesKey, account.appId).decrypt(cipher)).toEqual({ ok: true, text });
      const parts = ['abc', query['timestamp'] ?? '', query['nonce'] ?? '', cipher];
      expect(query['msg_signature']).toBe(signatureOf(parts));
      expect(body.includes('Content')).toBe(mode === 'compatible');
    }
  });

  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url?.split('?')[0]}`);
    response.end('success');
  });
  afterAll(() => new Promise((done) => server.close(done)));

  it('posts to the webhook of the account and tells the answer', async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const config = configWith([{ ...account, mode: 'safe' }]);
    expect(await sendFixture({ config, text: xml, url })).toEqual({ status: 200, body: 'success' });
    expect(seen).toEqual(['POST /webhooks/official-account/main']);
    await expect(sendFixture({ config, text: xml, account: 'other', url })).rejects.toThrow(
      'The configuration has: main',
    );
    await expect(sendFixture({ config, text: xml, url: 'http://127.0.0.1:1' })).rejects.toThrow(/No answer from/);
  });
});

describe('huike staff add', () => {
  const add = async (body: { account: string; role: string; password: string }) => body;
  const body = { account: 'lin', name: '林', role: 'agent' as const };

  it('prints a password it made, and none that was given', async () => {
    const [first, second] = await addStaffMember(add, body);
    expect(first).toBe('Added lin as agent.');
    expect(second).toMatch(/^Password: [\w-]{16}$/);
    expect(await addStaffMember(add, { ...body, password: 'long enough' })).toEqual(['Added lin as agent.']);
  });

  it('names every wrong field and adds nothing', async () => {
    let added = 0;
    const counting = async (given: { account: string; role: string }) => (added++, given);
    const wrong = { ...body, account: 'L!', password: 'short' };
    await expect(addStaffMember(counting, wrong)).rejects.toThrow(/account: .*\npassword: at least 10/);
    expect(added).toBe(0);
  });
});

function configWith(accounts: unknown[]) {
  const config = loadConfig({ env: {}, cwd: process.cwd() });
  return { ...config, channels: { ...config.channels, 'official-account': accounts } } as typeof config;
}
