/** Strategies: what we do when something happens. They are disabled, never deleted: what was sent keeps naming them. */
import { z } from 'zod';
import { PutStrategy, StrategyView, page } from '../../contracts/index.js';
import type { StrategiesPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';

const ByCode = z.strictObject({
  code: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{1,39}$/, 'expected 2 to 40 of a-z 0-9 -, beginning with a letter or digit'),
});

export function strategyRoutes(strategies: StrategiesPort): Route[] {
  return [
    route({
      method: 'GET',
      path: '/console/v1/strategies',
      access: { permission: 'strategies.read' },
      limit: 'console',
      summary: 'All strategies in their current version',
      response: json(page(StrategyView)),
      handle: async () => strategies.list(),
    }),
    route({
      method: 'PUT',
      path: '/console/v1/strategies/:code',
      access: { permission: 'strategies.edit' },
      limit: 'console',
      audit: 'strategy.put',
      summary: 'Make the strategy, or its next version',
      params: ByCode,
      body: PutStrategy,
      response: json(StrategyView),
      handle: async ({ params, body, by }) => strategies.put(params.code, body, by),
    }),
  ];
}
