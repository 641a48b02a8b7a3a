import { Counter, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { memberName, partitionName } from '#contract/names.ts';
import { ConfigurationError } from '#runtime/configuration.ts';
import { OperatorMetrics } from '../../../metrics.ts';
import type { PartitionView } from '../../../partition/partition-view.ts';
import { newRecord } from '../../../partition/record.ts';
import { loadKubeConfig } from './load-kube-config.ts';
import { mergedExposition } from './merged-exposition.ts';
import { resourceIn } from './resource-in.ts';

test.each([
  ['/api/v1/namespaces/mail/pods/a', 'pods'],
  ['/api/v1/namespaces/mail/pods', 'pods'],
  ['/api/v1/nodes/node1', 'nodes'],
  ['/api/v1/namespaces/mail', 'namespaces'],
  ['/apis/apps/v1/namespaces/mail/deployments/imapd?force=true', 'deployments'],
  ['/apis/imapcluster.io/v1alpha1/namespaces/mail/imapclusters/mail/status?force=true', 'imapclusters/status'],
])('%s is %s', (path, resource) => {
  expect(resourceIn(path)).toBe(resource);
});

test('figures of several cores are one exposition, each family once', async () => {
  const registries = ['a', 'b'].map((cluster) => {
    const registry = new Registry();
    registry.setDefaultLabels({ namespace: 'post', cluster });
    new OperatorMetrics(
      registry,
      () => [],
      () => 2,
    );
    return registry;
  });
  const process = new Registry();
  new Counter({ name: 'own_total', help: 'Own.', registers: [process] }).inc();
  const texts = await Promise.all([process, ...registries].map((registry) => registry.metrics()));
  const text = mergedExposition(texts);
  expect(text.match(/# TYPE imapcluster_imapd_lagging gauge/g)).toHaveLength(1);
  const lines = text.split('\n').filter((line) => line.startsWith('imapcluster_imapd_lagging'));
  expect(lines).toEqual([
    'imapcluster_imapd_lagging{namespace="post",cluster="a"} 2',
    'imapcluster_imapd_lagging{namespace="post",cluster="b"} 2',
  ]);
  expect(text).toContain('own_total 1');
  expect(text.endsWith('\n')).toBe(true);
});

test('a member that is gone is told no more', async () => {
  const registry = new Registry();
  const sighting = { connected: false, failure: null, report: null, reportedAt: null, lagSeconds: null };
  const views: PartitionView[] = [
    {
      name: partitionName('users-a'),
      record: newRecord,
      target: null,
      members: [{ ...sighting, name: memberName('users-a-2') }],
      waitingFor: null,
    },
  ];
  new OperatorMetrics(
    registry,
    () => views,
    () => 0,
  );
  expect(await registry.metrics()).toContain('imapcluster_member_reachable{partition="users-a",member="users-a-2"} 0');
  views.length = 0;
  expect(await registry.metrics()).not.toContain('users-a');
});

test('without an API server to talk to the program cannot start, and says so', () => {
  expect(() => loadKubeConfig({ KUBECONFIG: '/nowhere/config' })).toThrow(ConfigurationError);
  expect(() => loadKubeConfig({})).toThrow(/no KUBECONFIG is set/);
});
