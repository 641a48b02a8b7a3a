import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { memberName } from '#contract/names.ts';
import { memberInput, testPartition } from '../../partition/objects/test-support/member-input.ts';
import { ApiScene, conditionOf } from '../../test-support/api-scene.ts';
import { configMaps, mailboxPartitions, volumeClaims } from '../api/resource.ts';
import { desiredVolume } from '../members/desired-volume.ts';
import { servedRecord } from './test-support/served-record.ts';
import { startedOperator } from './test-support/started-operator.ts';

// Promise: a partition that may hold mail goes when that is confirmed, and not before; and then it does go.

let scene: ApiScene;

beforeAll(async () => {
  scene = await ApiScene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

// What is waited for comes within a second or two; on a busy machine it comes when it comes.
vi.setConfig({ testTimeout: 200_000 });
const within = { timeout: 90_000, interval: 50 };

/** The volume of users-a-0, on which a database server has run. */
async function makeUsedVolume(namespace: string): Promise<void> {
  const { metadata, ...rest } = testPartition();
  const build = memberInput({}, { partition: { ...rest, metadata: { ...metadata, namespace } } });
  const marks = { joined: true, retired: null, database: { image: 'postgres:18', majorVersion: 18 } };
  const volume = desiredVolume(build, { member: memberName('users-a-0'), marks, live: null });
  expect(await scene.client.create(volumeClaims, volume)).toMatchObject({ ok: true });
}

test.each([
  { name: 'with its cluster', namespace: 'record-lost', hasCluster: true },
  { name: 'without its cluster', namespace: 'record-and-cluster-lost', hasCluster: false },
])('a partition whose volumes have data and whose record is lost is held, $name', async ({ namespace, hasCluster }) => {
  await scene.makeNamespace(namespace);
  await makeUsedVolume(namespace);
  if (hasCluster) await scene.makeCluster(namespace);
  await scene.restorePartition({ namespace, name: 'users-a', finalizers: ['imapcluster.io/mail'] });
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  await vi.waitFor(async () => {
    expect(conditionOf(await scene.partition(namespace, 'users-a'), 'Ready')).toBeDefined();
  }, within);
  await scene.client.delete(mailboxPartitions, { namespace, name: 'users-a' });
  await vi.waitFor(async () => {
    const held = conditionOf(await scene.partition(namespace, 'users-a'), 'DeletionHeld');
    expect(held).toMatchObject({ status: 'True' });
    expect(held?.message).toContain('ConfigMap users-a-record');
  }, within);
});

async function confirm(namespace: string): Promise<void> {
  const annotations = { 'imapcluster.io/confirm-deletion': 'users-a' };
  await scene.patch('mailboxpartitions', `${namespace}/users-a`, { metadata: { annotations } });
}

test('a partition that a person has put back, with its finalizer, goes once that is confirmed; whatever else holds it stays', async () => {
  const namespace = 'put-back';
  await scene.makeNamespace(namespace);
  await scene.client.create(configMaps, servedRecord(namespace, 'users-a'));
  await scene.makeCluster(namespace);
  const finalizers = ['example.org/theirs', 'imapcluster.io/mail'];
  await scene.restorePartition({ namespace, name: 'users-a', finalizers });
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  await scene.client.delete(mailboxPartitions, { namespace, name: 'users-a' });
  await vi.waitFor(async () => {
    expect(conditionOf(await scene.partition(namespace, 'users-a'), 'DeletionHeld')).toMatchObject({ status: 'True' });
  }, within);
  await confirm(namespace);
  await vi.waitFor(async () => {
    expect(await scene.partition(namespace, 'users-a')).toMatchObject({
      metadata: { finalizers: finalizers.slice(0, 1) },
    });
  }, within);
  await scene.patch('mailboxpartitions', `${namespace}/users-a`, { metadata: { finalizers: [] } });
  await vi.waitFor(async () => expect(await scene.partition(namespace, 'users-a')).toBeNull(), within);
});
