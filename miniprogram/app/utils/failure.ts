/** What can go wrong with a request, as one value, and the words for it. */
import { texts } from './texts';

export interface Failure {
  /** `offline` and `slow` are ours; any other is the server's stable code. */
  code: string;
  status: number;
  detail: string;
}

export class RequestFailed extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.code);
    this.name = 'RequestFailed';
    this.failure = failure;
  }
}

/** Of an answer that is not 2xx: problem details where the server gave them. */
export function failureOf(status: number, body: unknown): Failure {
  const given = typeof body === 'object' && body !== null ? (body as { code?: unknown; detail?: unknown }) : {};
  return {
    status,
    code: typeof given.code === 'string' ? given.code : `http.${String(status)}`,
    detail: typeof given.detail === 'string' ? given.detail : '',
  };
}

/** Of wx.request's own `fail`. */
export const failureOfNetwork = (errMsg: string): Failure => ({
  status: 0,
  code: /timeout/i.test(errMsg) ? 'slow' : 'offline',
  detail: errMsg,
});

/** The sentence a person reads. Anything that is not a failed request is a fault of ours and is thrown on. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof RequestFailed)) throw error;
  const { code, status } = error.failure;
  const known: Record<string, string> = texts.problems;
  return (
    known[code] ?? (status === 429 ? texts.problems.busy : status >= 500 ? texts.problems.server : texts.problems.other)
  );
}

export const isOffline = (error: unknown): boolean => error instanceof RequestFailed && error.failure.status === 0;

export const hasCode = (error: unknown, code: string): boolean =>
  error instanceof RequestFailed && error.failure.code === code;
