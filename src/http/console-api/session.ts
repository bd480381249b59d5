/** Signing in and out, the captcha, one's own password. */
import { Captcha, ChangePassword, Session, SignIn } from '../../contracts/index.js';
import { rolePermissions } from '../../domain/staff/index.js';
import type { SignInResult, StaffModule } from '../../domain/staff/index.js';
import { RequestProblem } from '../../errors.js';
import { sessionCookie } from '../middleware/authenticate.js';
import { clientNetwork } from '../middleware/client-address.js';
import { json, nothing, route } from '../route.js';
import type { Exchange, Proved, Route } from '../route.js';

export interface SessionParts {
  staff: StaffModule;
  secureCookie: boolean;
  /** Business time. */
  now(): Date;
  promotionStopped(): Promise<boolean>;
}

export function sessionRoutes({ staff, secureCookie, now, promotionStopped }: SessionParts): Route[] {
  return [
    route({
      method: 'POST',
      path: '/console/v1/session',
      access: 'public',
      limit: 'signIn',
      audit: 'session.signIn',
      summary: 'Sign in',
      body: SignIn,
      response: json(Session),
      refusals: ['session.wrongCredentials', 'session.captchaRequired', 'session.locked'],
      handle: async ({ body, http }) => {
        const result = await staff.signIn({ body, address: clientNetwork(http.address) });
        if (result.kind !== 'signedIn') return refuse(staff, { result, http });
        http.setCookie(sessionCookie(result.secret, secureCookie));
        http.actsAs(result.staff);
        return {
          staff: result.staff,
          permissions: [...rolePermissions[result.staff.role]],
          csrfToken: result.csrfToken,
          expiresAt: result.expiresAt.toISOString(),
          now: now().toISOString(),
          promotionStopped: await promotionStopped(),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/console/v1/session',
      access: 'signed-in',
      limit: 'console',
      summary: 'Who is signed in, what they may do, and the CSRF token for writes',
      response: json(Session),
      refusals: ['session.needed'],
      handle: async ({ by, proved }) => {
        const session = ofSession(proved);
        const member = await staff.accounts.get(by.staffId);
        const { csrfToken, expiresAt } = session;
        return {
          staff: member,
          permissions: [...rolePermissions[by.role]],
          csrfToken,
          expiresAt: expiresAt.toISOString(),
          now: now().toISOString(),
          promotionStopped: await promotionStopped(),
        };
      },
    }),
    route({
      method: 'DELETE',
      path: '/console/v1/session',
      access: 'signed-in',
      limit: 'console',
      audit: 'session.signOut',
      summary: 'Sign out',
      response: nothing,
      refusals: ['session.needed'],
      handle: async ({ proved, http }) => {
        await staff.signOut(ofSession(proved).secret);
        http.setCookie(sessionCookie(undefined, secureCookie));
      },
    }),
    route({
      method: 'GET',
      path: '/console/v1/captcha',
      access: 'public',
      limit: 'signIn',
      summary: 'A picture to read, good for one sign-in within two minutes',
      response: json(Captcha),
      handle: async () => {
        const { id, svg, expiresAt } = await staff.captcha();
        return { id, svg, expiresAt: expiresAt.toISOString() };
      },
    }),
    route({
      method: 'POST',
      path: '/console/v1/password',
      access: 'signed-in',
      limit: 'signIn',
      audit: 'password.change',
      summary: "Change one's own password; ends one's other sessions",
      body: ChangePassword,
      response: nothing,
      refusals: ['session.needed', 'staff.wrongPassword'],
      handle: async ({ body, by, proved }) => {
        await staff.accounts.changePassword(by.staffId, body, ofSession(proved).secret);
      },
    }),
  ];
}

/** 403 session.needed: a leaked token must not be able to make itself last. */
export function ofSession(proved: Proved): Proved & { by: 'session' } {
  if (proved.by === 'session') return proved;
  throw new RequestProblem(403, 'session.needed', 'This needs a signed-in session; an access token cannot do it.');
}

async function refuse(
  staff: StaffModule,
  { result, http }: { result: Exclude<SignInResult, { kind: 'signedIn' }>; http: Exchange },
): Promise<never> {
  const known = result.kind === 'wrongCredentials' ? result.known : undefined;
  const who = { staffId: known?.id ?? null, staffName: known?.name ?? null, subject: known?.account ?? null };
  const { address, requestId } = http;
  await staff.audit.add({ ...who, action: 'session.signIn', address, requestId, outcome: 'refused' });
  throw problemOf(result);
}

function problemOf(result: Exclude<SignInResult, { kind: 'signedIn' }>): RequestProblem {
  switch (result.kind) {
    case 'wrongCredentials':
      return new RequestProblem(401, 'session.wrongCredentials', 'The account or the password is not right.');
    case 'captchaRequired':
      return new RequestProblem(401, 'session.captchaRequired', 'Read the picture of GET /console/v1/captcha as well.');
    case 'locked': {
      const retryAfterSeconds = Math.max(1, Math.ceil((result.until.getTime() - Date.now()) / 1000));
      return new RequestProblem(423, 'session.locked', 'Too many failures; sign-in is locked for a while.', {
        retryAfterSeconds,
      });
    }
  }
}
