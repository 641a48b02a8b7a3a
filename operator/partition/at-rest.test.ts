import { expect, test, vi } from 'vitest';
import { MOMENT_MS } from '#contract/moments.ts';
import { SIMULATED, startSimulation } from '../test-support/simulated-cluster.ts';
import { defaultTuning } from '../tuning.ts';

// Promise: a partition that is well costs next to nothing, and what happens to it is seen as soon as if it were watched all the
// time. A new operator says nothing of it that it has not seen.

vi.setConfig({ testTimeout: 60_000 });

const MINUTE_MS = 60_000;
/** As agents have it. */
const HEARTBEAT_MS = 1_000;
/** A turn is taken by then, whatever is said. */
const LONGEST_REST_MS = 15_000;

test('while all is well, heartbeats take no turns; the lag is known all the same, and a death is seen at once', async () => {
  const cluster = await startSimulation();
  await cluster.until(() => false, 5_000);
  // Each turn asks what time it is; so does each look at imapd.
  const turns = vi.spyOn(cluster.clock, 'now');
  let heartbeats = 0;
  await cluster.until(() => {
    heartbeats += 1;
    return false;
  }, MINUTE_MS);
  const [perTurn, looks] = [2, 1 + MINUTE_MS / MOMENT_MS];
  expect(turns.mock.calls.length).toBeLessThanOrEqual(looks + perTurn * (1 + MINUTE_MS / LONGEST_REST_MS));
  expect(heartbeats).toBeGreaterThan((2 * MINUTE_MS) / HEARTBEAT_MS);
  const [view] = cluster.operator.status();
  expect(view?.members.map(({ lagSeconds }) => lagSeconds)).toEqual([0, 0, 0]);
  const died = cluster.clock.monotonic();
  cluster.primary.kill();
  await cluster.until(() => cluster.record.operation !== null, MINUTE_MS);
  expect(cluster.clock.monotonic() - died).toBeLessThan(defaultTuning.resyncMs);
  await cluster.stop();
});

test('nobody tells that an agent says nothing any more: it is seen in the moment that it counts', async () => {
  const cluster = await startSimulation();
  await cluster.until(() => false, LONGEST_REST_MS / 2);
  const since = cluster.clock.monotonic();
  cluster.primary.mute = true;
  const isReady = (): boolean =>
    cluster.record.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  expect(await cluster.until(() => !isReady(), MINUTE_MS)).toBe(true);
  const tookMs = cluster.clock.monotonic() - since;
  expect(tookMs).toBeGreaterThan(defaultTuning.heartbeatTimeoutMs - HEARTBEAT_MS);
  expect(tookMs).toBeLessThanOrEqual(defaultTuning.heartbeatTimeoutMs + defaultTuning.resyncMs);
  await cluster.stop();
});

test('another operator begins: nothing is written of a partition that is well, not even for a moment', async () => {
  const cluster = await startSimulation();
  await cluster.until(() => false, 5_000);
  await cluster.stop();
  const { writes } = cluster.stores;
  const waiting = new Set<string | null | undefined>();
  for (const server of cluster.servers) server.unseen = true;
  await cluster.start();
  const look = (): boolean => {
    waiting.add(cluster.operator.view(SIMULATED)?.waitingFor);
    return false;
  };
  await cluster.until(look, 2_000);
  expect([...waiting]).toContain('a0 has not been contacted yet');
  for (const server of cluster.servers) server.unseen = false;
  await cluster.until(look, 10_000);
  expect(cluster.record.phase).toBe('Healthy');
  expect(cluster.stores.writes).toBe(writes);
  await cluster.stop();
});
