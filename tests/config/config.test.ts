import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config.js';
import { ConfigProblem } from '../../src/errors.js';

const account = `{ id: main, appId: wx1, appSecret: s, token: abc, encodingAesKey: ${'a'.repeat(43)}, mode: safe }`;
const key = (id: string): string => `${id}:${Buffer.alloc(32, id).toString('base64')}`;

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'huike-config-'));
  cpSync('config', join(cwd, 'config'), { recursive: true });
});
afterAll(() => rmSync(cwd, { recursive: true }));

let written = 0;
function file(yaml: string): string {
  const path = join(cwd, `own-${++written}.yaml`);
  writeFileSync(path, yaml);
  return path;
}
const load = (env: Record<string, string> = {}, yaml = '') =>
  loadConfig({ env: { ...env, HUIKE_CONFIG: file(yaml) }, cwd });

/** The problems as `path: message`, in order. */
function problemsOf(env: Record<string, string>, yaml = ''): string[] {
  try {
    load(env, yaml);
  } catch (error) {
    if (error instanceof ConfigProblem) return error.problems.map((p) => `${p.path}: ${p.message}`);
    throw error;
  }
  return [];
}

describe('the layers', () => {
  it('needs nothing: the defaults alone start', () => {
    const config = loadConfig({ env: {}, cwd });
    expect(config).toMatchObject({
      port: 3000,
      timeZone: 'Asia/Shanghai',
      environment: 'development',
      production: false,
    });
    expect(config.dataDir).toBe(join(cwd, 'data'));
    expect([config.mongodbUri, config.redisUrl, config.secretKeys, config.clockFile]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('lets each layer win over the one below', () => {
    expect(loadConfig({ env: { NODE_ENV: 'test' }, cwd }).port).toBe(0);
    expect(load({ NODE_ENV: 'test' }, 'port: 4000').port).toBe(4000);
    expect(load({ NODE_ENV: 'test', PORT: '5000' }, 'port: 4000').port).toBe(5000);
  });

  it('merges maps key by key and replaces lists', () => {
    const config = load({}, `delivery: { maxAttempts: 2 }\nchannels: { official-account: [${account}] }`);
    expect(config.delivery).toMatchObject({ maxAttempts: 2, leaseSeconds: 30 });
    expect(config.channels['official-account'].map((a) => a.id)).toEqual(['main']);
    expect(config.channels.wechaty).toEqual([]);
  });

  it('takes every variable, and an empty one as unset', () => {
    const env = {
      PORT: '',
      MONGODB_URI: 'mongodb://h/x',
      REDIS_URL: 'redis://h',
      HUIKE_HOST: '::1',
      HUIKE_PUBLIC_URL: 'https://crm.example.com/',
      HUIKE_DATA_DIR: 'elsewhere',
      HUIKE_SECRET_KEYS: `${key('b')}, ${key('a')}`,
      HUIKE_CLOCK: 'clock',
      HUIKE_LOG_LEVEL: 'warn',
    };
    expect(load(env)).toMatchObject({
      port: 3000,
      mongodbUri: 'mongodb://h/x',
      redisUrl: 'redis://h',
      host: '::1',
      publicUrl: 'https://crm.example.com',
      dataDir: join(cwd, 'elsewhere'),
      secretKeys: [key('b'), key('a')],
      clockFile: join(cwd, 'clock'),
      logLevel: 'warn',
    });
  });

  it('freezes all of it', () => {
    const config = load({}, `channels: { official-account: [${account}] }`);
    expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.delivery.concurrency, { bulk: 99 })).toThrow(TypeError);
    expect(() => config.channels['official-account'].pop()).toThrow(TypeError);
  });

  it('reads the quota tables into milliseconds', () => {
    const table = load().quota['official-account'][0];
    expect(table?.message).toEqual({ messages: 5, lastsMs: 48 * 3_600_000, keptForPeople: 3 });
    expect(table?.menu).toEqual({ messages: 3, lastsMs: 60_000, keptForPeople: 0 });
  });
});

describe('what is refused', () => {
  it('names every problem at once, with path and remedy', () => {
    const yaml = `
timeZone: Asia/Beijing
prot: 80
delivery: { leaseSeconds: 5, sendTimeoutSeconds: 10, maxAttempts: 0, extra: 1 }
channels: { official-account: [{ id: a/b, appId: wx, appSecret: s, token: abc, encodingAesKey: short, mode: open }] }`;
    const problems = problemsOf({ PORT: 'http', MONGODB_URI: 'localhost' }, yaml);
    const paths = problems.map((p) => p.split(': ')[0]).sort();
    expect(paths).toEqual([
      'channels.official-account.0.encodingAesKey',
      'channels.official-account.0.id',
      'channels.official-account.0.mode',
      'delivery.extra',
      'delivery.maxAttempts',
      'delivery.sendTimeoutSeconds',
      'mongodbUri',
      'port',
      'prot',
      'timeZone',
    ]);
    expect(() => load({ PORT: 'http' }, 'prot: 80')).toThrow(
      /2 problems:\n.*port: .*Set PORT.*\n.*prot: is not a known key\. Remove it/,
    );
  });

  const cases: Array<[name: string, env: Record<string, string>, yaml: string, problem: RegExp]> = [
    [
      'a time-out longer than the lease',
      {},
      'delivery: { sendTimeoutSeconds: 30 }',
      /^delivery.sendTimeoutSeconds: must be shorter/,
    ],
    ['a port above 65535', { PORT: '70000' }, '', /^port: /],
    [
      'two accounts with one id',
      {},
      `channels: { official-account: [${account}, ${account}] }`,
      /^channels.official-account.1.id: .*twice/,
    ],
    [
      'a personal account whose risk nobody accepted',
      {},
      'channels: { wechaty: [{ id: x, puppet: service }] }',
      /^channels.wechaty.0.risk: .*terms/,
    ],
    ['a key taken away', {}, 'timeZone: null', /^timeZone: is missing/],
    [
      'a secret key of 16 bytes',
      { HUIKE_SECRET_KEYS: `k1:${Buffer.alloc(16).toString('base64')}` },
      '',
      /^secretKeys.0: .*32 bytes/,
    ],
    [
      'two keys with one id',
      { HUIKE_SECRET_KEYS: `${key('a')},${key('a')}` },
      '',
      /^secretKeys: a key id is used twice/,
    ],
    ['quota tables out of order', {}, quota('2024-01-01', '2023-01-01'), /^quota.official-account: .*in order/],
    [
      'quota with hours and minutes',
      {},
      quota('2024-01-01').replace('hours: 48', 'hours: 48, minutes: 1'),
      /message: expected either/,
    ],
    [
      'more kept for people than there are',
      {},
      quota('2024-01-01').replace('messages: 5', 'messages: 2'),
      /message: keptForPeople/,
    ],
    ['a trusted proxy by name', {}, 'trustProxy: nginx', /^trustProxy: expected false, loopback/],
    ['a file that is not YAML', {}, 'a: [', /own-\d+\.yaml: cannot be read/],
    ['a file with a list', {}, '- a', /own-\d+\.yaml: does not hold keys/],
  ];
  it.each(cases)('%s', (_name, env, yaml, problem) => {
    const problems = problemsOf(env, yaml);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });

  it('a file in HUIKE_CONFIG that is not there', () => {
    expect(() => loadConfig({ env: { HUIKE_CONFIG: 'missing.yaml' }, cwd })).toThrow(
      /missing\.yaml: cannot be read: ENOENT/,
    );
  });
});

describe('production', () => {
  const production = { NODE_ENV: 'production' };
  it('starts with secrets', () => {
    expect(load({ ...production, HUIKE_SECRET_KEYS: key('a') }).production).toBe(true);
  });
  it('does not start without them', () => {
    expect(problemsOf(production)).toEqual([expect.stringMatching(/^secretKeys: is missing/)]);
    expect(problemsOf({})).toEqual([]);
  });
  it('refuses to move business time, by variable or by file', () => {
    const env = { ...production, HUIKE_SECRET_KEYS: key('a') };
    expect(problemsOf({ ...env, HUIKE_CLOCK: 'clock' })).toEqual([expect.stringMatching(/^clockFile: .*refuses/)]);
    expect(problemsOf(env, 'clockFile: clock')).toHaveLength(1);
  });
});

function quota(...dates: string[]): string {
  const rest = ['menu', 'follow', 'scan'].map((kind) => `${kind}: { messages: 3, minutes: 1 }`).join(', ');
  const message = 'message: { messages: 5, hours: 48, keptForPeople: 3 }';
  const tables = dates.map((from) => `{ from: ${from}, ${message}, ${rest}, massSendsPerMonth: 4 }`);
  return `quota: { official-account: [${tables.join(', ')}] }`;
}
