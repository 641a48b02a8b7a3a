import { expect, test, vi } from 'vitest';
import { SIMULATED, type SimulatedCluster, startSimulation } from '../test-support/simulated-cluster.ts';

// Minutes of virtual time: seconds of a quiet machine, more of a busy one.
vi.setConfig({ testTimeout: 60_000 });

// Promise: where an acknowledged write may be on a missing member alone, nobody is promoted; it is said who has to come
// back, and it goes on by itself once somebody of those does.

type Server = SimulatedCluster['primary'];

function loseHost(...servers: readonly Server[]): void {
  for (const server of servers) {
    server.kill();
    server.agentUp = false;
  }
}

const blockedBy = (cluster: SimulatedCluster) =>
  cluster.record.conditions.find(({ type, status }) => type === 'FailoverBlocked' && status === 'True');

/** a1 stood still during a write that a2 has acknowledged; then the hosts of a0 and a2 are lost. */
async function onlyOnTheMissing(): Promise<SimulatedCluster> {
  const cluster = await startSimulation();
  cluster.server('a1').frozen = true;
  expect(cluster.write()).toBe(true);
  loseHost(cluster.server('a0'), cluster.server('a2'));
  cluster.server('a1').frozen = false;
  expect(await cluster.until(() => blockedBy(cluster) !== undefined, 60_000)).toBe(true);
  await cluster.until(() => false, 60_000);
  return cluster;
}

test('blocked, with the name of who has to come back, told once', async () => {
  const cluster = await onlyOnTheMissing();
  const why = 'only a1 can be asked; what was acknowledged may be on a2 alone: bring back a2, or the primary a0';
  expect(blockedBy(cluster)).toMatchObject({ reason: 'QuorumLost', message: why });
  expect(cluster.record).toMatchObject({ phase: 'Blocked', epoch: 1, operation: null });
  expect(cluster.operator.status()[0]?.waitingFor).toBe(why);
  expect(cluster.server('a1').granted).toEqual([]);
  const told = cluster.events.filter(({ code }) => code === 'FailoverBlocked');
  expect(told).toMatchObject([{ partition: SIMULATED, message: why, fields: { reason: 'QuorumLost' } }]);
  await cluster.restart();
  await cluster.until(() => false, 10_000);
  expect(cluster.events.filter(({ code }) => code === 'FailoverBlocked')).toHaveLength(1);
  await cluster.stop();
});

test('the missing replica comes back: it is promoted, since it alone has everything', async () => {
  const cluster = await onlyOnTheMissing();
  cluster.server('a2').agentUp = true;
  expect(await cluster.until(() => cluster.record.primary === 'a2' && cluster.write(), 60_000)).toBe(true);
  expect(cluster.record).toMatchObject({ epoch: 2, lastChange: { from: 'a0', lostUpTo: 0 } });
  expect(cluster.lost()).toEqual([]);
  expect(blockedBy(cluster)).toBeUndefined();
  await cluster.stop();
});

test('the primary comes back: it goes on, at the same epoch', async () => {
  const cluster = await onlyOnTheMissing();
  cluster.server('a0').agentUp = true;
  expect(await cluster.until(() => cluster.write(), 60_000)).toBe(true);
  expect(cluster.record).toMatchObject({ epoch: 1, primary: 'a0' });
  expect(cluster.lost()).toEqual([]);
  await cluster.until(() => blockedBy(cluster) === undefined, 10_000);
  expect(blockedBy(cluster)).toBeUndefined();
  await cluster.stop();
});

test('a replica is lost while a failover is under way: given up, blocked, and tried again once it is back', async () => {
  const cluster = await startSimulation();
  cluster.server('a1').frozen = true;
  expect(cluster.write()).toBe(true);
  cluster.server('a1').frozen = false;
  let struck = false;
  await cluster.restart((name) => {
    if (name !== 'fence:before' || struck) return;
    struck = true;
    loseHost(cluster.server('a2'));
  });
  await cluster.until(() => cluster.record.phase === 'Healthy', 60_000);
  loseHost(cluster.server('a0'));
  expect(await cluster.until(() => blockedBy(cluster) !== undefined, 120_000)).toBe(true);
  expect(struck).toBe(true);
  expect(blockedBy(cluster)).toMatchObject({ reason: 'QuorumLost', message: expect.stringContaining('bring back a2') });
  expect(cluster.record.operation).toMatchObject({ kind: 'Reinstate', from: 'a0' });
  cluster.server('a2').agentUp = true;
  expect(await cluster.until(() => cluster.record.operation === null && cluster.write(), 120_000)).toBe(true);
  expect(cluster.lost()).toEqual([]);
  expect(new Set(cluster.server('a0').granted)).toEqual(new Set([1]));
  await cluster.stop();
});

test('a member that does not get on on its way back is told once, and so is a salvage that fails', async () => {
  const cluster = await startSimulation();
  const { runJob } = cluster;
  cluster.runJob = async () => ({ ok: false, message: 'no such table' });
  // Written by the primary alone, so that it cannot follow.
  for (const name of ['a1', 'a2']) cluster.server(name).frozen = true;
  expect(cluster.write()).toBe(false);
  cluster.primary.kill();
  for (const name of ['a1', 'a2']) cluster.server(name).frozen = false;
  await cluster.until(() => cluster.record.epoch === 2 && cluster.record.operation === null, 60_000);
  await cluster.until(() => false, 120_000);
  const told = (code: string) => cluster.events.filter((event) => event.code === code);
  expect(told('SalvageFailed')).toHaveLength(1);
  expect(told('RejoinNeeded')).toMatchObject([{ message: 'a0 (salvage): salvage: no such table' }]);
  cluster.runJob = runJob;
  expect(await cluster.healthy(60_000)).toBe(true);
  expect(told('RejoinNeeded')).toHaveLength(1);
  expect(told('MemberRejoined').length).toBeGreaterThan(0);
  await cluster.stop();
});

test('an old primary whose data a person has given up, because salvage fails, is copied anew', async () => {
  const cluster = await startSimulation();
  cluster.runJob = async () => ({ ok: false, message: 'decide about these' });
  // Written by the primary alone, so that it cannot follow.
  for (const name of ['a1', 'a2']) cluster.server(name).frozen = true;
  expect(cluster.write()).toBe(false);
  cluster.primary.kill();
  for (const name of ['a1', 'a2']) cluster.server(name).frozen = false;
  await cluster.until(() => cluster.record.epoch === 2 && cluster.record.operation === null, 60_000);
  const failed = () => cluster.events.some(({ code }) => code === 'SalvageFailed');
  expect(await cluster.until(failed, 120_000)).toBe(true);
  cluster.server('a0').lose();
  expect(await cluster.healthy(120_000)).toBe(true);
  expect(cluster.events.filter(({ code }) => code === 'SalvageFinished')).toEqual([]);
  await cluster.stop();
});
