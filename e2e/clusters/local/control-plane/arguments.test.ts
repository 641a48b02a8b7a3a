import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { apiServerArguments } from './api-server-arguments.ts';
import { auditPolicy } from './audit-policy.ts';
import type { ControlPlaneFiles } from './control-plane-files.ts';
import { controllerManagerArguments, NODE_LOST_SECONDS } from './controller-arguments.ts';
import { etcdArguments } from './etcd-arguments.ts';

const files: ControlPlaneFiles = {
  folder: '/f',
  authority: '/f/ca',
  authorityKey: '/f/ca.key',
  serving: { certificate: '/f/api', key: '/f/api.key' },
  kubeletClient: { certificate: '/f/kubelet', key: '/f/kubelet.key' },
  serviceAccounts: { publicKey: '/f/sa.pub', privateKey: '/f/sa.key' },
  auditPolicy: '/f/policy',
  auditLog: '/f/audit.log',
};
const server = { files, address: '10.77.0.1', port: 6443, etcdPort: 2379, serviceRange: '10.96.0.0/16' };

test('an API server with nodes trusts them no further than Kubernetes does', () => {
  const words = apiServerArguments({ ...server, nodes: true });
  expect(words).toContain('--authorization-mode=Node,RBAC');
  expect(words).toContain('--enable-admission-plugins=NodeRestriction');
  expect(words).toContain('--kubelet-preferred-address-types=InternalIP');
});

test('one without nodes lets pods be created though nobody makes service accounts', () => {
  const words = apiServerArguments({ ...server, nodes: false });
  expect(words).toContain('--disable-admission-plugins=ServiceAccount');
  expect(words.join(' ')).not.toContain('kubelet');
});

test('every request is written down once, whoever asks', () => {
  expect(parse(auditPolicy('Metadata'))).toMatchObject({
    rules: [{ level: 'Metadata' }],
    omitStages: ['RequestReceived', 'ResponseStarted'],
  });
  for (const nodes of [true, false])
    expect(apiServerArguments({ ...server, nodes })).toContain('--audit-log-path=/f/audit.log');
});

test('etcd listens on loopback alone', () => {
  const words = etcdArguments({ dataFolder: '/d', clientPort: 1, peerPort: 2 });
  for (const word of words.filter((each) => each.includes('listen'))) expect(word).toContain('http://127.0.0.1:');
});

test('controllers act each with its own rights', () => {
  expect(controllerManagerArguments(files, '/k')).toContain('--use-service-account-credentials=true');
});

test('a silent node is given up after as long as its kubelet may be late', () => {
  expect(controllerManagerArguments(files, '/k')).toContain(`--node-monitor-grace-period=${NODE_LOST_SECONDS}s`);
});
