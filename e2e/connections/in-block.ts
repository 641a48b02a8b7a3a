import { BlockList, isIPv6 } from 'node:net';
import type { V1IPBlock } from '@kubernetes/client-node';

/** Whether an address lies in a block, and in none of its exceptions. */
export function inBlock(address: string, { cidr, except = [] }: Pick<V1IPBlock, 'cidr' | 'except'>): boolean {
  return within(address, cidr) && !except.some((hole) => within(address, hole));
}

function within(address: string, cidr: string): boolean {
  const [network = '', prefix = ''] = cidr.split('/');
  const family = (text: string) => (isIPv6(text) ? 'ipv6' : 'ipv4');
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family(network));
  return list.check(address, family(address));
}
