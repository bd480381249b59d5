/** Runs a declared route, always in this order: limit, auth, validate, act, present; and keeps the audit log of writes and refusals. */
import { may } from '../domain/staff/index.js';
import type { StaffModule } from '../domain/staff/index.js';
import { RequestProblem } from '../errors.js';
import type { HttpContext, Middleware } from './context.js';
import { authenticate, checkCsrf, findAsker } from './middleware/authenticate.js';
import type { Asker } from './middleware/authenticate.js';
import { readJson } from './middleware/body.js';
import { clientNetwork } from './middleware/client-address.js';
import type { RateLimiter, RateLimits } from './middleware/rate-limit.js';
import { readUpload } from './middleware/upload.js';
import { validate } from './middleware/validate.js';
import type { Actor } from './ports.js';
import { present } from './present.js';
import type { Exchange, Route, Upload } from './route.js';

export interface RunnerParts {
  staff: StaffModule;
  limiter: RateLimiter;
  limits: RateLimits;
  isOperator(address: string): boolean;
}

const JSON_MAX_BYTES = 100 * 1024;
/** An office behind one address has several people. */
const PEOPLE_PER_ADDRESS = 10;

export function runRoute(route: Route, parts: RunnerParts): Middleware {
  return async (ctx) => {
    ctx.state.route = route.path;
    refuseHeadOfStream(route, ctx);
    limitAddress(route, ctx, parts);
    const asker = await admit(route, ctx, parts);
    const by = asker && actorOf(asker, ctx);
    const [params, query, body] = await readInput(route, ctx);
    const acting = { by: by && { id: by.staffId, name: by.name } };
    const http = exchange(route, { ctx, parts, acting });
    const given = { params, query, body, by, proved: asker?.proved, http };
    const result = await route.handle(given).catch(async (error: unknown) => {
      if (asker && error instanceof RequestProblem && error.status === 403)
        await auditRefusal(route, ctx, parts, asker);
      throw error;
    });
    if (route.audit !== undefined) {
      await parts.staff.audit.add({
        ...entry(route, ctx, acting.by),
        subject: subjectOf(params, result),
        outcome: 'done',
      });
    }
    present(ctx, route.response, result);
  };
}

/** HEAD is answered as GET without its body, but a stream would never end. */
function refuseHeadOfStream({ response }: Route, ctx: HttpContext): void {
  if (ctx.method !== 'HEAD' || response.kind !== 'stream') return;
  ctx.set('Allow', 'GET');
  throw new RequestProblem(405, 'route.wrongMethod', 'A stream takes GET alone.');
}

function limitAddress(route: Route, { state }: HttpContext, { limiter, limits }: RunnerParts): void {
  const from = clientNetwork(state.address);
  if (route.limit === 'signIn') limiter.take(`${route.path} from ${from}`, limits.signInPerMinute);
  if (route.limit === 'console') limiter.take(`console from ${from}`, limits.consolePerMinute * PEOPLE_PER_ADDRESS);
}

/** 401, 403, 429; undefined where nobody need be known. */
async function admit(route: Route, ctx: HttpContext, parts: RunnerParts): Promise<Asker | undefined> {
  const { access } = route;
  if (access === 'public') return undefined;
  if (access === 'operators') {
    if (!ctx.state.addressHidden && parts.isOperator(ctx.state.address)) return undefined;
    throw new RequestProblem(
      403,
      'operators.only',
      'Only operators may see this, from their own addresses and through no unknown proxy.',
    );
  }
  const asker = await authenticate(parts.staff, ctx);
  ctx.state.staffId = asker.staff.id;
  if (route.limit === 'console') parts.limiter.take(`staff ${asker.staff.id}`, parts.limits.consolePerMinute);
  try {
    if (route.method !== 'GET') checkCsrf(ctx, asker.proved);
    checkPermission(route, asker);
  } catch (error) {
    await auditRefusal(route, ctx, parts, asker);
    throw error;
  }
  return asker;
}

async function auditRefusal(route: Route, ctx: HttpContext, parts: RunnerParts, { staff }: Asker): Promise<void> {
  const subject = Object.values(ctx.params as Record<string, string>)[0]?.slice(0, 100) ?? null;
  await parts.staff.audit.add({ ...entry(route, ctx, staff), subject, outcome: 'refused' });
}

function checkPermission({ access }: Route, { staff }: Asker): void {
  if (typeof access !== 'object' || may(staff.role, access.permission)) return;
  throw new RequestProblem(403, 'permission.denied', `This needs the permission ${access.permission}.`);
}

async function readInput(route: Route, ctx: HttpContext): Promise<unknown[]> {
  const { body } = route;
  const isUpload = body !== undefined && 'kind' in body && body.kind === 'upload';
  if (isUpload) {
    const parts = await validate([inPath(route, ctx), inQuery(route, ctx)]);
    return [...parts, await readUpload(ctx, body as Upload)];
  }
  const schema = body as Exclude<typeof body, Upload>;
  const input = schema ? await readJson(ctx.req, JSON_MAX_BYTES) : undefined;
  return validate([inPath(route, ctx), inQuery(route, ctx), { schema, input }]);
}

const inPath = ({ params }: Route, ctx: HttpContext) => ({ schema: params, input: ctx.params as unknown });
const inQuery = ({ query }: Route, ctx: HttpContext) => ({ schema: query, input: { ...ctx.query } });

function actorOf({ staff }: Asker, { state }: HttpContext): Actor {
  return { staffId: staff.id, name: staff.name, role: staff.role, requestId: state.requestId };
}

function entry(route: Route, { state }: HttpContext, staff: { id: string; name: string } | undefined) {
  const action = route.audit ?? `read ${route.path}`;
  const { address, requestId } = state;
  return { staffId: staff?.id ?? null, staffName: staff?.name ?? null, action, address, requestId };
}

/** What was acted on: the thing named in the path, else the thing made. */
function subjectOf(params: unknown, result: unknown): string | null {
  const named = Object.values((params ?? {}) as Record<string, unknown>)[0];
  if (typeof named === 'string') return named;
  const made = (result ?? {}) as Record<string, unknown>;
  const id = made['id'] ?? made['mediaId'];
  return typeof id === 'string' ? id : null;
}

interface ExchangeParts {
  ctx: HttpContext;
  parts: RunnerParts;
  acting: { by: { id: string; name: string } | undefined };
}

function exchange(route: Route, { ctx, parts, acting }: ExchangeParts): Exchange {
  return {
    requestId: ctx.state.requestId,
    address: ctx.state.address,
    header: (name) => ctx.get(name) || undefined,
    setCookie: (value) => ctx.append('Set-Cookie', value),
    raw: { req: ctx.req, res: ctx.res },
    stillAllowed: async () => {
      // A page left open is not somebody at work: looking must not keep the session alive.
      const asker = await findAsker(parts.staff, ctx, false);
      const { access } = route;
      return asker !== undefined && (typeof access !== 'object' || may(asker.staff.role, access.permission));
    },
    actsAs: (staff) => {
      acting.by = staff;
      ctx.state.staffId = staff.id;
    },
  };
}
