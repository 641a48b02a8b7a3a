import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { stockImage } from '../../../partition/objects/database-image.ts';
import { memberInput } from '../../../partition/objects/test-support/member-input.ts';
import { databaseFor } from '../database-for.ts';
import {
  conditionOf as condition,
  ModelWorld,
  REPLACE_AFTER_MS,
  settledWorld as settled,
  withImage,
} from '../test-support/model-world.ts';
import { marksOf } from '../volume-marks.ts';
import { planMembers } from './plan-members.ts';

const listed = (world: ModelWorld) => world.plan?.members.map(({ name }) => name);

test('a new partition: volumes and pods at once, all of them for the core, labels when there is a primary', () => {
  const world = new ModelWorld(memberInput());
  const plan = world.round();
  expect(plan.members.map(({ name }) => name)).toEqual(['users-a-0', 'users-a-1', 'users-a-2']);
  expect(plan.members[0]).toEqual({
    name: 'users-a-0',
    endpoint: { host: 'users-a-0.users-a-members.post.svc', port: 5432 },
    agentUrl: 'http://users-a-0.users-a-members.post.svc:8080',
  });
  expect(world.story()).toEqual([
    'createVolume users-a-0',
    'createVolume users-a-1',
    'createVolume users-a-2',
    'createPod users-a-0',
    'createPod users-a-1',
    'createPod users-a-2',
  ]);
  expect(condition(world, 'MembersReady')).toMatchObject({ status: 'False', reason: 'Starting' });
  expect(world.settle()).not.toBeNull();
  expect(world.story()).toEqual([
    'label users-a-1 replica',
    'label users-a-2 replica',
    'label users-a-0 primary',
    'noteDatabase users-a-0',
    'noteDatabase users-a-1',
    'noteDatabase users-a-2',
  ]);
  expect(world.plan).toMatchObject({ againMs: null });
});

test('an operator that finds all as it should be changes nothing, whatever it knew before', () => {
  const world = settled();
  const input = { ...world.input(), before: [] };
  expect(planMembers(input)).toMatchObject({ actions: [], againMs: null });
  expect(planMembers(input).members).toEqual(world.plan?.members);
  expect(planMembers({ ...input, sightings: [] }).actions).toEqual([]);
});

test('members are found by the address of their pod, and stay where they were while it has none', () => {
  const world = settled();
  const [first] = planMembers(world.input()).members;
  expect(first?.endpoint.host).toMatch(/^10\./);
  const input = world.input();
  const pods = input.pods.filter(({ metadata }) => metadata.name !== 'users-a-0');
  expect(planMembers({ ...input, pods }).members[0]).toEqual(first);
  expect(planMembers({ ...input, pods, before: [] }).members[0]?.endpoint.host).toBe(
    'users-a-0.users-a-members.post.svc',
  );
});

test('an IPv6 address stands in brackets in a URL, and without in an endpoint', () => {
  const input = settled().input();
  const pods = input.pods.map((pod) => ({ ...pod, status: { ...pod.status, podIP: 'fd00::7' } }));
  const [member] = planMembers({ ...input, pods }).members;
  expect(member).toMatchObject({ endpoint: { host: 'fd00::7' }, agentUrl: 'http://[fd00::7]:8080' });
});

test('a pod that is gone is made anew on its volume', () => {
  const world = settled();
  world.cluster.pods.delete('users-a-1');
  world.round();
  expect(world.story()).toEqual(['createPod users-a-1']);
  expect(world.settle()).not.toBeNull();
  expect(listed(world)).toEqual(['users-a-0', 'users-a-1', 'users-a-2']);
});

test('a pod that its node has ended is deleted, and made anew', () => {
  const world = settled();
  world.cluster.evict('users-a-2');
  world.round();
  expect(condition(world, 'MembersReady')).toMatchObject({ reason: 'Evicted' });
  expect(world.story()).toEqual(['deletePod users-a-2 Ended']);
  expect(world.settle()).not.toBeNull();
});

test('a primary that is lost: its label goes first, and comes to the next one when that serves', () => {
  const world = settled();
  world.cluster.pods.delete('users-a-0');
  world.round();
  expect(world.core.record.operation).toMatchObject({ kind: 'Failover' });
  expect(world.story()).toEqual(['createPod users-a-0']);
  expect(world.settle()).not.toBeNull();
  expect(world.story()).toEqual(['label users-a-1 primary', 'label users-a-0 replica']);
});

test('in a failover the dead primary is nobody’s, before anything else is done', () => {
  const world = settled();
  world.cluster.setNode(world.cluster.pods.get('users-a-0')?.spec?.nodeName ?? '', { ready: false });
  world.rounds(2);
  expect(world.story()[0]).toBe('label users-a-0 none');
});

test('more instances: further members, that count once they have everything', () => {
  const world = settled();
  world.cluster.build = memberInput({ instances: 5 });
  const plan = world.round();
  expect(plan.members).toHaveLength(3);
  expect(world.story()).toEqual([
    'createVolume users-a-3',
    'createVolume users-a-4',
    'createPod users-a-3',
    'createPod users-a-4',
  ]);
  expect(world.settle()).not.toBeNull();
  expect(world.core.spec).toHaveLength(5);
  expect(world.story()).toEqual(expect.arrayContaining(['markJoined users-a-3', 'markJoined users-a-4']));
  expect(world.core.record.synchronous).toMatchObject({ required: 2 });
});

test('fewer instances: the highest number first, off the list, off the set, then pod, then volume', () => {
  const world = settled();
  world.cluster.build = memberInput({ instances: 2 });
  world.round();
  expect(world.story()).toEqual([]);
  expect(listed(world)).toEqual(['users-a-0', 'users-a-1']);
  expect(condition(world, 'MembersSettled')).toMatchObject({ reason: 'ScalingDown' });
  expect(world.settle()).not.toBeNull();
  expect(world.story()).toEqual([
    'label users-a-2 none',
    'retire users-a-2 ScaledDown',
    'deletePod users-a-2 Retired',
    'deleteVolume users-a-2',
  ]);
  expect([...world.cluster.volumes.keys()]).toEqual(['users-a-0', 'users-a-1']);
});

test('fewer instances: never the primary, and nobody as long as one of the others does not stream', () => {
  const world = settled();
  world.core.switchOver(memberName('users-a-2'));
  world.rounds(4);
  expect(world.core.record.primary).toBe('users-a-2');
  world.cluster.build = memberInput({ instances: 2 });
  world.story();
  world.cluster.setNode(world.cluster.pods.get('users-a-0')?.spec?.nodeName ?? '', { ready: false });
  world.rounds(5);
  expect(world.story().filter((line) => !line.startsWith('label'))).toEqual([]);
  world.cluster.setNode(world.cluster.pods.get('users-a-0')?.spec?.nodeName ?? '', {});
  expect(world.settle()).not.toBeNull();
  expect([...world.cluster.volumes.keys()].toSorted()).toEqual(['users-a-0', 'users-a-2']);
});

test('another make: replicas one at a time, each back before the next, then a switchover, then the old primary', () => {
  const world = settled();
  world.cluster.build = memberInput({ parameters: { work_mem: '8MB' } });
  expect(world.settle()).not.toBeNull();
  const story = world.story().filter((line) => !line.startsWith('label'));
  expect(story).toEqual([
    'deletePod users-a-2 Outdated',
    'createPod users-a-2',
    'deletePod users-a-1 Outdated',
    'createPod users-a-1',
    'switchover users-a-1',
    'deletePod users-a-0 Outdated',
    'createPod users-a-0',
  ]);
});

test('a partition of one server is simply started again', () => {
  const world = settled({ instances: 1 });
  world.cluster.build = memberInput({ instances: 1, parameters: { work_mem: '8MB' } });
  expect(world.settle()).not.toBeNull();
  expect(world.story().filter((line) => !line.startsWith('label'))).toEqual([
    'deletePod users-a-0 Outdated',
    'createPod users-a-0',
  ]);
});

test('an image that is not pulled stops the replacing at the first; a better one goes on from there', () => {
  const world = settled();
  world.cluster.missingImages.add('postgres:99');
  world.cluster.build = withImage('postgres:99');
  world.rounds(20);
  expect(world.story().filter((line) => line.startsWith('deletePod'))).toEqual(['deletePod users-a-2 Outdated']);
  expect(condition(world, 'MembersReady')).toMatchObject({ status: 'False', reason: 'ImagePullFailed' });
  expect(condition(world, 'MembersReady')?.message).toContain('postgres:99');
  world.cluster.build = withImage('postgres:18.1');
  expect(world.settle()).not.toBeNull();
});

test('a wrong image of a new partition can be mended', () => {
  const { database } = memberInput();
  const world = new ModelWorld(memberInput({}, { database: { ...database, image: 'postgres:99' } }));
  world.cluster.missingImages.add('postgres:99');
  world.rounds(5);
  world.cluster.build = memberInput();
  expect(world.settle()).not.toBeNull();
});

test('the only member keeps its pod while its claim is being deleted: with it the only copy would go', () => {
  const one = { instances: 1 };
  const world = new ModelWorld(memberInput(one));
  expect(world.settle()).not.toBeNull();
  world.cluster.deleteVolume('users-a-0');
  world.cluster.build = withImage('postgres:18.1', one);
  world.rounds(5);
  expect(world.story()).not.toContain('deletePod users-a-0');
  expect(condition(world, 'MembersSettled')).toMatchObject({ status: 'False', reason: 'VolumeGoing' });
});

test('a drained node: the primary moves before it is evicted; replicas are left to the drain', () => {
  const world = settled();
  const nodeOf = (name: string): string => world.cluster.pods.get(name)?.spec?.nodeName ?? '';
  world.cluster.setNode(nodeOf('users-a-1'), { cordoned: true });
  world.rounds(3);
  expect(world.story()).toEqual([]);
  world.cluster.setNode(nodeOf('users-a-0'), { cordoned: true });
  world.round();
  expect(world.story()).toEqual(['switchover users-a-2']);
  world.rounds(3);
  expect(world.story()).toEqual(['label users-a-0 replica', 'label users-a-2 primary']);
  world.cluster.setNode(nodeOf('users-a-2'), { cordoned: true });
  world.rounds(3);
  expect(world.story()).toEqual([]);
  expect(condition(world, 'MembersSettled')).toMatchObject({ status: 'False', reason: 'DrainBlocked' });
});

test('a member that waits for a drained node is told of, and not replaced', () => {
  const world = settled();
  const pod = world.cluster.pods.get('users-a-2');
  world.cluster.setNode(pod?.spec?.nodeName ?? '', { cordoned: true });
  world.cluster.pods.delete('users-a-2');
  world.rounds(2);
  world.cluster.now += 2 * REPLACE_AFTER_MS;
  world.rounds(3);
  expect(condition(world, 'MembersReady')).toMatchObject({ reason: 'WaitingForNode' });
  expect(world.story()).toEqual(['createPod users-a-2']);
});

test('another image of the same major version is rolled out, and noted where it runs', () => {
  const world = settled();
  world.cluster.build = withImage('postgres:18.1');
  expect(world.settle()).not.toBeNull();
  const notes = [...world.cluster.volumes.values()].map((volume) => marksOf(volume).database);
  expect(notes).toEqual(Array(3).fill({ image: 'postgres:18.1', majorVersion: 18 }));
});

test('another major version: the data keeps what ran last, in pods that are made anew too, and a condition says so', () => {
  const world = settled();
  const { database, declined } = databaseFor(stockImage('postgresql', 'postgres:17', 17), world.input().volumes);
  const input = { ...world.input(), build: memberInput({}, { database }), declined };
  const plan = planMembers(input);
  expect(plan.actions).toEqual([]);
  expect(plan.conditions).toContainEqual(
    expect.objectContaining({ type: 'MembersSettled', status: 'False', reason: 'VersionKept', message: declined }),
  );
  const pods = input.pods.filter(({ metadata }) => metadata.name !== 'users-a-2');
  expect(planMembers({ ...input, pods }).actions).toEqual([{ kind: 'createPod', member: 'users-a-2' }]);
});

test('a lost node: after the wait another member takes the place, and the volume is kept', () => {
  const world = settled();
  const node = world.cluster.pods.get('users-a-2')?.spec?.nodeName ?? '';
  world.cluster.setNode(node, { ready: false });
  world.rounds(5, 100_000);
  expect(world.story()).toEqual([]);
  expect(condition(world, 'MembersReady')).toMatchObject({ reason: 'NodeLost' });
  world.rounds(2, 100_000);
  expect(world.story()).toEqual(['createVolume users-a-3', 'createPod users-a-3']);
  world.rounds(10);
  expect(world.story()).toEqual([
    'label users-a-2 none',
    'label users-a-3 replica',
    'markJoined users-a-3',
    'retire users-a-2 Lost',
    'noteDatabase users-a-3',
  ]);
  expect(listed(world)).toEqual(['users-a-0', 'users-a-1', 'users-a-3']);
  world.cluster.setNode(node, {});
  expect(world.settle()).not.toBeNull();
  expect(world.cluster.volumes.has('users-a-2')).toBe(true);
  expect(world.cluster.pods.has('users-a-2')).toBe(false);
});

test('two lost at once: each is off the list when another runs in its place, so that no majority of the missing is asked for', () => {
  const world = settled({ instances: 5 }, ['n0', 'n1', 'n2', 'n3', 'n4', 'n5']);
  for (const name of ['users-a-3', 'users-a-4'])
    world.cluster.setNode(world.cluster.pods.get(name)?.spec?.nodeName ?? '', { ready: false });
  const alive = world.core.spec.filter((name) => world.cluster.isAnswering(name));
  for (let round = 0; round < 60; round += 1) {
    world.round({ ms: 30_000 });
    expect(world.core.spec.length).toBeLessThanOrEqual(5);
    expect(world.core.spec).toEqual(expect.arrayContaining([...alive]));
  }
  const retired = [...world.cluster.volumes.values()].filter(
    ({ metadata }) => metadata.labels?.['imapcluster.io/retired'],
  );
  expect(retired.map(({ metadata }) => metadata.name)).toEqual(['users-a-3', 'users-a-4']);
  expect(world.core.record.phase).toBe('Healthy');
});

test('a lost volume is deleted where that was asked for, unless only it may have some mail', () => {
  const lose = (name: string): ModelWorld => {
    const world = settled({ reclaim: 'Delete' });
    world.cluster.setNode(world.cluster.pods.get(name)?.spec?.nodeName ?? '', { ready: false });
    world.rounds(20, 100_000);
    world.cluster.removeNode(world.cluster.pods.get(name)?.spec?.nodeName ?? '');
    world.rounds(5);
    return world;
  };
  expect(lose('users-a-2').cluster.volumes.has('users-a-2')).toBe(false);
  const formerPrimary = lose('users-a-0');
  expect(formerPrimary.story()).toContain('retire users-a-0 Unsalvaged');
  expect(formerPrimary.cluster.volumes.has('users-a-0')).toBe(true);
  expect(formerPrimary.settle()).not.toBeNull();
});

test('a node that does not answer to Kubernetes, but whose database streams, is left alone', () => {
  const world = settled();
  const input = world.input();
  const nodes = input.nodes.map((node) => ({
    ...node,
    status: { conditions: [{ type: 'Ready', status: 'Unknown', lastTransitionTime: '2020-01-01T00:00:00Z' }] },
  }));
  expect(planMembers({ ...input, nodes }).actions).toEqual([]);
});

test('a volume that a person deletes is made anew under its name, once it is gone', () => {
  const world = settled();
  world.cluster.deleteVolume('users-a-1');
  world.rounds(3);
  expect(world.story()).toEqual([]);
  world.cluster.pods.delete('users-a-1');
  expect(world.settle()).not.toBeNull();
  expect(world.story()).toEqual(expect.arrayContaining(['createVolume users-a-1', 'createPod users-a-1']));
  expect(listed(world)).toEqual(['users-a-0', 'users-a-1', 'users-a-2']);
});

test('volumes grow with the spec, and do not shrink', () => {
  const world = settled();
  world.cluster.build = memberInput({ storage: { size: '40Gi' } });
  world.round();
  expect(world.story()).toEqual(['updateVolume users-a-0', 'updateVolume users-a-1', 'updateVolume users-a-2']);
  expect(world.cluster.volumes.get('users-a-1')?.spec?.resources?.requests).toEqual({ storage: '40Gi' });
  world.round();
  expect(condition(world, 'VolumesSized')).toMatchObject({ status: 'False', reason: 'Growing' });
  world.cluster.build = memberInput();
  world.round();
  expect(world.story()).toEqual([]);
});

test('a class that cannot grow volumes: said, and not asked for at every look', () => {
  const world = settled();
  world.cluster.build = memberInput({ storage: { size: '40Gi' } });
  const input = world.input();
  const refusal = { of: 'updateVolume', asked: '40Gi', message: 'forbidden', at: input.now } as const;
  const refusals = new Map(input.volumes.map(({ metadata }) => [memberName(metadata.name), refusal]));
  const plan = planMembers({ ...input, refusals });
  expect(plan.actions).toEqual([]);
  expect(plan.conditions).toContainEqual(
    expect.objectContaining({ type: 'VolumesSized', reason: 'VolumeResizeRefused' }),
  );
  expect(planMembers({ ...input, refusals, now: input.now + 60_000 }).actions).toHaveLength(3);
});

test('what becomes of volumes can be changed afterwards', () => {
  const world = settled();
  world.cluster.build = memberInput({ reclaim: 'Delete' });
  world.round();
  expect(world.story()).toEqual(['updateVolume users-a-0', 'updateVolume users-a-1', 'updateVolume users-a-2']);
  expect(world.cluster.volumes.get('users-a-0')?.metadata.ownerReferences).toHaveLength(1);
  world.round();
  expect(world.story()).toEqual([]);
});

test('paused: nothing is made, replaced or given up, whatever is asked for', () => {
  const world = settled();
  const build = memberInput({ instances: 5, parameters: { work_mem: '8MB' } });
  world.cluster.build = {
    ...build,
    partition: { ...build.partition, spec: { ...build.partition.spec, paused: true } },
  };
  world.cluster.pods.delete('users-a-2');
  world.rounds(3);
  expect(world.story()).toEqual([]);
  expect(listed(world)).toEqual(['users-a-0', 'users-a-1', 'users-a-2']);
  expect(condition(world, 'MembersSettled')).toMatchObject({ reason: 'Paused' });
});

test('kept volumes without their record: said, and nothing is given up', () => {
  const world = settled();
  const known = world.input();
  const sightings = known.sightings.map((seen) => ({
    ...seen,
    report: seen.report === null ? null : { ...seen.report, highestEpoch: 7 },
  }));
  world.cluster.build = memberInput({ instances: 2 });
  const plan = planMembers({ ...known, build: world.cluster.build, record: null, sightings });
  expect(plan.members).toHaveLength(3);
  expect(plan.actions.filter(({ kind }) => kind !== 'label')).toEqual([]);
  const ready = plan.conditions.find(({ type }) => type === 'MembersReady');
  expect(ready).toMatchObject({ reason: 'RecordMissing' });
  expect(ready?.message).toContain('ConfigMap users-a-record');
});
