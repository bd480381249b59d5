/** The services behind the console's routes of people, membership and programme, put together. */
import type { Commerce } from '../../../domain/commerce/index.js';
import type { Senders } from '../../../domain/marketing/index.js';
import type { ImportService } from '../../../imports/index.js';
import type { MembershipPorts } from '../../ports.js';
import { createImportsService } from './imports.js';
import { createOrdersService } from './orders.js';
import { createPersonsService } from './persons.js';
import type { PersonsServiceParts } from './persons.js';
import { createPointsService } from './points.js';
import type { StaffLimits } from './points.js';
import { createCouponsService, createProgrammeService, createSendersService } from './programme.js';
import { createVouchersService } from './vouchers.js';

export interface ConsoleServicesParts extends PersonsServiceParts {
  commerce: Commerce;
  senders: Senders;
  limits: StaffLimits;
  imports: ImportService;
}

export function createConsoleServices(parts: ConsoleServicesParts): MembershipPorts {
  return {
    persons: createPersonsService(parts),
    points: createPointsService(parts),
    vouchers: createVouchersService(parts),
    orders: createOrdersService(parts),
    programme: createProgrammeService(parts),
    coupons: createCouponsService(parts),
    senders: createSendersService(parts),
    imports: createImportsService(parts.imports),
  };
}
