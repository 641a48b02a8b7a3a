import type { V1PodDisruptionBudget } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MemberName, memberName } from '#contract/names.ts';
import { type ApiServerWithCrds, startApiServerWithCrds } from '#crds/test-support/api-server-with-crds.ts';
import type { RequestOutcome } from '../../core.ts';
import { LABEL } from '../../objects/labels.ts';
import { disruptionBudgets } from '../../partition/objects/disruption-budgets.ts';
import type { MemberInput } from '../../partition/objects/member-input.ts';
import { memberInput, testPartition } from '../../partition/objects/test-support/member-input.ts';
import { newRecord, type PartitionRecord } from '../../partition/record.ts';
import type { ApiClient } from '../api/api-client.ts';
import { pods, type Stored } from '../api/resource.ts';
import { FIELD_MANAGER } from '../apply/apply-object.ts';
import { disruptionBudgets as budgets } from '../controllers/caches/managed-kinds.ts';
import { connect, runtime } from '../test-support/connect.ts';
import { MembersExecutor } from './members-executor.ts';
import type { MemberPod, MembersInput } from './members-input.ts';
import { planMembers } from './plan/plan-members.ts';
import { observedMembers } from './test-support/observed-members.ts';

// Promise: no eviction takes the primary, nor a replica while the primary is not well; drains go on as soon as another one is.
// Plans, labels and budgets are the operator's, the answers to evictions are the API server's. Beside an API server alone nobody
// counts pods for budgets: `account` does what the disruption controller would.

let server: ApiServerWithCrds;
let client: ApiClient;
let executor: MembersExecutor;
beforeAll(async () => {
  server = await startApiServerWithCrds();
  client = connect(server.server.kubeconfig);
  const switchover = async (): Promise<RequestOutcome> => ({ ok: false, code: 'NoReplica', message: 'not now' });
  executor = new MembersExecutor({ client, switchover, clock: runtime.clock, log: runtime.log });
});
afterAll(() => server?.[Symbol.asyncDispose]());

const { signal } = new AbortController();
const namespace = 'default';

function buildOf(name: string, instances: number): MemberInput {
  const partition = testPartition({ instances }, name);
  return memberInput({}, { partition: { ...partition, metadata: { ...partition.metadata, namespace, uid: name } } });
}
const nameOf = ({ partition }: MemberInput) => partition.metadata.name;
const member = (build: MemberInput, number: number): MemberName => memberName(`${nameOf(build)}-${number}`);

/** Healthy; `primary` is the number of the one that serves. */
function recordOf(build: MemberInput, count: number, primary = 0): PartitionRecord {
  const names = Array.from({ length: count }, (_, number) => member(build, number));
  const ready = { type: 'Ready', status: 'True', reason: 'Serving', message: '', lastTransitionTime: 0 } as const;
  return {
    ...newRecord,
    epoch: 1,
    primary: member(build, primary),
    servedEpoch: 1,
    phase: 'Healthy',
    conditions: [ready],
    members: names.map((name, number) => ({
      name,
      role: number === primary ? 'primary' : 'replica',
      reachable: true,
      timeline: 1,
    })),
  };
}

const observe = async (build: MemberInput, record: PartitionRecord | null): Promise<MembersInput> =>
  await observedMembers(build, record, { client, executor });

/** As the controller does it: budgets, then labels and the rest; then what follows from those. */
async function turns(build: MemberInput, record: PartitionRecord | null): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    const input = await observe(build, record);
    const plan = planMembers(input);
    for (const budget of disruptionBudgets(build.partition, plan.evictable))
      await client.apply(budgets, budget as Stored<V1PodDisruptionBudget>, { manager: FIELD_MANAGER });
    await executor.execute(plan, input, signal);
  }
  await account(build);
}

async function setReady(name: MemberName, ready: boolean): Promise<void> {
  const container = { name: 'database', image: 'i', imageID: 'i', ready, restartCount: 0 };
  const status = {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    containerStatuses: [{ ...container, state: { running: { startedAt: '2026-01-01T00:00:00Z' } } }],
  };
  const change = { metadata: { name, namespace }, status } as unknown as MemberPod;
  await client.merge(pods, change, { subresource: 'status', manager: 'kubelet' });
}

/** What the disruption controller writes. */
async function account(build: MemberInput): Promise<void> {
  const { items } = await client.list(budgets, { namespace, labelSelector: `${LABEL.partition}=${nameOf(build)}` });
  for (const { metadata, spec } of items) {
    const labels = Object.entries(spec?.selector?.matchLabels ?? {});
    const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',');
    const selected = (await client.list(pods, { namespace, labelSelector })).items;
    const isReady = ({ status }: MemberPod) =>
      status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;
    const currentHealthy = selected.filter(isReady).length;
    const desiredHealthy = Number(spec?.minAvailable);
    const disruptionsAllowed = Math.max(0, currentHealthy - desiredHealthy);
    const status = {
      observedGeneration: metadata.generation,
      currentHealthy,
      desiredHealthy,
      expectedPods: selected.length,
      disruptionsAllowed,
    };
    const change = { metadata: { name: metadata.name, namespace }, status } as Stored<V1PodDisruptionBudget>;
    await client.merge(budgets, change, { subresource: 'status', manager: 'disruption-controller' });
  }
}

/** What `kubectl drain` hears: 201 for one that may go, 429 for one that may not now. */
async function evict(name: MemberName, { dryRun = true } = {}): Promise<number> {
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    ...(dryRun ? { deleteOptions: { dryRun: ['All'] } } : {}),
  };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  return (await server.ask(path, { method: 'POST', body })).status;
}

const answers = async (build: MemberInput, count: number): Promise<readonly number[]> =>
  await Promise.all(Array.from({ length: count }, (_, number) => evict(member(build, number))));

/** All members are there and labelled. */
async function made(name: string, instances: number): Promise<MemberInput> {
  const build = buildOf(name, instances);
  await turns(build, null);
  for (let number = 0; number < instances; number += 1) await setReady(member(build, number), true);
  await turns(build, recordOf(build, instances));
  return build;
}

test('of two servers the replica may go while the primary is well, and nobody while it is not', async () => {
  const build = await made('two', 2);
  const record = recordOf(build, 2);
  expect(await answers(build, 2)).toEqual([429, 201]);
  await setReady(member(build, 0), false);
  await turns(build, record);
  expect(await answers(build, 2)).toEqual([429, 429]);
  await setReady(member(build, 0), true);
  const unanswered = { ...record, conditions: [{ ...record.conditions[0], status: 'False' } as never] };
  await turns(build, unanswered);
  expect(await answers(build, 2)).toEqual([429, 429]);
  await turns(build, record);
  expect(await answers(build, 2)).toEqual([429, 201]);
});

test('of two servers whose primary is dead, the one that takes over may not go at any moment', async () => {
  const build = await made('dead', 2);
  const [old, next] = [member(build, 0), member(build, 1)];
  const record = recordOf(build, 2);
  await setReady(old, false);
  const operation = { kind: 'Failover', from: old, candidate: null } as never;
  await turns(build, { ...record, operation });
  expect(await evict(next)).toBe(429);
  const last = { kind: 'Failover', from: old, candidate: next } as never;
  await turns(build, { ...recordOf(build, 2, 1), operation: last });
  expect(await evict(next)).toBe(429);
  const rejoining = [{ member: old, step: 'follow', lastEpoch: 1, since: 0, problem: null }] as const;
  await turns(build, { ...recordOf(build, 2, 1), rejoining });
  // Who was lost protects nobody any more, and its node can be drained.
  expect([await evict(next), await evict(old)]).toEqual([429, 201]);
});

test('of three servers one replica may go at a time, and none while the primary is not well', async () => {
  const build = await made('three', 3);
  const record = recordOf(build, 3);
  expect(await answers(build, 3)).toEqual([429, 201, 201]);
  await setReady(member(build, 2), false);
  await account(build);
  expect(await evict(member(build, 1))).toBe(429);
  await setReady(member(build, 2), true);
  await setReady(member(build, 0), false);
  await turns(build, record);
  expect(await answers(build, 3)).toEqual([429, 429, 429]);
});

test('a drain: the primary waits until another one is, and then goes', async () => {
  const build = await made('drained', 2);
  expect(await evict(member(build, 0), { dryRun: false })).toBe(429);
  const [from, candidate] = [member(build, 0), member(build, 1)];
  const operation = { kind: 'Switchover', from, candidate } as never;
  await turns(build, { ...recordOf(build, 2), operation });
  expect(await answers(build, 2)).toEqual([429, 429]);
  await turns(build, recordOf(build, 2, 1));
  expect(await answers(build, 2)).toEqual([201, 429]);
  expect(await evict(from, { dryRun: false })).toBe(201);
});
