/** All routes of the console, one line a noun. */
import type { HttpPorts } from '../ports.js';
import type { Route } from '../route.js';
import { conversationRoutes } from './conversations.js';
import { customerRoutes } from './customers.js';
import { mediaRoutes } from './media.js';
import { sceneRoutes } from './scenes.js';
import { sessionRoutes } from './session.js';
import type { SessionParts } from './session.js';
import { staffRoutes } from './staff.js';
import { strategyRoutes } from './strategies.js';
import { streamRoutes } from './stream.js';
import type { StreamParts } from './stream.js';
import { tokenRoutes } from './tokens.js';

export function consoleRoutes(
  parts: Omit<SessionParts, 'now'> & Omit<StreamParts, 'live'> & { ports: HttpPorts },
): Route[] {
  const { ports, staff } = parts;
  return [
    ...sessionRoutes({ ...parts, now: () => ports.now() }),
    ...tokenRoutes(staff),
    ...conversationRoutes(ports.inbox),
    ...mediaRoutes(ports.media),
    ...customerRoutes(ports.customers),
    ...staffRoutes(staff),
    ...strategyRoutes(ports.strategies),
    ...sceneRoutes(ports),
    ...streamRoutes({ ...parts, live: ports.live }),
  ];
}
