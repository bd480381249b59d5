/** Using a voucher for an order, and giving it back. */
import { z } from 'zod';
import { OpenReceipt, RedeemBody, ReleaseBody } from '../../contracts/index.js';
import type { OpenPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';

const ByCode = z.strictObject({ code: z.string().regex(/^[A-Za-z0-9-]{4,64}$/, 'expected the code of a voucher') });

const shared = {
  method: 'POST',
  access: 'shop-system',
  limit: 'shop-system',
  params: ByCode,
  response: json(OpenReceipt),
  refusals: ['open.sourceNotAllowed', 'idempotency.mismatch', 'idempotency.inProgress'],
} as const;

export function voucherRoutes(open: OpenPort): Route[] {
  return [
    route({
      ...shared,
      path: '/open/v1/vouchers/:code/redeem',
      summary: 'Use a voucher for one order',
      body: RedeemBody,
      handle: async ({ params, body, by }) => open.redeem(params.code, body, by),
    }),
    route({
      ...shared,
      path: '/open/v1/vouchers/:code/release',
      summary: 'Give back a voucher that was used for an order',
      body: ReleaseBody,
      handle: async ({ params, body, by }) => open.release(params.code, body, by),
    }),
  ];
}
