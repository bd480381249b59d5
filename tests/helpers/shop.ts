/**
 * A whole shop for a test: embedded database in a folder of its own, the real app and HTTP server, the simulated platform, signed-in staff.
 * Nothing is mocked; guards are switched off by `replace` only.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createApp } from '../../src/app.js';
import type { App, Replace } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import type { Config } from '../../src/config.js';
import type { StaffRole } from '../../src/contracts/index.js';
import { createHttpServer } from '../../src/http/server.js';
import type { Listening } from '../../src/http/server.js';
import { createLogger } from '../../src/infra/logger.js';
import { startSimulator } from '../../simulator/main.js';
import type { Simulator } from '../../simulator/main.js';
import { openClient } from './open-client.js';
import type { OpenClient } from './open-client.js';

export const account = {
  id: 'main',
  appId: 'wx1234567890abcdef',
  appSecret: '0123456789abcdef0123456789abcdef',
  token: 'huiketest',
  encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  mode: 'safe' as const,
};

/** The shop's mini-program; one owner with the official account, so a person has one unionid at both. */
export const miniAccount = {
  id: 'mini',
  appId: 'wxfedcba0987654321',
  appSecret: 'fedcba9876543210fedcba9876543210',
  token: 'huikemini',
  encodingAesKey: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq',
  mode: 'safe' as const,
};

/** Every test account's password. */
export const staffPassword = 'correct horse battery';

export interface Call {
  status: number;
  body: Record<string, never> & { [key: string]: unknown };
}

export interface Shop {
  app: App;
  base: string;
  sim: Simulator;
  /** POST to the simulator's control API; throws when it refuses. */
  control(path: string, body?: unknown): Promise<Record<string, unknown>>;
  received(openid: string): Promise<Array<{ route: string; msgtype: string; content: unknown }>>;
  /** Calls the platform answered, by path ending. */
  calls(path: string): Promise<Array<{ body: unknown; answer: unknown }>>;
  /** `openid`: at the official account; `mini`: at the mini-program, made there on the first visit when left out. */
  addPerson(openid: string, name?: string, more?: { unionid?: string; phone?: string; mini?: string }): Promise<void>;
  staff(role: StaffRole, name?: string): Promise<StaffClient>;
  /** Opens the mini-program as this person (any of their openids) and signs in. */
  member(openid: string): Promise<MemberClient>;
  /** A shop system with a key of its own. */
  shopSystem(key?: { name?: string; verifiesPhones?: boolean; sources?: string[] }): Promise<OpenClient>;
  stop(): Promise<void>;
}

export interface MemberClient {
  token: string;
  joined: boolean;
  /** `path` after /member/v1/. */
  call(method: string, path: string, body?: unknown): Promise<Call>;
}

export interface StaffClient {
  id: string;
  call(method: string, path: string, body?: unknown): Promise<Call>;
}

export interface ShopOptions {
  replace?: Replace;
  env?: NodeJS.ProcessEnv;
  dataDir?: string;
  /** Leave the delivering to the test. */
  withoutWork?: boolean;
  /** Serve the built console. */
  withConsole?: boolean;
  /** Changes the configuration before the app is made. */
  config?(read: Config): Config;
}

export async function openShop(options: ShopOptions = {}): Promise<Shop> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'huike-test-')));
  const clockFile = join(dataDir, 'clock');
  const sim = await startSimulator({ clockFile, pushRetryDelayMs: 100 });
  const env = { HUIKE_DATA_DIR: dataDir, HUIKE_CLOCK: clockFile, PORT: '0', NODE_ENV: 'test', ...options.env };
  const file = loadConfig({ env, cwd: process.cwd() });
  const withAccounts: Config = {
    ...file,
    channels: {
      ...file.channels,
      'official-account': [{ ...account, apiBase: sim.apiBase }],
      'mini-program': [{ ...miniAccount, apiBase: sim.apiBase }],
    },
  };
  const config = options.config?.(withAccounts) ?? withAccounts;
  const log = createLogger({ level: process.env['TEST_LOG'] ?? 'silent' });
  const app = await createApp({ config, log, ...(options.replace ? { replace: options.replace } : {}) });
  await app.startChannels();
  if (!options.withoutWork) app.startWork();
  const server = createHttpServer(app.ports, app.staff, {
    publicUrl: config.publicUrl,
    trustProxy: false,
    log,
    limits: config.security.rateLimits,
    ...(options.withConsole ? { consoleDir: resolve('console/dist') } : {}),
  });
  const listening: Listening = await server.listen({ host: '127.0.0.1', port: 0 });
  const base = `http://127.0.0.1:${listening.port}`;
  const post = controlOf(sim.controlUrl);
  /** The server looks at the clock file every 100 ms; a moved clock counts from when it has seen it. */
  const control: Shop['control'] = async (path, body) => {
    const answer = await post(path, body);
    const offset = async (): Promise<number> => Number(await readFile(clockFile, 'utf8').catch(() => '0'));
    const ahead = (): number => app.clock.now().getTime() - Date.now();
    if (path === 'clock') await eventually(async () => Math.abs(ahead() - (await offset())) < 50);
    return answer;
  };
  await control('accounts', atPlatform(account, `${base}/webhooks/official-account/main`));
  await control('accounts', {
    kind: 'mini-program',
    ...atPlatform(miniAccount, `${base}/webhooks/mini-program/mini`),
  });
  return {
    app,
    base,
    sim,
    control,
    received: async (openid) => (await getJson(`${sim.controlUrl}/people/${openid}/received`)) as never,
    calls: async (path) => {
      const all = (await getJson(`${sim.controlUrl}/calls`)) as Array<{ path: string; body: unknown; answer: unknown }>;
      return all.filter((call) => call.path.endsWith(path));
    },
    addPerson: async (openid, name = openid, { mini, ...more } = {}) => {
      const openids = { [account.appId]: openid, ...(mini ? { [miniAccount.appId]: mini } : {}) };
      await control('people', { name, ...more, openids });
    },
    staff: (role, name = role) => signIn(app, base, role, name),
    member: async (openid) => {
      const { code } = await control(`people/${openid}/logincode`);
      const { status, body } = await ask(`${base}/member/v1/login`, 'POST', undefined, { code });
      if (status !== 200) throw new Error(`login of ${openid}: ${status} ${JSON.stringify(body)}`);
      const token = String(body['token']);
      const call: MemberClient['call'] = (method, path, sent) => ask(`${base}/member/v1/${path}`, method, token, sent);
      return { token, joined: Boolean(body['joined']), call };
    },
    shopSystem: async ({ name = 'shop', verifiesPhones = false, sources = [] } = {}) => {
      const key = await app.ports.apiKeys.add({ name, verifiesPhones, sources }, 'test');
      return openClient(base, key, () => app.clock.now());
    },
    stop: async () => {
      await listening.close(0);
      await app.close();
      await sim.stop();
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function controlOf(url: string): Shop['control'] {
  return async (path, body = {}) => {
    const response = await fetch(`${url}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text ? (JSON.parse(text) as Record<string, unknown>) : {};
  };
}

async function getJson(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

async function signIn(app: App, base: string, role: StaffRole, name: string): Promise<StaffClient> {
  const added = await app.staff.addStaff({ account: name, name, role, password: staffPassword });
  const { token } = await app.staff.tokens.add(added.id, { name: 'test', expiresInDays: 1 });
  return {
    id: added.id,
    call: (method, path, body) => ask(`${base}/console/v1/${path}`, method, token, body),
  };
}

async function ask(url: string, method: string, token: string | undefined, body: unknown): Promise<Call> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text ? (JSON.parse(text) as Call['body']) : ({} as Call['body']) };
}

/** How the platform knows an account of ours. */
function atPlatform({ appSecret: secret, id: _id, ...known }: typeof account, callbackUrl: string) {
  return { ...known, secret, callbackUrl };
}

/** Polls until the check gives something, or fails with what was last seen. */
export async function eventually<T>(check: () => Promise<T | undefined | false>, withinMs = 10_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  // What takes long is looked at less and less often: looking takes time away from what is waited for.
  for (let pauseMs = 15; ; pauseMs = Math.min(200, pauseMs * 1.3)) {
    const seen = await check();
    if (seen) return seen;
    if (Date.now() > deadline) throw new Error(`not seen within ${withinMs} ms: ${check.toString().slice(0, 200)}`);
    await new Promise((resume) => setTimeout(resume, pauseMs));
  }
}
