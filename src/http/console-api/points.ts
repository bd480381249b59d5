/** A person's points: what there is, how it came about, adjusting by hand. */
import { AdjustBody, PageQuery, PointsEntry, PointsQuery, PointsView, page } from '../../contracts/index.js';
import type { PointsPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const shared = { access: { permission: 'membership.read' }, limit: 'console', params: ById } as const;

export function pointsRoutes(points: PointsPort): Route[] {
  return [
    route({
      ...shared,
      method: 'GET',
      path: '/console/v1/customers/:id/points',
      summary: 'The lots of points now, and the balance now or at a moment',
      query: PointsQuery,
      response: json(PointsView),
      refusals: ['customer.notFound'],
      handle: async ({ params, query }) => points.get(params.id, query),
    }),
    route({
      ...shared,
      method: 'GET',
      path: '/console/v1/customers/:id/points/statement',
      summary: 'Every movement of points, newest first',
      query: PageQuery,
      response: json(page(PointsEntry)),
      refusals: ['customer.notFound'],
      handle: async ({ params, query }) => points.statement(params.id, query),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/console/v1/customers/:id/points',
      access: { permission: 'points.adjust' },
      audit: 'points.adjust',
      summary: 'Give or take points by hand, within the limit of the role; the same requestKey moves them once',
      body: AdjustBody,
      response: json(PointsView),
      refusals: ['customer.notFound', 'limit.points', 'points.insufficient', 'points.keyReused'],
      handle: async ({ params, body, by }) => points.adjust(params.id, body, by),
    }),
  ];
}
