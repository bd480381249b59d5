/** Customers and what happened with them. */
import {
  ChangeCustomer,
  Customer,
  CustomerSummary,
  CustomersQuery,
  PageQuery,
  TimelineEntry,
  page,
} from '../../contracts/index.js';
import type { CustomersPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const read = { permission: 'customers.read' } as const;

export function customerRoutes(customers: CustomersPort): Route[] {
  return [
    route({
      method: 'GET',
      path: '/console/v1/customers',
      access: read,
      limit: 'console',
      summary: 'Customers, found by the beginning of a name or remark, or by a whole phone number',
      query: CustomersQuery,
      response: json(page(CustomerSummary)),
      handle: async ({ query }) => customers.list(query),
    }),
    route({
      method: 'GET',
      path: '/console/v1/customers/:id',
      access: read,
      limit: 'console',
      summary: 'One customer with their identities',
      params: ById,
      response: json(Customer),
      refusals: ['customer.notFound'],
      handle: async ({ params }) => customers.get(params.id),
    }),
    route({
      method: 'PATCH',
      path: '/console/v1/customers/:id',
      access: { permission: 'customers.edit' },
      limit: 'console',
      audit: 'customer.change',
      summary: 'Change the remark',
      params: ById,
      body: ChangeCustomer,
      response: json(Customer),
      refusals: ['customer.notFound'],
      handle: async ({ params, body, by }) => customers.change(params.id, body, by),
    }),
    route({
      method: 'GET',
      path: '/console/v1/customers/:id/timeline',
      access: read,
      limit: 'console',
      summary: 'What happened with the customer, newest first',
      params: ById,
      query: PageQuery,
      response: json(page(TimelineEntry)),
      refusals: ['customer.notFound'],
      handle: async ({ params, query }) => customers.timeline(params.id, query),
    }),
  ];
}
