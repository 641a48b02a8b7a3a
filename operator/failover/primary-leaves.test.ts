import { expect, test, vi } from 'vitest';
import { type SimulatedCluster, type SimulationOptions, startSimulation } from '../test-support/simulated-cluster.ts';

// Promise: a primary that is told to end (its pod is deleted, its node drained) hands over while it lives, where a replica can
// take over: nothing is lost, no identifier jumps, and writing goes on within a second. Where none can, it serves on as long
// as somebody follows it, ends in order, and what it was comes back. If it is killed in the middle, that is a failover.

vi.setConfig({ testTimeout: 60_000 });

const ASYNC = { mode: 'Async', whenDegraded: 'Hold' } as const;
const DEGRADABLE = { mode: 'Quorum', whenDegraded: 'Async' } as const;
/** A pod is made anew, and its image is there. */
const ANEW_MS = 15_000;

async function written(options: SimulationOptions = {}): Promise<SimulatedCluster> {
  const cluster = await startSimulation(options);
  await cluster.until(() => false, 3_000);
  expect(cluster.write()).toBe(true);
  await cluster.until(() => false, 1_000);
  return cluster;
}

async function msUntilWritten(cluster: SimulatedCluster, by: (primary: string) => boolean): Promise<number> {
  const since = cluster.clock.monotonic();
  expect(await cluster.until(() => by(cluster.record.primary ?? '') && cluster.write(), 60_000)).toBe(true);
  return cluster.clock.monotonic() - since;
}

const another = (primary: string): boolean => primary !== 'a0';

test.each<{ name: string; options: SimulationOptions }>([
  { name: 'Quorum of three', options: {} },
  { name: 'Quorum of five', options: { members: 5 } },
  { name: 'Async of two', options: { members: 2, durability: ASYNC } },
  { name: 'Async of three', options: { durability: ASYNC } },
  { name: 'Quorum of two, where commits go on without a replica', options: { members: 2, durability: DEGRADABLE } },
  { name: 'Manual', options: { failover: { mode: 'Manual' } } },
])('$name: handed over at once, and nobody waits for the old primary', async ({ options }) => {
  const cluster = await written(options);
  const old = cluster.server('a0');
  const { synchronous } = cluster.record;
  old.leave();
  expect(await msUntilWritten(cluster, another)).toBeLessThan(1_000);
  expect(await cluster.until(() => cluster.record.operation === null && !old.agentUp, 5_000)).toBe(true);
  expect(cluster.record).toMatchObject({ epoch: 2, forks: [], lastChange: { kind: 'Switchover', lostUpTo: 0 } });
  expect(cluster.record.lastChange?.reason).toContain('a0 is about to end');
  // Nobody has told it to start anew as a replica.
  expect(old).toMatchObject({ state: 'stopped', upstream: null });
  await cluster.until(() => false, ANEW_MS);
  old.comeBack();
  expect(await cluster.healthy(60_000)).toBe(true);
  expect(await cluster.until(() => cluster.record.synchronous.required === synchronous.required, 10_000)).toBe(true);
  expect(cluster.record.epoch).toBe(2);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test('Quorum of three, a replica is away: nobody could acknowledge without it; it ends in order, comes back and goes on', async () => {
  const cluster = await written();
  cluster.server('a1').end();
  const old = cluster.server('a0');
  old.leave();
  await cluster.until(() => false, 10_000);
  expect(cluster.write()).toBe(true);
  expect(cluster.operator.status()[0]?.waitingFor).toContain('too few would follow a2');
  expect(await cluster.until(() => !old.agentUp, 30_000)).toBe(true);
  await cluster.until(() => false, ANEW_MS);
  expect(cluster.record).toMatchObject({ epoch: 1, primary: 'a0' });
  old.comeBack();
  await msUntilWritten(cluster, () => true);
  expect(cluster.record).toMatchObject({ epoch: 1, primary: 'a0' });
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test('Quorum of three that goes on without replicas, one is away: the successor waits for nobody who is not there', async () => {
  const cluster = await written({ durability: DEGRADABLE });
  const [old, away] = [cluster.server('a0'), cluster.server('a2')];
  away.end();
  await cluster.until(() => false, 3_000);
  expect(cluster.write()).toBe(true);
  old.leave();
  expect(await msUntilWritten(cluster, another)).toBeLessThan(1_000);
  expect(cluster.record).toMatchObject({ epoch: 2, primary: 'a1', synchronous: { required: 0 } });
  await cluster.until(() => false, ANEW_MS);
  for (const server of [old, away]) server.comeBack();
  expect(await cluster.healthy(60_000)).toBe(true);
  expect(await cluster.until(() => cluster.record.synchronous.required === 1, 10_000)).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test('alone: it ends at once and in order, which blocks nothing, and comes back', async () => {
  const cluster = await written({ members: 1, durability: ASYNC });
  const old = cluster.server('a0');
  old.leave();
  expect(await cluster.until(() => !old.agentUp, 1_000)).toBe(true);
  await cluster.until(() => false, ANEW_MS);
  expect(cluster.events.filter(({ code }) => code === 'FailoverBlocked')).toEqual([]);
  old.comeBack();
  await msUntilWritten(cluster, () => true);
  expect(cluster.record).toMatchObject({ epoch: 1, primary: 'a0' });
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test('paused: it ends in order, and no other becomes the primary', async () => {
  const cluster = await written();
  cluster.change({ paused: true });
  await cluster.restart();
  const old = cluster.server('a0');
  old.leave();
  expect(await cluster.until(() => !old.agentUp, 30_000)).toBe(true);
  await cluster.until(() => false, ANEW_MS);
  expect(cluster.record).toMatchObject({ epoch: 1, primary: 'a0' });
  old.comeBack();
  await msUntilWritten(cluster, () => true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

const STEPS = ['fence', 'elect', 'catchUp', 'promote', 'follow', 'stamp', 'retarget'];
const moments = STEPS.flatMap((step) => [`${step}:before`, `${step}:after-effect`, `${step}:after-persist`]);

test.each(moments)('killed in the middle of handing over, at %s: writing goes on, nothing is lost', async (moment) => {
  const cluster = await written();
  const old = cluster.server('a0');
  let struck = false;
  await cluster.restart((name) => {
    if (name !== moment || struck) return;
    struck = true;
    old.end();
  });
  old.leave();
  await msUntilWritten(cluster, another);
  expect(struck).toBe(true);
  await cluster.until(() => false, ANEW_MS);
  old.comeBack();
  expect(await cluster.healthy(60_000)).toBe(true);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test.each(moments)(
  'the one that is to take over is killed, at %s: somebody serves, nothing is lost',
  async (moment) => {
    const cluster = await written();
    const old = cluster.server('a0');
    let struck: string | null = null;
    await cluster.restart((name) => {
      if (name !== moment || struck !== null) return;
      struck = cluster.record.operation?.candidate ?? cluster.record.primary ?? '';
      cluster.server(struck).end();
    });
    old.leave();
    expect(await cluster.until(() => struck !== null, 10_000)).toBe(true);
    await cluster.until(() => false, ANEW_MS);
    for (const server of cluster.servers) server.heal();
    await msUntilWritten(cluster, () => true);
    expect(await cluster.healthy(60_000)).toBe(true);
    expect(cluster.lost()).toEqual([]);
    await cluster.stop();
  },
);

test.each(moments)(
  'the one that stays as a replica is killed, at %s: the old primary follows as soon as it is back, nothing is lost',
  async (moment) => {
    const cluster = await written();
    const old = cluster.server('a0');
    let struck: string | null = null;
    await cluster.restart((name) => {
      if (name !== moment || struck !== null) return;
      const to = cluster.record.operation?.candidate ?? cluster.record.primary;
      struck = to === 'a1' ? 'a2' : 'a1';
      cluster.server(struck).end();
    });
    old.leave();
    expect(await cluster.until(() => struck !== null && !old.agentUp, 60_000)).toBe(true);
    await cluster.until(() => false, ANEW_MS);
    old.comeBack();
    await msUntilWritten(cluster, () => true);
    expect(cluster.lost()).toEqual([]);
    cluster.server(struck ?? '').comeBack();
    expect(await cluster.healthy(60_000)).toBe(true);
    expect(cluster.lost()).toEqual([]);
    await cluster.stop();
  },
);

test('the old primary is back with an entry that nobody else has, and nobody else could acknowledge: it is made to follow', async () => {
  const cluster = await written();
  const old = cluster.server('a0');
  await cluster.restart((name) => {
    if (name === 'promote:after-persist')
      cluster.server(cluster.record.operation?.candidate === 'a1' ? 'a2' : 'a1').end();
  });
  old.leave();
  expect(await cluster.until(() => !old.agentUp, 60_000)).toBe(true);
  old.log.push({ timeline: 1, id: 'checkpoint of its end' });
  await cluster.until(() => false, ANEW_MS);
  old.comeBack();
  await msUntilWritten(cluster, another);
  expect(old.log.map(({ id }) => id)).not.toContain('checkpoint of its end');
  expect(cluster.jobs.filter(({ kind }) => kind === 'salvage')).toEqual([]);
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test('it ends by itself between the fence and the stop: the position at which writing ended suffices', async () => {
  const cluster = await written();
  const old = cluster.server('a0');
  old.leave();
  await cluster.until(() => old.fence === 'Demoted', 5_000);
  old.end(0);
  expect(await msUntilWritten(cluster, another)).toBeLessThan(1_000);
  expect(cluster.record).toMatchObject({ epoch: 2, forks: [], lastChange: { kind: 'Switchover' } });
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test('its container ends without a word: a failover at once, on the word of the platform', async () => {
  const cluster = await written();
  cluster.server('a0').end();
  expect(await msUntilWritten(cluster, another)).toBeLessThan(500);
  expect(cluster.record.operation?.reason ?? cluster.record.lastChange?.reason).toContain('its container ended');
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test.each([
  { name: 'a container that ended writes no more, and its leases with it', says: true },
  { name: 'nobody says that it ended: its leases are waited out', says: false },
])('Async, imapd is out of reach: $name', async ({ says }) => {
  const cluster = await written({ durability: ASYNC });
  const old = cluster.server('a0');
  cluster.podUp = false;
  old.end();
  if (!says) old.platform = null;
  expect(await cluster.until(() => (cluster.record.operation?.step ?? 'fence') !== 'fence', 60_000)).toBe(true);
  expect(cluster.record.operation).toMatchObject({ kind: 'Failover', stopConfirmed: says });
  expect(cluster.record.operation?.leasesUntil === null).toBe(says);
  await cluster.stop();
});
