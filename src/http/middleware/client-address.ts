/** The client's address. X-Forwarded-For is believed only as far as trusted proxies wrote it. */
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
    .map(plain)
    .filter((hop) => isIP(hop) !== 0);
  let client = plain(remote);
  while (trusted(client) && hops.length > 0) client = hops.pop() ?? client;
  return client;
}

/** IPv4 inside IPv6 is written plainly, so that one client has one address. */
function plain(address: string): string {
  return address.trim().replace(/^::ffff:(?=\d+\.)/i, '');
}
