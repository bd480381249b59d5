/** Access tokens: fetched by one at a time over processes, replaced once when refused, never asked for twice in vain. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OutboundMessage } from '../../../src/contracts/index.js';
import { createOfficialAccountChannel } from '../../../src/channels/official-account/index.js';
import { createTokenSource } from '../../../src/channels/wechat/token.js';
import { account, json, portsOver, sharedState, smallPlatform } from '../official-account/parts.js';
import type { SmallPlatform } from '../official-account/parts.js';

const customSend = '/cgi-bin/message/custom/send';
const stableToken = '/cgi-bin/stable_token';
let platform: SmallPlatform;
let state: ReturnType<typeof sharedState>;
let now: Date;
beforeEach(async () => {
  platform = await smallPlatform();
  state = sharedState();
  now = new Date('2026-03-01T02:00:00Z');
});
afterEach(() => platform.close());

const here = () => ({ ...account, apiBase: platform.base });
const app = () => ({ channel: 'official-account' as const, ...here() });
const process = () =>
  createOfficialAccountChannel(
    [here()],
    portsOver(state, () => now),
  );
const source = () =>
  createTokenSource(
    app(),
    portsOver(state, () => now),
  );
const fetches = () => platform.seen.filter(({ path }) => path === stableToken);
const usedTokens = () =>
  platform.seen.filter(({ path }) => path === customSend).map(({ query }) => query['access_token']);
const hello: OutboundMessage = {
  id: 'row-1',
  to: { channel: 'official-account', account: 'shop', user: 'o' },
  route: 'customer-message',
  content: { type: 'text', text: 'hello' },
};
const send = (channel = process()) => channel.send(hello, AbortSignal.timeout(5000));
const acceptOnly = (token: string, errcode = 40001) =>
  platform.on(customSend, (seen, response) => {
    const good = seen.query['access_token'] === token;
    response.end(JSON.stringify(good ? { errcode: 0 } : { errcode, errmsg: 'invalid credential' }));
  });

describe('fetching', () => {
  it('asks for the stable token, not forced', async () => {
    await source().current();
    expect(fetches().map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { grant_type: 'client_credential', appid: account.appId, secret: account.appSecret },
    ]);
  });

  it('once for 20 callers in two processes', async () => {
    const [one, other] = [source(), source()];
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? one : other).current()));
    expect(new Set(tokens.map((token) => token.ok && token.value))).toEqual(new Set(['token-1']));
    expect(fetches()).toHaveLength(1);
  });

  it('again for each process when nobody holds the lock: what the lock is for', async () => {
    const unlocked = () => {
      const ports = portsOver(state, () => now);
      return createTokenSource(app(), {
        ...ports,
        store: { ...ports.store, withLock: (_key, _wait, work) => work(ports.store) },
      });
    };
    await Promise.all([unlocked().current(), unlocked().current()]);
    expect(fetches()).toHaveLength(2);
  });

  it('anew shortly before the end of its life, not earlier', async () => {
    await source().current();
    now = new Date(now.getTime() + 7000_000);
    expect(await source().current()).toEqual({ ok: true, value: 'token-1' });
    now = new Date(now.getTime() + 100_000);
    expect(await source().current()).toEqual({ ok: true, value: 'token-2' });
  });

  it('keeps accounts apart', async () => {
    const other = createTokenSource(
      { ...app(), id: 'second' },
      portsOver(state, () => now),
    );
    expect([await source().current(), await other.current()]).toEqual([
      { ok: true, value: 'token-1' },
      { ok: true, value: 'token-2' },
    ]);
  });

  it('a lock that is not had in time means later', async () => {
    const ports = portsOver(state, () => now);
    const waiting = createTokenSource(app(), { ...ports, store: { ...ports.store, withLock: async () => undefined } });
    expect(await waiting.current()).toMatchObject({ ok: false, reason: 'token.lockBusy', retryAfterMs: 5000 });
  });

  it.each([
    [40001, { ok: false, reason: 'account.configuration' }],
    [40164, { ok: false, reason: 'account.configuration' }],
    [-1, { ok: false, reason: 'platform.busy', retryAfterMs: 5000 }],
  ])('answered %i', async (errcode, expected) => {
    platform.on(stableToken, json({ errcode, errmsg: 'no' }));
    expect(await source().current()).toMatchObject(expected);
    expect(fetches()).toHaveLength(1);
  });
});

describe('a refused token', () => {
  it.each([40001, 40014, 41001, 42001])('%i: another one, and the call once more', async (errcode) => {
    acceptOnly('token-2', errcode);
    expect(await send()).toEqual({ outcome: 'sent' });
    expect(usedTokens()).toEqual(['token-1', 'token-2']);
  });

  it('twice is a configuration error, without a third call', async () => {
    acceptOnly('never');
    const channel = process();
    expect(await send(channel)).toMatchObject({
      outcome: 'refused',
      reason: 'account.configuration',
      scope: 'account',
    });
    expect(usedTokens()).toEqual(['token-1', 'token-2']);
    expect(fetches()).toHaveLength(2);
    expect(channel.health()).toMatchObject([{ state: 'failing', reason: 'account.configuration' }]);
  });

  it('is replaced once for 20 senders in two processes', async () => {
    await source().current();
    acceptOnly('token-2');
    const [one, other] = [process(), process()];
    const results = await Promise.all(Array.from({ length: 20 }, (_, n) => send(n % 2 ? one : other)));
    expect(results.every(({ outcome }) => outcome === 'sent')).toBe(true);
    expect(fetches()).toHaveLength(2);
  });

  it('that another process has replaced meanwhile is not fetched again, nor the new one dropped', async () => {
    const first = source();
    await first.current();
    await source().replace('token-1');
    expect(await first.replace('token-1')).toEqual({ ok: true, value: 'token-2' });
    expect(fetches()).toHaveLength(2);
  });
});
