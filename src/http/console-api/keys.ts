/** Keys of shop systems. */
import { AddApiKey, ApiKey, NewApiKey, page } from '../../contracts/index.js';
import type { ApiKeys } from '../../domain/staff/index.js';
import { json, nothing, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';
import { ofSession } from './session.js';

export function keyRoutes(apiKeys: ApiKeys): Route[] {
  const shared = { access: { permission: 'keys.manage' }, limit: 'console' } as const;
  return [
    route({
      ...shared,
      method: 'GET',
      path: '/console/v1/keys',
      summary: 'Keys of shop systems, newest first, revoked ones too',
      response: json(page(ApiKey)),
      handle: async () => ({ items: await apiKeys.list(), nextCursor: null }),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/console/v1/keys',
      audit: 'key.add',
      summary: 'Make a key; its secret is shown this once',
      body: AddApiKey,
      response: json(NewApiKey, 201),
      refusals: ['session.needed', 'key.tooMany'],
      handle: async ({ body, by, proved }) => {
        ofSession(proved);
        return apiKeys.add(body, by.name);
      },
    }),
    route({
      ...shared,
      method: 'DELETE',
      path: '/console/v1/keys/:id',
      audit: 'key.revoke',
      summary: 'Revoke a key; requests signed with it are refused from now on',
      params: ById,
      response: nothing,
      refusals: ['key.notFound'],
      handle: async ({ params }) => apiKeys.revoke(params.id),
    }),
  ];
}
