/** HTTP as a script of the staff would speak it: a session's cookie and CSRF token, or nothing at all. */
import { request } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Login } from '../logins.js';
import { StepFailed } from './judge.js';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The body when it is JSON, else undefined. */
  json: unknown;
  /** The stable code of a problem document. */
  code: string | undefined;
  /** Status and code in one word or two, for sentences. */
  about: string;
}

export interface Ask {
  method: string;
  path: string;
  headers?: OutgoingHttpHeaders;
  body?: string | Buffer;
}

/** One exchange over a connection of its own. An answer before the body was taken (413) is an answer too. */
export function exchange(port: number, { method, path, headers = {}, body }: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const options = { host: '127.0.0.1', port, method, path, headers: { ...length, ...headers }, agent: false };
    const outgoing = request(options, (incoming) => {
      answered = true;
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve(answerOf({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }));
        outgoing.destroy();
      });
    });
    outgoing.on('error', (error) => {
      if (!answered) reject(error);
    });
    outgoing.end(body);
  });
}

function answerOf(answer: Pick<Answer, 'status' | 'headers' | 'text'>): Answer {
  const json = parsed(answer.text);
  const code = (json as { code?: unknown } | undefined)?.code;
  const named = typeof code === 'string' ? code : undefined;
  return { ...answer, json, code: named, about: named ? `${String(answer.status)} ${named}` : String(answer.status) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export type Session = Awaited<ReturnType<typeof openSession>>;

export const API = '/console/v1';

/** Signs in over HTTP. Paths are relative to /console/v1. */
export async function openSession(port: number, { account, password }: Login) {
  const signedIn = await signIn(port, { account, password });
  if (signedIn.status !== 200) throw new StepFailed(`${account} cannot sign in: ${signedIn.about}`);
  const cookie = [signedIn.headers['set-cookie']].flat()[0]?.split(';')[0] ?? '';
  const { csrfToken } = signedIn.json as { csrfToken: string };

  const send = (method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Answer> =>
    exchange(port, {
      method,
      path: API + path,
      headers: {
        cookie,
        'x-csrf-token': csrfToken,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  async function get<T>(path: string): Promise<T> {
    const answer = await exchange(port, { method: 'GET', path: API + path, headers: { cookie } });
    if (answer.status !== 200) throw new StepFailed(`GET ${path} answered ${answer.about}`);
    return answer.json as T;
  }

  /** What must be taken: the answer's body, or the step fails. */
  async function taken<T>(method: 'POST' | 'PUT', path: string, body?: unknown): Promise<T> {
    const answer = await send(method, path, body);
    if (answer.status >= 300) throw new StepFailed(`${method} ${path} is taken, not ${answer.about}: ${answer.text}`);
    return answer.json as T;
  }

  return { cookie, csrfToken, send, get, taken };
}

export function signIn(
  port: number,
  body: Record<string, unknown>,
  headers: OutgoingHttpHeaders = {},
): Promise<Answer> {
  return exchange(port, {
    method: 'POST',
    path: `${API}/session`,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}
