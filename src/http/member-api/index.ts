/** All routes of the mini-program, one line a noun. A write here is a member's own and has no row in the staff's audit log (see route.ts). */
import type { MemberPort } from '../ports.js';
import type { Route } from '../route.js';
import { cardRoutes } from './card.js';
import { profileRoutes } from './profile.js';
import { sessionRoutes } from './session.js';

export function memberRoutes(member: MemberPort): Route[] {
  return [...sessionRoutes(member), ...profileRoutes(member), ...cardRoutes(member)];
}
