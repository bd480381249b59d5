/** Where this browser sent tests before: addresses of the shop's own people, the latest first. */
import type { Address } from '../../api/types.js';

const storageKey = 'huike.testAddresses';
const MOST = 8;

const isAddress = (value: unknown): value is Address =>
  typeof value === 'object' &&
  value !== null &&
  ['channel', 'account', 'user'].every((key) => typeof (value as Record<string, unknown>)[key] === 'string');

export function rememberedAddresses(): Address[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isAddress) : [];
  } catch {
    // Something else wrote there: begin anew.
    return [];
  }
}

export function rememberAddress(address: Address): Address[] {
  const others = rememberedAddresses().filter((one) => one.user !== address.user || one.account !== address.account);
  const next = [address, ...others].slice(0, MOST);
  localStorage.setItem(storageKey, JSON.stringify(next));
  return next;
}
