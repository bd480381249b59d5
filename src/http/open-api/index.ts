/** All routes of shop systems, one line a noun. */
import type { OpenPort } from '../ports.js';
import type { Route } from '../route.js';
import { customerRoutes } from './customers.js';
import { reportRoutes } from './reports.js';
import { voucherRoutes } from './vouchers.js';

export function openRoutes(open: OpenPort): Route[] {
  return [...reportRoutes(open), ...customerRoutes(open), ...voucherRoutes(open)];
}
