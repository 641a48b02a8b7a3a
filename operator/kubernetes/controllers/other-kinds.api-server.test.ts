import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { mailboxPartitionKind } from '#crds/kind.ts';
import { ApiScene, conditionOf } from '../../test-support/api-scene.ts';
import { configMaps, pods } from '../api/resource.ts';
import { servedRecord } from './test-support/served-record.ts';
import { startedOperator } from './test-support/started-operator.ts';

// Promise: definitions of the kinds that are older or newer than the operator stop nothing; what cannot be done or told for
// want of a field is said, and told once there is a place for it.

let scene: ApiScene;
beforeAll(async () => {
  scene = await ApiScene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

vi.setConfig({ testTimeout: 200_000 });
const within = { timeout: 90_000, interval: 50 };
const namespace = 'kinds';

test('older ones: members are made, the status is told as far as it can be, and wholly after the upgrade', async () => {
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
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
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
  await scene.changeSchema(mailboxPartitionKind, (schema) => {
    const { spec } = schema.properties;
    Object.assign(spec?.properties ?? {}, { mirrors: { type: 'integer' } });
  });
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: `${namespace}-newer` });
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
