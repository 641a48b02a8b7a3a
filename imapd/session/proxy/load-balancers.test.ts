import { expect, test } from 'vitest';
import { LoadBalancers } from './load-balancers.ts';

test.each([
  { networks: [], address: '192.0.2.1', included: false },
  { networks: ['192.0.2.0/24'], address: '192.0.2.255', included: true },
  { networks: ['192.0.2.0/24'], address: '192.0.3.0', included: false },
  { networks: ['192.0.2.7/32', '2001:db8::/32'], address: '2001:db8:1::7', included: true },
  { networks: ['192.0.2.7/32', '2001:db8::/32'], address: '2001:db9::', included: false },
  { networks: ['0.0.0.0/0'], address: '203.0.113.9', included: true },
  { networks: ['0.0.0.0/0'], address: '', included: false },
  { networks: ['127.0.0.0/8'], address: '127.0.0.1', included: true },
])('$address in $networks: $included', ({ networks, address, included }) => {
  expect(new LoadBalancers(networks).includes(address)).toBe(included);
});

test.each(['', '192.0.2.1', '192.0.2.0/33', '192.0.2.0/', '2001:db8::/129', 'balancer/8', '192.0.2.0/8/8', '1.2.3/8'])(
  '%s is no network',
  (network) => {
    expect(() => new LoadBalancers([network])).toThrow(/proxyProtocolFrom/);
  },
);
