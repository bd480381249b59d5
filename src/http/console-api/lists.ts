/** Static lists: people chosen by hand. */
import { ListPeople, ListView, PageQuery, People, PutList, page } from '../../contracts/index.js';
import type { ListsPort } from '../ports-people.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const read = { access: { permission: 'segments.read' }, limit: 'console' } as const;
const edit = { access: { permission: 'segments.edit' }, limit: 'console' } as const;

export function listRoutes(lists: ListsPort): Route[] {
  return [
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/lists',
      summary: 'Static lists with how many people are on them, changed last first',
      query: PageQuery,
      response: json(page(ListView)),
      handle: async ({ query }) => lists.list(query),
    }),
    route({
      ...edit,
      method: 'POST',
      path: '/console/v1/lists',
      audit: 'list.add',
      summary: 'Make a static list',
      body: PutList,
      response: json(ListView, 201),
      handle: async ({ body, by }) => lists.add(body, by),
    }),
    route({
      ...edit,
      method: 'PUT',
      path: '/console/v1/lists/:id',
      audit: 'list.put',
      summary: 'Change the name and the note of a list',
      params: ById,
      body: PutList,
      response: json(ListView),
      refusals: ['list.notFound'],
      handle: async ({ params, body, by }) => lists.put(params.id, body, by),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/lists/:id/people',
      summary: 'The people on a list',
      params: ById,
      query: PageQuery,
      response: json(People),
      refusals: ['list.notFound'],
      handle: async ({ params, query }) => lists.people(params.id, query),
    }),
    route({
      ...edit,
      method: 'POST',
      path: '/console/v1/lists/:id/people',
      audit: 'list.people',
      summary: 'Put people on a list and take others off',
      params: ById,
      body: ListPeople,
      response: json(ListView),
      refusals: ['list.notFound'],
      handle: async ({ params, body, by }) => lists.changePeople(params.id, body, by),
    }),
  ];
}
