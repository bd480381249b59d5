/** All routes of the console, one line a noun. */
import type { HttpPorts } from '../ports.js';
import type { Route } from '../route.js';
import { broadcastRoutes } from './broadcasts.js';
import { contactRoutes } from './contact.js';
import { conversationRoutes } from './conversations.js';
import { couponRoutes } from './coupons.js';
import { customFieldRoutes } from './custom-fields.js';
import { customerRoutes } from './customers.js';
import { dashboardRoutes } from './dashboard.js';
import { importRoutes } from './imports.js';
import { keyRoutes } from './keys.js';
import { linkRoutes } from './links.js';
import { listRoutes } from './lists.js';
import { mediaRoutes } from './media.js';
import { orderRoutes } from './orders.js';
import { personRoutes } from './person.js';
import { planRoutes } from './plans.js';
import { pointsRoutes } from './points.js';
import { programmeRoutes } from './programme.js';
import { sceneRoutes } from './scenes.js';
import { scoreRoutes } from './scores.js';
import { segmentRoutes } from './segments.js';
import { senderRoutes } from './senders.js';
import { sessionRoutes } from './session.js';
import type { SessionParts } from './session.js';
import { staffRoutes } from './staff.js';
import { strategyRoutes } from './strategies.js';
import { streamRoutes } from './stream.js';
import type { StreamParts } from './stream.js';
import { tagRoutes } from './tags.js';
import { tokenRoutes } from './tokens.js';
import { voucherRoutes } from './vouchers.js';

export function consoleRoutes(
  parts: Omit<SessionParts, 'now' | 'promotionStopped'> & Omit<StreamParts, 'live'> & { ports: HttpPorts },
): Route[] {
  const { ports, staff } = parts;
  return [
    ...sessionRoutes({ ...parts, now: () => ports.now(), promotionStopped: () => ports.contact.promotionStopped() }),
    ...tokenRoutes(staff),
    ...conversationRoutes(ports.inbox),
    ...mediaRoutes(ports.media),
    ...customerRoutes(ports.customers),
    ...personRoutes(ports.persons),
    ...linkRoutes(ports.persons),
    ...pointsRoutes(ports.points),
    ...voucherRoutes(ports.vouchers),
    ...orderRoutes(ports.orders),
    ...programmeRoutes(ports.programme),
    ...couponRoutes(ports.coupons),
    ...senderRoutes(ports.senders),
    ...importRoutes(ports.imports),
    ...staffRoutes(staff),
    ...keyRoutes(ports.apiKeys),
    ...strategyRoutes(ports.strategies),
    ...broadcastRoutes(ports.broadcasts),
    ...planRoutes(ports.plans),
    ...contactRoutes(ports.contact),
    ...sceneRoutes(ports),
    ...segmentRoutes(ports.segments),
    ...listRoutes(ports.lists),
    ...tagRoutes(ports.marks),
    ...customFieldRoutes(ports.marks),
    ...scoreRoutes(ports.scores),
    ...dashboardRoutes(ports.dashboard),
    ...streamRoutes({ ...parts, live: ports.live }),
  ];
}
