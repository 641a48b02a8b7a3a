import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ApiScene, conditionOf } from '../../test-support/api-scene.ts';
import { configMaps } from '../api/resource.ts';
import { servedRecord } from './test-support/served-record.ts';
import { startedOperator } from './test-support/started-operator.ts';

// Promise: a status is what people read, and nothing is decided by it. Whatever somebody puts there, the operator writes it
// again out of its record, and once.

let scene: ApiScene;
beforeAll(async () => {
  scene = await ApiScene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

vi.setConfig({ testTimeout: 200_000 });
const within = { timeout: 90_000, interval: 50 };

test('fields that are changed, added or taken away are put right; a condition of somebody else stays', async () => {
  const namespace = 'hand';
  await scene.makeNamespace(namespace);
  await scene.client.create(configMaps, servedRecord(namespace, 'users-a'));
  await scene.makeCluster(namespace);
  await scene.makePartition(namespace, 'users-a', { holds: { slots: ['0-1023'] } });
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  const settled = async (): Promise<void> => {
    await vi.waitFor(async () => {
      const { status } = (await scene.partition(namespace, 'users-a')) ?? {};
      expect(status).toMatchObject({ epoch: 3, primary: 'users-a-0', observedGeneration: 1 });
      expect(status?.step).toBeUndefined();
      expect(status?.members?.map(({ name }) => name) ?? []).not.toContain('evil');
      expect(await scene.cluster(namespace)).toMatchObject({ status: { phase: 'Starting', observedGeneration: 1 } });
    }, within);
  };
  await settled();
  // What an operator does in its first moments has come to rest.
  await sleep(3_000);
  const told = (await scene.partition(namespace, 'users-a'))?.status;
  const mine = {
    type: 'Mine',
    status: 'True',
    reason: 'Because',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
  await scene.patchStatus('mailboxpartitions', `${namespace}/users-a`, {
    epoch: 99,
    primary: 'users-a-2',
    step: 'promote',
    observedGeneration: null,
    members: [{ name: 'evil', role: 'primary', reachable: true, timeline: 9 }],
    conditions: [...(told?.conditions ?? []), mine],
  });
  await scene.patchStatus('imapclusters', `${namespace}/mail`, { phase: 'Serving', readyReplicas: 7 });
  await settled();
  const record = await scene.client.get(configMaps, { namespace, name: 'users-a-record' });
  expect(JSON.parse(record?.data?.['record.json'] ?? '{}')).toMatchObject({ record: { primary: 'users-a-0' } });
  const mended = await scene.partition(namespace, 'users-a');
  expect(conditionOf(mended, 'Mine')).toEqual(mine);
  expect(await scene.cluster(namespace)).toMatchObject({ status: { readyReplicas: 0 } });
  await sleep(3_000);
  const since = new Date().toISOString();
  await sleep(5_000);
  expect(await scene.writes(namespace, since)).toEqual([]);
});
