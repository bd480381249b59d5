/** Plans: strategies and broadcasts together for a time; and the calendar that shows how much is said on each day. */
import { Calendar, CalendarQuery, PageQuery, PlanView, PutPlan, page } from '../../contracts/index.js';
import type { PlansPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const read = { access: { permission: 'broadcasts.read' }, limit: 'console' } as const;
const edit = { access: { permission: 'broadcasts.edit' }, limit: 'console' } as const;

export function planRoutes(plans: PlansPort): Route[] {
  return [
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/plans',
      summary: 'Plans, changed last first',
      query: PageQuery,
      response: json(page(PlanView)),
      handle: async ({ query }) => plans.list(query),
    }),
    route({
      ...edit,
      method: 'POST',
      path: '/console/v1/plans',
      audit: 'plan.add',
      summary: 'Make a plan',
      body: PutPlan,
      response: json(PlanView, 201),
      handle: async ({ body, by }) => plans.add(body, by),
    }),
    route({
      ...edit,
      method: 'PUT',
      path: '/console/v1/plans/:id',
      audit: 'plan.put',
      summary: 'Change a plan',
      params: ById,
      body: PutPlan,
      response: json(PlanView),
      refusals: ['plan.notFound'],
      handle: async ({ params, body, by }) => plans.put(params.id, body, by),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/calendar',
      summary: 'Up to 100 days: what touches each, how many messages left, and how many more are expected',
      query: CalendarQuery,
      response: json(Calendar),
      handle: async ({ query }) => plans.calendar(query),
    }),
  ];
}
