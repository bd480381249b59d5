/** How an address is asked for in a query. Pure. */
import type { Address } from '../../contracts/index.js';

export function byAddress(address: Address): Record<string, string> {
  return {
    'address.channel': address.channel,
    'address.account': address.account,
    'address.user': address.user,
  };
}
