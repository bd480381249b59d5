/**
 * The one place where errors become answers: problem details (RFC 9457) with a stable code.
 * A message is public only when it comes in a RequestProblem; everything else is logged and answered with its request id alone.
 */
import { STATUS_CODES } from 'node:http';
import type { Problem } from '../../contracts/index.js';
import { RequestProblem } from '../../errors.js';
import type { Logger } from '../../infra/logger.js';
import type { HttpContext, Middleware } from '../context.js';

export function problems(log: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (ctx.res.headersSent) {
        log.warn({ requestId: ctx.state.requestId, err: error }, 'a request ended after its answer had begun');
        ctx.respond = false;
        ctx.res.destroy();
        return;
      }
      if (!(error instanceof RequestProblem))
        log.error({ requestId: ctx.state.requestId, err: error }, 'a request failed');
      answer(ctx, error instanceof RequestProblem ? error : unexpected());
    }
  };
}

function unexpected(): RequestProblem {
  return new RequestProblem(
    500,
    'server.unexpected',
    'Something went wrong here. The request id helps to find out what.',
  );
}

function answer(ctx: HttpContext, problem: RequestProblem): void {
  ctx.status = problem.status;
  if (problem.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(problem.retryAfterSeconds));
  if (problem.status === 413) ctx.set('Connection', 'close');
  ctx.set('Cache-Control', 'no-store');
  ctx.body = JSON.stringify(documentOf(problem, ctx.state.requestId));
  ctx.type = 'application/problem+json';
}

export function documentOf(problem: RequestProblem, requestId: string): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[problem.status] ?? 'Error',
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    ...(problem.errors ? { errors: problem.errors } : {}),
    requestId,
  };
}
