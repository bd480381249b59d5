/** The mini-program on somebody's phone, as the server sees it: signs in with a code of the platform, then asks /member/v1 with its token. */
import type { SimClient } from '../sim-client.js';
import { StepFailed } from './judge.js';
import type { Page } from './lab.js';
import { exchange } from './session.js';
import type { Answer } from './session.js';

export interface Entry {
  id: string;
  kind: string;
  amount: number;
  pending: boolean;
  orderNo: string | null;
  expiresAt: string | null;
}

export interface Me {
  joined: boolean;
  phone: string | null;
  level: { code: string; growth: number };
  points: { available: number; pending: number; debt: number; spendable: number };
  vouchers: number;
}

export interface Voucher {
  code: string;
  title: string;
  state: string;
}

export interface Texts {
  privacy: { version: string; text: string };
  consents: Array<{ purpose: string; channel: string; version: string; text: string }>;
  notices: Array<{ scene: string; templateId: string }>;
}

export type MemberClient = Awaited<ReturnType<typeof signInMember>>;

/** Fails the step when the server does not let them in. */
export async function signInMember(port: number, sim: SimClient, who: { mini: string }) {
  const json = { 'content-type': 'application/json' };
  const ask = (method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<Answer> =>
    exchange(port, {
      ...{ method, path: `/member/v1${path}`, headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const signedIn = await ask('POST', '/login', json, { code: await sim.loginCode(who.mini) });
  if (signedIn.status !== 200) throw new StepFailed(`a login of the mini-program answers 200, not ${signedIn.about}`);
  const { token, joined } = signedIn.json as { token: string; joined: boolean };
  const authorization = { authorization: `Bearer ${token}` };

  const get = async <T>(path: string): Promise<T> => taken<T>(path, await ask('GET', path, authorization));
  const post = (path: string, body: unknown): Promise<Answer> => ask('POST', path, { ...json, ...authorization }, body);
  const change = async <T>(path: string, body: unknown): Promise<T> => taken<T>(path, await post(path, body));

  /** With every consent that is asked for. */
  async function join(phoneCode?: string): Promise<Me> {
    const { privacy, consents } = await get<Texts>('/texts');
    return change('/join', {
      ...{ privacyVersion: privacy.version, age: 'adult', page: 'pages/join/index' },
      consents: consents.map(({ purpose, channel, version }) => ({ purpose, channel, version })),
      ...(phoneCode === undefined ? {} : { phoneCode }),
    });
  }

  const me = (): Promise<Me> => get('/me');
  /** Newest first. */
  const statement = async (): Promise<Entry[]> => (await get<Page<Entry>>('/points?limit=100')).items;
  const vouchers = async (): Promise<Voucher[]> => (await get<Page<Voucher>>('/vouchers?limit=100')).items;
  return { joined, get, post, change, join, me, statement, vouchers };
}

function taken<T>(path: string, answer: Answer): T {
  if (answer.status !== 200) throw new StepFailed(`${path} answers 200, not ${answer.about}: ${answer.text}`);
  return answer.json as T;
}
