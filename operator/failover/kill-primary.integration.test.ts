import { expect, test } from 'vitest';
import { startCluster } from '../test-support/start-cluster.ts';

// Promise: a killed primary is replaced within a second, nothing acknowledged is lost, and the old one comes back.
const FIRST_WRITE_MS = 2_500; // 1 s is the goal, measured by the benchmark; two busy cores get some slack here.

test('kill -9 of a Quorum primary: a replica takes over, nothing is lost, the old one follows again', async () => {
  await using cluster = await startCluster({ members: 3 });
  const writer = cluster.write();
  await writer.progress(50);
  const old = cluster.primary();
  const killedAt = await cluster.kill(old);
  await cluster.until((record) => record.epoch === 2 && record.operation === null);
  await writer.progress(20);
  const first = writer.acknowledged.find((row) => row.epoch === 2);
  process.stderr.write(
    `first write after ${Math.round(first!.at - killedAt)} ms, ${JSON.stringify(cluster.record.lastChange)}\n`,
  );
  expect(first!.at - killedAt).toBeLessThan(FIRST_WRITE_MS);
  await cluster.healthy();
  await writer.stop();
  expect(cluster.record.primary).not.toBe(old.name);
  const stored = new Set(await cluster.stored());
  expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
  expect(cluster.record.lastChange).toMatchObject({ kind: 'Failover', from: old.name, epoch: 2, lostUpTo: 0 });
  expect(cluster.record.forks).toMatchObject([{ epoch: 2, uidGap: 1_000_000 }]);
});
