/**
 * Who may do what: the whole table. A route names one permission; a staff member has those of their role.
 * docs/admin.md shows the same table to people.
 */
import { permissions } from '../../contracts/index.js';
import type { Permission, StaffRole } from '../../contracts/index.js';

const agent: readonly Permission[] = [
  'inbox.read',
  'inbox.reply',
  'customers.read',
  'customers.edit',
  'membership.read',
  'points.adjust',
  'vouchers.grant',
  'staff.read',
];

const marketer: readonly Permission[] = [
  'customers.read',
  'strategies.read',
  'strategies.edit',
  'scenes.read',
  'scenes.edit',
  'segments.read',
  'segments.edit',
  'broadcasts.read',
  'broadcasts.edit',
  // Of another's: above the limits nobody approves their own.
  'broadcasts.approve',
  'promotion.stop',
  'dashboard.read',
  'membership.read',
  'membership.edit',
  'imports.manage',
  'system.read',
];

/** Runs the service team and the campaigns; lets nobody in: neither people (staff accounts) nor programs (keys). */
const lettingIn: readonly Permission[] = ['staff.manage', 'keys.manage'];
const manager: readonly Permission[] = permissions.filter((permission) => !lettingIn.includes(permission));

export const rolePermissions: Readonly<Record<StaffRole, readonly Permission[]>> = {
  admin: permissions,
  manager,
  marketer,
  agent,
};

export function may(role: StaffRole, permission: Permission): boolean {
  return rolePermissions[role].includes(permission);
}
