/** What operators ask: alive, ready, metrics. Says nothing to anybody else but that the process is alive. */
import { z } from 'zod';
import type { HealthPort } from '../ports.js';
import { json, route, text } from '../route.js';
import type { Route } from '../route.js';

export function operationRoutes(health: HealthPort): Route[] {
  return [
    route({
      method: 'GET',
      path: '/healthz',
      access: 'public',
      limit: 'none',
      summary: 'The process is alive',
      response: json(z.object({ alive: z.literal(true) })),
      handle: async () => ({ alive: true as const }),
    }),
    route({
      method: 'GET',
      path: '/readyz',
      access: 'operators',
      limit: 'none',
      summary: 'Every part is ready (200), or which are not and why (503)',
      response: text('application/json'),
      handle: async () => {
        const notReady = await health.ready();
        const ready = notReady.length === 0;
        return {
          status: ready ? 200 : 503,
          contentType: 'application/json',
          body: JSON.stringify({ ready, notReady }),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/metrics',
      access: 'operators',
      limit: 'none',
      summary: 'Figures in the text format of Prometheus',
      response: text('text/plain'),
      handle: async () => health.metrics(),
    }),
  ];
}
