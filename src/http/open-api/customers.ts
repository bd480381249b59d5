/** Looking a customer up, and spending their points. */
import { LookupBody, OpenCustomer, SpendBody, Spent } from '../../contracts/index.js';
import type { OpenPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';

export function customerRoutes(open: OpenPort): Route[] {
  return [
    route({
      method: 'POST',
      path: '/open/v1/customers/lookup',
      access: 'shop-system',
      limit: 'shop-system',
      reads: true,
      summary: 'Profile, points, level and vouchers of one customer',
      body: LookupBody,
      response: json(OpenCustomer),
      refusals: ['open.sourceNotAllowed', 'customer.notFound'],
      handle: async ({ body, by }) => open.lookup(body, by),
    }),
    route({
      method: 'POST',
      path: '/open/v1/points/spend',
      access: 'shop-system',
      limit: 'shop-system',
      summary: 'Spend points; the same sourceKey spends once',
      body: SpendBody,
      response: json(Spent),
      refusals: ['open.sourceNotAllowed', 'idempotency.mismatch', 'idempotency.inProgress', 'customer.notFound'],
      handle: async ({ body, by }) => open.spend(body, by),
    }),
  ];
}
