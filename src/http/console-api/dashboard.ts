/** The dashboard of today, and the rows behind each of its figures. */
import { Dashboard, FigureParams, FigureQuery, FigureRows } from '../../contracts/index.js';
import type { DashboardPort } from '../ports-people.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';

const read = { access: { permission: 'dashboard.read' }, limit: 'console' } as const;

export function dashboardRoutes(dashboard: DashboardPort): Route[] {
  return [
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/dashboard/today',
      summary: "Today in the shop's zone beside the same stretch of yesterday; each figure names its rows",
      response: json(Dashboard),
      handle: async () => dashboard.today(),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/dashboard/today/rows/:code',
      summary: 'The rows behind a figure of today, newest first; their values add up to it',
      params: FigureParams,
      query: FigureQuery,
      response: json(FigureRows),
      refusals: ['figure.notFound'],
      handle: async ({ params, query }) => dashboard.rows(params.code, query),
    }),
  ];
}
