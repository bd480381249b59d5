/**
 * Calls to the platform in the name of one app: adds the token, asks once more with a fresh one when it is refused, keeps the app's
 * health. Owns no call in particular.
 */
import type { CallResult, ChannelAccountHealth, ChannelPorts } from '../../contracts/index.js';
import { apiBaseOf } from './app.js';
import type { WechatApp } from './app.js';
import { callHttp } from './client.js';
import type { HttpCall, HttpResult } from './client.js';
import { actionOf, callFailureOf, errorIn } from './codes.js';
import type { PlatformError } from './codes.js';
import { createTokenSource } from './token.js';
import { secondMs } from './times.js';
import type { Fields } from './xml.js';

export type CallFailure = Extract<CallResult<never>, { ok: false }>;

/** `noToken`: the call itself was never tried. `error`: answered with a code, and with whatever else `body` tells. The others as in HttpResult. */
export type PlatformResult =
  | { kind: 'body'; body: Fields }
  | Extract<HttpResult, { kind: 'file' | 'notSent' | 'unclear' }>
  | { kind: 'error'; error: PlatformError; body: Fields }
  | { kind: 'noToken'; failure: CallFailure };

export type PlatformCall = Omit<HttpCall, 'base' | 'timeoutMs'> & {
  timeoutMs?: number;
  /** For the calls that prove themselves by the app's secret. */
  withoutToken?: true;
  /** Codes that here speak of what the caller gave, so they say nothing of the account's health. */
  callersFault?: readonly number[];
};

export interface Platform {
  app: WechatApp;
  now(): Date;
  call(request: PlatformCall): Promise<PlatformResult>;
  health(): ChannelAccountHealth;
}

const defaultTimeoutMs = 8 * secondMs;
const retryAfterMs = 5 * secondMs;

export function createPlatform(app: WechatApp, ports: Pick<ChannelPorts, 'store' | 'now' | 'log'>): Platform {
  const tokens = createTokenSource(app, ports);
  const health = createHealth(app, ports);

  const ask = async (request: PlatformCall): Promise<PlatformResult> => {
    const result = await callHttp({ timeoutMs: defaultTimeoutMs, ...request, base: apiBaseOf(app) });
    if (result.kind !== 'answered') return result;
    const error = errorIn(result.body);
    return error ? { kind: 'error', error, body: result.body } : { kind: 'body', body: result.body };
  };
  const attempt = async (request: PlatformCall, token: CallResult<string>): Promise<PlatformResult> => {
    if (!token.ok) return { kind: 'noToken', failure: token };
    return ask({ ...request, query: { access_token: token.value, ...request.query } });
  };
  const withFreshToken = async (request: PlatformCall): Promise<PlatformResult> => {
    const token = await unlessAborted(tokens.current(), request.signal);
    const first = await attempt(request, token);
    if (!token.ok || first.kind !== 'error' || actionOf(first.error.code).act !== 'refresh') return first;
    return attempt(request, await unlessAborted(tokens.replace(token.value), request.signal));
  };

  return {
    app,
    now: () => ports.now(),
    async call(request) {
      const result = await (request.withoutToken ? ask(request) : withFreshToken(request));
      health.note(result, request.callersFault);
      return result;
    },
    health: health.current,
  };
}

/** A token is fetched for everybody, so one caller's abort must not end the fetch, only its own waiting. */
async function unlessAborted(token: Promise<CallResult<string>>, signal?: AbortSignal): Promise<CallResult<string>> {
  if (!signal) return token;
  let stop = (): void => undefined;
  const aborted = new Promise<CallResult<string>>((resolve) => {
    stop = () =>
      resolve({ ok: false, reason: 'platform.unreachable', detail: 'aborted before the call', retryAfterMs });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([token, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** For calls that are no sends: a failure without a code may be tried again, since asking twice harms nothing. */
export function toCallResult<T>(
  result: PlatformResult,
  now: Date,
  read: (body: Fields) => T | undefined,
): CallResult<T> {
  switch (result.kind) {
    case 'body': {
      const value = read(result.body);
      return value === undefined ? { ok: false, reason: 'platform.brokenAnswer', retryAfterMs } : { ok: true, value };
    }
    case 'error':
      return callFailureOf(result.error, now);
    case 'noToken':
      return result.failure;
    case 'notSent':
    case 'unclear':
      return { ok: false, reason: result.reason, detail: result.detail, retryAfterMs };
    case 'file':
      return { ok: false, reason: 'platform.brokenAnswer', retryAfterMs };
  }
}

/** What an operator should know of the account; a person who cannot be reached is no fault of the account. */
function createHealth({ channel, id: account }: WechatApp, ports: Pick<ChannelPorts, 'now' | 'log'>) {
  let health: ChannelAccountHealth = { account, state: 'unknown' };
  const note = (result: PlatformResult, callersFault: readonly number[] = []): void => {
    const isOurs = result.kind !== 'error' || !callersFault.includes(result.error.code);
    const reason = isOurs ? faultOf(result, ports.now()) : undefined;
    const state = reason ? 'failing' : 'ok';
    if (health.state === state && health.reason === reason) return;
    health = { account, state, ...(reason ? { reason } : {}), since: ports.now() };
    if (reason) ports.log.error({ channel, account, reason }, 'account is failing');
    else ports.log.info({ channel, account }, 'account works');
  };
  return { note, current: () => health };
}

function faultOf(result: PlatformResult, now: Date): string | undefined {
  switch (result.kind) {
    case 'body':
    case 'file':
      return undefined;
    case 'noToken':
      return result.failure.reason;
    case 'notSent':
    case 'unclear':
      return result.reason;
    case 'error': {
      const action = actionOf(result.error.code);
      const concernsAccount = action.act === 'refresh' || (action.act !== 'done' && action.scope === 'account');
      return concernsAccount ? callFailureOf(result.error, now).reason : undefined;
    }
  }
}
