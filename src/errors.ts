/** The few error classes. Expected outcomes inside the domain are values; these are for what ends a request or a start. */
import type { FieldProblem } from './contracts/index.js';

/** Ends a request with a problem document. Its message is public. `code` is stable and listed in docs/errors.md. */
export class RequestProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: FieldProblem[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { errors?: FieldProblem[]; retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.name = 'RequestProblem';
    this.status = status;
    this.code = code;
    this.errors = more.errors;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}

export const notFound = (what: string): RequestProblem =>
  new RequestProblem(404, `${what}.notFound`, `No such ${what}.`);

/** Ends a start: one clear sentence that says what is wrong and what to do; the process exits with 1. */
export class StartProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StartProblem';
  }
}

/** Ends a start with every problem of the configuration at once. */
export class ConfigProblem extends StartProblem {
  constructor(readonly problems: ReadonlyArray<{ path: string; message: string; remedy: string }>) {
    super(
      `The configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n` +
        problems.map((p) => `  ${p.path}: ${p.message}. ${p.remedy}`).join('\n'),
    );
    this.name = 'ConfigProblem';
  }
}
