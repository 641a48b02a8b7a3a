import { expect, test } from 'vitest';
import { stockImage } from '../../../partition/objects/database-image.ts';
import { memberInput } from '../../../partition/objects/test-support/member-input.ts';
import {
  conditionOf as condition,
  type ModelWorld,
  settledWorld as settled,
  withImage,
} from '../test-support/model-world.ts';
import { marksOf } from '../volume-marks.ts';

/** Another agent, and another default image of the database. */
const upgraded = (managed: object = {}, annotations: Readonly<Record<string, string>> = {}) => {
  const { partition, ...rest } = memberInput(managed, { agentImage: 'registry.example/member:2' });
  const annotated = { ...partition, metadata: { ...partition.metadata, annotations } };
  return { ...rest, partition: annotated, database: stockImage('postgresql', 'postgres:18.1', 18) };
};
const replaced = (world: ModelWorld) =>
  world.story().filter((line) => line.startsWith('deletePod') || line.startsWith('switchover'));
const ALL_ONE_BY_ONE = [
  'deletePod users-a-2 Outdated',
  'deletePod users-a-1 Outdated',
  expect.stringMatching(/^switchover users-a-[12]$/),
  'deletePod users-a-0 Outdated',
];

test('an upgrade of the operator replaces no member, and says which are of an older make; who is made anew takes the new', () => {
  const world = settled();
  world.cluster.build = upgraded();
  world.rounds(20);
  expect(world.story()).toEqual([]);
  expect(condition(world, 'MembersSettled')).toMatchObject({
    status: 'True',
    message: expect.stringContaining('users-a-0, users-a-1, users-a-2 of an older make'),
  });
  world.cluster.pods.delete('users-a-1');
  expect(world.settle()).not.toBeNull();
  expect(condition(world, 'MembersSettled')?.message).toContain('users-a-0, users-a-2 of an older make');
  expect(marksOf(world.cluster.volumes.get('users-a-1')!).database?.image).toBe('postgres:18.1');
  expect(marksOf(world.cluster.volumes.get('users-a-2')!).database?.image).toBe('postgres:18');
});

test('after an upgrade members are replaced one by one where somebody asks for it, by the annotation or once for all', () => {
  const asked = settled();
  asked.cluster.build = upgraded({}, { 'imapcluster.io/restart-members': '1' });
  expect(asked.settle()).not.toBeNull();
  expect(replaced(asked)).toEqual(ALL_ONE_BY_ONE);
  expect(condition(asked, 'MembersSettled')?.message).not.toContain('older make');
  asked.cluster.build = upgraded({}, { 'imapcluster.io/restart-members': '2' });
  expect(asked.settle()).not.toBeNull();
  expect(replaced(asked)).toHaveLength(ALL_ONE_BY_ONE.length);
  const rolling = settled();
  rolling.rollsUpgrades = true;
  rolling.cluster.build = upgraded();
  expect(rolling.settle()).not.toBeNull();
  expect(replaced(rolling)).toEqual(ALL_ONE_BY_ONE);
});

test('an agent that cannot run after an upgrade is replaced at once; what only starts again is left to', () => {
  const world = settled();
  world.cluster.build = upgraded();
  withStatus(world, 'users-a-1', { state: { terminated: { exitCode: 137 } } });
  world.round();
  expect(replaced(world)).toEqual([]);
  withStatus(world, 'users-a-1', {
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 1 } },
  });
  world.round();
  expect(replaced(world)).toEqual(['deletePod users-a-1 Outdated']);
});

function withStatus(world: ModelWorld, name: string, change: object): void {
  const pod = world.cluster.pods.get(name)!;
  const containerStatuses = pod.status!.containerStatuses!.map((status) => ({ ...status, ...change }));
  world.cluster.pods.set(name, { ...pod, status: { ...pod.status, containerStatuses } });
}

test('an image that somebody writes anew in every pod, a mirror or a digest, is the one that was asked for', () => {
  const world = settled();
  world.cluster.build = withImage('postgres:18.1');
  expect(world.settle()).not.toBeNull();
  world.story();
  for (const [name, pod] of world.cluster.pods) {
    const containers = pod.spec!.containers.map((container) => ({
      ...container,
      image: 'mirror.example/postgres@sha256:1',
    }));
    world.cluster.pods.set(name, { ...pod, spec: { ...pod.spec!, containers } });
  }
  world.rounds(5);
  expect(replaced(world)).toEqual([]);
  for (const volume of world.cluster.volumes.values()) expect(marksOf(volume).database?.image).toBe('postgres:18.1');
});

test('pods of before, on which nobody wrote what was asked for, are of an older make and no more', () => {
  const world = settled();
  for (const [name, pod] of world.cluster.pods) {
    const { 'imapcluster.io/asked-hash': _, ...annotations } = pod.metadata.annotations ?? {};
    world.cluster.pods.set(name, { ...pod, metadata: { ...pod.metadata, annotations } });
  }
  world.cluster.build = upgraded();
  world.rounds(5);
  expect(replaced(world)).toEqual([]);
});

test('to name the image that runs replaces nobody', () => {
  const world = settled();
  world.cluster.build = withImage(memberInput().database.image);
  world.rounds(5);
  expect(replaced(world)).toEqual([]);
});
