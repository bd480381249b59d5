/** How a person is called on screens. Pure. */
import type { CustomerRecord } from './models.js';

type Named = Pick<CustomerRecord, '_id' | 'remark' | 'nickname' | 'profile'>;

/**
 * The staff's remark, else the name in the profile, else the platform's nickname, else a neutral name with the end of the id so that two
 * people differ.
 */
export function customerName(customer: Named): string {
  return nameOf(customer) ?? neutral(customer._id);
}

/** Of a person, by all their records, oldest first: a remark on any of them before a name on any. */
export function personName(customers: readonly [Named, ...Named[]]): string {
  const first = (of: (one: Named) => string | undefined) => customers.map(of).find((name) => name !== undefined);
  return (
    first(({ remark }) => remark) ??
    first(({ profile }) => profile?.name?.value) ??
    first(({ nickname }) => nickname) ??
    neutral(customers[0]._id)
  );
}

const nameOf = ({ remark, profile, nickname }: Named): string | undefined => remark ?? profile?.name?.value ?? nickname;

const neutral = (id: CustomerRecord['_id']): string => `微信用户 ${String(id).slice(-4)}`;

/** A platform id is shown by its ends only; enough to compare, not to use. */
export function maskUser(user: string): string {
  return user.length <= 8 ? `${user.slice(0, 2)}…` : `${user.slice(0, 4)}…${user.slice(-4)}`;
}
