import { expect, test } from 'vitest';
import { MOST_NODES, planNodes } from './layout.ts';

test('nodes have names, addresses, pod ranges and zones of their own', () => {
  const plans = planNodes(MOST_NODES);
  expect(plans[0]).toEqual({
    name: 'node1',
    index: 1,
    address: '10.77.0.11',
    pods: '10.244.1.0/24',
    port: 'node1',
    zone: 'zone1',
  });
  for (const field of ['name', 'address', 'pods', 'port', 'zone'] as const)
    expect(new Set(plans.map((plan) => plan[field])).size).toBe(MOST_NODES);
});

test.each([0, -1, 1.5, MOST_NODES + 1, Number.NaN])('%s nodes are refused', (count) => {
  expect(() => planNodes(count)).toThrow(RangeError);
});
