/** Coupons: what vouchers are made from. They are switched off, never deleted: vouchers keep naming them. */
import { CouponView, PageQuery, PutCoupon, page } from '../../contracts/index.js';
import type { CouponsPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const edit = { access: { permission: 'membership.edit' }, limit: 'console' } as const;

export function couponRoutes(coupons: CouponsPort): Route[] {
  return [
    route({
      method: 'GET',
      path: '/console/v1/coupons',
      access: { permission: 'membership.read' },
      limit: 'console',
      summary: 'Coupons with how many were granted and are used, newest first',
      query: PageQuery,
      response: json(page(CouponView)),
      handle: async ({ query }) => coupons.list(query),
    }),
    route({
      ...edit,
      method: 'POST',
      path: '/console/v1/coupons',
      audit: 'coupon.add',
      summary: 'Make a coupon',
      body: PutCoupon,
      response: json(CouponView, 201),
      handle: async ({ body, by }) => coupons.add(body, by),
    }),
    route({
      ...edit,
      method: 'PUT',
      path: '/console/v1/coupons/:id',
      audit: 'coupon.put',
      summary: 'Change a coupon; vouchers that were granted keep what they were worth',
      params: ById,
      body: PutCoupon,
      response: json(CouponView),
      refusals: ['coupon.notFound', 'coupon.budgetBelowGranted'],
      handle: async ({ params, body, by }) => coupons.put(params.id, body, by),
    }),
  ];
}
