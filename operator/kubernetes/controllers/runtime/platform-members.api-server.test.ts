import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterName, memberName, partitionName } from '#contract/names.ts';
import { generateSigningKey } from '#contract/signature.ts';
import { type ApiServerWithCrds, startApiServerWithCrds } from '#crds/test-support/api-server-with-crds.ts';
import { AgentDirectory } from '../../../members/agent-directory.ts';
import { memberPod } from '../../../partition/objects/member-pod.ts';
import { memberInput } from '../../../partition/objects/test-support/member-input.ts';
import type { PlatformSighting } from '../../../ports.ts';
import type { ApiClient } from '../../api/api-client.ts';
import { nodes, pods } from '../../api/resource.ts';
import type { MemberPod, Node } from '../../members/members-input.ts';
import { RemovedPods } from '../../members/removed-pods.ts';
import { connect, runtime } from '../../test-support/connect.ts';
import { Caches } from '../caches/caches.ts';
import { isDatabasePod } from '../is-database-pod.ts';
import { platformMembers } from './platform-members.ts';

// A real API server, on which the test does what kubelets and people do, and agents that nobody answers for.

const NAMESPACE = 'default';
const MEMBER = memberName('users-a-0');
const PARTITION = partitionName('users-a');
const SOON = { timeout: 30_000 };

let server: ApiServerWithCrds;
let client: ApiClient;
let agents: AgentDirectory;
let members: ReturnType<typeof platformMembers>;
const stop = new AbortController();
const heard: string[] = [];

beforeAll(async () => {
  server = await startApiServerWithCrds();
  client = connect(server.server.kubeconfig);
  const caches = new Caches({ client, watchNamespaces: [], ...runtime });
  void caches.run(stop.signal);
  await caches.synced;
  await caches.nodes.synced;
  const { privateJwk } = await generateSigningKey('test');
  const keys = { signing: async () => privateJwk };
  const { clock } = runtime;
  agents = new AgentDirectory({ cluster: clusterName('mail'), token: 'token', keys, clock, silenceMs: 3_000 });
  const at = { endpoint: { host: '127.0.0.1', port: 1 }, agentUrl: 'http://127.0.0.1:1' };
  agents.apply([{ name: PARTITION, members: [{ name: MEMBER, ...at }] }]);
  members = platformMembers(agents, {
    caches,
    removed: new RemovedPods(caches.pods, { isOurs: isDatabasePod, signal: stop.signal }),
    namespace: NAMESPACE,
  });
  members.onChange((partition) => heard.push(partition));
  const node: Node = { metadata: { name: 'n0' } };
  await client.create(nodes, node);
  await readiness('True');
});
afterAll(async () => {
  stop.abort();
  agents?.close();
  await server?.[Symbol.asyncDispose]();
});

const readiness = async (status: 'True' | 'Unknown'): Promise<void> => {
  const ready = { type: 'Ready', status, lastTransitionTime: new Date().toISOString() };
  const change = { metadata: { name: 'n0' }, status: { conditions: [ready] } };
  await client.merge(nodes, change, { subresource: 'status', manager: 'kubelet' });
};

const seen = (): PlatformSighting | null | undefined => members.observe(PARTITION).get(MEMBER)?.platform;

/** As scheduler and kubelet leave it. */
async function started(labels: Readonly<Record<string, string>> = {}): Promise<string> {
  const input = memberInput();
  const { partition } = input;
  const there = { ...input, partition: { ...partition, metadata: { ...partition.metadata, namespace: NAMESPACE } } };
  const made = memberPod(there, MEMBER, null);
  const metadata = { ...made.metadata, labels: { ...made.metadata.labels, ...labels } };
  const spec = { ...made.spec, containers: made.spec?.containers ?? [], nodeName: 'n0' };
  const outcome = await client.create(pods, { ...made, metadata, spec });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  await container({ running: { startedAt: '2026-01-01T00:00:00Z' } });
  return outcome.object.metadata.uid ?? '';
}

async function container(state: object): Promise<void> {
  const status = { name: 'database', image: 'i', imageID: 'i', ready: false, restartCount: 0, state };
  const change = {
    metadata: { name: MEMBER, namespace: NAMESPACE },
    status: { phase: 'Running', containerStatuses: [status] },
  };
  await client.merge(pods, change as unknown as MemberPod, { subresource: 'status', manager: 'kubelet' });
}

const remove = (graceSeconds: number): Promise<unknown> =>
  server.ask(`/api/v1/namespaces/${NAMESPACE}/pods/${MEMBER}?gracePeriodSeconds=${graceSeconds}`, { method: 'DELETE' });

test('deleted in order, ended, removed, and made anew: each is told, and the core is woken', async () => {
  expect(seen()).toBeNull();
  const first = await started();
  await expect.poll(seen, SOON).toEqual({ instance: first, state: 'there', ends: [] });
  heard.length = 0;
  await remove(45);
  await expect.poll(seen, SOON).toMatchObject({ instance: first, state: 'leaving' });
  expect(heard).toContain(PARTITION);
  await container({
    terminated: { exitCode: 0, finishedAt: '2026-01-01T00:01:00Z', startedAt: '2026-01-01T00:00:00Z' },
  });
  const end = { instance: first, at: Date.parse('2026-01-01T00:01:00Z'), exitCode: 0, replacedAt: null };
  await expect.poll(seen, SOON).toEqual({ instance: first, state: 'leaving', ends: [end] });
  await remove(0);
  await expect.poll(seen, SOON).toEqual({ instance: first, state: 'gone', ends: [end] });
  const second = await started();
  await expect.poll(seen, SOON).toEqual({ instance: second, state: 'there', ends: [end] });
});

test('removed by force: no end; and none of a node that is lost', async () => {
  const { instance = '' } = seen() ?? {};
  await remove(0);
  await expect.poll(seen, SOON).toEqual({ instance, state: 'gone', ends: [] });
  await readiness('Unknown');
  await expect.poll(seen, SOON).toEqual({ instance, state: 'hostLost', ends: [] });
  await readiness('True');
});

test('a node that is lost, and one that is back, wake the core of whoever runs there', async () => {
  const instance = await started();
  await expect.poll(seen, SOON).toEqual({ instance, state: 'there', ends: [] });
  for (const [status, state] of [
    ['Unknown', 'hostLost'],
    ['True', 'there'],
  ] as const) {
    heard.length = 0;
    await readiness(status);
    await expect.poll(seen, SOON).toEqual({ instance, state, ends: [] });
    expect(heard).toContain(PARTITION);
  }
  await remove(0);
  await expect.poll(seen, SOON).toMatchObject({ state: 'gone' });
});

test("somebody else's pod of that name says nothing", async () => {
  await started({ 'imapcluster.io/partition': 'another' });
  heard.length = 0;
  await remove(45);
  await expect.poll(() => heard.length, SOON).toBeGreaterThan(0);
  expect(heard).not.toContain(PARTITION);
  expect(seen()?.state).toBe('gone');
  await remove(0);
});
