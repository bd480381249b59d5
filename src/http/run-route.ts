/** Runs a declared route, always in this order: limit, auth, validate, act, present; and keeps the audit log of writes and refusals. */
import { may } from '../domain/staff/index.js';
import { RequestProblem } from '../errors.js';
import type { HttpContext, Middleware } from './context.js';
import { exchange } from './exchange.js';
import { proveMember } from './member-api/authenticate.js';
import { authenticate, checkCsrf } from './middleware/authenticate.js';
import type { Asker } from './middleware/authenticate.js';
import { readJson } from './middleware/body.js';
import { clientNetwork } from './middleware/client-address.js';
import { receiveFile } from './middleware/file-upload.js';
import { readUpload } from './middleware/upload.js';
import { validate } from './middleware/validate.js';
import { runSigned } from './open-api/run-signed.js';
import type { SignedParts } from './open-api/run-signed.js';
import type { Actor, MemberActor, MemberPort } from './ports.js';
import { present } from './present.js';
import type { FileUpload, ReceivedFile, Route, Upload } from './route.js';

export interface RunnerParts extends SignedParts {
  member: MemberPort;
  isOperator(address: string): boolean;
}

/** An office behind one address has several people, a shop system several keys, a phone company very many members. */
const STAFF_PER_ADDRESS = 10;
const KEYS_PER_ADDRESS = 4;
const MEMBERS_PER_ADDRESS = 100;

export function runRoute(route: Route, parts: RunnerParts): Middleware {
  return async (ctx) => {
    ctx.state.route = route.path;
    refuseHeadOfStream(route, ctx);
    limitAddress(route, ctx, parts);
    if (route.access === 'shop-system') return runSigned(route, ctx, parts);
    const { asker, by } = await admit(route, ctx, parts);
    const [params, query, body] = await readInput(route, ctx);
    const acting = { by: asker && { id: asker.staff.id, name: asker.staff.name } };
    const http = exchange(route, { ctx, staff: parts.staff, acting });
    const given = { params, query, body, by, proved: asker?.proved, http };
    const result = await route
      .handle(given)
      .catch(async (error: unknown) => {
        if (asker && error instanceof RequestProblem && error.status === 403)
          await auditRefusal(route, ctx, parts, asker);
        throw error;
      })
      .finally(() => discardFile(route, body));
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
  switch (route.limit) {
    case 'signIn':
      return limiter.take(`${route.path} from ${from}`, limits.signInPerMinute);
    case 'memberSignIn':
      return limiter.take(`${route.path} from ${from}`, limits.memberSignInPerMinute);
    case 'console':
      return limiter.take(`console from ${from}`, limits.consolePerMinute * STAFF_PER_ADDRESS);
    case 'shop-system':
      return limiter.take(`shop systems from ${from}`, limits.shopSystemPerMinute * KEYS_PER_ADDRESS);
    case 'member':
      return limiter.take(`members from ${from}`, limits.memberPerMinute * MEMBERS_PER_ADDRESS);
    case 'none':
      return;
  }
}

/** `asker` where it is one of the staff. */
interface Admitted {
  by?: Actor | MemberActor;
  asker?: Asker;
}

/** 401, 403, 429; nobody where nobody need be known. */
async function admit(route: Route, ctx: HttpContext, parts: RunnerParts): Promise<Admitted> {
  const { access } = route;
  if (access === 'public') return {};
  if (access === 'operators') {
    if (!ctx.state.addressHidden && parts.isOperator(ctx.state.address)) return {};
    throw new RequestProblem(
      403,
      'operators.only',
      'Only operators may see this, from their own addresses and through no unknown proxy.',
    );
  }
  if (access === 'member') {
    const by = await proveMember(parts.member, ctx);
    parts.limiter.take(`member ${by.customerId}`, parts.limits.memberPerMinute);
    return { by };
  }
  const asker = await admitStaff(route, ctx, parts);
  return { asker, by: actorOf(asker, ctx) };
}

async function admitStaff(route: Route, ctx: HttpContext, parts: RunnerParts): Promise<Asker> {
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
  if (body !== undefined && 'kind' in body) {
    const parts = await validate([inPath(route, ctx), inQuery(route, ctx)]);
    const received = body.kind === 'upload' ? readUpload(ctx, body as Upload) : receiveFile(ctx, body as FileUpload);
    return [...parts, await received];
  }
  const schema = body as Exclude<typeof body, Upload | FileUpload>;
  const input = schema ? await readJson(ctx.req, route.maxBytes) : undefined;
  return validate([inPath(route, ctx), inQuery(route, ctx), { schema, input }]);
}

async function discardFile({ body }: Route, received: unknown): Promise<void> {
  if (body && 'kind' in body && body.kind === 'file-upload') await (received as ReceivedFile<unknown>).discard();
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
