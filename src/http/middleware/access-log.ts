/** One line a request: ids, codes and times. Never a body, a query (webhooks carry signatures there) or a header. */
import type { Logger } from '../../infra/logger.js';
import type { Middleware } from '../context.js';

export interface HttpMetrics {
  httpSeconds: { observe(labels: { method: string; route: string; status: string }, seconds: number): void };
}

export function accessLog(log: Logger, metrics?: HttpMetrics): Middleware {
  return async (ctx, next) => {
    const startedAt = performance.now();
    ctx.res.once('close', () => {
      const { requestId, address, staffId, route } = ctx.state;
      const ms = Math.round(performance.now() - startedAt);
      const status = ctx.res.headersSent ? ctx.res.statusCode : 0;
      const who = { requestId, address, ...(staffId ? { staffId } : {}) };
      log.info(
        { ...who, method: ctx.method, path: ctx.path, status, ms, complete: ctx.res.writableFinished },
        'request',
      );
      // How long somebody kept a live stream open says nothing about how fast we answer.
      if (String(ctx.res.getHeader('Content-Type')).startsWith('text/event-stream')) return;
      metrics?.httpSeconds.observe({ method: ctx.method, route: route ?? 'none', status: String(status) }, ms / 1000);
    });
    await next();
  };
}
