/** One small fetch wrapper for /console/v1: CSRF header, problem documents, sign-out on 401. It knows no route and no text. */
import type { FieldProblem, Problem } from './types.js';

/** What the server (or the network) answered instead of a result. `code` is stable; `network` means no answer came. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string | undefined;
  readonly fields: FieldProblem[];
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, problem: Partial<Problem>, retryAfterSeconds?: number) {
    super(problem.detail ?? problem.title ?? problem.code ?? 'network');
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code ?? (status === 0 ? 'network' : 'unexpected');
    this.detail = problem.detail;
    this.fields = problem.errors ?? [];
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export type Query = Record<string, string | number | undefined | null>;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const shared = { csrfToken: '', onSignedOut: (): void => undefined };

export const setCsrfToken = (token: string): void => void (shared.csrfToken = token);
/** Called when any request but the sign-in itself answers 401. */
export const whenSignedOut = (handler: () => void): void => void (shared.onSignedOut = handler);

/** `path` is relative to /console/v1; a FormData body goes as multipart, anything else as JSON. Throws ApiError. */
export async function call<T>(
  method: Method,
  path: string,
  options: { query?: Query; body?: unknown } = {},
): Promise<T> {
  const response = await send(method, path, options);
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const error = await toError(response);
  if (response.status === 401 && !path.startsWith('session')) shared.onSignedOut();
  throw error;
}

async function send(
  method: Method,
  path: string,
  { query, body }: { query?: Query; body?: unknown },
): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET' && shared.csrfToken) headers['X-CSRF-Token'] = shared.csrfToken;
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers['Content-Type'] = 'application/json';
  const init: RequestInit = { method, headers, credentials: 'same-origin' };
  if (body !== undefined) init.body = isForm ? body : JSON.stringify(body);
  try {
    return await fetch(`/console/v1/${path}${search(query)}`, init);
  } catch (cause) {
    throw new ApiError(0, { code: 'network', title: String(cause) });
  }
}

async function toError(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('Retry-After'));
  const problem = await response.json().then(
    (value: unknown) => value as Partial<Problem>,
    () => ({}) as Partial<Problem>,
  );
  return new ApiError(response.status, problem, retryAfter > 0 ? retryAfter : undefined);
}

function search(query: Query | undefined): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {}))
    if (value !== undefined && value !== null && value !== '') params.set(key, String(value));
  const text = params.toString();
  return text ? `?${text}` : '';
}
