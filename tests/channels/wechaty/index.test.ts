/** What holds of the channel whatever its puppet: the shared contract, its configuration, and what it costs a process without a bot. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WechatyAccount } from '../../../src/channels/wechaty/index.js';
import { readUser, writeUser } from '../../../src/channels/wechaty/user.js';
import { describeChannel } from '../channel-suite.js';
import { accountOf, bench, hello, memoryStore, risk } from './parts.js';
import type { Bench } from './parts.js';

const unreachable = (): never => {
  throw new Error('no puppet');
};

const made: Bench[] = [];
afterAll(() => Promise.all(made.map(({ channel }) => channel.stop())));

describeChannel('wechaty', {
  create: () => {
    const one = bench(accountOf(), memoryStore(), { open: () => Promise.reject(new Error('away')) });
    made.push(one);
    return one.channel;
  },
  requests: {},
  spoil: unreachable,
  message: hello('friend'),
});

describe('the configuration', () => {
  const least = { id: 'helper', puppet: 'service', risk };

  it('fills in what is careful', () => {
    expect(WechatyAccount.parse(least)).toEqual({
      id: 'helper',
      puppet: 'wechaty-puppet-service',
      puppetOptions: {},
      risk,
      rooms: [],
      limits: { delaySeconds: [3, 8], perDay: 200 },
    });
  });

  it.each([
    ['no risk accepted', { ...least, risk: undefined }, /acceptedBy.*terms/],
    ['nobody named', { ...least, risk: { ...risk, acceptedBy: ' ' } }, /name of the person/],
    ['an account with a slash', { ...least, id: 'a/b' }, /lower-case/],
    ['a puppet that is a path', { ...least, puppet: '../evil' }, /npm name/],
    ['delays the wrong way round', { ...least, limits: { delaySeconds: [8, 3] } }, /shorter delay first/],
    ['an unknown key', { ...least, autoAccept: true }, /autoAccept/],
  ])('refuses %s', (_, account, message) => {
    const parsed = WechatyAccount.safeParse(account);
    expect(parsed.success ? '' : parsed.error.message).toMatch(message);
  });
});

describe('users of addresses', () => {
  it.each([
    [{ contactId: 'wxid_1' }, 'wxid_1'],
    [{ contactId: 'a/b%', roomId: '1@chatroom' }, '1@chatroom/a%2Fb%25'],
    [{ contactId: 'a/b' }, 'a%2Fb'],
  ])('%j is %s and back', (user, text) => {
    expect(writeUser(user)).toBe(text);
    expect(readUser(text)).toEqual(user);
  });

  it.each(['', 'a/', '/b', 'a/b/c', '%'])('%j is nobody', (text) => expect(readUser(text)).toBeUndefined());
});

/** Not promisify: the types of a dependency's dependency change what it is declared to answer. */
const stderrOf = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env }, (error, _out, stderr) => (error ? reject(error) : resolve(stderr)));
  });

describe('what is loaded', () => {
  /** Prints which wechaty packages a process loads that runs `code`. */
  async function loadedBy(code: string): Promise<string> {
    const hook = `export async function load(url, context, next) {
      if (/node_modules\\/wechaty/.test(url)) process._rawDebug('LOADED ' + url);
      return next(url, context);
    }`;
    const register = `import { register } from 'node:module'; register('data:text/javascript,' + ${JSON.stringify(encodeURIComponent(hook))});`;
    const script = `
      import { channelKinds } from './src/channels/index.js';
      import { loadConfig } from './src/config.js';
      const log = { info() {}, warn() {}, error() {} };
      const kept = new Map();
      const store = {
        get: async (key) => kept.get(key),
        put: async (key, value, expiresAt) => void kept.set(key, { value, expiresAt }),
        remove: async () => undefined,
        withLock: (key, ms, work) => work(store),
      };
      const ports = { store, media: {}, now: () => new Date(), log };
      const account = channelKinds.wechaty.account.parse(${JSON.stringify({ id: 'helper', puppet: 'service', risk, puppetOptions: { endpoint: '127.0.0.1:1', token: 'insecure_x' } })});
      const dataDir = process.env.HUIKE_TEST_DIR;
      ${code}
    `;
    const args = [
      '--import',
      'tsx',
      '--import',
      `data:text/javascript,${encodeURIComponent(register)}`,
      '--input-type=module',
      '-e',
      script,
    ];
    const dir = join(tmpdir(), `huike-loaded-${process.pid}`);
    const env = { ...process.env, NODE_OPTIONS: '', HUIKE_TEST_DIR: dir };
    return stderrOf(args, env);
  }

  it('nothing of wechaty, before an account runs', async () => {
    const some = await loadedBy(`
      const none = channelKinds.wechaty.create([], ports, { dataDir });
      await none.start(async () => ({ stored: true, duplicate: false }));
      const idle = channelKinds.wechaty.create([account], ports, { dataDir });
      await idle.send({ id: 'r', to: { channel: 'wechaty', account: 'helper', user: 'u' }, route: 'wechaty', content: { type: 'text', text: 'x' } }, AbortSignal.timeout(100));
      await idle.capabilities.bots();
      process.exit(0);`);
    expect(some).not.toContain('LOADED');
  }, 30_000);

  it('wechaty, once one does', async () => {
    const some = await loadedBy(`
      const one = channelKinds.wechaty.create([account], ports, { dataDir });
      await one.start(async () => ({ stored: true, duplicate: false }));
      setTimeout(() => process.exit(0), 4000);`);
    expect(some).toContain('LOADED');
  }, 30_000);
});
