/** The channel against a real puppet service on loopback: what comes in, what goes out, and what a service does that goes away. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { MAX_FILE_BYTES } from '../../../src/contracts/index.js';
import { startPuppetHost } from '../../helpers/puppet.js';
import type { PuppetHost } from '../../helpers/puppet.js';
import { accountOf, bench, hello, memoryStore, until } from './parts.js';
import type { Bench } from './parts.js';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const pdf = Buffer.from('%PDF-1.4 报价');
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

let host: PuppetHost;
let store: ReturnType<typeof memoryStore>;
let shop: Bench;

const online = async (one: Bench): Promise<unknown> =>
  until(async () => (await one.channel.capabilities.bots?.())?.[0]?.state === 'online');
const stateOf = async (one: Bench) => (await one.channel.capabilities.bots?.())?.[0];

async function signIn(one: Bench, starts = host.puppet.starts + 1): Promise<void> {
  await one.start();
  await until(() => host.puppet.starts >= starts);
  host.login();
  await online(one);
}

beforeEach(async () => {
  host = await startPuppetHost();
  store = memoryStore();
  shop = bench(accountOf({ puppetOptions: host.puppetOptions, rooms: ['会员群'] }), store);
});

afterEach(async () => {
  await shop.channel.stop();
  await host.kill();
});

describe('what comes in', () => {
  it('a text said in private, once and complete', async () => {
    await signIn(shop);
    const lin = host.person('林小姐');
    lin.say('有货吗').to(host.self);
    const event = await shop.heard(1);
    expect(event).toMatchObject({
      from: { channel: 'wechaty', account: 'helper', user: lin.id },
      body: { kind: 'message', content: { type: 'text', text: '有货吗' }, platformMessageId: event.key },
    });
    expect(JSON.parse(event.raw)).toMatchObject({ talkerId: lin.id, text: '有货吗' });
    expect(Math.abs(event.at.getTime() - Date.now())).toBeLessThan(60_000);
  });

  it('a mention in a listed group, of nobody else and of no other group, apart from what is said in private', async () => {
    await signIn(shop);
    const [lin, chen] = [host.person('林小姐'), host.person('陈先生')];
    const listed = host.group('会员群', [lin, chen]);
    const other = host.group('家长群', [lin]);
    lin.say('大家好').to(listed);
    chen.say('老板在吗', [lin]).to(listed);
    lin.say('在吗', [host.self]).to(other);
    lin.say('几点开门', [host.self]).to(listed);
    lin.say('悄悄问一句').to(host.self);
    await shop.heard(2);
    expect(shop.events.map(({ from, body }) => [from.user, body])).toMatchObject([
      [`${listed.id}/${lin.id}`, { content: { type: 'text', text: '几点开门' } }],
      [lin.id, { content: { type: 'text', text: '悄悄问一句' } }],
    ]);
    expect(await shop.channel.capabilities.profiles?.('helper', [`${listed.id}/${lin.id}`, lin.id, 'nobody'])).toEqual({
      ok: true,
      value: [
        { user: `${listed.id}/${lin.id}`, following: true, unionid: `wechaty:helper:${lin.id}`, nickname: '林小姐' },
        { user: lin.id, following: true, unionid: `wechaty:helper:${lin.id}`, nickname: '林小姐' },
        { user: 'nobody', following: true, unionid: 'wechaty:helper:nobody' },
      ],
    });
  });

  it('every kind of message', async () => {
    await signIn(shop);
    const lin = host.person('林小姐');
    const silk = Buffer.from('#!SILK_V3 voice');
    const mp4 = Buffer.from('0000ftypmp42');
    lin.say(host.file('a.png', png)).to(host.self);
    await shop.heard(1);
    lin.say(host.file('a.sil', silk)).to(host.self);
    await shop.heard(2);
    lin.say(host.file('a.mp4', mp4)).to(host.self);
    await shop.heard(3);
    host.send('Attachment', lin, { text: '报价.pdf', file: { name: '报价.pdf', bytes: pdf } });
    for (const type of ['Url', 'Location', 'MiniProgram', 'Contact', 'Transfer'] as const) host.send(type, lin);
    await shop.heard(9);
    const idOf = (bytes: Buffer) => [...shop.files].find(([, kept]) => kept.equals(bytes))?.[0];
    const contents = shop.events.map(({ body }) => (body.kind === 'message' ? body.content : body));
    expect(contents).toMatchObject([
      { type: 'image', media: { id: idOf(png) } },
      { type: 'voice', media: { id: idOf(silk) } },
      { type: 'video', media: { id: idOf(mp4) } },
      { type: 'file', name: '报价.pdf', size: pdf.length, media: { id: idOf(pdf) } },
      {
        type: 'link',
        title: '春装',
        description: '到店',
        url: 'https://shop.example/1',
        pictureUrl: 'https://shop.example/1.png',
      },
      { type: 'location', latitude: 39.995121, longitude: 116.334154 },
      { type: 'mini-program-card', title: '会员中心', appId: 'wx1', pagePath: 'pages/me' },
      { type: 'unknown', platformType: expect.stringMatching(/^Contact: ./) },
      { type: 'unknown', platformType: 'Transfer' },
    ]);
  });

  it('a file with its bytes and its name, made safe', async () => {
    await signIn(shop);
    const lin = host.person('林小姐');
    const large = randomBytes(6 * 1024 * 1024);
    host.send('Attachment', lin, { file: { name: '报价 (2).pdf', bytes: pdf } });
    await shop.heard(1);
    host.send('Attachment', lin, { file: { name: '合同\u202efdp.exe', bytes: large } });
    await shop.heard(2);
    const contents = shop.events.map(({ body }) => (body.kind === 'message' ? body.content : body));
    expect(contents).toEqual([
      {
        type: 'file',
        name: '报价 (2).pdf',
        size: pdf.length,
        media: { id: sha256(pdf), platformId: expect.any(String) },
      },
      {
        type: 'file',
        name: '合同fdp.exe',
        size: large.length,
        media: { id: sha256(large), platformId: expect.any(String) },
      },
    ]);
    expect(shop.files.get(sha256(pdf))?.equals(pdf)).toBe(true);
    expect(shop.files.get(sha256(large))?.equals(large)).toBe(true);
  });

  it('of a file that is too large only the name, and it is never held as a whole', async () => {
    await signIn(shop);
    const bytes = Buffer.alloc(MAX_FILE_BYTES + 1);
    host.send('Attachment', host.person('林小姐'), { text: '全部.zip', file: { name: '全部.zip', bytes } });
    const { body, key } = await shop.heard(1);
    expect(body).toMatchObject({ content: { type: 'file', name: '全部.zip', media: { platformId: key } } });
    expect(body).not.toHaveProperty('content.media.id');
    expect(shop.files.size).toBe(0);
    expect(await shop.channel.capabilities.fetchMedia?.('helper', key)).toMatchObject({ ok: false });
  }, 30_000);

  it('nothing of its own, of official accounts, or from before the sign-in', async () => {
    await signIn(shop);
    const lin = host.person('林小姐');
    host.self.say('我自己说的').to(lin as never);
    host.person('某公众号', { type: 2 }).say('今日推送').to(host.self);
    host.send('Text', lin, { text: '昨天的', timestamp: Date.now() - 86_400_000 });
    host.send('Text', lin, { text: '今天的' });
    await shop.heard(1);
    expect(shop.events.map(({ body }) => body)).toMatchObject([{ content: { text: '今天的' } }]);
  });

  it('takes what came while it was away, but not the history of the account', async () => {
    await store.put('wechaty/helper/heard', String(Date.now() - 3_600_000), new Date());
    await signIn(shop);
    const lin = host.person('林小姐');
    host.send('Text', lin, { text: '两小时前', timestamp: Date.now() - 7_200_000 });
    host.send('Text', lin, { text: '半小时前', timestamp: Date.now() - 1_800_000 });
    await shop.heard(1);
    expect(shop.events.map(({ body }) => body)).toMatchObject([{ content: { text: '半小时前' } }]);
  });

  it('tries again what could not be stored', async () => {
    let tries = 0;
    const flaky = bench(accountOf({ puppetOptions: host.puppetOptions }), memoryStore(), {
      answer: () => (++tries === 1 ? { stored: false } : { stored: true, duplicate: false }),
    });
    await signIn(flaky);
    host.person('林小姐').say('在').to(host.self);
    await flaky.heard(2);
    await flaky.channel.stop();
    expect(new Set(flaky.events.map(({ key }) => key)).size).toBe(1);
    expect(tries).toBe(2);
  });

  it('leaves a friend request to a person', async () => {
    await signIn(shop);
    host.puppet.emit('friendship', { friendshipId: 'request-1' });
    host.person('林小姐').say('在').to(host.self);
    await shop.heard(1);
    expect(host.puppet.accepted).toEqual([]);
    expect(shop.events).toHaveLength(1);
  });
});

describe('what goes out', () => {
  const send = (user: string, more: Parameters<typeof hello>[1] = {}) =>
    shop.channel.send(hello(user, more), AbortSignal.timeout(5000));

  it('text and pictures in private, and in a group to the person it is for', async () => {
    await signIn(shop);
    const lin = host.person('林小姐');
    const group = host.group('会员群', [lin]);
    shop.files.set('f'.repeat(64), png);
    expect(await send(lin.id)).toMatchObject({ outcome: 'sent' });
    expect(await send(`${group.id}/${lin.id}`)).toMatchObject({ outcome: 'sent' });
    const image = { type: 'image' as const, media: { id: 'f'.repeat(64) } };
    expect(await send(lin.id, { content: image })).toMatchObject({ outcome: 'sent' });
    expect(host.puppet.said).toMatchObject([
      { to: lin.id, text: '您好', mentions: [] },
      { to: group.id, text: '@林小姐\u2005您好', mentions: [lin.id] },
      { to: lin.id, file: { name: `${'f'.repeat(16)}.png`, bytes: png } },
    ]);
  });

  it('a file of any kind, with the same bytes and its name, made safe', async () => {
    await signIn(shop);
    const lin = host.person('林小姐');
    const group = host.group('会员群', [lin]);
    const large = randomBytes(6 * 1024 * 1024);
    shop.files.set('a'.repeat(64), pdf);
    shop.files.set('b'.repeat(64), large);
    const file = (id: string, name: string) => ({ content: { type: 'file' as const, media: { id }, name } });
    expect(await send(lin.id, file('a'.repeat(64), '../报价 (2).pdf'))).toMatchObject({ outcome: 'sent' });
    expect(await send(`${group.id}/${lin.id}`, file('b'.repeat(64), '目录.zip'))).toMatchObject({ outcome: 'sent' });
    expect(host.puppet.said.map(({ to, file }) => [to, file?.name])).toEqual([
      [lin.id, '报价 (2).pdf'],
      [group.id, '目录.zip'],
    ]);
    expect(host.puppet.said.map(({ file }) => file && sha256(file.bytes))).toEqual([sha256(pdf), sha256(large)]);
  });

  it.each([
    [
      'a lost file under its own name',
      { content: { type: 'file' as const, media: { id: '0'.repeat(64) }, name: '报价.pdf' } },
      'content.mediaMissing',
    ],
    [
      'a link',
      { content: { type: 'link' as const, title: 't', description: 'd', url: 'https://a.example' } },
      'content.notForRoute',
    ],
    ['another route', { route: 'customer-message' as const }, 'content.notForRoute'],
    ['a lost file', { content: { type: 'image' as const, media: { id: '0'.repeat(64) } } }, 'content.mediaMissing'],
    ['nothing', { content: { type: 'text' as const, text: ' ' } }, 'content.refused'],
  ])('never %s', async (_, more, reason) => {
    await signIn(shop);
    expect(await send(host.person('林小姐').id, more)).toMatchObject({ outcome: 'refused', reason });
    expect(host.puppet.said).toEqual([]);
  });

  it('waits for its turn and for the next day, and says so', async () => {
    let now = new Date('2026-12-01T10:00:00Z');
    const account = accountOf({ puppetOptions: host.puppetOptions, limits: { delaySeconds: [0.4, 0.4], perDay: 1 } });
    const slow = bench(account, memoryStore(), { now: () => now });
    await signIn(slow);
    const lin = host.person('林小姐');
    const ask = () => slow.channel.send(hello(lin.id), AbortSignal.timeout(5000));
    const turn = (): Promise<void> => new Promise((resume) => setTimeout(resume, 420));
    const first = await ask();
    expect(first).toMatchObject({ outcome: 'retry', reason: 'wechaty.pace', scope: 'account' });
    expect(first).toHaveProperty('afterMs', expect.any(Number));
    expect(host.puppet.said).toEqual([]);
    await turn();
    expect(await ask()).toMatchObject({ outcome: 'sent' });
    expect(await ask()).toMatchObject({ outcome: 'retry', reason: 'wechaty.pace' });
    await turn();
    expect(await ask()).toMatchObject({ outcome: 'refused', reason: 'wechaty.dayLimit', scope: 'message' });
    now = new Date('2026-12-01T16:00:00Z');
    await ask();
    await turn();
    expect(await ask()).toMatchObject({ outcome: 'sent' });
    await slow.channel.stop();
  });

  it('says that it is unknown when the puppet fails after it was asked, and refuses whom the account does not know', async () => {
    await signIn(shop);
    const lin = host.person('林小姐');
    host.puppet.failing = new Error('session expired');
    expect(await send(lin.id)).toMatchObject({ outcome: 'unknown', reason: 'bot.noAnswer' });
    expect(await send('nobody')).toMatchObject({ outcome: 'refused', reason: 'person.unknown' });
  });
});

describe('the login', () => {
  it('shows the code to scan, then who is signed in, then that it was signed out', async () => {
    await shop.start();
    await until(() => host.puppet.starts === 1);
    host.scan('https://login.example/qr/1');
    await until(async () => (await stateOf(shop))?.state === 'scan');
    expect(await stateOf(shop)).toMatchObject({
      account: 'helper',
      state: 'scan',
      qrcode: 'https://login.example/qr/1',
    });
    expect(await shop.channel.send(hello('x'), AbortSignal.timeout(1000))).toMatchObject({
      outcome: 'retry',
      reason: 'bot.offline',
    });
    host.login();
    await online(shop);
    expect(await stateOf(shop)).toMatchObject({ state: 'online', name: '店长助手' });
    expect(shop.channel.health()).toMatchObject([{ state: 'ok' }]);
    await host.logout();
    await until(async () => (await stateOf(shop))?.state === 'off');
    expect(await stateOf(shop)).toMatchObject({ reason: 'bot.loggedOut' });
  });

  it('comes back by itself, with growing waits, after the service went away', async () => {
    await signIn(shop);
    await host.kill();
    await until(async () => (await stateOf(shop))?.state !== 'online');
    expect(await shop.channel.send(hello('x'), AbortSignal.timeout(1000))).toMatchObject({ outcome: 'retry' });
    await until(() => shop.logged.filter(({ message }) => message.includes('comes back after a wait')).length >= 2);
    expect(shop.channel.health()).toMatchObject([{ state: 'failing', reason: 'bot.unreachable' }]);
    await host.start();
    await online(shop);
    const lin = host.person('林小姐');
    lin.say('还在吗').to(host.self);
    expect(await shop.heard(1)).toMatchObject({ body: { content: { text: '还在吗' } } });
    expect(await shop.channel.send(hello(lin.id), AbortSignal.timeout(5000))).toMatchObject({ outcome: 'sent' });
  }, 60_000);

  it('is held by one process; the other waits, sends nothing, and takes over when the first ends', async () => {
    const account = accountOf({ puppetOptions: host.puppetOptions });
    const second = bench(account, store);
    await signIn(shop);
    const lin = host.person('林小姐');
    await second.start();
    await new Promise((resume) => setTimeout(resume, 300));
    expect(host.puppet.starts).toBe(1);
    expect(await stateOf(second)).toMatchObject({ state: 'online', name: '店长助手' });
    expect(await second.channel.send(hello(lin.id), AbortSignal.timeout(1000))).toMatchObject({
      outcome: 'retry',
      reason: 'bot.elsewhere',
      scope: 'account',
    });
    await shop.channel.stop();
    await until(() => host.puppet.starts === 2);
    host.login();
    await online(second);
    expect(await second.channel.send(hello(lin.id), AbortSignal.timeout(5000))).toMatchObject({ outcome: 'sent' });
    expect(host.puppet.said).toHaveLength(1);
    await second.channel.stop();
  });

  it('ends at once when another holder wrote under a newer lease', async () => {
    await signIn(shop);
    store.breakLease('wechaty/helper');
    await store.withLock('wechaty/helper', 0, async (fenced) => {
      const word = { holder: 'another', state: 'online', since: new Date() };
      await fenced.put('wechaty/helper/bot', JSON.stringify(word), new Date(Date.now() + 15_000));
      await until(async () => (await shop.channel.send(hello('x'), AbortSignal.timeout(1000))).outcome === 'retry');
      await until(() => shop.logged.length >= 0 && shop.channel.health()[0]?.state !== 'ok');
      expect(JSON.parse(store.values.get('wechaty/helper/bot') ?? '{}')).toMatchObject({ holder: 'another' });
    });
  });

  it('stops trusting its lease when the database is away', async () => {
    await signIn(shop);
    store.failing = true;
    await until(async () => (await shop.channel.send(hello('x'), AbortSignal.timeout(1000))).outcome === 'retry', 5000);
    await until(() => shop.channel.health()[0]?.state !== 'ok', 5000);
    store.failing = false;
  });

  it('keeps the contacts of the puppet inside the data folder', async () => {
    const before = listOf(join(homedir(), '.wechaty'));
    await signIn(shop);
    await until(() => existsSync(join(shop.dataDir, 'wechaty', 'helper', '.wechaty')));
    expect(listOf(join(homedir(), '.wechaty'))).toEqual(before);
  });
});

const listOf = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String).sort() : [];
