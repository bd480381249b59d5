/** A simulator with a tiny callback server of its own: what each test of the simulator starts with. Not the product. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSimulator, type SimulatorOptions } from '../../simulator/main.js';

export interface Received {
  query: URLSearchParams;
  body: string;
  contentType: string;
}

export type Reply = (received: Received, response: ServerResponse, request: IncomingMessage) => void;

export interface Result {
  status: number;
  body: Record<string, unknown>;
}

export const account = {
  appId: 'wx5823bf96d3bd56c7',
  secret: 'secret-1',
  token: 'QDG6eK',
  encodingAesKey: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C',
  mode: 'plain',
  originalId: 'gh_lab',
  name: '实验铺',
};

export const mini = {
  kind: 'mini-program',
  appId: 'wx4f4bc4dec97d474b',
  secret: 'secret-2',
  token: 'AAAAA',
  originalId: 'gh_mini',
  name: '实验小程序',
  dataFormat: 'json',
  pages: ['pages/card/index', 'pages/orders/detail'],
  templates: [
    { templateId: 't-once', title: '发货通知', fields: { thing1: '商品', character_string2: '单号' } },
    { templateId: 't-long', kind: 'long-term', title: '积分到期', fields: { number1: '积分' } },
  ],
  previewUrl: '/m/',
};

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** Starts both; `reply` may be changed at any time and answers `success` unless it is. */
export async function startLab(options: SimulatorOptions = {}) {
  const received: Received[] = [];
  const lab = { reply: ((_received, response) => void response.end('success')) as Reply };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { searchParams } = new URL(request.url ?? '/', 'http://lab.invalid');
      const one = {
        query: searchParams,
        body: Buffer.concat(chunks).toString('utf8'),
        contentType: request.headers['content-type'] ?? '',
      };
      received.push(one);
      lab.reply(one, response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const callbackUrl = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/callback`;
  const simulator = await startSimulator({ pushRetryDelayMs: 10, ...options });

  const send = async (url: string, init?: RequestInit): Promise<Result> => {
    const response = await fetch(url, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const control = (method: string, path: string, body?: unknown) =>
    send(`${simulator.controlUrl}${path}`, body === undefined ? { method } : { method, body: JSON.stringify(body) });
  const post = (path: string, body: unknown = {}) => control('POST', path, body);
  const register = (extra: Record<string, unknown> = {}) => post('/accounts', { ...account, callbackUrl, ...extra });

  let token = '';
  const getToken = async (of: { appId: string; secret: string } = account) => {
    const query = `grant_type=client_credential&appid=${of.appId}&secret=${of.secret}`;
    return String((await send(`${simulator.apiBase}/cgi-bin/token?${query}`)).body['access_token']);
  };
  const api = async (path: string, body?: unknown): Promise<Result> => {
    token ||= await getToken();
    return apiAs(token, path, body);
  };
  const apiAs = async (token: string, path: string, body?: unknown): Promise<Result> => {
    const url = `${simulator.apiBase}${path}${path.includes('?') ? '&' : '?'}access_token=${token}`;
    const init =
      body === undefined ? {} : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) };
    return send(url, init);
  };
  const code = async (path: string, body?: unknown) => (await api(path, body)).body['errcode'];

  return Object.assign(lab, {
    simulator,
    received,
    callbackUrl,
    send,
    control,
    post,
    register,
    api,
    apiAs,
    code,
    getToken,
    renewToken: async () => (token = await getToken()),
    /** A person with that openid who follows, unless told otherwise. */
    person: async (openid: string, follows = true) => {
      await post('/people', { name: openid, openids: { [account.appId]: openid } });
      if (follows) await post(`/people/${openid}/follow`);
    },
    text: (touser: string, content = 'hello') =>
      code('/cgi-bin/message/custom/send', { touser, msgtype: 'text', text: { content } }),
    advance: (advanceMs: number) => post('/clock', { advanceMs }),
    shown: async (openid: string) =>
      (await control('GET', `/people/${openid}/received`)).body as unknown as Record<string, unknown>[],
    stop: async () => {
      await simulator.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

export type Lab = Awaited<ReturnType<typeof startLab>>;

/** A member of an XML body, with or without CDATA. */
export function field(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([\\s\\S]*?)(?:\\]\\]>)?</${name}>`).exec(xml)?.[1];
}

/** Waits until `check` holds, 2 s at most. */
export async function until(check: () => boolean): Promise<void> {
  const end = Date.now() + 2000;
  while (!check()) {
    if (Date.now() > end) throw new Error('it did not happen within 2 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
