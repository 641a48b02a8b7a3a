import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type TestCluster } from '../test-support/start-cluster.ts';

/**
 * Promise: an Async repository of two loses at most what its bound says, and only for as long as the old primary is
 * away; nobody writes under an old lease to the old primary once the new one is open.
 */
const LEASE_SECONDS = 3;

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startCluster({
    members: 2,
    durability: { mode: 'Async', whenDegraded: 'Hold' },
    tuning: { leaseSeconds: LEASE_SECONDS, restartBudgetMs: 10_000 },
  });
}, 120_000);

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
});

test('the server alone ends: it is started again in place, which loses nothing', { timeout: 40_000 }, async () => {
  const { epoch, primary } = cluster.record;
  const writer = cluster.write();
  await writer.progress(20);
  await cluster.kill(cluster.primary());
  await writer.progress(20);
  await writer.stop();
  await cluster.healthy();
  const stored = new Set(await cluster.stored());
  expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
  expect(cluster.record).toMatchObject({ epoch, primary });
});

test('its host is lost while a process holds a lease and hears no fence: waited out, lost, brought back', {
  timeout: 80_000,
}, async () => {
  const { epoch } = cluster.record;
  const old = cluster.primary();
  const replica = cluster.members.members.find((member) => member.name !== old.name)!;
  const writer = cluster.write(cluster.pods[0]);
  await writer.progress(20);
  // With the replica's host away the primary alone has what is acknowledged.
  const { serverPid: replicaPid } = await replica.client.status();
  await replica.killAgent();
  process.kill(replicaPid!, 'SIGKILL');
  await writer.progress(10);
  const lonely = writer.acknowledged.slice(-10).map((row) => row.id);
  const { serverPid } = await old.client.status();
  const deaf = cluster.pods[1]!;
  deaf.deaf = true;
  await old.killAgent();
  process.kill(serverPid!, 'SIGKILL');
  await replica.startAgent();
  await cluster.until((record) => record.epoch > epoch && record.operation === null, 40_000);
  await writer.progress(10);
  const first = writer.acknowledged.find((row) => row.epoch > epoch)!;
  expect(first.at).toBeGreaterThan(deaf.leaseUntil(cluster.spec.partitions[0]!.name));
  expect(cluster.record.lastChange?.lostUpTo).toBeLessThanOrEqual(5);
  const survived = new Set(await cluster.stored());
  expect(lonely.some((id) => !survived.has(id))).toBe(true);
  deaf.deaf = false;
  await old.startAgent();
  await cluster.healthy(40_000);
  await writer.stop();
  const stored = new Set(await cluster.stored());
  expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
  expect(cluster.record.lastChange?.salvaged).toMatchObject({ messages: expect.any(Number) });
  expect(cluster.events.map((event) => event.code)).toContain('SalvageFinished');
});
