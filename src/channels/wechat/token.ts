/**
 * The app's access token: shared by all processes through the store, fetched by one of them at a time. Uses the stable token, not forced:
 * the platform then gives every process the same one and no fetch takes another's token away.
 * https://developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken
 */
import type { CallResult, ChannelPorts, FencedStore } from '../../contracts/index.js';
import { apiBaseOf, storeKey } from './app.js';
import type { WechatApp } from './app.js';
import { callHttp } from './client.js';
import { callFailureOf, errorIn } from './codes.js';
import { number, text } from './fields.js';
import { minuteMs, secondMs } from './times.js';

export interface TokenSource {
  /** The token to call with now. */
  current(): Promise<CallResult<string>>;
  /** Another one than `spent`, which the platform refused: the one another process fetched meanwhile, or a new one. */
  replace(spent: string): Promise<CallResult<string>>;
}

/** In the last five minutes the platform gives a new token while the old still works, so asking then never leaves a gap. */
const renewBeforeMs = 2 * minuteMs;
const timeoutMs = 5 * secondMs;
const lockWaitMs = 8 * secondMs;

export function createTokenSource(app: WechatApp, ports: Pick<ChannelPorts, 'store' | 'now'>): TokenSource {
  const key = storeKey(app, 'token');
  const running = new Map<string, Promise<CallResult<string>>>();

  const stored = async (): Promise<string | undefined> => {
    const entry = await ports.store.get(key);
    return entry && entry.expiresAt.getTime() - ports.now().getTime() > renewBeforeMs ? entry.value : undefined;
  };
  const refresh = async (spent: string, store: FencedStore): Promise<CallResult<string>> => {
    const token = await stored();
    if (token && token !== spent) return { ok: true, value: token };
    if (token) await store.remove(key);
    const fetched = await fetchToken(app, ports.now());
    if (!fetched.ok) return fetched;
    await store.put(key, fetched.value.token, fetched.value.expiresAt);
    return { ok: true, value: fetched.value.token };
  };
  const locked = async (spent: string): Promise<CallResult<string>> => {
    const result = await ports.store.withLock(`${key}/lock`, lockWaitMs, (fenced) => refresh(spent, fenced));
    if (result) return result;
    return { ok: false, reason: 'token.lockBusy', retryAfterMs: 5 * secondMs };
  };

  /** Callers of this process that want the same thing wait for one answer. */
  const shared = (spent: string): Promise<CallResult<string>> => {
    const promise = running.get(spent) ?? locked(spent).finally(() => running.delete(spent));
    running.set(spent, promise);
    return promise;
  };

  return {
    async current() {
      const token = await stored();
      return token ? { ok: true, value: token } : shared('');
    },
    replace: shared,
  };
}

async function fetchToken(app: WechatApp, now: Date): Promise<CallResult<{ token: string; expiresAt: Date }>> {
  const json = { grant_type: 'client_credential', appid: app.appId, secret: app.appSecret };
  const result = await callHttp({ base: apiBaseOf(app), path: '/cgi-bin/stable_token', json, timeoutMs });
  switch (result.kind) {
    case 'notSent':
    case 'unclear':
      // Asking for a token again harms nothing, so every failure without a code may be tried later.
      return { ok: false, reason: result.reason, detail: result.detail, retryAfterMs: 5 * secondMs };
    case 'file':
      return { ok: false, reason: 'platform.brokenAnswer', retryAfterMs: 5 * secondMs };
    case 'answered': {
      const error = errorIn(result.body);
      if (error) return callFailureOf(error, now);
      const token = text(result.body['access_token']);
      const seconds = number(result.body['expires_in']);
      if (!token || !seconds) return { ok: false, reason: 'platform.brokenAnswer', retryAfterMs: 5 * secondMs };
      return { ok: true, value: { token, expiresAt: new Date(now.getTime() + seconds * secondMs) } };
    }
  }
}
