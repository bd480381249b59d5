/** What the benchmark of broadcasts runs on: the simulated platform in a process of its own, the app here or the whole server in another, and small tools. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';

export const official = {
  ...{ id: 'main', appId: 'wx1234567890abcdef', appSecret: '0123456789abcdef0123456789abcdef' },
  ...{ token: 'benchtoken', encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG', mode: 'safe' },
};
export const mini = {
  ...{ id: 'mini', appId: 'wxfedcba0987654321', appSecret: 'fedcba9876543210fedcba9876543210' },
  ...{ token: 'benchmini', encodingAesKey: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq', mode: 'safe' },
};

/** Sends under way at once, on our side and in the bare loop. */
export const CONNECTIONS = 16;
const HOUR_MS = 3_600_000;

export interface Platform {
  apiBase: string;
  controlUrl: string;
  phoneUrl: string;
  control(path: string, body?: object): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

const built = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** At ten in the morning of the shop, outside the quiet hours. */
export async function startPlatform(clockFile: string): Promise<Platform> {
  const ports = ['--port', '0', '--control-port', '0', '--clock-file', clockFile];
  const child = spawn(process.execPath, [built('../simulator/cli.js'), ...ports], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const urls = JSON.parse(line.toString()) as Pick<Platform, 'apiBase' | 'controlUrl' | 'phoneUrl'>;
  const control: Platform['control'] = (path, body = {}) => post(`${urls.controlUrl}/${path}`, body);
  const today = new Date(Date.now() + 8 * HOUR_MS).toISOString().slice(0, 10);
  await control('clock', { set: new Date(`${today}T10:00:00+08:00`).toISOString() });
  return {
    ...{ ...urls, control },
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Without an address for callbacks the mini-program is pushed nothing. */
export async function registerAt({ control }: Platform, webhooks?: string): Promise<void> {
  const { id: _mini, appSecret, mode, token, encodingAesKey, appId } = mini;
  const pushed = webhooks ? { mode, token, encodingAesKey, callbackUrl: `${webhooks}/mini-program/mini` } : {};
  await control('accounts', { kind: 'mini-program', appId, secret: appSecret, ...pushed });
  const { id: _official, appSecret: secret, ...rest } = official;
  const callbackUrl = `${webhooks ?? 'http://127.0.0.1:9'}/official-account/main`;
  await control('accounts', { ...rest, secret, callbackUrl });
}

/** Limits are set out of the way: what is measured is how fast it can go. Returns the environment of every process of the shop. */
export async function configure(dataDir: string, { apiBase }: Platform): Promise<NodeJS.ProcessEnv & { PORT: string }> {
  const port = await freePort();
  const file = join(dataDir, 'config.yaml');
  const delivery = {
    ratePerSecond: { replies: 1000, bulk: 100_000 },
    concurrency: { replies: 8, bulk: CONNECTIONS },
  };
  const everybody = 10_000_000;
  await writeFile(
    file,
    stringify({
      ...{ publicUrl: `http://127.0.0.1:${port}`, logLevel: 'error', delivery },
      marketing: { approval: { people: everybody, costFen: 1_000_000_000 } },
      security: { rateLimits: { consolePerMinute: everybody, webhookPerMinute: everybody } },
      channels: { 'official-account': [{ ...official, apiBase }], 'mini-program': [{ ...mini, apiBase }] },
    }),
  );
  const clock = join(dataDir, 'clock');
  return { HUIKE_CONFIG: file, HUIKE_DATA_DIR: dataDir, HUIKE_CLOCK: clock, NODE_ENV: '', PORT: String(port) };
}

/** The whole server, as it is started by an operator. Gives what stops it. */
export async function startServer(env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const server = fork(built('../src/main.js'), [], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(server, 'message');
  return async () => {
    server.kill('SIGTERM');
    await once(server, 'exit');
  };
}

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

/** One POST over one of the kept connections. Rejects when it is refused. */
export function post(url: string, body: object, token?: string): Promise<Record<string, unknown>> {
  const bytes = JSON.stringify(body);
  const headers = {
    ...{ 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes) },
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  return new Promise((done, fail) => {
    const outgoing = request(url, { agent, method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        if ((response.statusCode ?? 500) >= 400) fail(new Error(`${url}: ${response.statusCode} ${text}`));
        else done(text ? (JSON.parse(text) as Record<string, unknown>) : {});
      });
    });
    outgoing.on('error', fail);
    outgoing.end(bytes);
  });
}

/** So many at once, each once. */
export async function each<T>(list: Iterable<T>, atOnce: number, work: (one: T) => Promise<unknown>): Promise<void> {
  const left = list[Symbol.iterator]();
  const one = async (): Promise<void> => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
