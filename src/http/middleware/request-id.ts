/** Gives every request an id and its client's address. A request id sent by the client is not taken: ours are unique. */
import { randomUUID } from 'node:crypto';
import type { Middleware } from '../context.js';
import { clientAddress, isUntrustedForward, networksOf } from './client-address.js';
import type { TrustProxy } from './client-address.js';

export function requestId(trustProxy: TrustProxy): Middleware {
  const trusted = networksOf(trustProxy);
  return async (ctx, next) => {
    ctx.state.requestId = randomUUID();
    const remote = ctx.req.socket.remoteAddress ?? '';
    ctx.state.address = clientAddress(remote, ctx.get('X-Forwarded-For'), trusted);
    ctx.state.addressHidden = isUntrustedForward(remote, ctx.req.headers, trusted);
    ctx.set('X-Request-Id', ctx.state.requestId);
    await next();
  };
}
