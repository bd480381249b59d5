/** What shop systems report: orders, behaviour, products, customers; singly or as NDJSON. */
import { BehaviourInput, CustomerInput, OpenReceipt, OrderInput, ProductInput } from '../../contracts/index.js';
import type { OpenPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';
import { OPEN_MAX_BYTES } from './limits.js';

const shared = {
  method: 'POST',
  access: 'shop-system',
  limit: 'shop-system',
  maxBytes: OPEN_MAX_BYTES,
  batch: true,
  response: json(OpenReceipt),
  refusals: ['open.sourceNotAllowed', 'idempotency.mismatch', 'idempotency.inProgress'],
} as const;

export function reportRoutes(open: OpenPort): Route[] {
  return [
    route({
      ...shared,
      path: '/open/v1/orders',
      summary: 'Report an order as it stands; times decide, not the order of arrival; key (source, orderNo)',
      body: OrderInput,
      handle: async ({ body, by }) => open.order(body, by),
    }),
    route({
      ...shared,
      path: '/open/v1/events',
      summary: 'Report what somebody did in the shop; key (source, eventId)',
      body: BehaviourInput,
      handle: async ({ body, by }) => open.event(body, by),
    }),
    route({
      ...shared,
      path: '/open/v1/products',
      summary: 'Report a product; key sku',
      body: ProductInput,
      handle: async ({ body, by }) => open.product(body, by),
    }),
    route({
      ...shared,
      path: '/open/v1/customers',
      summary: 'Report a customer with profile and consents; key (source, externalId)',
      body: CustomerInput,
      handle: async ({ body, by }) => open.customer(body, by),
    }),
  ];
}
