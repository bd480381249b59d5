/** The rules of points, growth and levels. A change is a new version; what was earned under an older one stays. */
import { ProgrammeView, PutProgramme } from '../../contracts/index.js';
import type { ProgrammePort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';

export function programmeRoutes(programme: ProgrammePort): Route[] {
  return [
    route({
      method: 'GET',
      path: '/console/v1/programme',
      access: { permission: 'membership.read' },
      limit: 'console',
      summary: 'The rules in force',
      response: json(ProgrammeView),
      handle: async () => programme.get(),
    }),
    route({
      method: 'PUT',
      path: '/console/v1/programme',
      access: { permission: 'membership.edit' },
      limit: 'console',
      audit: 'programme.put',
      summary: 'Make the next version, which holds from now on',
      body: PutProgramme,
      response: json(ProgrammeView),
      handle: async ({ body, by }) => programme.put(body, by),
    }),
  ];
}
