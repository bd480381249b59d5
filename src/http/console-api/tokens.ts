/** Personal access tokens of the one who asks. */
import { AccessToken, AddAccessToken, NewAccessToken, page } from '../../contracts/index.js';
import type { StaffModule } from '../../domain/staff/index.js';
import { json, nothing, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';
import { ofSession } from './session.js';

export function tokenRoutes(staff: StaffModule): Route[] {
  return [
    route({
      method: 'GET',
      path: '/console/v1/tokens',
      access: 'signed-in',
      limit: 'console',
      summary: "One's own personal access tokens, at most twenty",
      response: json(page(AccessToken)),
      handle: async ({ by }) => ({ items: await staff.tokens.list(by.staffId), nextCursor: null }),
    }),
    route({
      method: 'POST',
      path: '/console/v1/tokens',
      access: 'signed-in',
      limit: 'console',
      audit: 'token.add',
      summary: 'Make a personal access token; it is shown this once',
      body: AddAccessToken,
      response: json(NewAccessToken, 201),
      refusals: ['session.needed', 'token.tooMany'],
      handle: async ({ body, by, proved }) => {
        ofSession(proved);
        return staff.tokens.add(by.staffId, body);
      },
    }),
    route({
      method: 'DELETE',
      path: '/console/v1/tokens/:id',
      access: 'signed-in',
      limit: 'console',
      audit: 'token.remove',
      summary: "Remove one of one's own tokens",
      params: ById,
      response: nothing,
      refusals: ['token.notFound'],
      handle: async ({ params, by }) => staff.tokens.remove(by.staffId, params.id),
    }),
  ];
}
