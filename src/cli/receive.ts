/** Plays the platform: signs a message as the account's mode asks and posts it to a running server's webhook. */
import { randomBytes } from 'node:crypto';
import type { OfficialAccount } from '../channels/official-account/account.js';
import { createMessageCipher, signatureOf } from '../channels/wechat/crypto.js';
import type { Config } from '../config.js';
import { StartProblem } from '../errors.js';

export interface FixtureRequest {
  config: Config;
  /** The message in the clear, XML or JSON. */
  text: string;
  account?: string;
  url?: string;
}

const TIMEOUT_MS = 5000;

export async function sendFixture({
  config,
  text,
  account,
  url,
}: FixtureRequest): Promise<{ status: number; body: string }> {
  const accounts = config.channels['official-account'];
  const chosen = account === undefined ? accounts[0] : accounts.find(({ id }) => id === account);
  if (!chosen) {
    const known = accounts.map(({ id }) => id).join(', ') || 'none';
    throw new StartProblem(`There is no official account ${account ?? ''}. The configuration has: ${known}.`);
  }
  const { query, body, contentType } = signedRequest(chosen, text, new Date());
  const base = (url ?? `http://127.0.0.1:${config.port}`).replace(/\/+$/, '');
  const address = `${base}/webhooks/official-account/${chosen.id}?${new URLSearchParams(query).toString()}`;
  const request = {
    method: 'POST',
    headers: { 'Content-Type': contentType },
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
  try {
    const answer = await fetch(address, request);
    return { status: answer.status, body: await answer.text() };
  } catch (error) {
    throw new StartProblem(`No answer from ${base}: ${reasonOf(error)}. Is the server running there?`);
  }
}

export interface SignedRequest {
  query: Record<string, string>;
  body: string;
  contentType: string;
}

/** https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.html */
export function signedRequest(account: OfficialAccount, text: string, at: Date): SignedRequest {
  const isJson = text.trimStart().startsWith('{');
  const contentType = isJson ? 'application/json' : 'text/xml';
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const nonce = randomBytes(6).toString('hex');
  const query = { signature: signatureOf([account.token, timestamp, nonce]), timestamp, nonce };
  if (account.mode === 'plain') return { query, body: text, contentType };
  const cipher = createMessageCipher(account.encodingAesKey, account.appId).encrypt(text);
  const signed = {
    ...query,
    encrypt_type: 'aes',
    msg_signature: signatureOf([account.token, timestamp, nonce, cipher]),
  };
  const clear = account.mode === 'compatible' ? text : undefined;
  return { query: signed, body: isJson ? jsonBody(cipher, clear) : xmlBody(cipher, clear), contentType };
}

function jsonBody(cipher: string, clear: string | undefined): string {
  const fields = JSON.parse(clear ?? '{"ToUserName":""}') as Record<string, unknown>;
  return JSON.stringify({ ...fields, Encrypt: cipher });
}

function xmlBody(cipher: string, clear: string | undefined): string {
  const encrypt = `<Encrypt><![CDATA[${cipher}]]></Encrypt></xml>`;
  return clear === undefined ? `<xml><ToUserName></ToUserName>${encrypt}` : clear.trim().replace(/<\/xml>$/, encrypt);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
