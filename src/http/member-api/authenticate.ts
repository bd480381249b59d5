/** Who asks from the mini-program: by the opaque token that signing in gave. */
import { RequestProblem } from '../../errors.js';
import type { HttpContext } from '../context.js';
import type { MemberActor, MemberPort } from '../ports.js';

/** 401 member.signInNeeded: the mini-program then signs in again by itself, unseen. */
export async function proveMember(member: MemberPort, ctx: HttpContext): Promise<MemberActor> {
  const token = /^Bearer +([A-Za-z0-9_-]{20,200})$/i.exec(ctx.get('Authorization'))?.[1];
  const found = token === undefined ? undefined : await member.who(token);
  if (found) {
    const { customerId, address } = found;
    ctx.state.customerId = customerId;
    return { customerId, address, requestId: ctx.state.requestId };
  }
  ctx.set('WWW-Authenticate', 'Bearer realm="huike-member"');
  throw new RequestProblem(401, 'member.signInNeeded', 'Sign in first: there is no token, or it has ended.');
}
