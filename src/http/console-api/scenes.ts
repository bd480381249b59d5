/** Scene codes: QR codes that tell where a follower came from; and the channel accounts they belong to. */
import { AddScene, ChannelAccountView, PageQuery, SceneView, page } from '../../contracts/index.js';
import type { HttpPorts } from '../ports.js';
import { file, json, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const read = { permission: 'scenes.read' } as const;

export function sceneRoutes({ scenes, channels }: Pick<HttpPorts, 'scenes' | 'channels'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/console/v1/scenes',
      access: read,
      limit: 'console',
      summary: 'Scene codes with their follows and scans, newest first',
      query: PageQuery,
      response: json(page(SceneView)),
      handle: async ({ query }) => scenes.list(query),
    }),
    route({
      method: 'POST',
      path: '/console/v1/scenes',
      access: { permission: 'scenes.edit' },
      limit: 'console',
      audit: 'scene.add',
      summary: 'Make a scene code',
      body: AddScene,
      response: json(SceneView, 201),
      refusals: ['scene.exists', 'account.notFound', 'platform.failed'],
      handle: async ({ body, by }) => scenes.add(body, by),
    }),
    route({
      method: 'GET',
      path: '/console/v1/scenes/:id/image',
      access: read,
      limit: 'console',
      summary: 'The picture of a scene code',
      params: ById,
      response: file('image/*'),
      refusals: ['scene.notFound', 'platform.failed'],
      handle: async ({ params }) => scenes.image(params.id),
    }),
    route({
      method: 'GET',
      path: '/console/v1/channels',
      access: { permission: 'system.read' },
      limit: 'console',
      summary: 'Channel accounts, how they do, and where the platform reaches us',
      response: json(page(ChannelAccountView)),
      handle: async () => ({ items: await channels(), nextCursor: null }),
    }),
  ];
}
