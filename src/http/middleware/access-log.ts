/** One line a request: ids, codes and times. Never a body, a query (webhooks carry signatures there), a header or the code of a voucher. */
import type { Logger } from '../../infra/logger.js';
import type { Middleware } from '../context.js';

export interface HttpMetrics {
  httpSeconds: { observe(labels: { method: string; route: string; status: string }, seconds: number): void };
}

/** The code of a voucher is worth money to whoever knows it. */
export const loggedPath = (path: string): string => path.replace(/(\/vouchers\/)[^/]+/, '$1:code');

export function accessLog(log: Logger, metrics?: HttpMetrics): Middleware {
  return async (ctx, next) => {
    const startedAt = performance.now();
    ctx.res.once('close', () => {
      const { requestId, address, staffId, apiKeyId, customerId, route } = ctx.state;
      const ms = Math.round(performance.now() - startedAt);
      const status = ctx.res.headersSent ? ctx.res.statusCode : 0;
      const proved = { ...(staffId ? { staffId } : {}), ...(apiKeyId ? { apiKeyId } : {}) };
      const who = { requestId, address, ...proved, ...(customerId ? { customerId } : {}) };
      log.info(
        { ...who, method: ctx.method, path: loggedPath(ctx.path), status, ms, complete: ctx.res.writableFinished },
        'request',
      );
      // How long somebody kept a live stream open says nothing about how fast we answer.
      if (String(ctx.res.getHeader('Content-Type')).startsWith('text/event-stream')) return;
      metrics?.httpSeconds.observe({ method: ctx.method, route: route ?? 'none', status: String(status) }, ms / 1000);
    });
    await next();
  };
}
