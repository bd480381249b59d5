/** Serves the built console under /console: files with a hash in their name for a year, everything else fresh; pages fall back to index.html. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import send from 'koa-send';
import { RequestProblem } from '../errors.js';
import type { HttpContext, Middleware } from './context.js';
import { consolePolicy } from './middleware/security-headers.js';

const hashed = /^\/assets\/.+-[\w-]{8,}\.\w+$/;
const YEAR_SECONDS = 31_536_000;

/** `root` is the folder of the built files. Passes on what is not below /console, and the API below it. */
export function staticConsole(root: string): Middleware {
  return async (ctx, next) => {
    if (!/^\/console(\/|$)/.test(ctx.path) || /^\/console\/v\d+(\/|$)/.test(ctx.path)) return next();
    ctx.state.route = '/console';
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return refuseMethod(ctx);
    if (ctx.path === '/console') return ctx.redirect('/console/');
    await serve(ctx, root);
  };
}

async function serve(ctx: HttpContext, root: string): Promise<void> {
  const path = ctx.path.slice('/console'.length);
  ctx.remove('Cache-Control');
  ctx.set('Content-Security-Policy', consolePolicy);
  const isFile = /\.\w+$/.test(path);
  try {
    await send(ctx, isFile ? path : '/index.html', { root, setHeaders: (res) => cacheHeader(res, path) });
  } catch (error) {
    if (statusOf(error) >= 500) throw error;
    const built = existsSync(join(root, 'index.html'));
    throw new RequestProblem(
      404,
      'route.notFound',
      built ? 'No such file.' : 'The console is not built: run npm run build.',
    );
  }
}

function cacheHeader(res: { setHeader(name: string, value: string): unknown }, path: string): void {
  res.setHeader('Cache-Control', hashed.test(path) ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
}

function refuseMethod(ctx: HttpContext): never {
  ctx.set('Allow', 'GET, HEAD');
  throw new RequestProblem(405, 'route.wrongMethod', 'Only GET and HEAD.');
}

function statusOf(error: unknown): number {
  return typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
}
