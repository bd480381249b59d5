/** Service scenes and who tells the customer of them: one sender each, so that nobody hears a thing twice. */
import { z } from 'zod';
import { ChooseSender, SenderView, ServiceScene, page } from '../../contracts/index.js';
import type { SendersPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';

const ByScene = z.strictObject({ scene: ServiceScene });

export function senderRoutes(senders: SendersPort): Route[] {
  return [
    route({
      method: 'GET',
      path: '/console/v1/senders',
      access: { permission: 'strategies.read' },
      limit: 'console',
      summary: 'Every service scene with its sender of record; without one it is silent',
      response: json(page(SenderView)),
      handle: async () => senders.list(),
    }),
    route({
      method: 'PUT',
      path: '/console/v1/senders/:scene',
      access: { permission: 'strategies.edit' },
      limit: 'console',
      audit: 'sender.choose',
      summary: 'Choose who tells the customer',
      params: ByScene,
      body: ChooseSender,
      response: json(SenderView),
      handle: async ({ params, body, by }) => senders.choose(params.scene, body, by),
    }),
  ];
}
