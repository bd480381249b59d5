import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makeClock } from '../../simulator/clock.js';
import { defaultCreditRules } from '../../simulator/credits.js';
import { registerAccount } from '../../simulator/registry.js';
import { World } from '../../simulator/state.js';
import { countMinute } from '../../simulator/tokens.js';
import { field, hour, mini, minute } from './lab.js';
import { startMiniLab, type MiniLab } from './mini-lab.js';

const registered = {
  appId: 'wx',
  secret: 's',
  owner: 'owner',
  dataFormat: 'json',
  mode: 'plain',
  dailyLimits: {},
} as const;

let lab: MiniLab;
beforeAll(async () => {
  lab = await startMiniLab();
});
afterAll(() => lab.stop());
beforeEach(() => lab.again());

describe('codes of a mini-program (docs/wechat.md 3.6)', () => {
  const path = '/wxa/getwxacodeunlimit';
  const code = (input: Record<string, unknown>) => lab.miniCode(path, input);

  it('is a picture, the same for the same page and scene', async () => {
    const token = await lab.renewMiniToken();
    const draw = async (scene: string) => {
      const body = JSON.stringify({ scene, page: 'pages/card/index' });
      const url = `${lab.simulator.apiBase}${path}?access_token=${token}`;
      const response = await fetch(url, { method: 'POST', body });
      expect(response.headers.get('content-type')).toBe('image/png');
      return Buffer.from(await response.arrayBuffer());
    };
    const [first, again, other] = [await draw('i=1'), await draw('i=1'), await draw('i=2')];
    expect(first.subarray(1, 4).toString()).toBe('PNG');
    expect([first.equals(again), first.equals(other)]).toEqual([true, false]);
    const { codes } = (await lab.control('GET', '/state')).body as { codes: { ticket: string; page: string }[] };
    expect(codes).toHaveLength(2);
    expect(await lab.act('scan', { ticket: codes[0]?.ticket })).toMatchObject({
      pushed: false,
      opens: { appId: mini.appId, page: 'pages/card/index', query: 'scene=i%3D1' },
    });
  });

  it.each([
    [{ scene: 'a'.repeat(33) }, 40129],
    [{ scene: '' }, 40169],
    [{ scene: '会员' }, 40169],
    [{ scene: 'a b' }, 40169],
    [{ scene: 'a', page: 'pages/none' }, 41030],
    [{ scene: 'a', page: '/pages/card/index' }, 41030],
    [{ scene: 'a', page: 'pages/card/index?x=1', check_path: false }, 41030],
    [{ scene: 'a', env_version: 'beta' }, 40097],
    [{ scene: 'a', width: 100 }, 40097],
  ])('refuses %j with %d', async (input, errcode) => {
    expect(await code(input)).toBe(errcode);
  });

  it('takes all 32 characters, and any page when it may not check', async () => {
    const token = await lab.renewMiniToken();
    const draw = (input: unknown) =>
      fetch(`${lab.simulator.apiBase}${path}?access_token=${token}`, { method: 'POST', body: JSON.stringify(input) });
    for (const input of [
      { scene: "aA0!#$&'()*+,/:;=?@-._~aaaaaaaaa" },
      { scene: 'a', page: 'pages/none', check_path: false },
    ]) {
      expect((await draw(input)).headers.get('content-type')).toBe('image/png');
    }
  });
});

describe('calls a minute', () => {
  it.each([45009, 45011])('beyond the limit %d until the minute is over', (errcode) => {
    const clock = makeClock();
    clock.setOffset(60_000 - (Date.now() % 60_000));
    const world = new World(clock, {
      pushTimeoutMs: 1,
      pushRetryDelayMs: 1,
      massDelayMs: 1,
      creditRules: defaultCreditRules,
    });
    const counted = registerAccount(world, { kind: 'mini-program', ...registered });
    const count = () => countMinute(world, counted, { path: '/wxa/getwxacodeunlimit', limit: 2, errcode });
    count();
    count();
    expect(count).toThrow(expect.objectContaining({ errcode }));
    clock.setOffset(clock.offsetMs() + minute);
    expect(count).not.toThrow();
  });
});

describe('check of texts (docs/wechat.md 3.7)', () => {
  const path = '/wxa/msg_sec_check';
  const check = (extra: Record<string, unknown> = {}) =>
    lab.miniApi(path, { content: '今天天气不错', version: 2, scene: 2, openid: 'm-1', ...extra });
  const code = async (extra: Record<string, unknown> = {}) => (await check(extra)).body['errcode'];

  it.each([
    ['今天天气不错', 'pass', 100],
    ['一起赌博吧', 'risky', 20006],
    ['你去死', 'risky', 20003],
    ['加微信领奖', 'review', 10001],
  ])('%s: %s', async (content, suggest, label) => {
    await lab.loginCode();
    expect((await check({ content })).body).toMatchObject({
      errcode: 0,
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      result: { suggest, label },
      detail: expect.arrayContaining([expect.objectContaining({ strategy: 'content_model', suggest, label })]),
    });
  });

  it('the nickname is checked with it', async () => {
    await lab.loginCode();
    expect((await check({ scene: 1, nickname: '赌博王' })).body['result']).toMatchObject({ suggest: 'risky' });
  });

  it('only for somebody who was here in the last two hours (61010)', async () => {
    expect(await code()).toBe(61010);
    await lab.loginCode();
    expect(await code()).toBe(0);
    await lab.advance(2 * hour - minute);
    await lab.renewMiniToken();
    expect(await code()).toBe(0);
    await lab.advance(2 * minute);
    await lab.renewMiniToken();
    expect(await code()).toBe(61010);
  });

  it.each([
    [{ content: '' }, 44004],
    [{ content: '很'.repeat(2501) }, 45002],
    [{ version: 1 }, 40097],
    [{ scene: 5 }, 40097],
    [{ openid: 'o-1' }, 43104],
    [{ openid: 'nobody' }, 40003],
  ])('refuses %j with %d', async (extra, errcode) => {
    await lab.loginCode();
    expect(await code(extra)).toBe(errcode);
  });
});

describe('ways into a mini-program from the official account (docs/wechat.md 1.5, 2.4)', () => {
  it('a menu entry opens its page, tells the account and opens no credit', async () => {
    const entry = { type: 'miniprogram', name: '会员卡', appid: mini.appId, pagepath: 'pages/card/index?from=menu' };
    await lab.register({ menu: [{ ...entry, url: 'https://shop.example' }] });
    await lab.post('/people/o-1/follow');
    await lab.advance(minute);
    expect((await lab.post('/people/o-1/tap', { menuKey: entry.pagepath })).body).toMatchObject({
      pushed: true,
      opens: { appId: mini.appId, page: 'pages/card/index', query: 'from=menu' },
    });
    const body = lab.received.at(-1)?.body ?? '';
    expect([field(body, 'Event'), field(body, 'EventKey')]).toEqual(['view_miniprogram', entry.pagepath]);
    expect(await lab.text('o-1')).toBe(45015);
  });
});

describe('tokens of a mini-program (docs/wechat.md 2.1)', () => {
  it('come both ways, of its own, and clear_quota knows whose they are', async () => {
    const answer = await lab.send(`${lab.simulator.apiBase}/cgi-bin/stable_token`, {
      method: 'POST',
      body: JSON.stringify({ grant_type: 'client_credential', appid: mini.appId, secret: mini.secret }),
    });
    const token = String(answer.body['access_token']);
    expect((await lab.apiAs(token, '/cgi-bin/clear_quota', { appid: mini.appId })).body['errcode']).toBe(0);
    expect(await lab.code('/cgi-bin/clear_quota', { appid: mini.appId })).toBe(40013);
  });
});
