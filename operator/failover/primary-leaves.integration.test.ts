import { expect, onTestFinished, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ClusterOptions, PARTITION, START_MS, startCluster } from '../test-support/start-cluster.ts';

/**
 * Promise: the agent of a primary is told to end, as when its pod is deleted. It hands over while it lives: what was acknowledged
 * is there, no identifier jumps, and once another agent runs on its data all is whole again.
 */
// 1 s is the goal on a quiet machine, of every engine: nobody waits for MySQL to end in order, which takes it 1 to 3 s.
const HAND_OVER_MS = 5_000;

const agents = { handOver: { withinMs: 20_000 } };

/** How many there are is nothing to the engine. */
const quorums = enginesUnderTest.map((engine) => ({
  name: `Quorum of three of ${engine}`,
  options: { members: 3, engine, agents },
}));

test.each<{ name: string; options: ClusterOptions }>([
  ...quorums,
  { name: 'Async of two', options: { members: 2, agents, durability: { mode: 'Async', whenDegraded: 'Hold' } } },
])('$name: SIGTERM under writes', { timeout: START_MS + 120_000 }, async ({ options }) => {
  const cluster = await startCluster(options);
  onTestFinished(() => cluster[Symbol.asyncDispose]());
  const { epoch, forks } = cluster.record;
  const old = cluster.primary();
  const writer = cluster.write();
  try {
    await writer.progress(20);
    const at = performance.now();
    process.kill(old.agentPid(), 'SIGTERM');
    await cluster.until((record) => record.epoch > epoch && record.operation === null, 40_000);
    await writer.progress(20);
    const first = writer.acknowledged.find((row) => row.epoch === epoch + 1);
    expect((first?.at ?? Number.NaN) - at).toBeLessThan(HAND_OVER_MS);
  } catch (cause) {
    throw new Error(cluster.describe(), { cause });
  } finally {
    await writer.stop();
  }
  expect(cluster.record).toMatchObject({ epoch: epoch + 1, forks, lastChange: { kind: 'Switchover', from: old.name } });
  await expect
    .poll(
      () =>
        old.client.status().then(
          () => 'there',
          () => 'gone',
        ),
      { timeout: 20_000 },
    )
    .toBe('gone');
  await old.startAgent();
  await cluster.healthy(40_000);
  const stored = new Set(await cluster.stored());
  expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
  expect(cluster.record.epoch).toBe(epoch + 1);
  expect(cluster.operator.view(PARTITION)?.members.map(({ report }) => report?.leaving)).not.toContain(true);
});
