/** The little of HTTP that handlers are given. */
import { may } from '../domain/staff/index.js';
import type { StaffModule } from '../domain/staff/index.js';
import type { HttpContext } from './context.js';
import { findAsker } from './middleware/authenticate.js';
import type { Exchange, Route } from './route.js';

export interface ExchangeParts {
  ctx: HttpContext;
  staff: StaffModule;
  /** Who is named in the audit log. */
  acting: { by: { id: string; name: string } | undefined };
}

export function exchange(route: Route, { ctx, staff, acting }: ExchangeParts): Exchange {
  return {
    requestId: ctx.state.requestId,
    address: ctx.state.address,
    header: (name) => ctx.get(name) || undefined,
    setCookie: (value) => ctx.append('Set-Cookie', value),
    raw: { req: ctx.req, res: ctx.res },
    stillAllowed: async () => {
      // A page left open is not somebody at work: looking must not keep the session alive.
      const asker = await findAsker(staff, ctx, false);
      const { access } = route;
      return asker !== undefined && (typeof access !== 'object' || may(asker.staff.role, access.permission));
    },
    actsAs: (member) => {
      acting.by = member;
      ctx.state.staffId = member.id;
    },
  };
}
