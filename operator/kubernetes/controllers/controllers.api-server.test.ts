import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { memberName } from '#contract/names.ts';
import { API_VERSION } from '#crds/group.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { memberInput, testPartition } from '../../partition/objects/test-support/member-input.ts';
import { ApiScene, conditionOf } from '../../test-support/api-scene.ts';
import {
  configMaps,
  deployments,
  imapClusters,
  mailboxPartitions,
  pods,
  secrets,
  services,
  volumeClaims,
} from '../api/resource.ts';
import { desiredVolume } from '../members/desired-volume.ts';
import { disruptionBudgets } from './caches/managed-kinds.ts';
import { anotherChangesNothing } from './test-support/another-changes-nothing.ts';
import { servedRecord } from './test-support/served-record.ts';
import { startedOperator } from './test-support/started-operator.ts';

// What stands in the API after a cluster and its partitions were applied, and that nothing is written once it stands.
// No pod runs here: members never answer, and a partition that is new stays in its creation.

let scene: ApiScene;

beforeAll(async () => {
  scene = await ApiScene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

// What is waited for comes within a second or two; on a busy machine it comes when it comes.
vi.setConfig({ testTimeout: 200_000 });
const within = { timeout: 90_000, interval: 50 };

async function expectObjects(namespace: string): Promise<void> {
  const { client } = scene;
  expect(await client.get(deployments, { namespace, name: 'mail-imapd' })).toMatchObject({
    spec: { replicas: 2, template: { spec: { containers: [{ image: 'registry.example/imapd:1' }] } } },
  });
  for (const name of ['mail-imap', 'mail-imapd-pods', 'users-a-primary', 'users-a-readers'])
    expect(await client.get(services, { namespace, name })).not.toBeNull();
  for (const name of ['mail-keys', 'mail-admin', 'mail-imapd-configuration', 'users-a-credentials'])
    expect(await client.get(secrets, { namespace, name })).not.toBeNull();
  const credentials = await client.get(secrets, { namespace, name: 'mail-imapd-credentials' });
  expect(Object.keys(credentials?.data ?? {})).toContain('users-a.json');
  // Nobody serves yet, and nobody may be evicted.
  for (const [name, minAvailable] of [
    ['users-a-primary', 1],
    ['users-a-replicas', 3],
  ] as const)
    expect(await client.get(disruptionBudgets, { namespace, name })).toMatchObject({ spec: { minAvailable } });
  for (const name of ['users-a-0', 'users-a-1', 'users-a-2']) {
    expect(await client.get(pods, { namespace, name })).not.toBeNull();
    expect(await client.get(volumeClaims, { namespace, name })).not.toBeNull();
  }
}

test('objects come of a cluster and a partition; then nothing more is written, by a new operator neither (I11)', async () => {
  const namespace = 'quiet';
  await scene.makeNamespace(namespace);
  const operator = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  try {
    await scene.makeCluster(namespace);
    await scene.makePartition(namespace, 'users-a', { holds: { slots: ['0-1023'] } });
    await vi.waitFor(() => expectObjects(namespace), within);
    // Also what is amiss is told once, whoever leads.
    await scene.makePartition(namespace, 'users-b', { holds: { slots: ['7'] } });
    await scene.makePartition(namespace, 'orphan', { clusterRef: { name: 'nobody' } });
    await vi.waitFor(async () => {
      const { status } = (await scene.partition(namespace, 'users-a')) ?? {};
      expect(status).toMatchObject({ phase: 'Creating', observedGeneration: 1 });
      expect(await scene.cluster(namespace)).toMatchObject({ status: { phase: 'Starting', observedGeneration: 1 } });
      expect(conditionOf(await scene.partition(namespace, 'users-b'), 'PlacementConflict')).toBeDefined();
      expect(conditionOf(await scene.partition(namespace, 'orphan'), 'ClusterMissing')).toBeDefined();
    }, within);
    await sleep(3_000);
    const since = new Date().toISOString();
    await sleep(5_000);
    expect(await scene.writes(namespace, since)).toEqual([]);
    const metrics = await (await fetch(`${operator.url}/metrics`)).text();
    expect(metrics).toContain('imapcluster_operator_leader 1');
    expect(metrics).toMatch(/imapcluster_epoch\{.*cluster="mail"/);
  } finally {
    await operator.stop();
  }
  await anotherChangesNothing(scene, namespace);
});

test.each([
  { engine: 'mariadb', image: 'mariadb:11.8' },
  { engine: 'mysql', image: 'mysql:9.7' },
])('a partition on $engine gets pods of $image, and a Service with its port', async ({ engine, image }) => {
  const namespace = `on-${engine}`;
  await scene.makeNamespace(namespace);
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  await scene.makeCluster(namespace);
  await scene.makePartition(namespace, 'users-a', { repository: { engine, managed: {} } });
  await vi.waitFor(async () => {
    const pod = await scene.client.get(pods, { namespace, name: 'users-a-2' });
    expect(pod?.spec?.containers[0]).toMatchObject({ image, ports: [{ name: engine, containerPort: 3306 }, {}] });
    const service = await scene.client.get(services, { namespace, name: 'users-a-primary' });
    expect(service?.spec?.ports).toMatchObject([{ name: engine, port: 3306, targetPort: engine }]);
  }, within);
});

test('of two partitions that claim the same the later gives way; a deletion is obeyed at once where nobody was served', async () => {
  const namespace = 'conflict';
  await scene.makeNamespace(namespace);
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  await scene.makeCluster(namespace);
  await scene.makePartition(namespace, 'first', { holds: { slots: ['0-511'], users: ['a@example.org'] } });
  await sleep(1_100);
  await scene.makePartition(namespace, 'second', { holds: { slots: ['500-1023'], users: ['A@example.org'] } });
  await vi.waitFor(async () => {
    const conflict = conditionOf(await scene.partition(namespace, 'second'), 'PlacementConflict');
    expect(conflict).toMatchObject({ status: 'True', reason: 'PlacementConflict' });
    expect(conflict?.message).toContain('slots 500-511 and users a@example.org held by first');
  }, within);
  expect(conditionOf(await scene.partition(namespace, 'first'), 'PlacementConflict')).toBeUndefined();
  await scene.client.delete(mailboxPartitions, { namespace, name: 'first' });
  await vi.waitFor(async () => {
    expect(await scene.partition(namespace, 'first')).toBeNull();
    const second = await scene.partition(namespace, 'second');
    expect(conditionOf(second, 'Ready')).toBeDefined();
    expect(conditionOf(second, 'PlacementConflict')).toBeUndefined();
    expect(conditionOf(await scene.cluster(namespace), 'SlotsUncovered')?.message).toContain('0-499');
  }, within);
});

test('the deletion of a partition that was served is held until it is confirmed', async () => {
  const namespace = 'held';
  await scene.makeNamespace(namespace);
  await scene.client.create(configMaps, servedRecord(namespace, 'users-a'));
  await scene.makeCluster(namespace);
  await scene.makePartition(namespace, 'users-a');
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  await vi.waitFor(async () => {
    expect(await scene.partition(namespace, 'users-a')).toMatchObject({
      metadata: { finalizers: ['imapcluster.io/mail'] },
      status: { epoch: 3, primary: 'users-a-0' },
    });
  }, within);
  await scene.client.delete(mailboxPartitions, { namespace, name: 'users-a' });
  await vi.waitFor(async () => {
    const held = conditionOf(await scene.partition(namespace, 'users-a'), 'DeletionHeld');
    expect(held).toMatchObject({ status: 'True' });
    expect(held?.message).toContain('imapcluster.io/confirm-deletion=users-a');
  }, within);
  const confirmed = { metadata: { annotations: { 'imapcluster.io/confirm-deletion': 'users-a' } } };
  await scene.patch('mailboxpartitions', `${namespace}/users-a`, confirmed);
  await vi.waitFor(async () => expect(await scene.partition(namespace, 'users-a')).toBeNull(), within);
});

test('what is missing or cannot be done is a condition; a foreign object of the same name is left alone', async () => {
  const namespace = 'wrong';
  await scene.makeNamespace(namespace);
  const taken = { metadata: { namespace, name: 'mail-imap' }, spec: { ports: [{ port: 25 }] } };
  await scene.client.create(services, taken);
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  await scene.makePartition(namespace, 'orphan', { clusterRef: { name: 'nobody' } });
  await scene.makeCluster(namespace, { tls: { secretName: 'not-there' } });
  // Its Secret would be that of the cluster.
  await scene.makePartition(namespace, 'mail-imapd');
  await vi.waitFor(async () => {
    expect(conditionOf(await scene.partition(namespace, 'orphan'), 'ClusterMissing')).toMatchObject({ status: 'True' });
    const declined = conditionOf(await scene.partition(namespace, 'mail-imapd'), 'Unsupported');
    expect(declined).toMatchObject({ status: 'True' });
    const cluster = await scene.cluster(namespace);
    expect(conditionOf(cluster, 'CertificateMissing')?.message).toContain('not-there');
    expect(conditionOf(cluster, 'NameTaken')?.message).toContain('mail-imap');
  }, within);
  expect(await scene.client.get(services, taken.metadata)).toMatchObject({ spec: { ports: [{ port: 25 }] } });
  expect(await scene.client.get(pods, { namespace, name: 'mail-imapd-0' })).toBeNull();
});

test('a partition that needs the Secret of its cluster is declined; the cluster has all that it had', async () => {
  const namespace = 'met';
  await scene.makeNamespace(namespace);
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  await scene.makePartition(namespace, 'mail-imapd', { holds: { slots: ['0-511'] } });
  await scene.makePartition(namespace, 'post-imapd', { holds: { slots: ['512-1023'] } });
  await scene.makeCluster(namespace);
  const ownerOf = async (name: string) => {
    const secret = await scene.client.get(secrets, { namespace, name: `${name}-imapd-credentials` });
    return secret?.metadata.labels?.['app.kubernetes.io/component'];
  };
  await vi.waitFor(async () => {
    const declined = conditionOf(await scene.partition(namespace, 'mail-imapd'), 'Unsupported');
    expect(declined?.message).toContain('mail-imapd-credentials: give the partition another name');
    expect(await ownerOf('mail')).toBe('imapd');
    expect(await ownerOf('post')).toBe('database');
    expect(await scene.client.get(deployments, { namespace, name: 'mail-imapd' })).not.toBeNull();
    expect(conditionOf(await scene.cluster(namespace), 'NameTaken')).toBeUndefined();
  }, within);
  expect(await scene.client.get(pods, { namespace, name: 'mail-imapd-0' })).toBeNull();
  // Of another cluster that comes later: it says so, and leaves the passwords of the partition alone.
  const post = { apiVersion: API_VERSION, kind: 'ImapCluster', metadata: { namespace, name: 'post' }, spec: {} };
  await scene.client.create(imapClusters, post as unknown as ImapCluster);
  await vi.waitFor(async () => {
    const cluster = await scene.client.get(imapClusters, { namespace, name: 'post' });
    expect(conditionOf(cluster, 'NameTaken')?.message).toContain('post-imapd-credentials belongs to a database');
  }, within);
  expect(await ownerOf('post')).toBe('database');
});

test('a paused cluster is left as it is', async () => {
  const namespace = 'paused';
  await scene.makeNamespace(namespace);
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  await scene.makeCluster(namespace);
  await vi.waitFor(
    async () => expect(await scene.client.get(deployments, { namespace, name: 'mail-imapd' })).not.toBeNull(),
    within,
  );
  await scene.patch('imapclusters', `${namespace}/mail`, { spec: { paused: true, replicas: 5 } });
  await scene.makePartition(namespace, 'users-a');
  await vi.waitFor(
    async () => expect(await scene.cluster(namespace)).toMatchObject({ status: { phase: 'Paused' } }),
    within,
  );
  await sleep(2_000);
  expect(await scene.client.get(deployments, { namespace, name: 'mail-imapd' })).toMatchObject({
    spec: { replicas: 2 },
  });
  expect(await scene.client.get(pods, { namespace, name: 'users-a-0' })).toBeNull();
  await scene.patch('imapclusters', `${namespace}/mail`, { spec: { paused: false } });
  await vi.waitFor(async () => {
    const deployment = await scene.client.get(deployments, { namespace, name: 'mail-imapd' });
    expect(deployment).toMatchObject({ spec: { replicas: 5 } });
    expect(await scene.client.get(pods, { namespace, name: 'users-a-0' })).not.toBeNull();
  }, within);
});

test('volumes that were kept have data of another major version: what ran on them goes on, in all members', async () => {
  const namespace = 'kept';
  await scene.makeNamespace(namespace);
  const { metadata, ...rest } = testPartition();
  const build = memberInput({}, { partition: { ...rest, metadata: { ...metadata, namespace } } });
  const marks = { joined: true, retired: null, database: { image: 'postgres:17.5', majorVersion: 17 } };
  const kept = desiredVolume(build, { member: memberName('users-a-0'), marks, live: null });
  await scene.client.create(volumeClaims, kept);
  await scene.makeCluster(namespace);
  await scene.makePartition(namespace, 'users-a');
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  await vi.waitFor(async () => {
    for (const name of ['users-a-0', 'users-a-2']) {
      const pod = await scene.client.get(pods, { namespace, name });
      expect(pod?.spec?.containers.map(({ image }) => image)).toEqual(['postgres:17.5']);
    }
    const configuration = await scene.client.get(secrets, { namespace, name: 'users-a-agent-configuration' });
    expect(Buffer.from(configuration?.data?.['agent.json'] ?? '', 'base64').toString()).toContain('/postgresql/17/bin');
    const settled = conditionOf(await scene.partition(namespace, 'users-a'), 'MembersSettled');
    expect(settled).toMatchObject({ status: 'False', reason: 'VersionKept' });
    expect(settled?.message).toContain('postgres:17.5 goes on');
  }, within);
});
