import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { mailboxPartitionKind } from '#crds/kind.ts';
import { ApiScene, conditionOf } from '../../test-support/api-scene.ts';
import { monitoringDefinition } from '../../test-support/monitoring-kinds.ts';
import { configMaps, deployments, pods } from '../api/resource.ts';
import { podMonitors } from './caches/managed-kinds.ts';
import { servedRecord } from './test-support/served-record.ts';
import { startedOperator } from './test-support/started-operator.ts';

// Promise: definitions of the kinds that are older or newer than the operator stop nothing; what cannot be done or told for
// want of a field is said, and told once there is a place for it. A kind of others' that is not there stops nothing either, and is used
// once it is.

let scene: ApiScene;
beforeAll(async () => {
  scene = await ApiScene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

vi.setConfig({ testTimeout: 200_000 });
const within = { timeout: 90_000, interval: 50 };
const namespace = 'kinds';

// Both wait for turns of the operator.
test.concurrent('PodMonitors: as long as nobody has their kind nothing is amiss; they come when it does, and it may go again', async () => {
  const monitored = 'monitored';
  await scene.makeNamespace(monitored);
  await scene.makeCluster(monitored);
  await using _ = await startedOperator({
    ...{ kubeconfig: scene.kubeconfig, lease: monitored, watchNamespaces: [monitored] },
  });
  const imapd = { namespace: monitored, name: 'mail-imapd' };
  const isWell = async (replicas: number): Promise<void> => {
    expect(await scene.client.get(deployments, imapd)).toMatchObject({ spec: { replicas } });
    const cluster = await scene.cluster(monitored);
    expect(cluster?.status?.observedGeneration).toBe(cluster?.metadata.generation);
    expect(conditionOf(cluster, 'ReconcileFailed')).toBeUndefined();
  };
  const asFor = async (replicas: number): Promise<void> => {
    await scene.patch('imapclusters', `${monitored}/mail`, { spec: { replicas } });
    await vi.waitFor(() => isWell(replicas), within);
  };
  await asFor(3);
  await expect(scene.client.list(podMonitors, { namespace: monitored })).rejects.toMatchObject({ status: 404 });

  const definition = await monitoringDefinition('podmonitors');
  await scene.installDefinition(definition);
  await vi.waitFor(async () => {
    expect(await scene.client.get(podMonitors, imapd)).toMatchObject({
      spec: { podMetricsEndpoints: [{ port: 'admin', path: '/metrics' }] },
      metadata: { ownerReferences: [{ kind: 'ImapCluster', name: 'mail' }] },
    });
  }, within);

  await scene.removeDefinition(definition.metadata.name);
  await asFor(4);
});

test.concurrent('older ones: members are made, the status is told as far as it can be, and wholly after the upgrade', async () => {
  const choice = { kubeconfig: scene.kubeconfig, watchNamespaces: [namespace] };
  await scene.makeNamespace(namespace);
  await scene.client.create(configMaps, servedRecord(namespace, 'users-a'));
  let now = '';
  await scene.changeSchema(mailboxPartitionKind, (schema) => {
    now = JSON.stringify(schema);
    const { spec, status } = schema.properties;
    delete status?.properties.primary;
    delete status?.properties.observedGeneration;
    delete spec?.properties.failover?.properties.uidGap;
    delete spec?.properties.repository?.properties.managed?.properties.retainedLog;
    delete spec?.properties.repository?.properties.managed?.['x-kubernetes-validations'];
    delete spec?.properties.failover?.default;
  });
  await scene.makeCluster(namespace);
  await scene.makePartition(namespace, 'users-a', { holds: { slots: ['0-1023'] } });
  await using _ = await startedOperator({ ...choice, lease: namespace });
  await vi.waitFor(async () => {
    expect(await scene.client.get(pods, { namespace, name: 'users-a-0' })).not.toBeNull();
    expect((await scene.partition(namespace, 'users-a'))?.status).toMatchObject({ epoch: 3 });
    const outdated = conditionOf(await scene.cluster(namespace), 'KindsOutdated');
    expect(outdated?.message).toContain('MailboxPartition spec.repository.managed.retainedLog');
    expect(outdated?.message).toContain('MailboxPartition status.primary');
  }, within);
  expect((await scene.partition(namespace, 'users-a'))?.status).not.toHaveProperty('primary');
  await scene.changeSchema(mailboxPartitionKind, (schema) => {
    Object.assign(schema, JSON.parse(now));
  });
  await vi.waitFor(async () => {
    expect(conditionOf(await scene.cluster(namespace), 'KindsOutdated')).toBeUndefined();
    expect((await scene.partition(namespace, 'users-a'))?.status).toMatchObject({ primary: 'users-a-0' });
  }, within);
});

test('newer ones: what the operator does not know is named, and all else obeyed', async () => {
  const choice = { kubeconfig: scene.kubeconfig, watchNamespaces: [namespace] };
  await scene.changeSchema(mailboxPartitionKind, (schema) => {
    const { spec } = schema.properties;
    Object.assign(spec?.properties ?? {}, { mirrors: { type: 'integer' } });
  });
  await using _ = await startedOperator({ ...choice, lease: `${namespace}-newer` });
  await vi.waitFor(async () => {
    await scene.patch('mailboxpartitions', `${namespace}/users-a`, { spec: { mirrors: 2, paused: true } });
    expect(await scene.partition(namespace, 'users-a')).toMatchObject({ spec: { mirrors: 2 } });
  }, within);
  await vi.waitFor(async () => {
    const partition = await scene.partition(namespace, 'users-a');
    expect(conditionOf(partition, 'Unsupported')?.message).toContain('spec.mirrors');
    expect(conditionOf(partition, 'MembersSettled')).toMatchObject({ reason: 'Paused' });
  }, within);
});
