/** A person's vouchers: the list, granting and taking back by hand. */
import { GrantBody, PageQuery, RevokeBody, VoucherView, page } from '../../contracts/index.js';
import type { VouchersPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const write = { access: { permission: 'vouchers.grant' }, limit: 'console', params: ById } as const;

export function voucherRoutes(vouchers: VouchersPort): Route[] {
  return [
    route({
      method: 'GET',
      path: '/console/v1/customers/:id/vouchers',
      access: { permission: 'membership.read' },
      limit: 'console',
      summary: 'Vouchers, newest first; of a code its end only',
      params: ById,
      query: PageQuery,
      response: json(page(VoucherView)),
      refusals: ['customer.notFound'],
      handle: async ({ params, query }) => vouchers.list(params.id, query),
    }),
    route({
      ...write,
      method: 'POST',
      path: '/console/v1/customers/:id/vouchers',
      audit: 'voucher.grant',
      summary: 'Grant a voucher by hand, within the limit of the role; the same requestKey grants one',
      body: GrantBody,
      response: json(VoucherView, 201),
      refusals: [
        'customer.notFound',
        'coupon.notFound',
        'limit.voucher',
        'coupon.disabled',
        'coupon.ended',
        'coupon.exhausted',
        'coupon.perPersonReached',
        'coupon.levelNotEntitled',
        'voucher.keyReused',
      ],
      handle: async ({ params, body, by }) => vouchers.grant(params.id, body, by),
    }),
    route({
      ...write,
      method: 'POST',
      path: '/console/v1/vouchers/:id/revoke',
      audit: 'voucher.revoke',
      summary: 'Take a voucher back that was not used',
      body: RevokeBody,
      response: json(VoucherView),
      refusals: ['voucher.notFound', 'limit.voucher', 'voucher.used', 'voucher.expired'],
      handle: async ({ params, body, by }) => vouchers.revoke(params.id, body, by),
    }),
  ];
}
