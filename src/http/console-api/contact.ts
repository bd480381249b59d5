/** The contact policy: its rules, the switch that stops all promotion, who is left in peace, and how one person can be reached. */
import { ContactPolicy, HoldName, PersonReach, PlaceHold, PromotionSwitch, ReasonBody } from '../../contracts/index.js';
import type { ContactPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const stop = { access: { permission: 'promotion.stop' }, limit: 'console' } as const;
const ofCustomer = { access: { permission: 'customers.edit' }, limit: 'console' } as const;

export function contactRoutes(contact: ContactPort): Route[] {
  return [
    route({
      method: 'GET',
      path: '/console/v1/contact',
      access: { permission: 'broadcasts.read' },
      limit: 'console',
      summary: 'Caps, quiet hours, holidays, routes by purpose, reasons in words, and whether promotion is stopped',
      response: json(ContactPolicy),
      handle: async () => contact.policy(),
    }),
    route({
      ...stop,
      method: 'POST',
      path: '/console/v1/contact/stop',
      audit: 'promotion.stop',
      summary: 'Stop all promotion: within ten seconds nothing leaves, and what waits is held',
      body: ReasonBody,
      response: json(PromotionSwitch),
      handle: async ({ body, by }) => contact.stop(body, by),
    }),
    route({
      ...stop,
      method: 'POST',
      path: '/console/v1/contact/resume',
      audit: 'promotion.resume',
      summary: 'Let promotion go on; what was held is judged again',
      body: ReasonBody,
      response: json(PromotionSwitch),
      handle: async ({ body, by }) => contact.resume(body, by),
    }),
    route({
      method: 'GET',
      path: '/console/v1/customers/:id/reach',
      access: { permission: 'customers.read' },
      limit: 'console',
      summary: 'How the person can be reached now, by purpose, what holds back, and the promotion of late',
      params: ById,
      response: json(PersonReach),
      refusals: ['customer.notFound'],
      handle: async ({ params }) => contact.reach(params.id),
    }),
    route({
      ...ofCustomer,
      method: 'POST',
      path: '/console/v1/customers/:id/holds',
      audit: 'hold.place',
      summary: 'Leave the person in peace, until a time or until it is lifted',
      params: ById,
      body: PlaceHold,
      response: json(PersonReach),
      refusals: ['customer.notFound'],
      handle: async ({ params, body, by }) => contact.placeHold(params.id, body, by),
    }),
    route({
      ...ofCustomer,
      method: 'DELETE',
      path: '/console/v1/customers/:id/holds/:kind/:key',
      audit: 'hold.lift',
      summary: 'Lift a hold at once',
      params: ById.extend(HoldName.shape),
      response: json(PersonReach),
      refusals: ['customer.notFound', 'hold.notFound'],
      handle: async ({ params: { id, kind, key }, by }) => contact.liftHold(id, { kind, key }, by),
    }),
  ];
}
