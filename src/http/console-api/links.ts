/** Which customer records are one person: linking, undoing, and deciding what weaker evidence proposes. */
import {
  DecideBody,
  LinkBody,
  LinkProposal,
  LinkView,
  PageQuery,
  PersonView,
  UnlinkBody,
  page,
} from '../../contracts/index.js';
import type { PersonsPort } from '../ports.js';
import { json, nothing, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const shared = { access: { permission: 'persons.link' }, limit: 'console' } as const;

export function linkRoutes(persons: PersonsPort): Route[] {
  return [
    route({
      ...shared,
      method: 'POST',
      path: '/console/v1/customers/:id/links',
      audit: 'link.add',
      summary: 'Say that another record is the same person',
      params: ById,
      body: LinkBody,
      response: json(PersonView),
      refusals: ['customer.notFound', 'link.sameRecord', 'link.exists'],
      handle: async ({ params, body, by }) => persons.link(params.id, body, by),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/console/v1/links/:id/undo',
      audit: 'link.undo',
      summary: 'Take a link back; the same evidence does not link the two again',
      params: ById,
      body: UnlinkBody,
      response: json(LinkView),
      refusals: ['link.notFound', 'link.undone'],
      handle: async ({ params, body, by }) => persons.undoLink(params.id, body, by),
    }),
    route({
      ...shared,
      method: 'GET',
      path: '/console/v1/link-proposals',
      summary: 'Records that may be one person, for the staff to decide, newest first',
      query: PageQuery,
      response: json(page(LinkProposal)),
      handle: async ({ query }) => persons.proposals(query),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/console/v1/link-proposals/:id',
      audit: 'link.decide',
      summary: 'Accept a proposal, which links the two, or reject it',
      params: ById,
      body: DecideBody,
      response: nothing,
      refusals: ['proposal.notFound', 'proposal.decided'],
      handle: async ({ params, body, by }) => persons.decide(params.id, body, by),
    }),
  ];
}
