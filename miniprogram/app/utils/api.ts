/** Asks the server. Owns the token: signs in unseen when there is none, and once more when the server says that it has ended. */
import { patience, settings } from './config';
import { RequestFailed, failureOf, failureOfNetwork, hasCode } from './failure';
import { currentScene } from './scene';
import type { Session } from './types';

/** wx.request knows no PATCH: https://developers.weixin.qq.com/miniprogram/dev/api/network/request/wx.request.html */
export type Method = 'GET' | 'POST' | 'PUT';
type Data = WechatMiniprogram.IAnyObject;

const tokenKey = 'member-token';
/** So many pages ask at once; they wait for one login. */
let signingIn: Promise<string> | undefined;

/** @throws RequestFailed */
export async function call<T>(method: Method, path: string, data?: Data): Promise<T> {
  try {
    return await send<T>(method, path, { data, token: await token() });
  } catch (error) {
    if (!hasCode(error, 'member.signInNeeded')) throw error;
    forgetSession();
    return send<T>(method, path, { data, token: await token() });
  }
}

/** The next request signs in anew. */
export const forgetSession = (): void => wx.removeStorageSync(tokenKey);

/** For what may be read by anyone. @throws RequestFailed */
export const callOpen = <T>(path: string): Promise<T> => send<T>('GET', path, {});

async function token(): Promise<string> {
  const kept: unknown = wx.getStorageSync(tokenKey);
  if (typeof kept === 'string' && kept !== '') return kept;
  signingIn ??= signIn().finally(() => {
    signingIn = undefined;
  });
  return signingIn;
}

async function signIn(): Promise<string> {
  const code = await loginCode();
  const { account } = settings();
  const scene = currentScene();
  const session = await send<Session>('POST', '/login', {
    data: { code, ...(account ? { account } : {}), ...(scene ? { scene } : {}) },
  });
  wx.setStorageSync(tokenKey, session.token);
  return session.token;
}

function loginCode(): Promise<string> {
  return new Promise((resolve, reject) => {
    wx.login({
      success: ({ code }) => resolve(code),
      fail: ({ errMsg }) => reject(new RequestFailed(failureOfNetwork(errMsg))),
    });
  });
}

function send<T>(method: Method, path: string, given: { data?: Data | undefined; token?: string }): Promise<T> {
  return new Promise((resolve, reject) => {
    wx.request<Data>({
      url: `${settings().apiBase}/member/v1${path}`,
      method,
      // A body is expected with every write, even where there is nothing to say.
      data: given.data ?? (method === 'GET' ? undefined : {}),
      timeout: patience.timeout,
      header: given.token ? { authorization: `Bearer ${given.token}` } : {},
      success: ({ statusCode, data }) =>
        statusCode >= 200 && statusCode < 300
          ? resolve(data as T)
          : reject(new RequestFailed(failureOf(statusCode, data))),
      fail: ({ errMsg }) => reject(new RequestFailed(failureOfNetwork(errMsg))),
    });
  });
}
