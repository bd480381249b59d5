/** Signs a request as a shop system does, written from the description of the interface alone. */
import { createHash, createHmac, randomUUID } from 'node:crypto';

export interface SignedMore {
  json?: unknown;
  /** The body as it is, instead of `json`. */
  raw?: string | Buffer;
  /** Unix seconds. */
  timestamp?: number | string;
  nonce?: string;
  headers?: Record<string, string>;
  /** What is sent instead of what was signed. */
  sentPath?: string;
  sentBody?: string | Buffer;
}

export interface SignInput extends SignedMore {
  key: { id: string; secret: string };
  method: string;
  path: string;
}

export function signedHeaders(input: SignInput): { headers: Record<string, string>; body: string | Buffer } {
  const { key, method, path, nonce = randomUUID() } = input;
  const timestamp = String(input.timestamp ?? Math.floor(Date.now() / 1000));
  const body = input.raw ?? JSON.stringify(input.json ?? {});
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const text = `${timestamp}\n${nonce}\n${method}\n${path}\n${bodyHash}`;
  const headers = {
    'Content-Type': 'application/json',
    'X-Huike-Key': key.id,
    'X-Huike-Timestamp': timestamp,
    'X-Huike-Nonce': nonce,
    'X-Huike-Signature': createHmac('sha256', key.secret).update(text).digest('hex'),
    ...input.headers,
  };
  return { headers, body };
}
