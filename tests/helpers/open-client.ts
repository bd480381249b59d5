/** A shop system's client of /open/v1: signs as the documentation says and shares no code with the server. */
import { createHash, createHmac, randomBytes } from 'node:crypto';

export interface OpenKey {
  id: string;
  secret: string;
}

export interface OpenTry {
  idempotencyKey?: string;
  /** Absent: a fresh one. */
  nonce?: string;
  /** Seconds since 1970 in UTC. Absent: the client's `now`. */
  timestamp?: number;
}

export interface OpenAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** What a line of a batch was answered with. */
export interface LineAnswer {
  line: number;
  ok: boolean;
  id?: string;
  error?: { code: string; detail: string; errors?: Array<{ path: string; code: string; message: string }> };
}

export interface OpenClient {
  /** `path` after /open/v1, beginning with a slash. */
  post(path: string, body: unknown, how?: OpenTry): Promise<OpenAnswer>;
  /** Lines that are texts go as they are; others as JSON. `refused` holds the answer where the batch as a whole was refused. */
  ndjson(
    path: string,
    lines: readonly unknown[],
    how?: OpenTry,
  ): Promise<{ status: number; lines: LineAnswer[]; refused?: Record<string, unknown> }>;
}

/** `now`: the moment signed; a test that moves the server's clock gives the moved one. */
export function openClient(base: string, key: OpenKey, now: () => Date = () => new Date()): OpenClient {
  const send = (path: string, type: string, body: string, how: OpenTry): Promise<Response> => {
    const url = new URL(`/open/v1${path}`, base);
    return fetch(url, { method: 'POST', body, headers: signed(key, url, type, body, { now, ...how }) });
  };
  return {
    post: async (path, body, how = {}) => {
      const response = await send(path, 'application/json', JSON.stringify(body), how);
      return { status: response.status, headers: response.headers, body: parsed(await response.text()) };
    },
    ndjson: async (path, lines, how = {}) => {
      const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
      const response = await send(path, 'application/x-ndjson', text, how);
      const answered = await response.text();
      if (!response.ok) return { status: response.status, lines: [], refused: parsed(answered) };
      const answers = answered.split('\n').filter(Boolean);
      return { status: response.status, lines: answers.map((line) => JSON.parse(line) as LineAnswer) };
    },
  };
}

function signed(
  { id, secret }: OpenKey,
  url: URL,
  type: string,
  body: string,
  { now, nonce = randomBytes(16).toString('hex'), timestamp, idempotencyKey }: OpenTry & { now: () => Date },
): Record<string, string> {
  const seconds = String(timestamp ?? Math.floor(now().getTime() / 1000));
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const text = `${seconds}\n${nonce}\nPOST\n${url.pathname}${url.search}\n${bodyHash}`;
  return {
    'content-type': type,
    'X-Huike-Key': id,
    'X-Huike-Timestamp': seconds,
    'X-Huike-Nonce': nonce,
    'X-Huike-Signature': createHmac('sha256', secret).update(text).digest('hex'),
    ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
  };
}

function parsed(text: string): Record<string, unknown> {
  return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
}
