/**
 * Who signs in, and what the platform vouches for about them. Owns the session keys: they stay in the store, are never handed out and never
 * logged. https://developers.weixin.qq.com/miniprogram/dev/server/API/user-login/api_code2session
 */
import { createHmac } from 'node:crypto';
import type { CallResult, ChannelStore, ClientLogin, PlatformPhone } from '../../contracts/index.js';
import { storeKey } from '../wechat/app.js';
import { child, present, text } from '../wechat/fields.js';
import { toCallResult } from '../wechat/platform.js';
import type { Platform } from '../wechat/platform.js';
import { dayMs } from '../wechat/times.js';
import type { Fields } from '../wechat/xml.js';

/** The platform tells no end of a session key; one that nobody has signed in with for this long is not kept any more. */
const sessionKeptMs = 3 * dayMs;

/** A code is good once and for five minutes, whatever it is for. */
const badCodes = [40029, 40163, 41008];
/** A phone code that another app was given. */
const foreignCode = 40013;

export interface Login {
  login(code: string): Promise<CallResult<ClientLogin>>;
  /** Whether the platform still knows the session of the person's last sign-in; false also when we keep none. */
  sessionValid(user: string): Promise<CallResult<boolean>>;
  phoneNumber(code: string): Promise<CallResult<PlatformPhone>>;
}

export function createLogin(platform: Platform, store: ChannelStore): Login {
  const keyOf = (user: string): string => storeKey(platform.app, 'session', user);

  return {
    async login(code) {
      const result = await platform.call(loginCall(platform, code));
      const session = toCallResult(result, platform.now(), sessionOf);
      if (!session.ok) return session;
      const { sessionKey, ...who } = session.value;
      await store.put(keyOf(who.user), sessionKey, new Date(platform.now().getTime() + sessionKeptMs));
      return { ok: true, value: who };
    },
    async sessionValid(user) {
      const kept = await store.get(keyOf(user));
      if (!kept || kept.expiresAt.getTime() <= platform.now().getTime()) return { ok: true, value: false };
      return checkSession(platform, user, kept.value);
    },
    phoneNumber: (code) => askPhone(platform, code),
  };
}

/** Proves itself by the app's secret instead of a token. */
function loginCall({ app }: Platform, code: string) {
  const query = { appid: app.appId, secret: app.appSecret, js_code: code, grant_type: 'authorization_code' };
  return { path: '/sns/jscode2session', query, withoutToken: true as const, callersFault: badCodes };
}

function sessionOf(body: Fields): (ClientLogin & { sessionKey: string }) | undefined {
  const user = text(body['openid']);
  const sessionKey = text(body['session_key']);
  return user && sessionKey ? { user, sessionKey, ...present({ unionid: text(body['unionid']) }) } : undefined;
}

/** The key of this signature is the session key as it is written, not the bytes it stands for. Lower-case hex. */
export const sessionSignature = (sessionKey: string, data: string): string =>
  createHmac('sha256', sessionKey).update(data).digest('hex');

/** The session key is not known, or has ended. */
const endedCodes: readonly number[] = [87007, 87009];

/** https://developers.weixin.qq.com/miniprogram/dev/server/API/user-login/api_checksessionkey */
async function checkSession(platform: Platform, user: string, sessionKey: string): Promise<CallResult<boolean>> {
  const query = { openid: user, signature: sessionSignature(sessionKey, ''), sig_method: 'hmac_sha256' };
  const result = await platform.call({ path: '/wxa/checksession', query, callersFault: endedCodes });
  if (result.kind === 'error' && endedCodes.includes(result.error.code)) return { ok: true, value: false };
  return toCallResult(result, platform.now(), () => true);
}

/**
 * The number behind the code of the phone button, which is not the code of a sign-in.
 * https://developers.weixin.qq.com/miniprogram/dev/server/API/user-info/phone-number/api_getphonenumber
 */
async function askPhone(platform: Platform, code: string): Promise<CallResult<PlatformPhone>> {
  const callersFault = [...badCodes, foreignCode];
  const result = await platform.call({ path: '/wxa/business/getuserphonenumber', json: { code }, callersFault });
  if (result.kind === 'error' && result.error.code === foreignCode)
    return { ok: false, reason: 'code.invalid', detail: String(foreignCode) };
  return toCallResult(result, platform.now(), (body) => phoneOf(platform.app.appId, body));
}

/** A number that was vouched for towards another app is none of ours. */
function phoneOf(appId: string, body: Fields): PlatformPhone | undefined {
  const info = child(body, 'phone_info');
  const number = info && text(info['purePhoneNumber']);
  const watermark = info && child(info, 'watermark');
  if (!info || !number || (watermark && text(watermark['appid']) !== appId)) return undefined;
  return { number, countryCode: text(info['countryCode']) ?? '86' };
}
