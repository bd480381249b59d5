/** How a person is called on screens. Pure. */
import type { CustomerRecord } from './models.js';

/** The staff's remark, else the platform's nickname, else a neutral name with the end of the id so that two people differ. */
export function customerName(customer: Pick<CustomerRecord, '_id' | 'remark' | 'nickname'>): string {
  return customer.remark ?? customer.nickname ?? `微信用户 ${String(customer._id).slice(-4)}`;
}

/** A platform id is shown by its ends only; enough to compare, not to use. */
export function maskUser(user: string): string {
  return user.length <= 8 ? `${user.slice(0, 2)}…` : `${user.slice(0, 4)}…${user.slice(-4)}`;
}
