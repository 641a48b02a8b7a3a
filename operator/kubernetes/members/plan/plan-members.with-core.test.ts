import { expect, test } from 'vitest';
import { memberInput } from '../../../partition/objects/test-support/member-input.ts';
import { WorldWithCore } from '../test-support/world-with-core.ts';

// What is planned meets what the core makes of it: who is in which synchronous set, who comes back, who may be switched to.

/** Minutes of virtual time: seconds, and more on a busy machine. */
const PATIENCE_MS = 120_000;

test('a partition is made, and then nobody has anything to do', { timeout: PATIENCE_MS }, async () => {
  const world = await WorldWithCore.start(memberInput());
  expect(world.core.record).toMatchObject({ epoch: 1, primary: 'a0', phase: 'Healthy' });
  const { writes } = world.core.stores;
  await world.until(() => false, 30_000);
  expect(world.story()).toEqual([]);
  expect(world.core.stores.writes).toBe(writes);
  await world.core.stop();
});

test('another make: replicas, a switchover, the old primary; no failover', { timeout: PATIENCE_MS }, async () => {
  const world = await WorldWithCore.start(memberInput());
  world.kube.build = memberInput({ parameters: { jit: 'off' } });
  await world.settled();
  expect(world.story()).toEqual([
    'deletePod users-a-2 Outdated',
    'createPod users-a-2',
    'deletePod users-a-1 Outdated',
    'createPod users-a-1',
    'switchover users-a-1',
    'deletePod users-a-0 Outdated',
    'createPod users-a-0',
  ]);
  expect(world.core.record).toMatchObject({ epoch: 2, primary: 'a1', forks: [] });
  await world.core.stop();
});

test('more members and fewer: each in the synchronous set before the next is given up', {
  timeout: PATIENCE_MS,
}, async () => {
  const world = await WorldWithCore.start(memberInput());
  world.kube.build = memberInput({ instances: 5 });
  await world.settled();
  expect(world.core.record.synchronous).toEqual({ required: 2, members: ['a1', 'a2', 'a3', 'a4'] });
  // In parentheses: listed, so that they are copied, and without a vote until they have been.
  expect(world.story().filter((line) => line.startsWith('members'))).toEqual([
    'members 0 1 2 (3) (4)',
    'members 0 1 2 3 4',
  ]);
  world.kube.build = memberInput({ instances: 3 });
  await world.settled();
  expect(world.core.record.synchronous).toEqual({ required: 1, members: ['a1', 'a2'] });
  expect(world.story().filter((line) => line.startsWith('members') || line.startsWith('retire'))).toEqual([
    'members 0 1 2 3',
    'retire users-a-4 ScaledDown',
    'members 0 1 2',
    'retire users-a-3 ScaledDown',
  ]);
  await world.core.stop();
});

test('a replica that is lost with its node is replaced, and not by one more', { timeout: PATIENCE_MS }, async () => {
  const world = await WorldWithCore.start(memberInput());
  world.kube.setNode(world.nodeOf('users-a-2'), { ready: false });
  await world.until(() => world.core.record.phase === 'Degraded');
  await world.settled();
  expect(world.story()).toEqual(expect.arrayContaining(['members 0 1 3', 'retire users-a-2 Lost']));
  expect(world.core.record.synchronous).toEqual({ required: 1, members: ['a1', 'a3'] });
  await world.core.stop();
});

test('a primary that is lost with its node: kept for what only it may have', { timeout: PATIENCE_MS }, async () => {
  const world = await WorldWithCore.start(memberInput());
  world.kube.setNode(world.nodeOf('users-a-0'), { ready: false });
  expect(await world.until(() => world.plan?.members.map(({ name }) => name.slice(-1)).join('') === '123')).toBe(true);
  expect(await world.until(() => world.core.record.synchronous.members.join() === 'a2,a3')).toBe(true);
  expect(world.core.record.primary).toBe('a1');
  expect(world.story()).toContain('retire users-a-0 Unsalvaged');
  expect(world.kube.volumes.has('users-a-0')).toBe(true);
  expect(world.core.lost()).toEqual([]);
  await world.core.stop();
});

test('a drained node: the primary moves, by no failover', { timeout: PATIENCE_MS }, async () => {
  const world = await WorldWithCore.start(memberInput());
  world.kube.setNode(world.nodeOf('users-a-0'), { cordoned: true });
  expect(await world.until(() => world.core.record.primary === 'a1')).toBe(true);
  await world.settled();
  expect(world.story()).toEqual(['switchover users-a-1']);
  expect(world.core.record).toMatchObject({ forks: [], lastChange: { kind: 'Switchover' } });
  await world.core.stop();
});

test('the pod of the primary is deleted: the primary moves, by no failover, and the pod is made anew', {
  timeout: PATIENCE_MS,
}, async () => {
  const world = await WorldWithCore.start(memberInput());
  const pod = world.kube.pods.get('users-a-0');
  if (pod === undefined) throw new Error('there is no pod');
  world.kube.deletePod(pod);
  expect(await world.until(() => world.core.record.primary === 'a1', 10_000)).toBe(true);
  await world.settled();
  expect(world.story()).toEqual(['createPod users-a-0']);
  expect(world.core.record).toMatchObject({ epoch: 2, forks: [], lastChange: { kind: 'Switchover', from: 'a0' } });
  expect(world.kube.pods.get('users-a-0')?.metadata.uid).not.toBe(pod.metadata.uid);
  await world.core.stop();
});
