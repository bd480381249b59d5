/**
 * The door for chat platforms: hands the raw request to its channel, which proves the sender, and writes the answer it gives.
 * Knows no platform. A handler that fails leaves the request unanswered, so that the platform delivers again.
 */
import type { ServerResponse } from 'node:http';
import type Router from '@koa/router';
import type { WebhookRequest, WebhookResponse } from '../../contracts/index.js';
import { RequestProblem } from '../../errors.js';
import type { Logger } from '../../infra/logger.js';
import type { HttpContext, HttpState } from '../context.js';
import { readBody } from '../middleware/body.js';
import { clientNetwork } from '../middleware/client-address.js';
import type { RateLimiter, RateLimits } from '../middleware/rate-limit.js';
import type { WebhookPort } from '../ports.js';

export const WEBHOOK_MAX_BYTES = 256 * 1024;

export interface WebhookParts {
  webhooks: WebhookPort;
  limiter: RateLimiter;
  limits: RateLimits;
  log: Logger;
}

export function mountWebhooks(router: Router<HttpState>, parts: WebhookParts): void {
  const path = '/webhooks/:channel/:account';
  const run = async (ctx: HttpContext): Promise<void> => {
    ctx.state.route = path;
    try {
      await receive(ctx, parts);
    } catch (error) {
      if (error instanceof RequestProblem) return refuse(ctx, error);
      parts.log.error({ requestId: ctx.state.requestId, err: error }, 'a webhook failed; left unanswered');
      abandon(ctx);
    }
  };
  router.get(path, run);
  router.post(path, run);
}

async function receive(ctx: HttpContext, { webhooks, limiter, limits }: WebhookParts): Promise<void> {
  limiter.take(`webhooks from ${clientNetwork(ctx.state.address)}`, limits.webhookPerMinute);
  const { channel = '', account = '' } = ctx.params as Record<string, string>;
  const body = await readBody(ctx.req, WEBHOOK_MAX_BYTES);
  const answering = webhooks.handle(channel, requestOf(ctx, account, body));
  if (!answering) throw new RequestProblem(404, 'webhook.notFound', 'No such channel or account.');
  const response = await answering;
  ctx.respond = false;
  if (response.kind === 'abandon') return void ctx.req.socket.destroy();
  const ok = await write(ctx.res, response);
  await response.written?.(ok);
}

function requestOf(ctx: HttpContext, account: string, body: Buffer): WebhookRequest {
  const { req, res } = ctx;
  return {
    account,
    method: ctx.method === 'POST' ? 'POST' : 'GET',
    query: firstOfEach(ctx.query),
    contentType: req.headers['content-type'] ?? '',
    body,
    receivedAt: new Date(),
    writable: () => canWrite(res),
  };
}

function firstOfEach(query: NodeJS.Dict<string | string[]>): Record<string, string> {
  const pairs = Object.entries(query).map(([name, value]) => [name, (Array.isArray(value) ? value[0] : value) ?? '']);
  return Object.fromEntries(pairs) as Record<string, string>;
}

function canWrite(res: ServerResponse): boolean {
  return !res.destroyed && !res.closed && res.socket?.writable === true;
}

/** True when all bytes were handed to the connection; false when it was closed before. Settles once. */
function write(res: ServerResponse, answer: WebhookResponse & { kind: 'answer' }): Promise<boolean> {
  if (!canWrite(res)) return Promise.resolve(false);
  return new Promise((done) => {
    res.once('finish', () => done(true));
    res.once('close', () => done(false));
    const bytes = Buffer.from(answer.body);
    res.writeHead(answer.status, { 'Content-Type': answer.contentType, 'Content-Length': bytes.length });
    res.end(bytes);
  });
}

/** Platforms read no problem documents: the stable code as text is for the operator who tries by hand. */
function refuse(ctx: HttpContext, problem: RequestProblem): void {
  ctx.status = problem.status;
  if (problem.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(problem.retryAfterSeconds));
  if (problem.status === 413) ctx.set('Connection', 'close');
  ctx.body = problem.code;
  ctx.type = 'text/plain';
}

function abandon(ctx: HttpContext): void {
  ctx.respond = false;
  ctx.req.socket.destroy();
}
