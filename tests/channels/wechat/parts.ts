/** What tests of every WeChat channel need: signed requests, a shared store, a small platform on loopback. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ChannelPorts, ChannelStore, FencedStore, WebhookRequest } from '../../../src/contracts/index.js';
import { createMessageCipher, signatureOf } from '../../../src/channels/wechat/crypto.js';
import { writeXml } from '../../../src/channels/wechat/xml.js';

/** Real time of every request in these tests. */
export const receivedAt = new Date('2026-03-01T02:00:00.500Z');
const timestamp = String(Math.floor(receivedAt.getTime() / 1000));

export interface Signer {
  id: string;
  appId: string;
  token: string;
  encodingAesKey: string;
}

/** Requests as the platform signs and seals them for this account. */
export function requestsOf(account: Signer) {
  function signedQuery(token = account.token, at = timestamp): Record<string, string> {
    const nonce = '415670741';
    return { signature: signatureOf([token, at, nonce]), timestamp: at, nonce };
  }

  function post(body: string | Buffer, query: Record<string, string>, id = account.id): WebhookRequest {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
    return {
      account: id,
      method: 'POST',
      query,
      contentType: 'text/xml',
      body: bytes,
      receivedAt,
      writable: () => true,
    };
  }

  /** A push as the platform sends it in safe mode; `other` replaces what a hostile or confused sender would get wrong. */
  function safePush(
    payload: string,
    other: { appId?: string; token?: string; at?: string; encrypt?: string } = {},
  ): WebhookRequest {
    const { appId = account.appId, token = account.token, at = timestamp } = other;
    const Encrypt = other.encrypt ?? createMessageCipher(account.encodingAesKey, appId).encrypt(payload);
    const query = signedQuery(token, at);
    const msg_signature = signatureOf([token, at, query['nonce'] ?? '', Encrypt]);
    const json = payload.trimStart().startsWith('{');
    const body = json ? JSON.stringify({ ToUserName: 'gh_a', Encrypt }) : writeXml({ ToUserName: 'gh_a', Encrypt });
    return post(body, { ...query, encrypt_type: 'aes', msg_signature });
  }

  return { signedQuery, post, safePush };
}

interface Shared {
  values: Map<string, { value: string; expiresAt: Date }>;
  queues: Map<string, Promise<unknown>>;
}
export const sharedState = (): Shared => ({ values: new Map(), queues: new Map() });

/** One process's view of a store; several over one state are several processes. */
export function storeOver(state: Shared): ChannelStore {
  const writes: FencedStore = {
    put: async (key, value, expiresAt) => void state.values.set(key, { value, expiresAt }),
    remove: async (key) => void state.values.delete(key),
  };
  return {
    get: async (key) => state.values.get(key),
    ...writes,
    withLock: async <T>(
      key: string,
      _waitMs: number,
      work: (fenced: FencedStore) => Promise<T>,
    ): Promise<T | undefined> => {
      const before = state.queues.get(key) ?? Promise.resolve();
      const run = (): Promise<T> => work(writes);
      const mine = before.then(run, run);
      state.queues.set(
        key,
        mine.catch(() => undefined),
      );
      return mine;
    },
  };
}

export const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export function portsOver(
  state = sharedState(),
  now: () => Date = () => new Date('2026-03-01T02:00:00Z'),
): ChannelPorts {
  const files = new Map([['file-1', { bytes: Buffer.from([0xff, 0xd8, 0xff, 0, 1]), mimeType: 'image/jpeg' }]]);
  return {
    store: storeOver(state),
    media: { read: async (id) => files.get(id), add: async () => ({ id: 'new' }) },
    now,
    log: silent,
  };
}

export interface Seen {
  path: string;
  query: Record<string, string>;
  body: string;
  headers: IncomingMessage['headers'];
}
export type Answerer = (seen: Seen, response: ServerResponse) => void;

export interface SmallPlatform {
  base: string;
  seen: Seen[];
  on(path: string, answerer: Answerer): void;
  close(): Promise<void>;
}

export const json =
  (value: unknown): Answerer =>
  (_seen, response) =>
    void response.writeHead(200, { 'content-type': 'text/plain' }).end(JSON.stringify(value));

/** Answers tokens by itself: `token-1`, `token-2` … */
export async function smallPlatform(): Promise<SmallPlatform> {
  const seen: Seen[] = [];
  const answerers = new Map<string, Answerer>();
  let tokens = 0;
  answerers.set('/cgi-bin/stable_token', (_seen, response) => {
    tokens += 1;
    setTimeout(() => response.end(JSON.stringify({ access_token: `token-${tokens}`, expires_in: 7200 })), 20);
  });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const body = Buffer.concat(chunks).toString('utf8');
      const one = { path: url.pathname, query: Object.fromEntries(url.searchParams), body, headers: request.headers };
      seen.push(one);
      const answerer = answerers.get(url.pathname);
      if (answerer) answerer(one, response);
      else response.writeHead(404).end('nothing here');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    on: (path, answerer) => void answerers.set(path, answerer),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
