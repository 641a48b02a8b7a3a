import type { V1LimitRange } from '@kubernetes/client-node';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type MemberName, memberName, partitionName } from '#contract/names.ts';
import { type ApiServer, startApiServer } from '#e2e/clusters/local/api-server.ts';
import { isWrite, readAuditLog } from '#e2e/clusters/local/control-plane/audit-log.ts';
import type { RequestOutcome } from '../../core.ts';
import { LABEL } from '../../objects/labels.ts';
import type { MemberInput } from '../../partition/objects/member-input.ts';
import { memberInput, testPartition } from '../../partition/objects/test-support/member-input.ts';
import { newRecord, type PartitionRecord } from '../../partition/record.ts';
import type { ApiClient } from '../api/api-client.ts';
import { ApiError } from '../api/api-error.ts';
import { type ApiObject, pods, type Resource, type Stored, volumeClaims } from '../api/resource.ts';
import { connect, runtime } from '../test-support/connect.ts';
import { grant } from '../test-support/grant.ts';
import { MembersExecutor } from './members-executor.ts';
import type { MembersInput } from './members-input.ts';
import type { MemberAction, MembersPlan } from './plan/members-plan.ts';
import { planMembers } from './plan/plan-members.ts';
import { observedMembers } from './test-support/observed-members.ts';
import { IMAGE_ANNOTATION, JOINED_ANNOTATION, MAJOR_VERSION_ANNOTATION, RETIRED_LABEL } from './volume-marks.ts';

let server: ApiServer;
let client: ApiClient;
let executor: MembersExecutor;
let asked: MemberName[];
let answer: RequestOutcome;

const FORBIDDEN = 403;
const POLL = { timeout: 15_000, interval: 100 };
const limitRanges: Resource<Stored<V1LimitRange>> = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  namespaced: true,
};
const never = async (): Promise<RequestOutcome> => ({ ok: false, code: 'NoReplica', message: 'not now' });

const { signal } = new AbortController();
const NAMESPACE = 'default';

beforeAll(async () => {
  server = await startApiServer();
  client = connect(server.kubeconfig);
});
afterAll(async () => await server.stop());
beforeEach(() => {
  asked = [];
  answer = { ok: false, code: 'NoReplica', message: 'not now' };
  const switchover = async (_: unknown, to: MemberName): Promise<RequestOutcome> => {
    asked.push(to);
    return answer;
  };
  executor = new MembersExecutor({ client, switchover, clock: runtime.clock, log: runtime.log });
});

/** A partition of its own for each test. */
function buildOf(name: string, managed: object = {}): MemberInput {
  const partition = testPartition(managed, name);
  return memberInput({}, { partition: { ...partition, metadata: { ...partition.metadata, namespace: NAMESPACE } } });
}

const nameOf = ({ partition }: MemberInput) => partition.metadata.name;
const member = (build: MemberInput, number: number): MemberName => memberName(`${nameOf(build)}-${number}`);

const observe = async (build: MemberInput, record: PartitionRecord | null = null): Promise<MembersInput> =>
  await observedMembers(build, record, { client, executor });

async function round(build: MemberInput, record: PartitionRecord | null = null) {
  const input = await observe(build, record);
  const plan = planMembers(input);
  return { input, plan, executed: await executor.execute(plan, input, signal) };
}

/** Healthy, the first is the primary. */
function recordOf(build: MemberInput, count: number): PartitionRecord {
  const names = Array.from({ length: count }, (_, number) => member(build, number));
  const [primary = memberName(''), ...replicas] = names;
  return {
    ...newRecord,
    epoch: 1,
    primary,
    servedEpoch: 1,
    phase: 'Healthy',
    synchronous: { required: Math.floor(count / 2), members: replicas },
    members: names.map((name) => ({
      name,
      role: name === primary ? 'primary' : 'replica',
      reachable: true,
      timeline: 1,
    })),
  };
}

const planOf = (...actions: readonly MemberAction[]): MembersPlan => ({
  members: [],
  actions,
  conditions: [],
  evictable: { replicasMayGo: false, members: 3 },
  againMs: null,
});
const podOf = async (build: MemberInput, number: number) =>
  await client.get(pods, { namespace: NAMESPACE, name: member(build, number) });
const volumeOf = async (build: MemberInput, number: number) =>
  await client.get(volumeClaims, { namespace: NAMESPACE, name: member(build, number) });

async function writesTo(prefix: string): Promise<number> {
  const log = await readAuditLog(server.auditLog);
  return log.filter((event) => isWrite(event) && event.objectRef?.name?.startsWith(prefix) === true).length;
}

test('makes volumes and pods as the API server keeps them, and then finds nothing to do (I11)', async () => {
  const build = buildOf('fresh');
  expect((await round(build)).executed).toEqual({ wrote: 6, conflict: false });
  expect((await round(build)).executed).toEqual({ wrote: 0, conflict: false });
  const before = await writesTo('fresh');
  const { executed } = await round(build, recordOf(build, 3));
  // A label for each, and what its data is of.
  expect(executed.wrote).toBe(6);
  for (let look = 0; look < 3; look += 1) {
    expect((await round(build, recordOf(build, 3))).plan.actions).toEqual([]);
  }
  expect(await writesTo('fresh')).toBe(before + 6);
  expect((await podOf(build, 0))?.metadata.labels?.[LABEL.role]).toBe('primary');
  expect((await podOf(build, 1))?.metadata.labels?.[LABEL.role]).toBe('replica');
  expect((await volumeOf(build, 2))?.metadata.annotations).toMatchObject({
    [JOINED_ANNOTATION]: 'true',
    [IMAGE_ANNOTATION]: 'postgres:18',
    [MAJOR_VERSION_ANNOTATION]: '18',
  });
});

test('a label is taken away whoever has set it, and never makes a pod of one that is gone', async () => {
  const build = buildOf('roles', { instances: 1 });
  await round(build);
  const pod = await podOf(build, 0);
  if (pod === null) throw new Error('there is no pod');
  const { name, namespace = NAMESPACE } = pod.metadata;
  const theirs = { metadata: { name, namespace, labels: { [LABEL.role]: 'primary' } } };
  await client.apply(pods, theirs, { manager: 'somebody' });
  expect(await executor.execute(planOf({ kind: 'label', pod, role: null }), await observe(build), signal)).toEqual({
    wrote: 1,
    conflict: false,
  });
  expect((await podOf(build, 0))?.metadata.labels?.[LABEL.role]).toBe('none');
  expect((await round(build)).plan.actions).toEqual([]);
  await client.delete(pods, { namespace, name });
  const late = await executor.execute(planOf({ kind: 'label', pod, role: 'primary' }), await observe(build), signal);
  expect(late).toEqual({ wrote: 0, conflict: true });
  expect(await podOf(build, 0)).toBeNull();
});

test('what was planned on old news is not done: a pod made meanwhile, or changed since it was seen', async () => {
  const build = buildOf('late', { instances: 1 });
  const first = await observe(build);
  await executor.execute(planMembers(first), first, signal);
  expect(await executor.execute(planMembers(first), first, signal)).toEqual({ wrote: 0, conflict: true });
  const pod = await podOf(build, 0);
  if (pod === null) throw new Error('there is no pod');
  await executor.execute(planOf({ kind: 'label', pod, role: 'replica' }), first, signal);
  const because = 'Outdated';
  expect(await executor.execute(planOf({ kind: 'deletePod', pod, because }), first, signal)).toMatchObject({
    conflict: true,
  });
  expect(await podOf(build, 0)).not.toBeNull();
});

test('things of the same name that are not of this partition are told of, and left alone', async () => {
  const build = buildOf('taken', { instances: 2 });
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  await client.create(volumeClaims, { metadata: { name: member(build, 0), namespace: NAMESPACE }, spec });
  await client.create(pods, {
    metadata: { name: member(build, 1), namespace: NAMESPACE },
    spec: { containers: [{ name: 'other', image: 'other:1' }] },
  });
  expect((await round(build)).executed).toEqual({ wrote: 1, conflict: false });
  const { plan, executed } = await round(build);
  expect(executed.wrote).toBe(0);
  const ready = plan.conditions.find(({ type }) => type === 'MembersReady');
  expect(ready).toMatchObject({ status: 'False', reason: 'Refused' });
  expect(ready?.message).toContain('PersistentVolumeClaim taken-0 that is not of this partition');
  expect(ready?.message).toContain('Pod taken-1 that is not of this partition');
  expect((await volumeOf(build, 0))?.metadata.labels).toBeUndefined();
});

test('a volume of a member that lost the label of the operator in a backup is found again', async () => {
  const build = buildOf('backup', { instances: 1 });
  await round(build);
  const [pod, volume] = [await podOf(build, 0), await volumeOf(build, 0)];
  for (const [resource, object] of [
    [pods, pod],
    [volumeClaims, volume],
  ] as const) {
    const { name, namespace } = object?.metadata ?? { name: '' };
    const labels = { 'app.kubernetes.io/managed-by': null };
    await client.merge(resource as Resource<ApiObject>, { metadata: { name, namespace, labels } } as ApiObject);
  }
  // As the informers see it: nothing.
  const unseen = { ...(await observe(build)), pods: [], volumes: [] };
  const seenNow = { wrote: 0, conflict: true };
  expect(await executor.execute(planMembers(unseen), unseen, signal)).toEqual(seenNow);
  const plan = planOf({ kind: 'createPod', member: member(build, 0) });
  expect(await executor.execute(plan, unseen, signal)).toEqual(seenNow);
  expect((await volumeOf(build, 0))?.metadata).toMatchObject({
    uid: volume?.metadata.uid,
    labels: volume?.metadata.labels,
  });
  expect((await podOf(build, 0))?.metadata).toMatchObject({ uid: pod?.metadata.uid, labels: pod?.metadata.labels });
});

test('what says that somebody else manages it is told of, and left as it is', async () => {
  const build = buildOf('theirs', { instances: 1 });
  await round(build);
  const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
  await client.merge(pods, { metadata: { name: member(build, 0), namespace: NAMESPACE, labels } } as ApiObject);
  const before = (await podOf(build, 0))?.metadata;
  const plan = planOf({ kind: 'createPod', member: member(build, 0) });
  const unseen = { ...(await observe(build)), pods: [] };
  expect(await executor.execute(plan, unseen, signal)).toEqual({ wrote: 0, conflict: false });
  const refusal = executor.refusals(partitionName('theirs')).get(member(build, 0));
  expect(refusal?.message).toContain('Pod theirs-0 says that Helm manages it');
  expect((await podOf(build, 0))?.metadata).toEqual(before);
});

test('a label or a deletion that is refused is told, and keeps no member from being made', async () => {
  const build = buildOf('frozen', { instances: 1 });
  await round(build);
  const pod = await podOf(build, 0);
  if (pod === null) throw new Error('there is no pod');
  const name = 'maker';
  const rules = [
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'create'] },
    { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['get', 'create', 'patch'] },
  ];
  await grant(client, { metadata: { name, namespace: NAMESPACE }, user: name, rules });
  const limited = connect(await server.kubeconfigFor({ name, groups: [] }));
  await expect.poll(async () => await limited.get(pods, pod.metadata).catch(() => null), POLL).not.toBeNull();
  const maker = new MembersExecutor({ client: limited, switchover: never, clock: runtime.clock, log: runtime.log });
  const plan = planOf(
    { kind: 'label', pod, role: 'primary' },
    { kind: 'createVolume', member: member(build, 1), joined: false },
    { kind: 'createPod', member: member(build, 1) },
    { kind: 'deletePod', pod, because: 'Outdated' },
  );
  const executed = await maker.execute(plan, await observe(build), signal);
  expect(executed).toMatchObject({ wrote: 2, conflict: false });
  expect(executed.refused).toContain('Pod frozen-0: label: pods "frozen-0" is forbidden');
  expect(await podOf(build, 1)).not.toBeNull();
  const deletion = await maker.execute(
    planOf({ kind: 'deletePod', pod, because: 'Outdated' }),
    await observe(build),
    signal,
  );
  expect(deletion.refused).toContain('Pod frozen-0: deletePod: pods "frozen-0" is forbidden');
});

test('a volume that was refused and is there all the same gets its pod', async () => {
  const build = buildOf('limited', { instances: 1 });
  const name = member(build, 0);
  const input = await observe(build);
  const volume = planOf({ kind: 'createVolume', member: name, joined: true });
  const refused = () => executor.refusals(partitionName('limited')).get(name)?.of;
  await withoutLargeVolumes(async () => void (await executor.execute(volume, input, signal)));
  expect(refused()).toBe('createVolume');
  // By a request whose answer was lost, say.
  const another = new MembersExecutor({ client, switchover: never, clock: runtime.clock, log: runtime.log });
  await another.execute(volume, input, signal);
  expect(await volumeOf(build, 0)).not.toBeNull();
  await round(build);
  expect(await podOf(build, 0)).not.toBeNull();
  expect(refused()).toBeUndefined();
});

/** The API server learns by and by of a limit, and that it is gone: claims show whether it has. */
async function withoutLargeVolumes(work: () => Promise<void>): Promise<void> {
  const metadata = { name: 'small', namespace: NAMESPACE };
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } };
  let tries = 0;
  const isTaken = async (): Promise<boolean> => {
    tries += 1;
    const answer = await client
      .create(volumeClaims, { metadata: { name: `large-${tries}`, namespace: NAMESPACE }, spec: claim })
      .catch((error: unknown) => error);
    if (answer instanceof ApiError && answer.status === FORBIDDEN) return false;
    expect(answer).toMatchObject({ ok: true });
    return true;
  };
  const limits = [{ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }];
  await client.create(limitRanges, { metadata, spec: { limits } });
  await expect.poll(isTaken, POLL).toBe(false);
  await work();
  await client.delete(limitRanges, metadata);
  await expect.poll(isTaken, POLL).toBe(true);
}

test('a volume that cannot grow is told of, and keeps what it has', async () => {
  const build = buildOf('small', { instances: 1 });
  await round(build);
  // Nobody binds volumes here; that it is bound is written as the controller would.
  const volume = await volumeOf(build, 0);
  if (volume === null) throw new Error('there is no volume');
  const bound = { ...volume, status: { phase: 'Bound', capacity: { storage: '20Gi' } } };
  const larger = buildOf('small', { instances: 1, storage: { size: '40Gi' } });
  const input = { ...(await observe(larger)), volumes: [bound] };
  const plan = planMembers(input);
  expect(plan.actions.map(({ kind }) => kind)).toContain('updateVolume');
  expect(await executor.execute(plan, input, signal)).toMatchObject({ wrote: 0, conflict: false });
  const refused = { ...input, refusals: executor.refusals(partitionName('small')) };
  expect(planMembers(refused).conditions).toContainEqual(
    expect.objectContaining({ type: 'VolumesSized', status: 'False', reason: 'VolumeResizeRefused' }),
  );
  expect((await volumeOf(build, 0))?.spec?.resources?.requests?.storage).toBe('20Gi');
});

test('given up: a mark, then the pod, then the volume; owners as the spec wants them', async () => {
  const three = buildOf('shrink');
  await round(three);
  await round(three, recordOf(three, 3));
  const two = buildOf('shrink', { instances: 2, reclaim: 'Delete' });
  const record = recordOf(two, 2);
  const steps: string[][] = [];
  for (let look = 0; look < 5; look += 1) {
    const { plan } = await round(two, record);
    steps.push(plan.actions.map(({ kind }) => kind).filter((kind) => kind !== 'label'));
    if (look === 0) expect((await volumeOf(two, 2))?.metadata.labels?.[RETIRED_LABEL]).toBe('ScaledDown');
  }
  expect(steps.flat()).toEqual(['updateVolume', 'updateVolume', 'updateVolume', 'retire', 'deletePod', 'deleteVolume']);
  // The controllers that would let it go do not run here.
  expect((await volumeOf(two, 2))?.metadata.deletionTimestamp).toBeDefined();
  expect((await volumeOf(two, 0))?.metadata.ownerReferences).toMatchObject([{ kind: 'MailboxPartition' }]);
  const kept = buildOf('shrink', { instances: 2 });
  await round(kept, record);
  expect((await volumeOf(kept, 0))?.metadata.ownerReferences).toBeUndefined();
  expect((await round(kept, record)).plan.actions).toEqual([]);
});

test('a switchover is asked for once, not waited for, and after a refusal not at once again', async () => {
  const build = buildOf('switch', { instances: 1 });
  const to = member(build, 0);
  const plan = planOf({ kind: 'switchover', to, because: 'drained' });
  for (let look = 0; look < 3; look += 1) await executor.execute(plan, await observe(build), signal);
  expect(asked).toEqual([to]);
});
