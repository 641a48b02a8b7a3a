import { setTimeout as sleep } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { ApiScene } from '../../../test-support/api-scene.ts';
import { startedOperator } from './started-operator.ts';

const WATCHED_MS = 3_000;

/** Another operator takes over a namespace as the one before has left it, and writes nothing about it (I11). */
export async function anotherChangesNothing(scene: ApiScene, namespace: string): Promise<void> {
  const since = new Date().toISOString();
  await using operator = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  await vi.waitFor(
    async () => {
      expect(await (await fetch(`${operator.url}/metrics`)).text()).toMatch(/imapcluster_epoch\{.*cluster="mail"/);
    },
    { timeout: 90_000, interval: 50 },
  );
  await sleep(WATCHED_MS);
  expect((await scene.writes(namespace, since)).map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([]);
}
