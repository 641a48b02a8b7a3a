import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startApiServerWithCrds } from '#crds/test-support/api-server-with-crds.ts';
import { testCluster } from '../../../cluster/test-support/imapd-input.ts';
import { monitoringDefinition } from '../../../test-support/monitoring-kinds.ts';
import type { ApiObject, Resource } from '../../api/resource.ts';
import { NameTaken } from '../../apply/name-taken.ts';
import { connect, runtime } from '../../test-support/connect.ts';
import { grant } from '../../test-support/grant.ts';
import { podMonitors } from '../caches/managed-kinds.ts';
import { PodMonitorDesk } from './pod-monitor-desk.ts';

// Promise: PodMonitors are made where that is allowed, whatever is not elsewhere; what somebody else has made stays as it is.

type Api = Awaited<ReturnType<typeof startApiServerWithCrds>>;
let api: Api;
beforeAll(async () => {
  api = await startApiServerWithCrds();
});
afterAll(async () => await api?.[Symbol.asyncDispose]());

const { signal } = new AbortController();
type Loose = ApiObject & Readonly<Record<string, unknown>>;
const within = { timeout: 30_000, interval: 100 };

test('a namespace in which nothing may be asked holds up no other', async () => {
  const client = connect(api.server.kubeconfig);
  const definition = await monitoringDefinition('podmonitors');
  await api.ask('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { method: 'POST', body: definition });
  await vi.waitFor(async () => await client.list(podMonitors, { namespace: 'open' }), within);
  for (const name of ['closed', 'open']) {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    expect(await api.ask('/api/v1/namespaces', { method: 'POST', body })).toMatchObject({ status: 201 });
  }
  const metadata = { name: 'monitoring', namespace: 'open' };
  const rules = [{ apiGroups: ['monitoring.coreos.com'], resources: ['podmonitors'], verbs: ['*'] }];
  await grant(client, { metadata, user: 'operator', rules });

  const operator = connect(await api.server.kubeconfigFor({ name: 'operator' }));
  await vi.waitFor(async () => await operator.list(podMonitors, { namespace: 'open' }), within);
  const desk = new PodMonitorDesk({ client: operator, clock: runtime.clock });
  const cluster = (namespace: string) => {
    const { metadata: of, ...rest } = testCluster({}, 'mail');
    return { ...rest, metadata: { ...of, namespace, uid: 'uid-1' } };
  };
  for (const namespace of ['closed', 'open', 'closed']) await desk.bringAbout(cluster(namespace), signal);
  const made = async (namespace: string) => (await client.list(podMonitors, { namespace })).items.length;
  expect([await made('closed'), await made('open')]).toEqual([0, 1]);

  const { items } = await client.list(podMonitors, { namespace: 'open' });
  const { name = '' } = items[0]?.metadata ?? {};
  await client.delete(podMonitors, { namespace: 'open', name });
  const theirs = {
    ...items[0],
    metadata: { name, namespace: 'open' },
    spec: { selector: {}, podMetricsEndpoints: [] },
  };
  await client.create<Loose>(podMonitors as Resource<ApiObject> as Resource<Loose>, theirs);
  await expect(desk.bringAbout(cluster('open'), signal)).rejects.toThrow(NameTaken);
  expect(await client.get(podMonitors, { namespace: 'open', name })).toMatchObject({ spec: theirs.spec });
}, 120_000);
