/** The simulator's control API as functions. Knows its addresses and answers, and no step. */
import type { DemoAccount } from './account.js';

export interface Received {
  at: string;
  route: 'passive' | 'customer' | 'template' | 'mass' | 'notice' | null;
  msgtype: string;
  content: unknown;
  accountId: string;
}

export interface Call {
  at: string;
  method: string;
  path: string;
  body: unknown;
  /** 0: the connection was cut instead of an answer. */
  status: number;
  answer: unknown;
}

export interface Pushed {
  pushed: boolean;
  attempts: Array<{ status: number; ms: number; reply?: string; error?: string }>;
}

export interface TextMessage {
  content: string;
  createTime?: number;
  msgId?: string;
}

export interface NewPerson {
  name: string;
  unionid?: string;
  age?: number;
  /** 11 digits. */
  phone?: string;
  /** By app id. */
  openids: Record<string, string>;
}

export type SimClient = ReturnType<typeof createSimClient>;

export const SEND = '/cgi-bin/message/custom/send';

/** `controlUrl` ends in `/_sim/v1`. */
export function createSimClient(controlUrl: string) {
  async function ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${controlUrl}${path}`, { method, ...init });
    const text = await response.text();
    if (!response.ok) throw new Error(`the simulator refused ${method} ${path}: ${String(response.status)} ${text}`);
    return JSON.parse(text) as T;
  }
  const person = <T>(openid: string, action: string, body: unknown = {}): Promise<T> =>
    ask<T>('POST', `/people/${openid}/${action}`, body);

  return {
    registerAccount: (account: DemoAccount, callbackUrl: string, more: Record<string, unknown> = {}) =>
      ask('POST', '/accounts', { ...registered(account), callbackUrl, ...more }),
    registerMini: (account: DemoAccount, callbackUrl: string, more: Record<string, unknown> = {}) =>
      ask('POST', '/accounts', { kind: 'mini-program', ...registered(account), callbackUrl, ...more }),
    verify: (appId: string) =>
      ask<{ verified: boolean; attempt: { status: number } }>('POST', `/accounts/${appId}/verify`),
    addPerson: (input: NewPerson) => ask('POST', '/people', input),
    follow: (openid: string, scene?: string) => person<Pushed>(openid, 'follow', scene === undefined ? {} : { scene }),
    unfollow: (openid: string) => person<Pushed>(openid, 'unfollow'),
    scan: (openid: string, scene: string) => person<Pushed>(openid, 'scan', { scene }),
    say: (openid: string, message: TextMessage) => person<Pushed>(openid, 'say', { type: 'text', ...message }),
    /** Of the mini-program; codes are single use. */
    loginCode: async (openid: string) => (await person<{ code: string }>(openid, 'logincode')).code,
    phoneCode: async (openid: string) => (await person<{ code: string }>(openid, 'phonecode')).code,
    /** The answer to the dialog that asks for a one-time notice. */
    grant: (openid: string, templateId: string, accept: boolean) =>
      person<Pushed & { result: string }>(openid, 'grant', { templateId, accept }),
    markRead: (openid: string) => person(openid, 'read'),
    received: (openid: string) => ask<Received[]>('GET', `/people/${openid}/received`),
    calls: (path?: string) =>
      ask<Call[]>('GET', `/calls${path === undefined ? '' : `?path=${encodeURIComponent(path)}`}`),
    fault: (fault: Record<string, unknown>) => ask('POST', '/faults', fault),
    codes: async () => (await ask<{ codes: Array<{ appId: string; scene: string }> }>('GET', '/state')).codes,
    clock: () => ask<{ now: string; offsetMs: number }>('GET', '/clock'),
    advance: (advanceMs: number) => ask<{ now: string }>('POST', '/clock', { advanceMs }),
    setClock: (at: Date) => ask<{ now: string }>('POST', '/clock', { set: at.toISOString() }),
  };
}

function registered({ appId, appSecret: secret, token, encodingAesKey, name }: DemoAccount) {
  return { appId, secret, token, encodingAesKey, mode: 'safe', name };
}
