/**
 * Who may do what: the whole table. A route names one permission; a staff member has those of their role.
 * docs/admin.md shows the same table to people.
 */
import { permissions } from '../../contracts/index.js';
import type { Permission, StaffRole } from '../../contracts/index.js';

const agent: readonly Permission[] = ['inbox.read', 'inbox.reply', 'customers.read', 'customers.edit', 'staff.read'];

const marketer: readonly Permission[] = [
  'customers.read',
  'strategies.read',
  'strategies.edit',
  'scenes.read',
  'scenes.edit',
  'system.read',
];

/** Runs the service team and the campaigns; cannot make or change staff accounts. */
const manager: readonly Permission[] = permissions.filter((permission) => permission !== 'staff.manage');

export const rolePermissions: Readonly<Record<StaffRole, readonly Permission[]>> = {
  admin: permissions,
  manager,
  marketer,
  agent,
};

export function may(role: StaffRole, permission: Permission): boolean {
  return rolePermissions[role].includes(permission);
}
