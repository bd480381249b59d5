/** The staff roles in the order they are offered. */
import type { StaffRole } from '@/api/types';

export const staffRoles: readonly StaffRole[] = ['agent', 'marketer', 'manager', 'admin'];
