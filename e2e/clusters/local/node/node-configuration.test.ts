import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { NODE_LOST_SECONDS } from '../control-plane/controller-arguments.ts';
import { planNodes } from '../layout.ts';
import { containerdConfig } from './containerd-config.ts';
import { kubeProxyConfig } from './kube-proxy-config.ts';
import { kubeletArguments, kubeletConfig } from './kubelet-config.ts';
import { networkConfig } from './network-config.ts';
import { nodeFolder } from './node-folder.ts';
import { nodeSetup, SHIELDED_SYSCTLS } from './node-setup.ts';

/** What the programs of a node are told. That they take it is shown by every cluster that comes up. */
const plans = planNodes(3);
const [, plan] = plans;
if (plan === undefined) throw new Error('no second node');
const folder = nodeFolder('/state', plan.name);

test('containerd: all that it keeps on the disk is below the node’s folder, quoted as TOML wants it', () => {
  const text = containerdConfig({ folder, sandboxImage: 'localhost/p:1', networkPlugins: '/c a', runc: '/r' });
  expect(text).toContain('root = "/state/nodes/node2/containerd"');
  expect(text).toContain('bin_dirs = ["/c a"]');
  expect(text).toContain('sandbox = "localhost/p:1"');
  expect(text).toMatch(/^version = 3$/m);
});

test('kubelet: its own address, names from the cluster alone, control groups of its own', () => {
  const inputs = { plan, folder, authority: '/ca', controlGroup: '/imapcluster-1-node2' };
  expect(parse(kubeletConfig(inputs))).toMatchObject({
    address: '10.77.0.12',
    clusterDNS: ['10.96.0.10'],
    resolvConf: '/state/nodes/node2/resolv.conf',
    cgroupRoot: '/imapcluster-1-node2',
    failCgroupV1: false,
    nodeLeaseDurationSeconds: NODE_LOST_SECONDS,
    authentication: { anonymous: { enabled: false } },
  });
  expect(kubeletArguments(plan, folder).join(' ')).toContain('zone=zone2');
});

test('pod network: the node’s range', () => {
  const { plugins } = JSON.parse(networkConfig(plan, folder));
  expect(plugins[0].ipam.ranges).toEqual([[{ subnet: '10.244.2.0/24' }]]);
});

test('kube-proxy leaves the machine’s connection tracking alone', () => {
  expect(parse(kubeProxyConfig('node2', '/k'))).toMatchObject({
    mode: 'nftables',
    hostnameOverride: 'node2',
    conntrack: { maxPerCore: 0, min: 0 },
  });
});

test('setting up: routes to the others and not to itself, and every setting of the kernel shielded', () => {
  const script = nodeSetup(plan, plans, folder);
  expect(script).toContain('ip route add 10.244.1.0/24 via 10.77.0.11');
  expect(script).toContain('ip route add 10.244.3.0/24 via 10.77.0.13');
  expect(script).not.toContain('via 10.77.0.12');
  for (const setting of SHIELDED_SYSCTLS) expect(script).toContain(` /proc/sys/${setting}\n`);
  expect(script.startsWith('set -eu\n')).toBe(true);
});

test('setting up: no name server of the machine', () => {
  expect(nodeSetup(plan, plans, folder)).toContain("mount --bind '/state/nodes/node2/resolv.conf' /etc/resolv.conf");
});

test('setting up: a folder with a quote in its name stays one word', () => {
  expect(nodeSetup(plan, plans, nodeFolder("/it's", 'node2'))).toContain(
    `'/it'\\''s/nodes/node2/covers/var/lib/upper'`,
  );
});
