import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ApiScene, conditionOf } from '../../test-support/api-scene.ts';
import { type ApiObject, configMaps, deployments, pods, type Resource, secrets } from '../api/resource.ts';
import { events } from '../ports/event-writer.ts';
import { anotherChangesNothing } from './test-support/another-changes-nothing.ts';
import { servedRecord } from './test-support/served-record.ts';
import { startedOperator } from './test-support/started-operator.ts';

// Promise: a condition that turns to trouble comes with an Event of its reason and message, and with another one when it is well
// again; each once, however often the kubelet says the same in other words, and whoever leads.

let scene: ApiScene;
beforeAll(async () => {
  scene = await ApiScene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

vi.setConfig({ testTimeout: 200_000 });
const within = { timeout: 90_000, interval: 50 };

type Line = { readonly type: string; readonly reason: string; readonly note: string; readonly count: number };

/** Events of an object, by their reason. */
async function told(namespace: string, name: string): Promise<readonly Line[]> {
  const { items } = await scene.client.list(events, { namespace, fieldSelector: `regarding.name=${name}` });
  return items
    .map(({ type = '', reason = '', note = '', series }) => ({ type, reason, note, count: series?.count ?? 1 }))
    .toSorted((a, b) => (a.reason < b.reason ? -1 : 1));
}
const named = async (namespace: string, name: string, reasons: readonly string[]): Promise<readonly Line[]> =>
  (await told(namespace, name)).filter(({ reason }) => reasons.includes(reason));

async function setStatus(resource: Resource<ApiObject>, [namespace, name]: readonly [string, string], status: object) {
  const change = { metadata: { namespace, name }, status } as ApiObject;
  await scene.client.merge(resource, change, { subresource: 'status', manager: 'kubelet' });
}

/** What a kubelet says of an image that it does not get. */
const notPulled = (reason: string) => ({
  containerStatuses: [
    {
      name: 'database',
      image: 'registry.example/no-such:1',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { waiting: { reason, message: 'not found' } },
    },
  ],
});

const POD = 'users-a-0';

test('an image that is not pulled: one Event, also when the kubelet changes its words, and after a change of the operator', async () => {
  const namespace = 'pull';
  await scene.makeNamespace(namespace);
  const condition = async () => conditionOf(await scene.partition(namespace, 'users-a'), 'MembersReady');
  const first = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  try {
    await scene.makeCluster(namespace);
    await scene.makePartition(namespace, 'users-a', { holds: { slots: ['0-1023'] } });
    await vi.waitFor(async () => expect(await scene.client.get(pods, { namespace, name: POD })).not.toBeNull(), within);
    await setStatus(pods, [namespace, POD], notPulled('ErrImagePull'));
    await vi.waitFor(async () => {
      expect(await condition()).toMatchObject({ reason: 'ImagePullFailed' });
      expect(await named(namespace, 'users-a', ['ImagePullFailed'])).toHaveLength(1);
    }, within);
    const message = (await condition())?.message;
    for (const words of ['ImagePullBackOff', 'ErrImagePull', 'ImagePullBackOff']) {
      await setStatus(pods, [namespace, POD], notPulled(words));
      await vi.waitFor(async () => expect((await condition())?.message).toContain(`(${words})`), within);
    }
    const once = [{ type: 'Warning', reason: 'ImagePullFailed', note: message, count: 1 }];
    expect(await named(namespace, 'users-a', ['ImagePullFailed'])).toEqual(once);
    await sleep(3_000);
  } finally {
    await first.stop();
  }
  await anotherChangesNothing(scene, namespace);
});

test('pods of imapd that do not come up, and then do: trouble, and that it is over, each once', async () => {
  const namespace = 'stuck';
  const imapd = [namespace, 'mail-imapd'] as const;
  await scene.makeNamespace(namespace);
  await scene.client.create(configMaps, servedRecord(namespace, 'users-a'));
  await scene.makeCluster(namespace);
  await scene.makePartition(namespace, 'users-a', { holds: { slots: ['0-1023'] } });
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  await vi.waitFor(
    async () => expect(await scene.client.get(deployments, { namespace, name: 'mail-imapd' })).not.toBeNull(),
    within,
  );
  const late = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'nobody came' };
  await setStatus(deployments, imapd, { observedGeneration: 1, replicas: 2, conditions: [late] });
  await vi.waitFor(async () => {
    expect(await named(namespace, 'mail', ['Stuck', 'NoPods'])).toEqual([
      { type: 'Warning', reason: 'NoPods', note: '0 of 2 imapd pods take sessions', count: 1 },
      { type: 'Warning', reason: 'Stuck', note: 'nobody came', count: 1 },
    ]);
  }, within);
  const deployment = await scene.client.get(deployments, { namespace, name: 'mail-imapd' });
  const counts = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
  const { generation } = deployment?.metadata ?? {};
  await setStatus(deployments, imapd, { observedGeneration: generation, ...counts, conditions: [] });
  await vi.waitFor(async () => {
    expect(await named(namespace, 'mail', ['RolledOut', 'Serving'])).toMatchObject([
      { type: 'Normal', note: 'Progressing is well again: every pod is of the newest make', count: 1 },
      { type: 'Normal', note: 'Ready is well again: 2 of 2 imapd pods take sessions', count: 1 },
    ]);
  }, within);
});

test('an alarm, once although another condition has its reason; and that it is over', async () => {
  const namespace = 'alarm';
  await scene.makeNamespace(namespace);
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  await scene.makePartition(namespace, 'orphan', { clusterRef: { name: 'mail' } });
  await vi.waitFor(async () => {
    const orphan = await scene.partition(namespace, 'orphan');
    expect(conditionOf(orphan, 'Ready')).toMatchObject({ reason: 'ClusterMissing' });
    expect(await told(namespace, 'orphan')).toMatchObject([{ type: 'Warning', reason: 'ClusterMissing', count: 1 }]);
  }, within);
  await scene.makeCluster(namespace, { tls: { secretName: 'later' } });
  await vi.waitFor(async () => {
    expect(await named(namespace, 'mail', ['CertificateMissing'])).toMatchObject([{ type: 'Warning', count: 1 }]);
    expect(await named(namespace, 'orphan', ['ConditionCleared'])).toEqual([
      { type: 'Normal', reason: 'ConditionCleared', note: 'ClusterMissing is over', count: 1 },
    ]);
  }, within);
  const data = { 'tls.crt': 'YQ==', 'tls.key': 'YQ==' };
  await scene.client.create(secrets, { metadata: { namespace, name: 'later' }, data } as ApiObject);
  await vi.waitFor(async () => {
    expect(await named(namespace, 'mail', ['ConditionCleared'])).toMatchObject([
      { type: 'Normal', note: 'CertificateMissing is over', count: 1 },
    ]);
  }, within);
});
