/** Orders as shop systems reported them. */
import { OrderView, OrdersQuery, PageQuery, ordersPage } from '../../contracts/index.js';
import type { OrdersPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const shared = { method: 'GET', access: { permission: 'customers.read' }, limit: 'console' } as const;

export function orderRoutes(orders: OrdersPort): Route[] {
  return [
    route({
      ...shared,
      path: '/console/v1/orders',
      summary: 'Orders, newest first; found by their whole number or by status',
      query: OrdersQuery,
      response: json(ordersPage),
      handle: async ({ query }) => orders.list(query),
    }),
    route({
      ...shared,
      path: '/console/v1/orders/:id',
      summary: 'One order with its articles, parcels and refunds',
      params: ById,
      response: json(OrderView),
      refusals: ['order.notFound'],
      handle: async ({ params }) => orders.get(params.id),
    }),
    route({
      ...shared,
      path: '/console/v1/customers/:id/orders',
      summary: "The person's orders, newest first",
      params: ById,
      query: PageQuery,
      response: json(ordersPage),
      refusals: ['customer.notFound'],
      handle: async ({ params, query }) => orders.ofCustomer(params.id, query),
    }),
  ];
}
