/** What the shop notes of a person: tags, and with them all marks on one page. */
import { ChangeTags, CustomerMarks, TagsInUse } from '../../contracts/index.js';
import type { MarksPort } from '../ports-people.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const read = { access: { permission: 'customers.read' }, limit: 'console' } as const;

export function tagRoutes(marks: MarksPort): Route[] {
  return [
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/customers/:id/marks',
      summary: 'Tags, own fields, lists, scores and group of the person',
      params: ById,
      response: json(CustomerMarks),
      refusals: ['customer.notFound'],
      handle: async ({ params }) => marks.get(params.id),
    }),
    route({
      method: 'PUT',
      path: '/console/v1/customers/:id/tags',
      access: { permission: 'customers.edit' },
      limit: 'console',
      audit: 'customer.tag',
      summary: 'Add tags and take others away; what is in both is taken away',
      params: ById,
      body: ChangeTags,
      response: json(CustomerMarks),
      refusals: ['customer.notFound', 'tag.tooMany'],
      handle: async ({ params, body, by }) => marks.changeTags(params.id, body, by),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/tags',
      summary: 'Tags in use, most used first',
      response: json(TagsInUse),
      handle: async () => marks.tagsInUse(),
    }),
  ];
}
