/** Puts the HTTP layer together: middleware, platform webhooks, declared routes, the console's files. Knows ports, not who fills them. */
import Router from '@koa/router';
import Koa from 'koa';
import type { StaffModule } from '../domain/staff/index.js';
import { RequestProblem } from '../errors.js';
import type { Logger } from '../infra/logger.js';
import { consoleRoutes } from './console-api/index.js';
import type { HttpState, Middleware } from './context.js';
import { openPort } from './listen.js';
import type { Listening } from './listen.js';
import { memberRoutes } from './member-api/index.js';
import { accessLog } from './middleware/access-log.js';
import type { HttpMetrics } from './middleware/access-log.js';
import { networksOf } from './middleware/client-address.js';
import type { TrustProxy } from './middleware/client-address.js';
import { problems } from './middleware/problems.js';
import { createRateLimiter, defaultLimits } from './middleware/rate-limit.js';
import type { RateLimits } from './middleware/rate-limit.js';
import { requestId } from './middleware/request-id.js';
import { securityHeaders } from './middleware/security-headers.js';
import { openRoutes } from './open-api/index.js';
import { openApiRoutes } from './openapi/index.js';
import { operationRoutes } from './operations/index.js';
import type { HttpPorts } from './ports.js';
import type { Route } from './route.js';
import { runRoute } from './run-route.js';
import type { RunnerParts } from './run-route.js';
import { staticConsole } from './static-console.js';
import { mountWebhooks } from './webhooks/index.js';

export type { Listening } from './listen.js';
export type { RateLimits } from './middleware/rate-limit.js';

export interface HttpOptions {
  /** Without a slash at the end; https makes cookies Secure. */
  publicUrl: string;
  trustProxy: TrustProxy;
  log: Logger;
  /** The folder of the built console; without it /console answers 404. */
  consoleDir?: string;
  limits?: Partial<RateLimits>;
  metrics?: HttpMetrics;
  /** Who may see /readyz and /metrics: addresses and networks; loopback when left out. */
  operatorsFrom?: TrustProxy;
  /** Between pings of a live stream; 15 s when left out. */
  pingMs?: number;
}

export interface HttpServer {
  app: Koa<HttpState>;
  /** Every declared route, for listings and tests. */
  routes: readonly Route[];
  /** Throws StartProblem when the port cannot be opened. */
  listen(at: { host: string; port: number }): Promise<Listening>;
}

export function createHttpServer(ports: HttpPorts, staff: StaffModule, options: HttpOptions): HttpServer {
  const { publicUrl, log } = options;
  const limits: RateLimits = { ...defaultLimits, ...options.limits };
  const limiter = createRateLimiter();
  const open = new Set<() => void>();
  const routes = declaredRoutes(ports, staff, { options, open });
  const router = new Router<HttpState>({ strict: true });
  mountWebhooks(router, { webhooks: ports.webhooks, limiter, limits, log });
  mountRoutes(router, routes, {
    staff,
    apiKeys: ports.apiKeys,
    member: ports.member,
    now: () => ports.now(),
    limiter,
    limits,
    log,
    underWay: new Map(),
    open,
    isOperator: networksOf(options.operatorsFrom ?? 'loopback'),
  });

  const app = new Koa<HttpState>();
  app.silent = true; // everything unexpected is logged by `problems`
  app.use(requestId(options.trustProxy));
  app.use(accessLog(log, options.metrics));
  app.use(securityHeaders(publicUrl));
  app.use(problems(log));
  if (options.consoleDir !== undefined) app.use(staticConsole(options.consoleDir));
  app.use(router.routes() as unknown as Middleware);
  app.use(noSuchRoute(router));
  const endStreams = (): void => open.forEach((end) => end());
  const handler = app.callback();
  return {
    app,
    routes,
    listen: (at) => openPort({ ...at, handler: (req, res) => void handler(req, res), endStreams }),
  };
}

function declaredRoutes(
  ports: HttpPorts,
  staff: StaffModule,
  { options, open }: { options: HttpOptions; open: Set<() => void> },
): Route[] {
  const { publicUrl, pingMs = 15_000 } = options;
  const secureCookie = publicUrl.startsWith('https:');
  const routes = [
    ...consoleRoutes({ ports, staff, secureCookie, open, pingMs }),
    ...openRoutes(ports.open),
    ...memberRoutes(ports.member),
    ...operationRoutes(ports.health),
  ];
  return [...routes, ...openApiRoutes(routes, publicUrl)];
}

function mountRoutes(router: Router<HttpState>, routes: readonly Route[], parts: RunnerParts): void {
  const methods = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;
  for (const route of routes) router[methods[route.method]](route.path, runRoute(route, parts));
}

/** 405 with the methods there are, or 404. */
function noSuchRoute(router: Router<HttpState>): Middleware {
  return async (ctx) => {
    // A matched route has answered already; what arrives here had no route.
    if (ctx.state.route !== undefined) return;
    const methods = new Set(router.match(ctx.path, 'GET').path.flatMap((layer) => layer.methods));
    if (methods.size === 0) throw new RequestProblem(404, 'route.notFound', 'There is nothing at this address.');
    ctx.set('Allow', [...methods].sort().join(', '));
    throw new RequestProblem(405, 'route.wrongMethod', `This address takes ${[...methods].sort().join(', ')}.`);
  };
}
