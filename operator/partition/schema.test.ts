import { expect, test, vi } from 'vitest';
import { SIMULATED, type SimulatedCluster, startSimulation } from '../test-support/simulated-cluster.ts';

// Minutes of virtual time: seconds of a quiet machine, more of a busy one.
vi.setConfig({ testTimeout: 60_000 });

// Promise: an imapd is never told of a member whose mail schema is older than its own, whatever happens to whom; and what
// is told again is told once.

/** A cluster whose imapd processes are replaced by ones that expect schema 2. The operator is not running yet. */
async function upgraded(settings: Parameters<typeof startSimulation>[0] = {}): Promise<SimulatedCluster> {
  const cluster = await startSimulation(settings);
  cluster.write();
  await cluster.stop();
  cluster.change({ schema: '2' });
  cluster.jobs.length = 0;
  cluster.pod = null;
  return cluster;
}

const migrations = (cluster: SimulatedCluster) => cluster.jobs.filter((job) => job.kind === 'migrate');
const condition = (cluster: SimulatedCluster, type: string) =>
  cluster.record.conditions.find((one) => one.type === type);
const told = (cluster: SimulatedCluster, code: string) => cluster.events.filter((event) => event.code === code);

test('a repository that exists is migrated once, before imapd is told of it, and never again', async () => {
  const cluster = await upgraded();
  const { promise, resolve } = Promise.withResolvers<void>();
  const { runJob } = cluster;
  cluster.runJob = async (...job) => {
    await promise;
    return await runJob(...job);
  };
  await cluster.start();
  await cluster.until(() => condition(cluster, 'SchemaCurrent')?.status === 'False', 10_000);
  expect(condition(cluster, 'SchemaCurrent')).toMatchObject({ reason: 'Migrating' });
  expect(condition(cluster, 'Ready')).toMatchObject({ status: 'False', reason: 'SchemaOutdated' });
  expect(cluster.pod?.partitions[SIMULATED]).toMatchObject({ writer: null, readers: [] });
  expect(cluster.write()).toBe(false);
  resolve();
  expect(await cluster.healthy(10_000)).toBe(true);
  expect(cluster.write()).toBe(true);
  expect(cluster.pod?.partitions[SIMULATED]).toMatchObject({ epoch: 1, writer: 'a0', readers: ['a1', 'a2'] });
  expect(condition(cluster, 'SchemaCurrent')).toMatchObject({ status: 'True', message: 'schema 2' });
  expect(told(cluster, 'SchemaMigrated')).toMatchObject([{ fields: { member: 'a0', version: '2' } }]);
  await cluster.restart();
  await cluster.until(() => false, 5_000);
  expect(migrations(cluster)).toHaveLength(1);
  expect(cluster.unfit).toEqual([]);
  await cluster.stop();
});

test('a replica that has not applied the migration yet is not read from', async () => {
  const cluster = await upgraded();
  const late = cluster.server('a2');
  late.frozen = true;
  await cluster.start();
  expect(await cluster.until(() => cluster.write(), 20_000)).toBe(true);
  expect(cluster.pod?.partitions[SIMULATED]?.readers).toEqual(['a1']);
  late.frozen = false;
  expect(await cluster.healthy(60_000)).toBe(true);
  const isRead = (): boolean => cluster.pod?.partitions[SIMULATED]?.readers.includes('a2') === true;
  expect(await cluster.until(isRead, 10_000)).toBe(true);
  expect(cluster.unfit).toEqual([]);
  await cluster.stop();
});

test('a migration that fails is told once, tried again, and keeps imapd away meanwhile', async () => {
  const cluster = await upgraded();
  const { runJob } = cluster;
  cluster.runJob = async () => ({ ok: false, message: 'the schema has version 3; this program knows 2' });
  await cluster.start();
  await cluster.until(() => migrations(cluster).length > 3, 60_000);
  expect(told(cluster, 'MigrationFailed')).toMatchObject([{ message: expect.stringContaining('version 3') }]);
  expect(condition(cluster, 'SchemaCurrent')).toMatchObject({ status: 'False', reason: 'MigrationFailed' });
  expect(cluster.operator.status()[0]?.waitingFor).toContain('version 3');
  expect(cluster.write()).toBe(false);
  cluster.runJob = runJob;
  expect(await cluster.healthy(60_000)).toBe(true);
  expect(cluster.write()).toBe(true);
  await cluster.stop();
});

test.each(['the operator', 'the primary'])('%s is killed in the middle of it', async (who) => {
  const cluster = await upgraded();
  const { runJob } = cluster;
  // Begun and, as far as anybody knows, never ended.
  cluster.runJob = async (_, signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return { ok: false, message: 'killed' };
  };
  await cluster.start();
  expect(await cluster.until(() => migrations(cluster).length === 1, 20_000)).toBe(true);
  cluster.runJob = runJob;
  if (who === 'the operator') await cluster.restart();
  else cluster.primary.kill();
  expect(await cluster.until(() => cluster.write(), 60_000)).toBe(true);
  expect(await cluster.healthy(60_000)).toBe(true);
  expect(cluster.lost()).toEqual([]);
  expect(cluster.unfit).toEqual([]);
  await cluster.stop();
});

test('Async: a migration that was lost with the old primary is done again before the new one is used', async () => {
  const cluster = await upgraded({ members: 2, durability: { mode: 'Async', whenDegraded: 'Hold' } });
  const replica = cluster.server('a1');
  replica.agentUp = false;
  replica.frozen = true;
  await cluster.start();
  expect(await cluster.until(() => cluster.write(), 30_000)).toBe(true);
  cluster.primary.kill();
  cluster.primary.agentUp = false;
  replica.agentUp = true;
  replica.frozen = false;
  void cluster.operator.requestFailover(SIMULATED, { acceptDataLoss: true });
  expect(await cluster.until(() => cluster.record.primary === 'a1' && cluster.write(), 60_000)).toBe(true);
  expect(migrations(cluster).map((job) => job.writer.member)).toEqual(['a0', 'a1']);
  expect(cluster.unfit).toEqual([]);
  await cluster.stop();
});
