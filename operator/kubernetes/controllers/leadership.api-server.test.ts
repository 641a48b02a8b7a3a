import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ApiScene } from '../../test-support/api-scene.ts';
import { deployments, leases } from '../api/resource.ts';
import { startedOperator } from './test-support/started-operator.ts';

// Of two operators one writes; one that lost the lease writes nothing more, and goes on as a candidate.

let scene: ApiScene;

beforeAll(async () => {
  scene = await ApiScene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

// What is waited for comes within a second or two; on a busy machine it comes when it comes.
vi.setConfig({ testTimeout: 200_000 });
const within = { timeout: 90_000, interval: 50 };

async function replicas(namespace: string): Promise<number | undefined> {
  const deployment = await scene.client.get(deployments, { namespace, name: 'mail-imapd' });
  return deployment?.spec?.replicas;
}

async function whoLeads(name: string): Promise<string> {
  const lease = await scene.client.get(leases, { namespace: 'default', name });
  return lease?.spec?.holderIdentity?.split('_')[0] ?? '';
}

test('only the leader writes; the other follows at once when it hands over', async () => {
  const namespace = 'two';
  await scene.makeNamespace(namespace);
  await scene.makeCluster(namespace);
  const start = async (identity: string) =>
    await startedOperator({ kubeconfig: await scene.kubeconfigOf(identity), identity, lease: namespace });
  const first = await start('first');
  await vi.waitFor(async () => expect(await whoLeads(namespace)).toBe('first'), within);
  await using second = await start('second');
  await vi.waitFor(async () => expect(await replicas(namespace)).toBe(2), within);
  const headers = { authorization: 'Bearer whatever' };
  const answer = await fetch(`${second.url}/v1/clusters/${namespace}/mail/status`, { headers });
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ code: 'NotLeading', message: expect.stringContaining('first') });
  const writers = new Set((await scene.writes(namespace, '')).map(({ user }) => user.username));
  expect(writers.has('second')).toBe(false);
  await first.stop();
  const handedOver = new Date().toISOString();
  await vi.waitFor(async () => expect(await whoLeads(namespace)).toBe('second'), within);
  await scene.patch('imapclusters', `${namespace}/mail`, { spec: { replicas: 3 } });
  await vi.waitFor(async () => expect(await replicas(namespace)).toBe(3), within);
  const later = (await scene.writes(namespace, handedOver)).map(({ user }) => user.username);
  expect(new Set(later)).toEqual(new Set(['admin', 'second']));
});

test('a leader whose lease was taken writes nothing more, until it leads again', async () => {
  const namespace = 'usurped';
  await scene.makeNamespace(namespace);
  await scene.makeCluster(namespace);
  const kubeconfig = await scene.kubeconfigOf('only');
  await using _ = await startedOperator({ kubeconfig, identity: 'only', lease: namespace, shortLease: true });
  await vi.waitFor(async () => expect(await replicas(namespace)).toBe(2), within);
  await vi.waitFor(async () => {
    const lease = await scene.client.get(leases, { namespace: 'default', name: namespace });
    if (lease === null) throw new Error('somebody leads by this lease');
    const spec = { ...lease.spec, holderIdentity: 'usurper_1', leaseDurationSeconds: 10 };
    expect(await scene.client.replace(leases, { ...lease, spec })).toMatchObject({ ok: true });
  }, within);
  // Its next renewal tells it; one that is under way may still be right.
  await sleep(2_000);
  const since = new Date().toISOString();
  await scene.patch('imapclusters', `${namespace}/mail`, { spec: { replicas: 3 } });
  await sleep(4_000);
  const writes = await scene.writes(namespace, since);
  expect(writes.filter(({ user }) => user.username === 'only')).toEqual([]);
  await vi.waitFor(async () => expect(await replicas(namespace)).toBe(3), within);
  expect(await whoLeads(namespace)).toBe('only');
});
