/** Staff accounts and the audit log. */
import { AddStaff, AuditEntry, ChangeStaff, PageQuery, ResetPassword, Staff, page } from '../../contracts/index.js';
import type { StaffModule } from '../../domain/staff/index.js';
import { json, nothing, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

export function staffRoutes(staff: StaffModule): Route[] {
  const manage = { permission: 'staff.manage' } as const;
  return [
    route({
      method: 'GET',
      path: '/console/v1/staff',
      access: { permission: 'staff.read' },
      limit: 'console',
      summary: 'Staff accounts by account name',
      query: PageQuery,
      response: json(page(Staff)),
      handle: async ({ query }) => staff.accounts.list(query),
    }),
    route({
      method: 'POST',
      path: '/console/v1/staff',
      access: manage,
      limit: 'console',
      audit: 'staff.add',
      summary: 'Add a staff account',
      body: AddStaff,
      response: json(Staff, 201),
      refusals: ['staff.accountTaken'],
      handle: async ({ body }) => staff.addStaff(body),
    }),
    route({
      method: 'PATCH',
      path: '/console/v1/staff/:id',
      access: manage,
      limit: 'console',
      audit: 'staff.change',
      summary: 'Change name or role, disable or enable; disabling ends the sessions and removes the tokens',
      params: ById,
      body: ChangeStaff,
      response: json(Staff),
      refusals: ['staff.notFound', 'staff.lastAdmin'],
      handle: async ({ params, body }) => staff.accounts.change(params.id, body),
    }),
    route({
      method: 'POST',
      path: '/console/v1/staff/:id/password',
      access: manage,
      limit: 'console',
      audit: 'staff.resetPassword',
      summary: 'Give a staff member a new password; ends their sessions and removes their tokens',
      params: ById,
      body: ResetPassword,
      response: nothing,
      refusals: ['staff.notFound'],
      handle: async ({ params, body }) => staff.accounts.resetPassword(params.id, body.password),
    }),
    route({
      method: 'GET',
      path: '/console/v1/audit',
      access: { permission: 'audit.read' },
      limit: 'console',
      summary: 'Who did what, newest first',
      query: PageQuery,
      response: json(page(AuditEntry)),
      refusals: ['request.badCursor'],
      handle: async ({ query }) => staff.audit.list(query),
    }),
  ];
}
