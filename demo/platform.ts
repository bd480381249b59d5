/** Calls the simulated platform's own API as the account itself, for what lies before the server's time. */
import type { DemoAccount } from './account.js';

export async function platformToken(at: { apiBase: string; account: DemoAccount }): Promise<string> {
  const { appId: appid, appSecret: secret } = at.account;
  const body = { grant_type: 'client_credential', appid, secret };
  const answer = await post(`${at.apiBase}/cgi-bin/stable_token`, body);
  if (typeof answer['access_token'] !== 'string') throw new Error('the simulated platform gave no access token');
  return answer['access_token'];
}

export function platformCall(
  apiBase: string,
  path: string,
  token: string,
  body: unknown,
): Promise<Record<string, unknown>> {
  return post(`${apiBase}${path}?access_token=${encodeURIComponent(token)}`, body);
}

async function post(url: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  return (await response.json()) as Record<string, unknown>;
}
