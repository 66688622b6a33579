import { BlockList, isIP } from 'node:net';

/** Where machines of a network find each other without a router, and where clouds hand out credentials. */
const NEVER = blockList([
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['::', 128],
  ['fe80::', 10],
  ['fd00:ec2::', 32],
]);
const NEVER_NAMED = /^(metadata|instance-data)(\.|$)/;

const LOOPBACK = blockList([
  ['127.0.0.0', 8],
  ['::1', 128],
]);

/**
 * What is wrong with an address to which credentials are sent; null: nothing. Encrypted, unless it stays on this
 * machine; no user and password inside, since addresses are shown; never a cloud's metadata service, whose answers
 * are credentials themselves.
 *
 * Limit: names are judged as they are written. One that resolves to such an address is not found out.
 */
export function addressProblem(text: string): string | null {
  if (!URL.canParse(text)) {
    return 'an address that begins with https://';
  }
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url))) {
    return 'https://, or http:// on this machine only: the credentials are sent there';
  }
  if (url.username !== '' || url.password !== '') {
    return 'an address without user and password';
  }
  const { host, bare } = hostOf(url);
  return listed(NEVER, host) || NEVER_NAMED.test(bare) ? 'no link-local or metadata address' : null;
}

export function isLoopback(url: URL): boolean {
  const { host, bare } = hostOf(url);
  return bare === 'localhost' || bare.endsWith('.localhost') || listed(LOOPBACK, host);
}

/** `host` without the brackets of IPv6, `bare` also without the last dot of a full name. */
function hostOf({ hostname }: URL): { host: string; bare: string } {
  const host = hostname.replace(/^\[|\]$/g, '');
  return { host, bare: host.replace(/\.$/, '') };
}

function listed(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

function blockList(subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of subnets) {
    list.addSubnet(address, prefix, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
