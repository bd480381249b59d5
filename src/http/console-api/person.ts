/** The person behind a customer record: what is known of them, their consents, and which records they are. */
import { ChangeProfile, ConsentEvidence, PersonView, page } from '../../contracts/index.js';
import type { PersonsPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const shared = { access: { permission: 'customers.read' }, limit: 'console', params: ById } as const;

export function personRoutes(persons: PersonsPort): Route[] {
  return [
    route({
      ...shared,
      method: 'GET',
      path: '/console/v1/customers/:id/person',
      summary: 'The person of all linked records: profile, figures, level, points, consents, links',
      response: json(PersonView),
      refusals: ['customer.notFound'],
      handle: async ({ params, by }) => persons.get(params.id, by),
    }),
    route({
      ...shared,
      method: 'PATCH',
      path: '/console/v1/customers/:id/profile',
      access: { permission: 'customers.edit' },
      audit: 'customer.profile',
      summary: 'Write down what the person told; phone and address are kept encrypted',
      body: ChangeProfile,
      response: json(PersonView),
      refusals: ['customer.notFound', 'guardian.missing'],
      handle: async ({ params, body, by }) => persons.changeProfile(params.id, body, by),
    }),
    route({
      ...shared,
      method: 'GET',
      path: '/console/v1/customers/:id/consents',
      summary: 'Every consent given and withdrawn, oldest first, with the text and the page that were shown',
      response: json(page(ConsentEvidence)),
      refusals: ['customer.notFound'],
      handle: async ({ params }) => persons.consents(params.id),
    }),
  ];
}
