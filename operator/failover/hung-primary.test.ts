import { expect, test, vi } from 'vitest';
import {
  SIMULATED,
  type SimulatedCluster,
  type SimulationOptions,
  startSimulation,
} from '../test-support/simulated-cluster.ts';

// Promise: a primary whose processes are there and answer nobody is never left like that. Where a replica may be promoted at
// once one is; otherwise it is killed and started again in place, which loses nothing; and where that is in vain, a replica
// follows it, or it is said why none may. Whatever is done about it, the condition Ready is False until writing goes on.

vi.setConfig({ testTimeout: 60_000 });

const ASYNC = { mode: 'Async', whenDegraded: 'Hold' } as const;

const condition = (cluster: SimulatedCluster, type: string) =>
  cluster.record.conditions.find((candidate) => candidate.type === type);

async function frozen(options: SimulationOptions, lost?: string): Promise<SimulatedCluster> {
  const cluster = await startSimulation(options);
  if (lost !== undefined) loseHost(cluster, lost);
  await cluster.until(() => false, 5_000);
  expect(cluster.write()).toBe(true);
  await cluster.until(() => false, 2_000);
  cluster.primary.frozen = true;
  return cluster;
}

function loseHost(cluster: SimulatedCluster, name: string): void {
  cluster.server(name).kill();
  cluster.server(name).agentUp = false;
}

const inPlace: readonly { readonly name: string; readonly options: SimulationOptions; readonly lost?: string }[] = [
  { name: 'Async, alone', options: { members: 1, durability: ASYNC } },
  { name: 'Async of two', options: { members: 2, durability: ASYNC } },
  { name: 'Async of three', options: { members: 3, durability: ASYNC } },
  { name: 'Quorum of three, a replica lost with its host', options: {}, lost: 'a1' },
  { name: 'Manual', options: { failover: { mode: 'Manual' } } },
  { name: 'Manual and Async', options: { durability: ASYNC, failover: { mode: 'Manual' } } },
];

test.each(inPlace)('$name: killed and started again in place, and nothing is lost', async ({ options, lost }) => {
  const cluster = await frozen(options, lost);
  expect(await cluster.until(() => condition(cluster, 'Ready')?.status === 'False', 10_000)).toBe(true);
  expect(cluster.record.phase).not.toBe('Healthy');
  expect(await cluster.until(() => cluster.write(), 20_000)).toBe(true);
  expect(cluster.record).toMatchObject({ epoch: 1, primary: 'a0' });
  expect(await cluster.until(() => condition(cluster, 'Ready')?.status === 'True', 10_000)).toBe(true);
  expect(condition(cluster, 'FailoverBlocked')?.status).toBe('False');
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test('Quorum of three: a replica is promoted, and what hung follows it', async () => {
  const cluster = await frozen({});
  expect(await cluster.until(() => cluster.record.epoch === 2 && cluster.write(), 20_000)).toBe(true);
  expect(await cluster.healthy(60_000)).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test('Async: it hangs again whenever it was started: a replica is promoted in the end, within the bound', async () => {
  const cluster = await frozen({ members: 2, durability: ASYNC });
  const old = cluster.primary;
  const promoted = await cluster.until(() => {
    if (old.grantedEpoch !== null) old.frozen = true;
    return cluster.record.epoch === 2 && cluster.write();
  }, 120_000);
  expect(promoted).toBe(true);
  expect(cluster.record.lastChange).toMatchObject({ kind: 'Failover', from: 'a0', to: 'a1' });
  expect(cluster.record.lastChange?.lostUpTo).toBeLessThanOrEqual(5);
  await cluster.stop();
});

test('Manual: where it cannot be brought back, a person is told and decides', async () => {
  const cluster = await frozen({ failover: { mode: 'Manual' } });
  const old = cluster.primary;
  const isTold = await cluster.until(() => {
    if (old.state === 'running') old.frozen = true;
    return condition(cluster, 'FailoverBlocked')?.reason === 'ManualMode';
  }, 60_000);
  expect(isTold).toBe(true);
  expect(cluster.record).toMatchObject({ phase: 'Blocked', epoch: 1 });
  void cluster.operator.requestFailover(SIMULATED, { acceptDataLoss: false });
  expect(await cluster.until(() => cluster.record.epoch === 2 && cluster.write(), 60_000)).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test('paused: it is left as it is, which is said, until the pause ends', async () => {
  const cluster = await frozen({});
  cluster.change({ paused: true });
  await cluster.restart();
  expect(await cluster.until(() => cluster.record.phase === 'Blocked', 20_000)).toBe(true);
  await cluster.until(() => false, 60_000);
  expect(condition(cluster, 'Ready')?.status).toBe('False');
  expect(condition(cluster, 'FailoverBlocked')).toMatchObject({ status: 'True', reason: 'Paused' });
  expect(cluster.server('a0').frozen).toBe(true);
  cluster.change({ paused: false });
  await cluster.restart();
  expect(await cluster.until(() => cluster.write(), 20_000)).toBe(true);
  await cluster.stop();
});

test('Async, alone, and nobody uses it: not killed on the word of one probe alone, but not called ready either', async () => {
  const cluster = await startSimulation({ members: 1, durability: ASYNC });
  cluster.podUp = false;
  await cluster.until(() => false, 5_000);
  cluster.primary.frozen = true;
  await cluster.until(() => false, 60_000);
  expect(cluster.primary.frozen).toBe(true);
  expect(condition(cluster, 'Ready')).toMatchObject({ status: 'False', reason: 'NoAnswer' });
  expect(cluster.operator.status()[0]?.waitingFor).toContain('nobody else misses it');
  const { writes } = cluster.stores;
  await cluster.until(() => false, 60_000);
  expect(cluster.stores.writes).toBe(writes);
  cluster.podUp = true;
  expect(await cluster.until(() => cluster.write(), 20_000)).toBe(true);
  await cluster.stop();
});

test('a hung replica whose vote is missing is killed and started again, though there is no primary', async () => {
  const cluster = await startSimulation();
  expect(cluster.write()).toBe(true);
  cluster.server('a1').frozen = true;
  loseHost(cluster, 'a0');
  await cluster.until(() => cluster.record.phase === 'Blocked', 20_000);
  expect(await cluster.until(() => cluster.record.epoch > 1 && cluster.write(), 60_000)).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test('Async: what imapd wrote on while the agent was out of sight counts as lost, so nobody is promoted over it', async () => {
  const cluster = await startSimulation({ members: 2, durability: ASYNC });
  const old = cluster.primary;
  old.agentUp = false;
  cluster.server('a1').detached = true;
  const end = cluster.clock.monotonic() + 60_000;
  await cluster.until(() => cluster.write() && cluster.clock.monotonic() > end, 70_000);
  expect(cluster.record.epoch).toBe(1);
  old.kill();
  expect(await cluster.until(() => condition(cluster, 'FailoverBlocked')?.status === 'True', 20_000)).toBe(true);
  expect(condition(cluster, 'FailoverBlocked')?.reason).toBe('LagTooLarge');
  await cluster.until(() => false, 60_000);
  expect(cluster.record.epoch).toBe(1);
  old.agentUp = true;
  expect(await cluster.until(() => cluster.write(), 60_000)).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});
