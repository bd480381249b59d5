/** The client's address. X-Forwarded-For is believed only as far as trusted proxies wrote it. */
import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** False trusts nobody; `loopback` a proxy on this machine; a list trusts these addresses and networks. */
export type TrustProxy = false | 'loopback' | readonly string[];

export function networksOf(trusted: TrustProxy): (address: string) => boolean {
  if (trusted === false) return () => false;
  const list = new BlockList();
  const entries = trusted === 'loopback' ? ['127.0.0.0/8', '::1'] : trusted;
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** From the nearest hop outwards: the first one that is no trusted proxy is the client. */
export function clientAddress(
  remote: string,
  forwardedFor: string | undefined,
  trusted: (address: string) => boolean,
): string {
  const hops = (forwardedFor ?? '')
    .split(',')
    .filter((hop) => hop.trim() !== '')
    .map(plain);
  let client = plain(remote);
  // A hop without an address ends the search: whatever stands before it may have been written by that client.
  while (trusted(client) && hops.length > 0) client = hops.pop() ?? client;
  return isIP(client) === 0 ? 'unknown' : client;
}

const forwarding = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'] as const;

/**
 * True when the request names the one it was forwarded for, and its sender is not trusted to say so: then the sender's own address says
 * nothing about who asks. A proxy on this machine would otherwise lend everybody its loopback address.
 */
export function isUntrustedForward(
  remote: string,
  headers: IncomingHttpHeaders,
  trusted: (address: string) => boolean,
): boolean {
  return !trusted(plain(remote)) && forwarding.some((name) => headers[name] !== undefined);
}

/** What limits count by: one household has 2^64 IPv6 addresses (RFC 6177), so its /64 stands for all of them. */
export function clientNetwork(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 4);
  return `${groups.map((group) => parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** Without a port and brackets, as some proxies write them. IPv4 inside IPv6 is written plainly, so that one client has one address. */
function plain(address: string): string {
  const bare = address.trim().replace(/^\[([^\]]*)\](?::\d+)?$|^(\d+(?:\.\d+){3}):\d+$/, '$1$2');
  return bare.replace(/^::ffff:(?=\d+\.)/i, '');
}
