/** Who asks: by the session in the cookie or a personal token as Bearer; and whether a write came from our own pages. */
import { RequestProblem } from '../../errors.js';
import type { StaffModule } from '../../domain/staff/index.js';
import { sameSecret } from '../../infra/crypto.js';
import type { HttpContext } from '../context.js';
import type { Proved } from '../route.js';
import type { Staff } from '../../contracts/index.js';

export const SESSION_COOKIE = 'huike_session';
const SECRET_SHAPE = /^[A-Za-z0-9_-]{20,200}$/;

export interface Asker {
  staff: Staff;
  proved: Proved;
}

/** Undefined when nobody is proved. A given Authorization header decides alone: a wrong one never falls back to the cookie. `slide`: see staff.session. */
export async function findAsker(staff: StaffModule, ctx: HttpContext, slide = true): Promise<Asker | undefined> {
  const authorization = ctx.get('Authorization');
  if (authorization) {
    const token = /^Bearer +([A-Za-z0-9_-]{20,200})$/i.exec(authorization)?.[1];
    const owner = token === undefined ? undefined : await staff.token(token);
    return owner && { staff: owner.staff, proved: { by: 'token' } };
  }
  const secret = ctx.cookies.get(SESSION_COOKIE);
  if (!secret || !SECRET_SHAPE.test(secret)) return undefined;
  const found = await staff.session(secret, slide);
  if (!found) return undefined;
  const { csrfToken, expiresAt } = found;
  return { staff: found.staff, proved: { by: 'session', secret, csrfToken, expiresAt } };
}

/** 401 session.required. */
export async function authenticate(staff: StaffModule, ctx: HttpContext): Promise<Asker> {
  const asker = await findAsker(staff, ctx);
  if (asker) return asker;
  ctx.set('WWW-Authenticate', 'Bearer realm="huike"');
  throw new RequestProblem(401, 'session.required', 'Sign in first: there is no session or token, or it has ended.');
}

/** 403 session.csrf. A page of another site can make the browser send the cookie, but cannot read the token. */
export function checkCsrf(ctx: HttpContext, proved: Proved): void {
  if (proved.by === 'token') return;
  if (sameSecret(proved.csrfToken, ctx.get('X-CSRF-Token'))) return;
  throw new RequestProblem(403, 'session.csrf', 'The X-CSRF-Token header is missing or not of this session.');
}

/** The Set-Cookie value; without a secret it removes the cookie. It has no age: the session's own expiry decides, and the browser's end. */
export function sessionCookie(secret: string | undefined, secure: boolean): string {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict', ...(secure ? ['Secure'] : [])];
  return [`${SESSION_COOKIE}=${secret ?? ''}`, ...(secret === undefined ? ['Max-Age=0'] : []), ...attributes].join(
    '; ',
  );
}
