import { expect, test } from 'vitest';
import { addressBook, nameEnds } from './name-ends.ts';

const connection = {
  protocol: 'TCP',
  from: '10.0.0.1',
  fromPort: 40_000,
  toward: '10.0.0.2',
  to: '10.0.0.2',
  toPort: 8080,
} as const;
const namespaces = [{ metadata: { name: 'mail', labels: { team: 'a' } } }];
const pod = (name: string, podIP: string, phase = 'Running') => ({
  metadata: { name, namespace: 'mail', labels: { app: name } },
  spec: { containers: [{ name: 'one', ports: [{ name: 'admin', containerPort: 8080 }, { containerPort: 1 }] }] },
  status: { podIP, phase },
});

test('pods are found by their addresses, with all that policies look at', () => {
  const flow = nameEnds(connection, addressBook([pod('imapd', '10.0.0.2')], namespaces));
  expect(flow.from).toEqual({ address: '10.0.0.1', pod: null });
  expect(flow.to).toEqual({
    address: '10.0.0.2',
    port: 8080,
    formerly: null,
    pod: {
      namespace: 'mail',
      name: 'imapd',
      labels: { app: 'imapd' },
      namespaceLabels: { team: 'a' },
      ports: [{ name: 'admin', protocol: 'TCP', port: 8080 }],
    },
  });
});

test.each([
  ['a pod that is gone', [], 'old'],
  ['its address is another pod’s by now', [pod('new', '10.0.0.2')], 'new'],
])('%s', (_what, pods, expected) => {
  const former = addressBook([pod('old', '10.0.0.2')], namespaces);
  const { to } = nameEnds(connection, addressBook(pods, namespaces, former));
  expect([to.pod?.name, to.formerly?.name]).toEqual([expected, expected === 'old' ? undefined : 'old']);
});

const at = (name: string, made: string, phase?: string) => {
  const one = pod(name, '10.0.0.2', phase);
  return { ...one, metadata: { ...one.metadata, creationTimestamp: new Date(made) } };
};

test.each([
  ['a job that has ended has lent its address', at('imapd', '2026-01-01'), at('job', '2026-01-02', 'Succeeded')],
  ['of two the older one is gone with its node', at('imapd', '2026-01-02'), at('lost', '2026-01-01')],
])('%s, in whatever order they are listed', (_what, owner, other) => {
  for (const pods of [
    [owner, other],
    [other, owner],
  ])
    expect(nameEnds(connection, addressBook(pods, namespaces)).to.pod?.name).toBe('imapd');
});

test('a pod in the network of its machine is no end', () => {
  const host = { ...pod('host', '10.0.0.2'), spec: { hostNetwork: true, containers: [] } };
  expect(nameEnds(connection, addressBook([host], namespaces)).to.pod).toBeNull();
});
