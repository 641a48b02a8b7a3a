import { expect, test, vi } from 'vitest';
import { memberName } from '#contract/names.ts';
import type { RequestOutcome } from '../core.ts';
import { SIMULATED, type SimulatedCluster, startSimulation } from '../test-support/simulated-cluster.ts';

// Promise: while primary and successor write out what is dirty, before a planned change, all goes on as if nobody had asked for
// one: writes, and whatever a loss calls for. It has an end, and whoever cannot do it holds up nothing.

// Seconds of virtual time: less of a quiet machine, more of a busy one.
vi.setConfig({ testTimeout: 60_000 });

const FOR_EVER_MS = 3_600_000;
/** `prepareMs` and `prepareLeavingMs`. */
const WITHIN_MS = 20_000;
const WITHIN_LEAVING_MS = 2_000;
/** A change of primary itself, and a turn before it. */
const CHANGE_MS = 1_500;

type Asked = { outcome: RequestOutcome | null };

function ask(cluster: SimulatedCluster, to = 'a2'): Asked {
  const asked: Asked = { outcome: null };
  void cluster.operator.requestSwitchover(SIMULATED, memberName(to)).then((outcome) => {
    asked.outcome = outcome;
  });
  return asked;
}

async function scene(checkpointMs: number | null): Promise<SimulatedCluster> {
  const cluster = await startSimulation();
  await cluster.until(() => false, 3_000);
  for (const server of cluster.servers) server.checkpointMs = checkpointMs;
  expect(cluster.write()).toBe(true);
  return cluster;
}

async function msUntil(cluster: SimulatedCluster, holds: () => boolean): Promise<number> {
  const since = cluster.clock.monotonic();
  expect(await cluster.until(holds, 60_000)).toBe(true);
  return cluster.clock.monotonic() - since;
}

const served = (cluster: SimulatedCluster, by: string) => () =>
  cluster.record.operation === null && cluster.record.primary === by && cluster.write();

test('one after the other, while writes go on; whoever else asks is told so; then the change', async () => {
  const cluster = await scene(3_000);
  const asked = ask(cluster);
  const since = cluster.clock.monotonic();
  let pausedAt: number | null = null;
  await cluster.until(() => {
    if (!cluster.write()) pausedAt ??= cluster.clock.monotonic();
    return cluster.clock.monotonic() - since > 5_000;
  });
  expect(pausedAt).toBeNull();
  expect(cluster.operator.status()[0]?.waitingFor).toContain('write out');
  const second = ask(cluster, 'a1');
  await cluster.until(() => second.outcome !== null, 1_000);
  expect(second.outcome).toMatchObject({ ok: false, code: 'Busy', message: expect.stringContaining('being prepared') });
  expect(await msUntil(cluster, served(cluster, 'a2'))).toBeLessThan(1_000 + CHANGE_MS);
  await cluster.until(() => asked.outcome !== null, 1_000);
  expect(asked.outcome).toEqual({ ok: true, primary: 'a2', epoch: 2 });
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test('one that takes for ever ends; one that an agent does not know is no hindrance', async () => {
  for (const [checkpointMs, atMostMs] of [
    [FOR_EVER_MS, WITHIN_MS + CHANGE_MS],
    [null, CHANGE_MS],
  ] as const) {
    const cluster = await scene(checkpointMs);
    const asked = ask(cluster);
    expect(await msUntil(cluster, () => asked.outcome !== null)).toBeLessThan(atMostMs);
    expect(asked.outcome).toEqual({ ok: true, primary: 'a2', epoch: 2 });
    await cluster.stop();
  }
});

test('the primary dies meanwhile: replaced as at any time, and whoever asked is told', async () => {
  const cluster = await scene(FOR_EVER_MS);
  const asked = ask(cluster);
  await cluster.until(() => false, 1_000);
  cluster.server('a0').kill();
  expect(await msUntil(cluster, () => cluster.record.primary !== 'a0' && cluster.write())).toBeLessThan(CHANGE_MS);
  expect(asked.outcome).toMatchObject({ ok: false, code: 'PrimaryNotHealthy' });
  expect(cluster.record).toMatchObject({ epoch: 2, lastChange: { kind: 'Failover' } });
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});

test('the successor dies meanwhile: whoever asked is told, the primary goes on, and another one can be asked for', async () => {
  const cluster = await scene(FOR_EVER_MS);
  const asked = ask(cluster);
  await cluster.until(() => false, 1_000);
  cluster.server('a2').end();
  expect(await msUntil(cluster, () => asked.outcome !== null)).toBeLessThan(CHANGE_MS);
  expect(asked.outcome).toMatchObject({ ok: false, code: 'NoReplica' });
  expect(cluster.record).toMatchObject({ epoch: 1, operation: null, primary: 'a0' });
  expect(cluster.write()).toBe(true);
  for (const server of cluster.servers) server.checkpointMs = 1_000;
  const second = ask(cluster, 'a1');
  // By now that of the first may still be under way.
  expect(await msUntil(cluster, () => second.outcome !== null)).toBeLessThan(2_000 + CHANGE_MS);
  expect(second.outcome).toEqual({ ok: true, primary: 'a1', epoch: 2 });
  await cluster.stop();
});

test('the operator ends meanwhile: whoever asked is told, and nothing was begun', async () => {
  const cluster = await scene(FOR_EVER_MS);
  const asked = ask(cluster);
  await cluster.until(() => false, 1_000);
  await cluster.restart();
  expect(asked.outcome).toMatchObject({ ok: false, code: 'Stopping' });
  await cluster.until(() => false, WITHIN_MS + CHANGE_MS);
  expect(cluster.record).toMatchObject({ epoch: 1, operation: null, primary: 'a0' });
  await cluster.stop();
});

test('a primary that is about to end has little time for it', async () => {
  const cluster = await scene(FOR_EVER_MS);
  cluster.server('a0').leave();
  const another = (): boolean => cluster.record.primary !== 'a0' && cluster.write();
  expect(await msUntil(cluster, another)).toBeLessThan(WITHIN_LEAVING_MS + CHANGE_MS);
  expect(cluster.record).toMatchObject({ epoch: 2, lastChange: { kind: 'Switchover' } });
  expect(cluster.lost()).toEqual([]);
  await cluster.stop();
});
