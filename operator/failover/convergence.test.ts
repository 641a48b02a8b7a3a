import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import {
  SIMULATED,
  SimulatedCluster,
  type SimulationOptions,
  startSimulation,
} from '../test-support/simulated-cluster.ts';

// The real core in virtual time over a model of agents, servers and pods: what the record and the rules promise, for
// faults in any order and operators that die anywhere.

const STEPS = ['fence', 'elect', 'catchUp', 'promote', 'follow', 'stamp', 'retarget'];
const POINTS = STEPS.flatMap((step) => ['before', 'after-effect', 'after-persist'].map((when) => `${step}:${when}`));
const BOOTSTRAP = ['initialize', 'clone', 'stamp', 'migrate', 'retarget'];

/** Throws at `point`, once; the test then replaces the operator. */
function crashOnce(point: string) {
  const crash = {
    happened: false,
    at(name: string): void {
      if (name !== point || crash.happened) return;
      crash.happened = true;
      throw new Error(`crash at ${point}`);
    },
  };
  return crash;
}

function expectSound(cluster: SimulatedCluster): void {
  expect(cluster.lost()).toEqual([]);
  const epochs = cluster.stores.history.map((record) => record.epoch);
  expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
  const grants = cluster.servers.flatMap((server) => [...new Set(server.granted)].map((epoch) => `${epoch}`));
  expect(new Set(grants).size).toBe(grants.length);
}

/** Healthy is what the record says until the operator has looked again: so not before it had the time to. */
async function finish(cluster: SimulatedCluster): Promise<void> {
  await cluster.until(() => false, 2_000);
  if (!(await cluster.healthy(600_000))) {
    const { status } = cluster.operator;
    throw new Error(JSON.stringify([status.call(cluster.operator), cluster.events.slice(-20)], null, 1));
  }
}

test.each(POINTS)('operator killed at %s of a failover: the next one finishes it', async (point) => {
  const cluster = await startSimulation();
  const crash = crashOnce(point);
  await cluster.restart(crash.at);
  await finish(cluster);
  for (let count = 0; count < 5; count += 1) cluster.write();
  cluster.primary.kill();
  expect(await cluster.until(() => crash.happened, 60_000)).toBe(true);
  await cluster.restart();
  await finish(cluster);
  expect(cluster.record.epoch).toBe(2);
  expect(cluster.write()).toBe(true);
  expectSound(cluster);
  await cluster.stop();
});

test.each(POINTS)('operator killed at %s of a switchover: nothing is lost and somebody serves', async (point) => {
  const cluster = await startSimulation();
  const crash = crashOnce(point);
  await cluster.restart(crash.at);
  await finish(cluster);
  cluster.write();
  void cluster.operator.requestSwitchover(SIMULATED, memberName('a2'));
  expect(await cluster.until(() => crash.happened, 60_000)).toBe(true);
  await cluster.restart();
  await finish(cluster);
  expect(cluster.write()).toBe(true);
  expect(cluster.record.forks).toEqual([]);
  expectSound(cluster);
  await cluster.stop();
});

test.each(BOOTSTRAP)('operator killed at %s of the making of a repository', async (step) => {
  for (const when of ['before', 'after-effect', 'after-persist']) {
    const crash = crashOnce(`${step}:${when}`);
    const cluster = new SimulatedCluster();
    await cluster.start(crash.at);
    expect(await cluster.until(() => crash.happened, 60_000)).toBe(true);
    await cluster.restart();
    await finish(cluster);
    expect(cluster.record).toMatchObject({ epoch: 1, primary: 'a0' });
    expect(cluster.write()).toBe(true);
    await cluster.stop();
  }
});

test('the candidate is lost with its host before it serves: a further epoch, and the old primary if need be', async () => {
  for (const step of STEPS.slice(2)) {
    const cluster = await startSimulation();
    cluster.write();
    let lost: string | null = null;
    await cluster.restart((name) => {
      if (name !== `${step}:before` || lost !== null) return;
      lost = cluster.record.operation?.candidate ?? '';
      cluster.server(lost).kill();
      cluster.server(lost).agentUp = false;
    });
    await finish(cluster);
    cluster.primary.kill();
    expect(await cluster.until(() => cluster.record.epoch > 2, 60_000)).toBe(true);
    expect(lost).not.toBeNull();
    cluster.server(lost ?? '').agentUp = true;
    await finish(cluster);
    expect(cluster.write()).toBe(true);
    expectSound(cluster);
    await cluster.stop();
  }
});

test('primary and a replica lost with their hosts: blocked until one is back, or a person accepts the loss', async () => {
  const cluster = await startSimulation();
  cluster.write();
  const [lost, away] = [cluster.primary, cluster.server('a1')];
  for (const server of [lost, away]) {
    server.kill();
    server.agentUp = false;
  }
  expect(await cluster.until(() => cluster.record.phase === 'Blocked', 60_000)).toBe(true);
  expect(cluster.record.conditions.find((c) => c.type === 'FailoverBlocked')).toMatchObject({
    status: 'True',
    reason: 'QuorumLost',
  });
  expect(cluster.server('a2').granted).toEqual([]);
  let outcome: unknown = null;
  void cluster.operator.requestFailover(SIMULATED, { acceptDataLoss: false }).then((answer) => {
    outcome = answer;
  });
  await cluster.until(() => outcome !== null, 60_000);
  expect(outcome).toMatchObject({ ok: false, code: 'QuorumLost' });
  void cluster.operator.requestFailover(SIMULATED, { acceptDataLoss: true, reason: 'host burnt' }).then((answer) => {
    outcome = answer;
  });
  await cluster.until(() => cluster.record.primary === 'a2' && cluster.record.operation === null, 60_000);
  expect(cluster.write()).toBe(true);
  for (const server of [lost, away]) server.agentUp = true;
  await finish(cluster);
  expect(outcome).toMatchObject({ ok: true, primary: 'a2' });
  // Whole again, so commits wait for a replica again.
  await cluster.until(() => cluster.record.synchronous.required === 1, 60_000);
  expect(cluster.record.synchronous.required).toBe(1);
  await cluster.stop();
});

test('whenDegraded Async: writing goes on without replicas, and the promise is taken back before and given after', async () => {
  const cluster = await startSimulation({ durability: { mode: 'Quorum', whenDegraded: 'Async' } });
  for (const name of ['a1', 'a2']) {
    cluster.server(name).kill();
    cluster.server(name).agentUp = false;
  }
  expect(await cluster.until(() => cluster.primary.synchronous.required === 0, 60_000)).toBe(true);
  expect(cluster.record.synchronous.required).toBe(0);
  expect(cluster.write()).toBe(true);
  for (const name of ['a1', 'a2']) cluster.server(name).agentUp = true;
  await finish(cluster);
  expect(await cluster.until(() => cluster.record.synchronous.required === 1, 60_000)).toBe(true);
  expect(cluster.primary.synchronous.required).toBe(1);
  await cluster.stop();
});

test('a quiet partition is not written about', async () => {
  const cluster = await startSimulation();
  await cluster.until(() => false, 5_000);
  const before = cluster.stores.writes;
  await cluster.until(() => false, 60_000);
  expect(cluster.stores.writes).toBe(before);
  await cluster.stop();
});

type Fault = { readonly kind: 'kill' | 'freeze' | 'host' | 'agent' | 'operator' | 'switchover'; readonly who: number };

const faults: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom('kill', 'freeze', 'host', 'agent', 'operator', 'switchover'),
  who: fc.nat(2),
});

/** Strikes one member, `who` counted from the primary. */
async function strike(cluster: SimulatedCluster, fault: Fault): Promise<void> {
  const from = cluster.servers.findIndex((server) => server.name === cluster.record.primary);
  const server = cluster.servers[(Math.max(0, from) + fault.who) % cluster.servers.length]!;
  if (fault.kind === 'operator') return await cluster.restart();
  if (fault.kind === 'switchover') return void cluster.operator.requestSwitchover(SIMULATED, memberName(server.name));
  if (fault.kind === 'kill' || fault.kind === 'host') server.kill();
  if (fault.kind === 'freeze') server.frozen = server.state === 'running';
  if (fault.kind === 'host' || fault.kind === 'agent') server.agentUp = false;
}

function heal(cluster: SimulatedCluster): void {
  for (const server of cluster.servers) {
    server.agentUp = true;
    server.frozen = false;
  }
}

const histories = fc.array(
  fc.record({ fault: faults, pauseMs: fc.nat(8_000), writes: fc.nat(4), heal: fc.boolean() }),
  {
    minLength: 1,
    maxLength: 8,
  },
);

async function live(
  options: SimulationOptions,
  history: readonly { fault: Fault; pauseMs: number; writes: number; heal: boolean }[],
) {
  const cluster = await startSimulation({ ...options, tuning: { maxPromotions: 100 } });
  for (const { fault, pauseMs, writes, heal: healed } of history) {
    for (let count = 0; count < writes; count += 1) cluster.write();
    await strike(cluster, fault);
    await cluster.until(() => false, pauseMs);
    if (healed) heal(cluster);
  }
  heal(cluster);
  await finish(cluster);
  return cluster;
}

test('any history of faults: Quorum loses nothing, epochs only grow, no epoch is granted twice, all is whole in the end', async () => {
  const property = fc.asyncProperty(histories, async (history) => {
    const cluster = await live({}, history);
    expect(cluster.write()).toBe(true);
    expectSound(cluster);
    await cluster.stop();
  });
  await fc.assert(property, { numRuns: 15, interruptAfterTimeLimit: 15_000 });
}, 120_000);
