import { expect, test, vi } from 'vitest';
import { memberName } from '#contract/names.ts';
import {
  SIMULATED,
  type SimulatedCluster,
  type SimulationOptions,
  startSimulation,
} from '../test-support/simulated-cluster.ts';

// Promise: where the successor of a planned change is lost for good in the last step, the old primary, which was stopped in good
// order and has all that was written until then, has a vote: writing goes on by itself, nothing is lost, and nothing is salvaged
// out of a server that has nothing of its own.

vi.setConfig({ testTimeout: 60_000 });

const ASYNC = { mode: 'Async', whenDegraded: 'Hold' } as const;

function loseHost(cluster: SimulatedCluster, name: string): void {
  cluster.server(name).kill();
  cluster.server(name).agentUp = false;
}

/** A switchover from a0 to a1, whose host is lost at `moment`; `before` that, something else. */
async function loseSuccessor(
  options: SimulationOptions,
  moment: string,
  before: (cluster: SimulatedCluster) => void = () => undefined,
): Promise<SimulatedCluster> {
  const cluster = await startSimulation(options);
  await cluster.until(() => false, 3_000);
  let struck = false;
  await cluster.restart((name) => {
    if (cluster.record.operation?.kind !== 'Switchover' || name !== moment || struck) return;
    struck = true;
    before(cluster);
    loseHost(cluster, 'a1');
    // What the step has done is not on record yet.
    if (name.endsWith('after-effect')) throw new Error(`crash at ${name}`);
  });
  await cluster.until(() => false, 3_000);
  expect(cluster.write()).toBe(true);
  void cluster.operator.requestSwitchover(SIMULATED, memberName('a1'));
  expect(await cluster.until(() => struck, 60_000)).toBe(true);
  if (moment.endsWith('after-effect')) await cluster.restart();
  expect(cluster.record.operation).toMatchObject({ kind: 'Switchover', step: 'retarget' });
  return cluster;
}

async function msUntilWritten(cluster: SimulatedCluster): Promise<number> {
  const since = cluster.clock.monotonic();
  expect(await cluster.until(() => cluster.record.primary !== 'a1' && cluster.write(), 60_000)).toBe(true);
  return cluster.clock.monotonic() - since;
}

const salvagesOf = (cluster: SimulatedCluster, member: string) =>
  cluster.jobs.filter((job) => job.kind === 'salvage' && job.from.member === member);

test.each<{ name: string; options: SimulationOptions; to: string }>([
  { name: 'Quorum of three', options: {}, to: 'a2' },
  { name: 'Quorum of five', options: { members: 5 }, to: 'a2' },
  { name: 'Async of two', options: { members: 2, durability: ASYNC }, to: 'a0' },
  { name: 'Quorum of three, not stopped', options: { engine: 'mysql' }, to: 'a2' },
  { name: 'Async of two, not stopped', options: { members: 2, durability: ASYNC, engine: 'mysql' }, to: 'a0' },
])('$name, before anybody was told of it: no fork, and nobody waits for it', async ({ options, to }) => {
  const cluster = await loseSuccessor(options, 'retarget:before');
  expect(await msUntilWritten(cluster)).toBeLessThan(8_000);
  expect(await cluster.until(() => cluster.record.operation === null, 10_000)).toBe(true);
  expect(cluster.record).toMatchObject({ primary: to, forks: [], lastChange: { kind: 'Failover', lostUpTo: 0 } });
  expect(cluster.record.lastChange).toMatchObject({ from: 'a1', to });
  expect(cluster.lost()).toEqual([]);
  cluster.server('a1').agentUp = true;
  expect(await cluster.healthy(60_000)).toBe(true);
  expect(salvagesOf(cluster, 'a0')).toEqual([]);
  await cluster.stop();
});

test.each<{ name: string; options: SimulationOptions }>([
  { name: 'Quorum of three', options: {} },
  { name: 'Async of three', options: { durability: ASYNC } },
  { name: 'Quorum of three, not stopped', options: { engine: 'mysql' } },
  { name: 'Async of three, not stopped', options: { durability: ASYNC, engine: 'mysql' } },
])('$name, after it was told: identifiers jump, and the old primary follows the next one', async ({ options }) => {
  const cluster = await loseSuccessor(options, 'retarget:after-effect');
  expect(await msUntilWritten(cluster)).toBeLessThan(15_000);
  expect(await cluster.until(() => cluster.record.operation === null, 10_000)).toBe(true);
  expect(cluster.record.forks).toMatchObject([{ member: cluster.record.primary }]);
  expect(cluster.lost()).toEqual([]);
  cluster.server('a1').agentUp = true;
  expect(await cluster.healthy(60_000)).toBe(true);
  expect(salvagesOf(cluster, 'a0')).toEqual([]);
  await cluster.stop();
});

test.each(['postgresql', 'mysql'] as const)(
  'Async, %s, the replica that stays had stood still: the old primary, which has more, is promoted',
  async (engine) => {
    const cluster = await loseSuccessor({ durability: ASYNC, engine }, 'retarget:before', (simulated) => {
      const still = simulated.server('a2');
      still.upstream = 'a0';
      // It is sent nothing, where that runs on either.
      still.detached = true;
      still.timeline = 1;
      still.log = still.log.filter(({ id }) => !id.startsWith('write'));
    });
    expect(await msUntilWritten(cluster)).toBeLessThan(8_000);
    expect(cluster.record).toMatchObject({ primary: 'a0', forks: [] });
    expect(cluster.lost()).toEqual([]);
    for (const name of ['a1', 'a2']) cluster.server(name).agentUp = true;
    expect(await cluster.healthy(60_000)).toBe(true);
    await cluster.stop();
  },
);
