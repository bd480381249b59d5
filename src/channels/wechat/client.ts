/**
 * One HTTP call to the platform and what surely became of it. Owns time-outs, bodies and the question "may it have had effect?";
 * knows no tokens, no codes and no messages.
 */
import { text } from './fields.js';
import { parseJsonObject } from './json.js';
import { isFields } from './xml.js';
import type { Fields } from './xml.js';

export interface HttpCall {
  base: string;
  path: string;
  query?: Readonly<Record<string, string>>;
  /** A POST with this JSON, raw UTF-8: `\u` escapes in texts are refused by the platform (40033). */
  json?: Readonly<Record<string, unknown>>;
  form?: FormData;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  follow?: boolean;
}

/**
 * `answered`: an object came back, a success or an error code. `file`: bytes that are no JSON. `notSent`: surely not a byte of the request
 * went out. `unclear`: bytes went out and no readable answer came back.
 */
export type HttpResult =
  | { kind: 'answered'; body: Fields }
  | { kind: 'file'; bytes: Buffer; mimeType: string }
  | { kind: 'notSent'; reason: 'platform.unreachable'; detail: string }
  | { kind: 'unclear'; reason: 'platform.timeout' | 'platform.failed' | 'platform.brokenAnswer'; detail: string };

/** Larger than the largest file the platform hands out (a video of 10 MB). */
const maxBodyBytes = 20 * 1024 * 1024;

export async function callHttp(call: HttpCall): Promise<HttpResult> {
  if (call.signal?.aborted)
    return { kind: 'notSent', reason: 'platform.unreachable', detail: 'aborted before the call' };
  const timeout = AbortSignal.timeout(call.timeoutMs);
  const signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
  try {
    const response = await fetch(addressOf(call), {
      ...bodyOf(call),
      signal,
      redirect: call.follow ? 'follow' : 'error',
    });
    return await read(response);
  } catch (error) {
    return failureOf(error, signal.aborted);
  }
}

/** Bytes from a full address that the platform gave, taken as it is; no token goes along, so a redirect may be followed. */
export function download(url: string, timeoutMs: number, signal?: AbortSignal): Promise<HttpResult> {
  return callHttp({ base: url, path: '', timeoutMs, signal, follow: true });
}

function addressOf({ base, path, query }: HttpCall): string {
  const search = query ? new URLSearchParams(query).toString() : '';
  return search ? `${base}${path}?${search}` : `${base}${path}`;
}

function bodyOf({ json, form }: HttpCall): RequestInit {
  if (form) return { method: 'POST', body: form };
  if (!json) return { method: 'GET' };
  return { method: 'POST', body: JSON.stringify(json), headers: { 'content-type': 'application/json; charset=utf-8' } };
}

async function read(response: Response): Promise<HttpResult> {
  const bytes = await bodyBytes(response);
  if (!bytes) return { kind: 'unclear', reason: 'platform.brokenAnswer', detail: 'answer too large' };
  if (response.status >= 500) return { kind: 'unclear', reason: 'platform.failed', detail: `HTTP ${response.status}` };
  // The content type is text/plain as often as not, so only the body itself tells.
  const body = parseJsonObject(bytes.toString('utf8'));
  if (body) return { kind: 'answered', body };
  const mimeType = (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';
  if (response.ok && bytes.length > 0 && /^(image|audio|voice|video)\/|octet-stream$/.test(mimeType))
    return { kind: 'file', bytes, mimeType };
  return { kind: 'unclear', reason: 'platform.brokenAnswer', detail: `HTTP ${response.status}, no JSON` };
}

async function bodyBytes(response: Response): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Errors of the stage before the first byte of a request: no address, no connection, no trusted TLS. */
const beforeFirstByte = new RegExp(
  `^(${[
    'ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT',
    'CERT_\\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\\w+',
    'ERR_TLS_CERT_ALTNAME_INVALID|ERR_TLS_HANDSHAKE_TIMEOUT|ERR_SSL_WRONG_VERSION_NUMBER',
  ].join('|')})$`,
);

function failureOf(error: unknown, aborted: boolean): HttpResult {
  const code = causeCode(error);
  if (code && beforeFirstByte.test(code)) return { kind: 'notSent', reason: 'platform.unreachable', detail: code };
  if (aborted) return { kind: 'unclear', reason: 'platform.timeout', detail: 'no answer in time' };
  return { kind: 'unclear', reason: 'platform.brokenAnswer', detail: code ?? 'connection lost' };
}

/** `fetch` hides the socket's error as the cause; several tried addresses make it a list, whose members must all agree. */
function causeCode(error: unknown): string | undefined {
  if (!isFields(error)) return undefined;
  if (Array.isArray(error['errors']) && error['errors'].length > 0) {
    const codes = error['errors'].map(causeCode);
    return codes.find((code) => !code || !beforeFirstByte.test(code)) ?? codes[0];
  }
  return isFields(error['cause']) ? causeCode(error['cause']) : text(error['code']);
}
