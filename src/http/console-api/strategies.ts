/** Strategies: what we do when something happens. They are disabled, never deleted: what was sent keeps naming them. */
import { z } from 'zod';
import {
  Library,
  PutStrategy,
  Rehearsal,
  RehearseBody,
  RulesView,
  StrategyOutcomes,
  StrategyView,
  page,
} from '../../contracts/index.js';
import type { StrategiesPort } from '../ports.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

const ByCode = z.strictObject({
  code: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{1,39}$/, 'expected 2 to 40 of a-z 0-9 -, beginning with a letter or digit'),
});

const read = { access: { permission: 'strategies.read' }, limit: 'console' } as const;

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
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/strategies/library',
      summary: 'Ready strategies to take over, with what each is for and what has to be chosen',
      response: json(Library),
      handle: async () => strategies.library(),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/strategies/rules',
      summary: 'Triggers and actions with the JSON Schema of their args, from which forms are drawn, and the metrics',
      response: json(RulesView),
      handle: async () => strategies.rules(),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/strategies/:code/outcomes',
      summary: 'What became of its messages, when the clock ran it, and what it used of its budget',
      params: ByCode,
      response: json(StrategyOutcomes),
      refusals: ['strategy.notFound'],
      handle: async ({ params }) => strategies.outcomes(params.code),
    }),
    route({
      method: 'POST',
      path: '/console/v1/strategies/rehearse',
      access: { permission: 'strategies.edit' },
      limit: 'console',
      audit: 'strategy.rehearse',
      summary:
        'Play the strategy over the events of the last days: who would have got what, and why not. Sends nothing',
      body: RehearseBody,
      response: json(Rehearsal, 202),
      handle: async ({ body, by }) => strategies.rehearse(body, by),
    }),
    route({
      ...read,
      method: 'GET',
      path: '/console/v1/strategies/rehearsals/:id',
      summary: 'A rehearsal: its progress, and what it found',
      params: ById,
      response: json(Rehearsal),
      refusals: ['rehearsal.notFound'],
      handle: async ({ params }) => strategies.rehearsal(params.id),
    }),
  ];
}
